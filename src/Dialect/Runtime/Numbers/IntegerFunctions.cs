using System.Numerics;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Numbers;

/// <summary>Arithmetic of smallint, integer and bigint, in which every result is checked, and their bit operators.</summary>
internal static class IntegerFunctions
{
    private const string Int2 = "smallint";
    private const string Int4 = "integer";
    private const string Int8 = "bigint";

    private static readonly (string Digit, string Name)[] s_types = [("2", Int2), ("4", Int4), ("8", Int8)];

    public static void Register(FunctionRegistry registry)
    {
        RegisterArithmetic(registry);
        RegisterUnary(registry);
        RegisterBits(registry);
        RegisterDivisors(registry);
    }

    private static void RegisterArithmetic(FunctionRegistry registry)
    {
        foreach (var (leftDigit, left) in s_types)
        {
            foreach (var (rightDigit, right) in s_types)
            {
                var digits = leftDigit == rightDigit ? leftDigit : leftDigit + rightDigit;
                foreach (var operation in new[] { "pl", "mi", "mul", "div", "mod" })
                {
                    // Only operands of one type have a remainder.
                    var signature = $"int{digits}{operation}({left},{right})";
                    if (Builtins.FindFunction(signature) is { } function)
                    {
                        registry.Call(signature, Arithmetic(operation, function.ReturnType));
                    }
                }
            }

            registry.Call($"mod({left},{left})", Arithmetic("mod", PgTypes.Int8));
        }
    }

    private static FunctionBody Arithmetic(string operation, uint result) => (operation, result) switch
    {
        ("pl", PgTypes.Int8) => static (in FunctionCall call) => call.Return(Integers.Add(call.Integer(0), call.Integer(1))),
        ("pl", PgTypes.Int4) => static (in FunctionCall call) => call.Return(Integers.ToInt4(call.Integer(0) + call.Integer(1))),
        ("pl", _) => static (in FunctionCall call) => call.Return(Integers.ToInt2(call.Integer(0) + call.Integer(1))),
        ("mi", PgTypes.Int8) => static (in FunctionCall call) => call.Return(Integers.Subtract(call.Integer(0), call.Integer(1))),
        ("mi", PgTypes.Int4) => static (in FunctionCall call) => call.Return(Integers.ToInt4(call.Integer(0) - call.Integer(1))),
        ("mi", _) => static (in FunctionCall call) => call.Return(Integers.ToInt2(call.Integer(0) - call.Integer(1))),
        ("mul", PgTypes.Int8) => static (in FunctionCall call) => call.Return(Integers.Multiply(call.Integer(0), call.Integer(1))),
        ("mul", PgTypes.Int4) => static (in FunctionCall call) => call.Return(Integers.ToInt4(call.Integer(0) * call.Integer(1))),
        ("mul", _) => static (in FunctionCall call) => call.Return(Integers.ToInt2(call.Integer(0) * call.Integer(1))),
        ("div", PgTypes.Int8) => static (in FunctionCall call) => call.Return(Integers.Divide(call.Integer(0), call.Integer(1))),
        ("div", PgTypes.Int4) => static (in FunctionCall call) => call.Return(Integers.ToInt4(Integers.Divide(call.Integer(0), call.Integer(1)))),
        ("div", _) => static (in FunctionCall call) => call.Return(Integers.ToInt2(Integers.Divide(call.Integer(0), call.Integer(1)))),
        _ => static (in FunctionCall call) => call.Return(Integers.Modulo(call.Integer(0), call.Integer(1))),
    };

    private static void RegisterUnary(FunctionRegistry registry)
    {
        FunctionBody[] negate =
        [
            static (in FunctionCall call) => call.Return(Integers.ToInt2(-call.Integer(0))),
            static (in FunctionCall call) => call.Return(Integers.ToInt4(-call.Integer(0))),
            static (in FunctionCall call) => call.Return(Integers.Negate(call.Integer(0))),
        ];
        FunctionBody[] abs =
        [
            static (in FunctionCall call) => call.Return(Integers.ToInt2(Math.Abs(call.Integer(0)))),
            static (in FunctionCall call) => call.Return(Integers.ToInt4(Math.Abs(call.Integer(0)))),
            static (in FunctionCall call) => call.Return(Integers.Abs(call.Integer(0))),
        ];
        for (var i = 0; i < s_types.Length; i++)
        {
            var (digit, name) = s_types[i];
            registry.Call($"int{digit}um({name})", negate[i]);
            registry.Call($"int{digit}abs({name})", abs[i]);
            registry.Call($"abs({name})", abs[i]);
            registry.Native($"int{digit}up({name})", "{0}");
        }

        registry.Call("int4inc(integer)", static (in FunctionCall call) => call.Return(Integers.ToInt4(call.Integer(0) + 1)));
        registry.Call("int8inc(bigint)", static (in FunctionCall call) => call.Return(Integers.Add(call.Integer(0), 1)));
        registry.Call("int8dec(bigint)", static (in FunctionCall call) => call.Return(Integers.Subtract(call.Integer(0), 1)));
    }

