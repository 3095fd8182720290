using Rqlite.Pg.Dialect.Runtime.Numbers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Casts;

/// <summary>Conversions between numbers, with PostgreSQL's rounding: halves of numerics away from zero, of floats to even.</summary>
internal static class NumberCasts
{
    public static void Register(FunctionRegistry registry)
    {
        RegisterIntegers(registry);
        RegisterFloats(registry);
        RegisterNumeric(registry);
        registry.Native("bool(integer)", "({0} <> 0)");
        registry.Native("int4(boolean)", "{0}");
        registry.Native("xid(xid8)", "({0} & 4294967295)");
    }

    private static void RegisterIntegers(FunctionRegistry registry)
    {
        registry.Native("int4(smallint)", "{0}");
        registry.Native("int8(smallint)", "{0}");
        registry.Native("int8(integer)", "{0}");
        registry.Native("int8(oid)", "{0}");
        registry.Call("int2(integer)", static (in FunctionCall call) => call.Return(Integers.ToInt2(call.Integer(0))));
        registry.Call("int2(bigint)", static (in FunctionCall call) => call.Return(Integers.ToInt2(call.Integer(0))));
        registry.Call("int4(bigint)", static (in FunctionCall call) => call.Return(Integers.ToInt4(call.Integer(0))));
        registry.Call("oid(bigint)", static (in FunctionCall call) => call.Return(Integers.ToOid(call.Integer(0))));
        foreach (var type in new[] { "smallint", "integer", "bigint" })
        {
            registry.Native($"float8({type})", "CAST({0} AS REAL)");
            registry.Native($"numeric({type})", "CAST({0} AS TEXT)");
            registry.Call($"float4({type})", static (in FunctionCall call) => call.ReturnFloat4(call.Integer(0)));
        }
    }

    private static void RegisterFloats(FunctionRegistry registry)
    {
        registry.Call("float8(real)", static (in FunctionCall call) => call.ReturnFloat8(call.Float4(0)));
        registry.Call("float4(double precision)", static (in FunctionCall call) => call.ReturnFloat4(Floats.ToFloat4(call.Float8(0))));
        registry.Call("int2(real)", static (in FunctionCall call) => call.Return(Floats.ToInt2(call.Float4(0))));
        registry.Call("int4(real)", static (in FunctionCall call) => call.Return(Floats.ToInt4(call.Float4(0))));
        registry.Call("int8(real)", static (in FunctionCall call) => call.Return(Floats.ToInt8(call.Float4(0))));
        registry.Call("int2(double precision)", static (in FunctionCall call) => call.Return(Floats.ToInt2(call.Float8(0))));
        registry.Call("int4(double precision)", static (in FunctionCall call) => call.Return(Floats.ToInt4(call.Float8(0))));
        registry.Call("int8(double precision)", static (in FunctionCall call) => call.Return(Floats.ToInt8(call.Float8(0))));
        registry.Call("numeric(real)", static (in FunctionCall call) => call.Return(Numeric.FromFloat4(call.Float4(0))));
        registry.Call("numeric(double precision)", static (in FunctionCall call) => call.Return(Numeric.FromFloat8(call.Float8(0))));
    }

    private static void RegisterNumeric(FunctionRegistry registry)
    {
        registry.Call("int2(numeric)", static (in FunctionCall call) => call.Return(call.Numeric(0).ToInt2()));
        registry.Call("int4(numeric)", static (in FunctionCall call) => call.Return(call.Numeric(0).ToInt4()));
        registry.Call("int8(numeric)", static (in FunctionCall call) => call.Return(call.Numeric(0).ToInt8()));

        // A float's input function reads the text of a numeric.
        registry.Call("float4(numeric)", static (in FunctionCall call) => call.ReturnFloat4(Floats.ParseFloat4(call.Bytes(0))));
        registry.Call("float8(numeric)", static (in FunctionCall call) => call.ReturnFloat8(Floats.ParseFloat8(call.Bytes(0))));
        registry.Call("numeric(numeric,integer)", Limit);
    }

    /// <summary>Rounds to the scale of a modifier and checks its precision.</summary>
    private static void Limit(in FunctionCall call)
    {
        var modifier = call.Int32(1);
        if (modifier < Modifiers.HeaderBytes)
        {
            call.ReturnArgument(0);
            return;
        }

        var (precision, scale) = Modifiers.Numeric(modifier);
        var powers = SmallNumeric.Powers;
        if (scale >= 0 && scale < powers.Length && precision < powers.Length && SmallNumeric.TryRead(call.Bytes(0), out var digits, out var given)
            && given < powers.Length && TryRescale(ref digits, given, scale) && digits < powers[precision] && digits > -powers[precision])
        {
            if (given == scale)
            {
                call.ReturnArgument(0);
            }
            else
            {
                SmallNumeric.Return(call, digits, scale);
            }

            return;
        }

        call.Return(call.Numeric(0).ApplyModifier(modifier));
    }

    private static bool TryRescale(ref long digits, int from, int to)
    {
        if (to >= from)
        {
            long none = 0;
            return SmallNumeric.TryAlign(ref digits, from, ref none, to);
        }

        var divisor = SmallNumeric.Powers[from - to];
        var (quotient, rest) = Math.DivRem(digits, divisor);
        digits = quotient + (Math.Abs(rest) >= divisor - Math.Abs(rest) ? Math.Sign(digits) : 0);
        return true;
    }
}
