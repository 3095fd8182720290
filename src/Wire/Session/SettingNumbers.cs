using System.Globalization;

namespace Rqlite.Pg.Wire.Session;

/// <summary>
/// Numbers in settings, with the units of time and of memory, as PostgreSQL reads them with C's strtol and strtod (manual, 20.1.1) and shows them.
/// </summary>
internal static class SettingNumbers
{
    public const string RangeHint = "Value exceeds integer range.";
    private const int UnitLengthMax = 3;

    private static readonly (string Name, double Scale)[] s_times =
        [("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000), ("ms", 1000), ("us", 1)];

    private static readonly (string Name, double Scale)[] s_sizes =
        [("TB", 1L << 40), ("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10), ("B", 1)];

    /// <summary>Reads a number with an optional unit into the setting's own unit, rounded to an integer.</summary>
    /// <param name="unit">The setting's unit; empty for none.</param>
    /// <param name="hint">The hint of a refusal; null if there is none.</param>
    public static bool TryInteger(string text, string unit, out int value, out string? hint)
    {
        value = 0;
        if (!TryLong(text, out var number, out var end))
        {
            hint = null;
            return false;
        }

        if (!TryUnit(text, end, unit, ref number, out hint))
        {
            return false;
        }

        number = Math.Round(number, MidpointRounding.ToEven);
        if (number is < int.MinValue or > int.MaxValue)
        {
            hint = RangeHint;
            return false;
        }

        value = (int)number;
        return true;
    }

    /// <summary>Reads a number with an optional unit into the setting's own unit.</summary>
    public static bool TryReal(string text, string unit, out double value, out string? hint)
    {
        hint = null;
        return TryDouble(text, out value, out var end) && !double.IsNaN(value) && TryUnit(text, end, unit, ref value, out hint);
    }

    /// <summary>True for a text that is a number to its end.</summary>
    public static bool TryNumber(string text, out double value) => TryDouble(text, out value, out var end) && end == text.Length;

    /// <summary>An integer with the largest unit that divides it.</summary>
    public static string Show(long number, string unit)
    {
        if (number > 0 && unit.Length > 0)
        {
            foreach (var (name, scale) in UnitsOf(unit))
            {
                var factor = scale / ScaleOf(unit);
                if (factor <= 1 || number % (long)factor == 0)
                {
                    return string.Create(CultureInfo.InvariantCulture, $"{(long)Math.Round(number / factor)}{name}");
                }
            }
        }

        return number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A real number with the largest unit in which it is whole.</summary>
    public static string Show(double number, string unit)
    {
        if (number > 0 && unit.Length > 0)
        {
            foreach (var (name, scale) in UnitsOf(unit))
            {
                var scaled = number / (scale / ScaleOf(unit));
                if (Math.Abs((Math.Round(scaled) / scaled) - 1) <= 1e-8 || name is "us" or "B")
                {
                    return General(scaled) + name;
                }
            }
        }

        return General(number);
    }

    /// <summary>C's <c>%g</c>.</summary>
    public static string General(double number) => double.IsPositiveInfinity(number) ? "Infinity"
        : double.IsNegativeInfinity(number) ? "-Infinity"
        : number.ToString("G6", CultureInfo.InvariantCulture).Replace('E', 'e');

    private static bool IsTime(string unit) => unit is "ms" or "s" or "min" or "us";

    private static (string Name, double Scale)[] UnitsOf(string unit) => IsTime(unit) ? s_times : s_sizes;

    private static double ScaleOf(string unit) => unit == "8kB" ? 8192 : Array.Find(UnitsOf(unit), known => known.Name == unit).Scale;

    private static bool TryUnit(string text, int at, string own, ref double value, out string? hint)
    {
        hint = null;
        while (at < text.Length && IsSpace(text[at]))
        {
            at++;
        }

        if (at == text.Length)
        {
            return true;
        }

        if (own.Length == 0)
        {
            return false;
        }

        var start = at;
        while (at < text.Length && !IsSpace(text[at]) && at - start < UnitLengthMax)
        {
            at++;
        }

        var units = UnitsOf(own);
        var index = Array.FindIndex(units, known => text.AsSpan(start, at - start).SequenceEqual(known.Name));
        if (index < 0 || !text.AsSpan(at).Trim(" \t\n\v\f\r").IsEmpty)
        {
            hint = IsTime(own)
                ? "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\"."
                : "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".";
            return false;
        }

        value *= units[index].Scale / ScaleOf(own);
        if (index + 1 < units.Length)
        {
            // A fraction of a unit is rounded to a multiple of the next smaller one.
            var smaller = units[index + 1].Scale / ScaleOf(own);
            value = Math.Round(value / smaller, MidpointRounding.ToEven) * smaller;
        }

        return true;
    }

    // strtol with any base, then strtod if the number goes on as one with a fraction or is too large.
    private static bool TryLong(string text, out double value, out int end)
    {
        var at = SkipSign(text, out var negative);
        var radix = 10;
        if (at + 2 < text.Length && text[at] == '0' && text[at + 1] is 'x' or 'X' && char.IsAsciiHexDigit(text[at + 2]))
        {
            radix = 16;
            at += 2;
        }
        else if (at < text.Length && text[at] == '0')
        {
            radix = 8;
        }

        var start = at;
        long number = 0;
        var overflow = false;
        for (; at < text.Length && DigitOf(text[at]) is var digit && digit < radix; at++)
        {
            overflow |= number > (long.MaxValue - digit) / radix;
            number = overflow ? number : (number * radix) + digit;
        }

        end = at == start ? 0 : at;
        if (overflow || (end < text.Length && text[end] is '.' or 'e' or 'E'))
        {
            return TryDouble(text, out value, out end);
        }

        value = negative ? -number : number;
        return end > 0;
    }

    // strtod: the longest beginning that is a number. False if there is none, or if it is out of range.
    private static bool TryDouble(string text, out double value, out int end)
    {
        var at = SkipSign(text, out var negative);
        var rest = text.AsSpan(at);
        value = 0;
        end = 0;
        foreach (var (word, special) in ((string, double)[])[("infinity", double.PositiveInfinity), ("inf", double.PositiveInfinity), ("nan", double.NaN)])
        {
            if (rest.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                value = negative ? -special : special;
                end = at + word.Length;
                return true;
            }
        }

        var valid = rest is ['0', 'x' or 'X', ..] && rest.Length > 2 && char.IsAsciiHexDigit(rest[2])
            ? TryHexadecimal(rest, out value, out var length)
            : TryDecimal(rest, out value, out length);
        value = negative ? -value : value;
        end = at + length;
        return valid;
    }

    private static bool TryDecimal(ReadOnlySpan<char> text, out double value, out int length)
    {
        var at = 0;
        var digits = SkipDigits(text, ref at);
        if (at < text.Length && text[at] == '.')
        {
            at++;
            digits += SkipDigits(text, ref at);
        }

        length = at;
        value = 0;
        if (digits == 0)
        {
            return false;
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            at += at < text.Length && text[at] is '+' or '-' ? 1 : 0;
            length = SkipDigits(text, ref at) > 0 ? at : length;
        }

        value = double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) && (value != 0 || text[..length].IndexOfAnyInRange('1', '9') is var first && (first < 0 || IsExponent(text, first)));
    }

    // The digits of an exponent do not make a number other than zero.
    private static bool IsExponent(ReadOnlySpan<char> text, int at) => text[..at].IndexOfAny('e', 'E') >= 0;

    private static bool TryHexadecimal(ReadOnlySpan<char> text, out double value, out int length)
    {
        value = 0;
        length = 2;
        for (; length < text.Length && char.IsAsciiHexDigit(text[length]); length++)
        {
            value = (value * 16) + DigitOf(text[length]);
        }

        return double.IsFinite(value);
    }

    private static int SkipSign(string text, out bool negative)
    {
        var at = 0;
        while (at < text.Length && IsSpace(text[at]))
        {
            at++;
        }

        negative = at < text.Length && text[at] == '-';
        return at < text.Length && text[at] is '-' or '+' ? at + 1 : at;
    }

    private static int SkipDigits(ReadOnlySpan<char> text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return at - start;
    }

    private static int DigitOf(char c) => !char.IsAsciiHexDigit(c) ? int.MaxValue : c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;

    private static bool IsSpace(char c) => c is ' ' or (>= '\t' and <= '\r');
}