    private static void RegisterBits(FunctionRegistry registry)
    {
        foreach (var (digit, name) in s_types)
        {
            registry.Native($"int{digit}and({name},{name})", "({0} & {1})");
            registry.Native($"int{digit}or({name},{name})", "({0} | {1})");
            registry.Native($"int{digit}not({name})", "(~{0})");
            registry.Call($"int{digit}xor({name},{name})", static (in FunctionCall call) => call.Return(call.Integer(0) ^ call.Integer(1)));
        }

        // The distance counts modulo the width of the machine's word, and bits that leave the type are lost.
        registry.Call("int2shl(smallint,integer)", static (in FunctionCall call) => call.Return((short)((int)call.Integer(0) << (int)call.Integer(1))));
        registry.Call("int4shl(integer,integer)", static (in FunctionCall call) => call.Return((int)call.Integer(0) << (int)call.Integer(1)));
        registry.Call("int8shl(bigint,integer)", static (in FunctionCall call) => call.Return(call.Integer(0) << (int)call.Integer(1)));
        registry.Call("int2shr(smallint,integer)", static (in FunctionCall call) => call.Return((short)((int)call.Integer(0) >> (int)call.Integer(1))));
        registry.Call("int4shr(integer,integer)", static (in FunctionCall call) => call.Return((int)call.Integer(0) >> (int)call.Integer(1)));
        registry.Call("int8shr(bigint,integer)", static (in FunctionCall call) => call.Return(call.Integer(0) >> (int)call.Integer(1)));
    }

    private static void RegisterDivisors(FunctionRegistry registry)
    {
        registry.Call("gcd(integer,integer)", static (in FunctionCall call) => call.Return(Integers.ToInt4(Divisor(call))));
        registry.Call("gcd(bigint,bigint)", static (in FunctionCall call) => call.Return(ToInt8(Divisor(call))));
        registry.Call("lcm(integer,integer)", static (in FunctionCall call) => call.Return(Integers.ToInt4(ToInt8(Multiple(call)))));
        registry.Call("lcm(bigint,bigint)", static (in FunctionCall call) => call.Return(ToInt8(Multiple(call))));
        registry.Call("factorial(bigint)", static (in FunctionCall call) => call.Return(Factorial(call.Integer(0))));
    }

    private static long Divisor(in FunctionCall call)
    {
        var divisor = BigInteger.GreatestCommonDivisor(call.Integer(0), call.Integer(1));
        return ToInt8(divisor);
    }

    private static BigInteger Multiple(in FunctionCall call)
    {
        BigInteger left = call.Integer(0), right = call.Integer(1);
        return left.IsZero || right.IsZero
            ? BigInteger.Zero
            : BigInteger.Abs(left / BigInteger.GreatestCommonDivisor(left, right) * right);
    }

    private static long ToInt8(BigInteger value) => value <= long.MaxValue ? (long)value : throw TypeErrors.Overflow(Int8);

    private static Numeric Factorial(long number)
    {
        // 32178! has more digits than a numeric.
        const long FactorialEnd = 32_178;
        if (number < 0)
        {
            throw new TypeException(SqlState.NumericValueOutOfRange, "factorial of a negative number is undefined");
        }

        if (number >= FactorialEnd)
        {
            throw TypeErrors.NumericOverflow();
        }

        return new Numeric(Product(1, number), 0);
    }

    /// <summary>The product of the numbers after one up to another, by halves, so that factors stay of one size.</summary>
    private static BigInteger Product(long after, long last)
    {
        if (last - after < 16)
        {
            var product = BigInteger.One;
            for (var i = after + 1; i <= last; i++)
            {
                product *= i;
            }

            return product;
        }

        var middle = (after + last) / 2;
        return Product(after, middle) * Product(middle, last);
    }
}
