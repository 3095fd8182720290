using System.Globalization;

namespace Rqlite.Pg.Types.Values;

/// <summary>real and double precision: reading, comparison (NaN is the largest value and equal to itself) and checked arithmetic.</summary>
public static class Floats
{
    /// <summary>The NaN that PostgreSQL sends; .NET's own has its sign set.</summary>
    public static double NaN { get; } = BitConverter.UInt64BitsToDouble(0x7FF8_0000_0000_0000);

    /// <summary>The NaN of real that PostgreSQL sends.</summary>
    public static float SingleNaN { get; } = BitConverter.UInt32BitsToSingle(0x7FC0_0000);

    public static double ParseFloat8(ReadOnlySpan<byte> text)
    {
        var rest = AsciiText.Trim(text);
        if (TryWord(rest, out var special))
        {
            return special;
        }

        var length = NumberLength(rest);
        if (length == 0 || length != rest.Length)
        {
            throw TypeErrors.Syntax("double precision", text);
        }

        var value = double.Parse(rest, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsInfinity(value) || Vanished(value, rest) ? throw TypeErrors.RealRange("double precision", rest) : value;
    }

    public static float ParseFloat4(ReadOnlySpan<byte> text)
    {
        var rest = AsciiText.Trim(text);
        if (TryWord(rest, out var special))
        {
            return (float)special;
        }

        var length = NumberLength(rest);
        if (length == 0 || length != rest.Length)
        {
            throw TypeErrors.Syntax("real", text);
        }

        var value = float.Parse(rest, NumberStyles.Float, CultureInfo.InvariantCulture);
        return float.IsInfinity(value) || Vanished(value, rest) ? throw TypeErrors.RealRange("real", rest) : value;
    }

    public static int Compare(double left, double right) => double.IsNaN(left) ? (double.IsNaN(right) ? 0 : 1)
        : double.IsNaN(right) ? -1
        : left < right ? -1 : left > right ? 1 : 0;

    /// <summary>A hash that is the same for 0 and -0 and for every NaN.</summary>
    public static int Hash(double value) => value == 0 ? 0 : double.IsNaN(value) ? NaN.GetHashCode() : value.GetHashCode();

    public static double Add(double left, double right) => Checked(left + right, double.IsInfinity(left) || double.IsInfinity(right));

    public static double Subtract(double left, double right) => Checked(left - right, double.IsInfinity(left) || double.IsInfinity(right));

    public static double Multiply(double left, double right)
    {
        var product = Checked(left * right, double.IsInfinity(left) || double.IsInfinity(right));
        return product == 0 && left != 0 && right != 0 ? throw TypeErrors.FloatUnderflow() : product;
    }

    public static double Divide(double left, double right)
    {
        if (right == 0 && !double.IsNaN(left))
        {
            throw TypeErrors.DivisionByZero();
        }

        var quotient = Checked(left / right, double.IsInfinity(left));
        return quotient == 0 && left != 0 && !double.IsInfinity(right) ? throw TypeErrors.FloatUnderflow() : quotient;
    }

    public static float Add(float left, float right) => Checked(left + right, float.IsInfinity(left) || float.IsInfinity(right));

    public static float Subtract(float left, float right) => Checked(left - right, float.IsInfinity(left) || float.IsInfinity(right));

    public static float Multiply(float left, float right)
    {
        var product = Checked(left * right, float.IsInfinity(left) || float.IsInfinity(right));
        return product == 0 && left != 0 && right != 0 ? throw TypeErrors.FloatUnderflow() : product;
    }

    public static float Divide(float left, float right)
    {
        if (right == 0 && !float.IsNaN(left))
        {
            throw TypeErrors.DivisionByZero();
        }

        var quotient = Checked(left / right, float.IsInfinity(left));
        return quotient == 0 && left != 0 && !float.IsInfinity(right) ? throw TypeErrors.FloatUnderflow() : quotient;
    }

    public static float ToFloat4(double value)
    {
        var single = (float)value;
        return float.IsInfinity(single) && !double.IsInfinity(value) ? throw TypeErrors.FloatOverflow()
            : single == 0 && value != 0 ? throw TypeErrors.FloatUnderflow() : single;
    }

    /// <summary>The double with the digits that a real shows, which is how a real is stored: 0.1 stays 0.1.</summary>
    public static double ToStored(float value)
    {
        if (!float.IsFinite(value))
        {
            return float.IsNaN(value) ? NaN : value;
        }

        Span<byte> text = stackalloc byte[FloatText.LengthMax];
        return double.Parse(text[..FloatText.Write(text, value, extraDigits: 1)], NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    /// <summary>Rounds half to even and checks the range, as the cast to bigint does.</summary>
    public static long ToInt8(double value) =>
        Math.Round(value, MidpointRounding.ToEven) is >= -9223372036854775808.0 and < 9223372036854775808.0 and var number
        ? (long)number
        : throw TypeErrors.Overflow("bigint");

    public static int ToInt4(double value) => Math.Round(value, MidpointRounding.ToEven) is >= int.MinValue and <= int.MaxValue and var number
        ? (int)number
        : throw TypeErrors.Overflow("integer");

    public static short ToInt2(double value) => Math.Round(value, MidpointRounding.ToEven) is >= short.MinValue and <= short.MaxValue and var number
        ? (short)number
        : throw TypeErrors.Overflow("smallint");

    private static double Checked(double value, bool infinityAllowed) =>
        double.IsInfinity(value) && !infinityAllowed ? throw TypeErrors.FloatOverflow() : value;

    private static float Checked(float value, bool infinityAllowed) =>
        float.IsInfinity(value) && !infinityAllowed ? throw TypeErrors.FloatOverflow() : value;

    private static bool TryWord(ReadOnlySpan<byte> text, out double value)
    {
        value = NaN;
        if (AsciiText.EqualsIgnoreCase(text, "nan"u8))
        {
            return true;
        }

        var negative = !text.IsEmpty && text[0] == '-';
        var word = !text.IsEmpty && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        value = negative ? double.NegativeInfinity : double.PositiveInfinity;
        return AsciiText.EqualsIgnoreCase(word, "infinity"u8) || AsciiText.EqualsIgnoreCase(word, "inf"u8);
    }

    /// <summary>The length of a decimal number with optional sign, point and exponent; 0 for anything else.</summary>
    private static int NumberLength(ReadOnlySpan<byte> text)
    {
        var at = !text.IsEmpty && text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        var digits = 0;
        for (; at < text.Length && AsciiText.IsDigit(text[at]); at++)
        {
            digits++;
        }

        if (at < text.Length && text[at] == '.')
        {
            for (at++; at < text.Length && AsciiText.IsDigit(text[at]); at++)
            {
                digits++;
            }
        }

        if (digits == 0)
        {
            return 0;
        }

        if (at < text.Length && (text[at] | 0x20) == 'e')
        {
            var end = at + 1;
            if (end < text.Length && text[end] is (byte)'-' or (byte)'+')
            {
                end++;
            }

            var first = end;
            while (end < text.Length && AsciiText.IsDigit(text[end]))
            {
                end++;
            }

            at = end > first ? end : at;
        }

        return at;
    }

    /// <summary>True for a zero that was read from a text with another digit than 0: the number is too small.</summary>
    private static bool Vanished(double value, ReadOnlySpan<byte> text)
    {
        if (value != 0)
        {
            return false;
        }

        var exponent = text.IndexOfAny((byte)'e', (byte)'E');
        return (exponent < 0 ? text : text[..exponent]).IndexOfAnyInRange((byte)'1', (byte)'9') >= 0;
    }
}
