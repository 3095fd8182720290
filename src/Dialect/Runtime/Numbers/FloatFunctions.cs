using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Numbers;

/// <summary>Arithmetic of real and double precision, in which overflow and underflow are errors, and rounding.</summary>
internal static class FloatFunctions
{
    private const string Real = "real";
    private const string Double = "double precision";

    public static void Register(FunctionRegistry registry)
    {
        RegisterReal(registry);
        RegisterDouble(registry);
        foreach (var (left, right, digits) in new[] { (Real, Double, "48"), (Double, Real, "84") })
        {
            var types = $"({left},{right})";
            if (left == Real)
            {
                registry.Call($"float{digits}pl" + types, (in FunctionCall call) => call.ReturnFloat8(Floats.Add(call.Float4(0), call.Float8(1))));
                registry.Call($"float{digits}mi" + types, (in FunctionCall call) => call.ReturnFloat8(Floats.Subtract(call.Float4(0), call.Float8(1))));
                registry.Call($"float{digits}mul" + types, (in FunctionCall call) => call.ReturnFloat8(Floats.Multiply(call.Float4(0), call.Float8(1))));
                registry.Call($"float{digits}div" + types, (in FunctionCall call) => call.ReturnFloat8(Floats.Divide(call.Float4(0), call.Float8(1))));
            }
            else
            {
                registry.Call($"float{digits}pl" + types, (in FunctionCall call) => call.ReturnFloat8(Floats.Add(call.Float8(0), call.Float4(1))));
                registry.Call($"float{digits}mi" + types, (in FunctionCall call) => call.ReturnFloat8(Floats.Subtract(call.Float8(0), call.Float4(1))));
                registry.Call($"float{digits}mul" + types, (in FunctionCall call) => call.ReturnFloat8(Floats.Multiply(call.Float8(0), call.Float4(1))));
                registry.Call($"float{digits}div" + types, (in FunctionCall call) => call.ReturnFloat8(Floats.Divide(call.Float8(0), call.Float4(1))));
            }
        }
    }

    /// <summary>Registers a function of one double under several names.</summary>
    internal static void Unary(FunctionRegistry registry, string[] names, Func<double, double> function)
    {
        foreach (var name in names)
        {
            registry.Call($"{name}({Double})", (in FunctionCall call) => call.ReturnFloat8(function(call.Float8(0))));
        }
    }

    internal static void Binary(FunctionRegistry registry, string[] names, Func<double, double, double> function)
    {
        foreach (var name in names)
        {
            registry.Call($"{name}({Double},{Double})", (in FunctionCall call) => call.ReturnFloat8(function(call.Float8(0), call.Float8(1))));
        }
    }

    private static void RegisterReal(FunctionRegistry registry)
    {
        const string Two = "(real,real)";
        registry.Call("float4pl" + Two, static (in FunctionCall call) => call.ReturnFloat4(Floats.Add(call.Float4(0), call.Float4(1))));
        registry.Call("float4mi" + Two, static (in FunctionCall call) => call.ReturnFloat4(Floats.Subtract(call.Float4(0), call.Float4(1))));
        registry.Call("float4mul" + Two, static (in FunctionCall call) => call.ReturnFloat4(Floats.Multiply(call.Float4(0), call.Float4(1))));
        registry.Call("float4div" + Two, static (in FunctionCall call) => call.ReturnFloat4(Floats.Divide(call.Float4(0), call.Float4(1))));
        registry.Call("float4um(real)", static (in FunctionCall call) => call.ReturnFloat4(-call.Float4(0)));
        registry.Call("float4abs(real)", static (in FunctionCall call) => call.ReturnFloat4(MathF.Abs(call.Float4(0))));
        registry.Call("abs(real)", static (in FunctionCall call) => call.ReturnFloat4(MathF.Abs(call.Float4(0))));
        registry.Native("float4up(real)", "{0}");
    }

    private static void RegisterDouble(FunctionRegistry registry)
    {
        registry.Call(
            "float8pl(double precision,double precision)",
            static (in FunctionCall call) => call.ReturnFloat8(Floats.Add(call.Float8(0), call.Float8(1))));
        registry.Call(
            "float8mi(double precision,double precision)",
            static (in FunctionCall call) => call.ReturnFloat8(Floats.Subtract(call.Float8(0), call.Float8(1))));
        registry.Call(
            "float8mul(double precision,double precision)",
            static (in FunctionCall call) => call.ReturnFloat8(Floats.Multiply(call.Float8(0), call.Float8(1))));
        registry.Call(
            "float8div(double precision,double precision)",
            static (in FunctionCall call) => call.ReturnFloat8(Floats.Divide(call.Float8(0), call.Float8(1))));
        Unary(registry, ["float8um"], value => -value);
        Unary(registry, ["float8abs", "abs"], Math.Abs);
        Unary(registry, ["dround", "round"], value => Math.Round(value, MidpointRounding.ToEven));
        Unary(registry, ["dtrunc", "trunc"], Math.Truncate);
        Unary(registry, ["ceil", "ceiling"], Math.Ceiling);
        Unary(registry, ["floor"], Math.Floor);
        Unary(registry, ["sign"], value => value > 0 ? 1 : value < 0 ? -1 : 0);
        Unary(registry, ["dsqrt", "sqrt"], SquareRoot);
        registry.Native("float8up(double precision)", "{0}");
        registry.Native("pi()", "3.141592653589793");

        // SQLite's generator is seeded by the entry, so replicas draw the same numbers.
        registry.Native("random()", "((random() & 9007199254740991) / 9007199254740992.0)");
    }

    private static double SquareRoot(double value) => value < 0
        ? throw new TypeException(SqlState.InvalidArgumentForPowerFunction, "cannot take square root of a negative number")
        : Math.Sqrt(value);
}
