namespace Rqlite.Pg.Types.Values;

/// <summary>smallint, integer, bigint and oid: reading, checked arithmetic, conversions.</summary>
public static class Integers
{
    public static long ParseInt8(ReadOnlySpan<byte> text) => Parse(text, "bigint", long.MinValue, long.MaxValue);

    public static int ParseInt4(ReadOnlySpan<byte> text) => (int)Parse(text, "integer", int.MinValue, int.MaxValue);

    public static short ParseInt2(ReadOnlySpan<byte> text) => (short)Parse(text, "smallint", short.MinValue, short.MaxValue);

    /// <summary>Reads an unsigned number of 32 bits; negative ones wrap around, as in PostgreSQL.</summary>
    public static uint ParseOid(ReadOnlySpan<byte> text, string type = "oid")
    {
        var digits = AsciiText.Trim(text);
        var negative = !digits.IsEmpty && digits[0] == '-';
        if (!digits.IsEmpty && digits[0] is (byte)'-' or (byte)'+')
        {
            digits = digits[1..];
        }

        // The number is read first, and its range is checked before what follows it.
        var end = digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var value = 0L;
        foreach (var digit in end < 0 ? digits : digits[..end])
        {
            value = (value * 10) + digit - '0';
            if (value > uint.MaxValue || (negative && value > -(long)int.MinValue))
            {
                throw TypeErrors.OutOfRange(type, text);
            }
        }

        return end >= 0 || digits.IsEmpty ? throw TypeErrors.Syntax(type, text) : unchecked((uint)(negative ? -value : value));
    }

    /// <summary>An unsigned 64-bit number as xid8 reads it: decimal, octal with 0, hexadecimal with 0x; what is not a number is 0.</summary>
    public static ulong ParseUnsigned(ReadOnlySpan<byte> text)
    {
        var rest = text.TrimStart(AsciiText.Space);
        var negative = !rest.IsEmpty && rest[0] == '-';
        if (!rest.IsEmpty && rest[0] is (byte)'-' or (byte)'+')
        {
            rest = rest[1..];
        }

        var radix = 10;
        if (rest.Length > 2 && rest[0] == '0' && (rest[1] | 0x20) == 'x' && AsciiText.HexValue(rest[2]) >= 0)
        {
            radix = 16;
            rest = rest[2..];
        }
        else if (rest.Length > 1 && rest[0] == '0')
        {
            radix = 8;
        }

        UInt128 value = 0;
        foreach (var character in rest)
        {
            var digit = AsciiText.HexValue(character);
            if (digit < 0 || digit >= radix)
            {
                break;
            }

            value = (value * (uint)radix) + (uint)digit;
            if (value > ulong.MaxValue)
            {
                return ulong.MaxValue;
            }
        }

        return unchecked(negative ? (ulong)-(long)(ulong)value : (ulong)value);
    }

    public static int ToInt4(long value) => value is >= int.MinValue and <= int.MaxValue ? (int)value : throw TypeErrors.Overflow("integer");

    public static short ToInt2(long value) => value is >= short.MinValue and <= short.MaxValue ? (short)value : throw TypeErrors.Overflow("smallint");

    public static uint ToOid(long value) => value is >= 0 and <= uint.MaxValue ? (uint)value : throw TypeErrors.Overflow("OID");

    public static long Add(long left, long right)
    {
        var sum = unchecked(left + right);
        return ((left ^ sum) & (right ^ sum)) < 0 ? throw TypeErrors.Overflow("bigint") : sum;
    }

    public static long Subtract(long left, long right)
    {
        var difference = unchecked(left - right);
        return ((left ^ right) & (left ^ difference)) < 0 ? throw TypeErrors.Overflow("bigint") : difference;
    }

    public static long Multiply(long left, long right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high == low >> 63 ? low : throw TypeErrors.Overflow("bigint");
    }

    public static long Divide(long left, long right) => right switch
    {
        0 => throw TypeErrors.DivisionByZero(),
        -1 => left == long.MinValue ? throw TypeErrors.Overflow("bigint") : -left,
        _ => left / right,
    };

    public static long Modulo(long left, long right) => right switch
    {
        0 => throw TypeErrors.DivisionByZero(),
        -1 => 0,
        _ => left % right,
    };

    public static long Negate(long value) => value == long.MinValue ? throw TypeErrors.Overflow("bigint") : -value;

    public static long Abs(long value) => value < 0 ? Negate(value) : value;

    private static long Parse(ReadOnlySpan<byte> text, string type, long min, long max)
    {
        var digits = AsciiText.Trim(text);
        var negative = !digits.IsEmpty && digits[0] == '-';
        if (!digits.IsEmpty && digits[0] is (byte)'-' or (byte)'+')
        {
            digits = digits[1..];
        }

        if (digits.IsEmpty || !AsciiText.IsDigit(digits[0]))
        {
            throw TypeErrors.Syntax(type, text);
        }

        // PostgreSQL reads up to the digit that overflows, and names the overflow although something else follows.
        Int128 value = 0;
        foreach (var digit in digits)
        {
            if (!AsciiText.IsDigit(digit))
            {
                throw TypeErrors.Syntax(type, text);
            }

            value = (value * 10) + (negative ? '0' - digit : digit - '0');
            if (value < min || value > -(Int128)min)
            {
                throw TypeErrors.OutOfRange(type, text);
            }
        }

        return value > max ? throw TypeErrors.OutOfRange(type, text) : (long)value;
    }
}
