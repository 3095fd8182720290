namespace Rqlite.Pg.Types.Values;

/// <summary>Numbers within a field, read as C's strtol and strtod do: from the beginning, as far as they go.</summary>
internal static class NumberText
{
    /// <summary>Reads a whole number with an optional sign.</summary>
    /// <param name="length">How far the number goes; 0 if there is none.</param>
    /// <returns>False if the number is too large.</returns>
    public static bool TryInteger(ReadOnlySpan<byte> text, out int value, out int length)
    {
        var fits = TryLong(text, out var number, out length);
        value = (int)Math.Clamp(number, int.MinValue, int.MaxValue);
        return fits && value == number;
    }

    public static bool TryLong(ReadOnlySpan<byte> text, out long value, out int length)
    {
        var at = !text.IsEmpty && text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        var negative = at == 1 && text[0] == '-';
        Int128 number = 0;
        var first = at;
        for (; at < text.Length && AsciiText.IsDigit(text[at]); at++)
        {
            number = Int128.Min((number * 10) + text[at] - '0', (Int128)ulong.MaxValue);
        }

        length = at > first ? at : 0;
        number = negative ? -number : number;
        value = (long)Int128.Clamp(number, long.MinValue, long.MaxValue);
        return number == value;
    }

    /// <summary>Reads a fraction that begins with a point: digits, and an exponent.</summary>
    public static double Fraction(ReadOnlySpan<byte> text, out int length)
    {
        var at = 1;
        while (at < text.Length && AsciiText.IsDigit(text[at]))
        {
            at++;
        }

        if (at == 1)
        {
            // strtod reads no number from a bare point.
            length = 0;
            return 0;
        }

        length = at;
        return double.Parse(text[..at], System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Reads the fraction of a second to its end; false if something else follows.</summary>
    public static bool TryMicroseconds(ReadOnlySpan<byte> text, out int microseconds)
    {
        microseconds = 0;
        if (text.Length == 1)
        {
            return true;
        }

        var fraction = Fraction(text, out var length);
        microseconds = (int)Math.Round(fraction * 1e6, MidpointRounding.ToEven);
        return length == text.Length;
    }
}
