using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Numbers;

/// <summary>Arithmetic and functions of numeric. Small numbers are added, subtracted and multiplied as integers.</summary>
internal static class NumericFunctions
{
    private const string One = "(numeric)";
    private const string Two = "(numeric,numeric)";

    public static void Register(FunctionRegistry registry)
    {
        registry.Call("numeric_add" + Two, Add);
        registry.Call("numeric_sub" + Two, Subtract);
        registry.Call("numeric_mul" + Two, Multiply);
        Binary(registry, ["numeric_div"], (left, right) => left / right);
        Binary(registry, ["numeric_mod", "mod"], (left, right) => left % right);
        Binary(registry, ["numeric_div_trunc", "div"], Numeric.DivideWhole);
        Binary(registry, ["numeric_power", "power", "pow"], Numeric.Power);
        Binary(registry, ["numeric_log", "log"], Numeric.Log);
        Binary(registry, ["gcd"], Numeric.GreatestCommonDivisor);
        Binary(registry, ["lcm"], Numeric.LeastCommonMultiple);

        Unary(registry, ["numeric_abs", "abs"], value => value.Abs());
        Unary(registry, ["numeric_uminus"], value => -value);
        Unary(registry, ["numeric_sqrt", "sqrt"], value => value.Sqrt());
        Unary(registry, ["numeric_exp", "exp"], value => value.Exp());
        Unary(registry, ["numeric_ln", "ln"], value => value.Ln());
        Unary(registry, ["log", "log10"], value => value.Log10());
        Unary(registry, ["ceil", "ceiling"], value => value.Ceiling());
        Unary(registry, ["floor"], value => value.Floor());
        Unary(registry, ["round"], value => value.Round(0));
        Unary(registry, ["trunc"], value => value.Truncate(0));
        Unary(registry, ["sign"], value => value.SignOf());
        Unary(registry, ["trim_scale"], value => value.TrimScale());
        Unary(registry, ["numeric_inc"], value => value + Numeric.One);
        registry.Native("numeric_uplus" + One, "{0}");

        registry.Call("round(numeric,integer)", static (in FunctionCall call) => call.Return(call.Numeric(0).Round(call.Int32(1))));
        registry.Call("trunc(numeric,integer)", static (in FunctionCall call) => call.Return(call.Numeric(0).Truncate(call.Int32(1))));
        registry.Call("scale" + One, static (in FunctionCall call) => ReturnScale(call, call.Numeric(0), static value => value.Scale));
        registry.Call("min_scale" + One, static (in FunctionCall call) => ReturnScale(call, call.Numeric(0), static value => value.MinScale));
    }

    private static void Unary(FunctionRegistry registry, string[] names, Func<Numeric, Numeric> function)
    {
        foreach (var name in names)
        {
            registry.Call(name + One, (in FunctionCall call) => call.Return(function(call.Numeric(0))));
        }
    }

    private static void Binary(FunctionRegistry registry, string[] names, Func<Numeric, Numeric, Numeric> function)
    {
        foreach (var name in names)
        {
            registry.Call(name + Two, (in FunctionCall call) => call.Return(function(call.Numeric(0), call.Numeric(1))));
        }
    }

    private static void Add(in FunctionCall call)
    {
        if (SmallNumeric.TryRead(call.Bytes(0), out var left, out var leftScale)
            && SmallNumeric.TryRead(call.Bytes(1), out var right, out var rightScale)
            && SmallNumeric.TryAlign(ref left, leftScale, ref right, rightScale)
            && unchecked(left + right) is var sum && ((left ^ sum) & (right ^ sum)) >= 0)
        {
            SmallNumeric.Return(call, sum, Math.Max(leftScale, rightScale));
            return;
        }

        call.Return(call.Numeric(0) + call.Numeric(1));
    }

    private static void Subtract(in FunctionCall call)
    {
        if (SmallNumeric.TryRead(call.Bytes(0), out var left, out var leftScale)
            && SmallNumeric.TryRead(call.Bytes(1), out var right, out var rightScale)
            && SmallNumeric.TryAlign(ref left, leftScale, ref right, rightScale)
            && unchecked(left - right) is var difference && ((left ^ right) & (left ^ difference)) >= 0)
        {
            SmallNumeric.Return(call, difference, Math.Max(leftScale, rightScale));
            return;
        }

        call.Return(call.Numeric(0) - call.Numeric(1));
    }

    private static void Multiply(in FunctionCall call)
    {
        if (SmallNumeric.TryRead(call.Bytes(0), out var left, out var leftScale)
            && SmallNumeric.TryRead(call.Bytes(1), out var right, out var rightScale)
            && Math.BigMul(left, right, out var low) is var high && high == low >> 63)
        {
            SmallNumeric.Return(call, low, leftScale + rightScale);
            return;
        }

        call.Return(call.Numeric(0) * call.Numeric(1));
    }

    private static void ReturnScale(in FunctionCall call, Numeric value, Func<Numeric, int> scale)
    {
        if (value.IsFinite)
        {
            call.Return(scale(value));
        }
    }
}
