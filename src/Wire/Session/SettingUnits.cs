using System.Globalization;

namespace Rqlite.Pg.Wire.Session;

/// <summary>Units of time and of memory in settings.</summary>
internal static class SettingUnits
{
    private static readonly (string Name, decimal Microseconds)[] Times =
        [("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000), ("ms", 1000), ("us", 1)];

    private static readonly (string Name, decimal Bytes)[] Sizes =
        [("TB", 1L << 40), ("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10), ("B", 1)];

    public static string Hint(string unit) => IsTime(unit)
        ? "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\"."
        : "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".";

    /// <summary>Parses a number with an optional unit into the setting's own unit.</summary>
    /// <param name="unitWrong">The number is valid, but its unit is not.</param>
    public static bool TryParse(string text, string unit, out decimal value, out bool unitWrong)
    {
        unitWrong = false;
        var trimmed = text.AsSpan().Trim();
        var length = trimmed.Length;
        while (length > 0 && char.IsAsciiLetter(trimmed[length - 1]) && !IsHexadecimal(trimmed))
        {
            length--;
        }

        var suffix = trimmed[length..];
        if (!TryNumber(trimmed[..length].TrimEnd(), out value))
        {
            return false;
        }

        if (suffix.IsEmpty)
        {
            return true;
        }

        unitWrong = unit.Length == 0;
        if (unitWrong || !TryScale(suffix.ToString(), IsTime(unit), out var given))
        {
            unitWrong = true;
            return false;
        }

        value = value * given / Scale(unit);
        return true;
    }

    public static string Show(long number, string unit)
    {
        var total = number * Scale(unit);
        foreach (var (name, scale) in IsTime(unit) ? Times : Sizes)
        {
            if (total % scale == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{decimal.ToInt64(total / scale)}{name}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{number}{unit}");
    }

    private static bool IsTime(string unit) => unit is "ms" or "s" or "min" or "us";

    private static bool IsHexadecimal(ReadOnlySpan<char> text) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);

    private static bool TryNumber(ReadOnlySpan<char> text, out decimal value)
    {
        if (IsHexadecimal(text))
        {
            var valid = long.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number);
            value = number;
            return valid;
        }

        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && Math.Abs(value) < 1e20m;
    }

    private static decimal Scale(string unit) => unit == "8kB" ? 8192 : TryScale(unit, IsTime(unit), out var scale) ? scale : 1;

    private static bool TryScale(string unit, bool time, out decimal scale)
    {
        foreach (var (name, factor) in time ? Times : Sizes)
        {
            if (name == unit)
            {
                scale = factor;
                return true;
            }
        }

        scale = 1;
        return false;
    }
}
