using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Wire.Session;

/// <summary>Checks a value for a setting and returns the form in which it is kept.</summary>
internal static class SettingValues
{
    private const int IdempotencyKeyMax = 255;

    // The other encodings that PostgreSQL converts to (manual, table 24.1), as it compares their names.
    private static readonly FrozenSet<string> s_encodings = FrozenSet.ToFrozenSet(
    [
        "BIG5", "WIN950", "WINDOWS950", "EUCCN", "EUCJIS2004", "EUCJP", "EUCKR", "EUCTW", "GB18030", "GBK", "WIN936", "WINDOWS936", "ISO88591",
        "ISO88595", "ISO88596", "ISO88597", "ISO88598", "JOHAB", "KOI8", "KOI8R", "KOI8U", "LATIN1", "LATIN2", "ISO88592", "LATIN3", "ISO88593",
        "LATIN4", "ISO88594", "LATIN5", "ISO88599", "LATIN6", "ISO885910", "LATIN7", "ISO885913", "LATIN8", "ISO885914", "LATIN9", "ISO885915",
        "LATIN10", "ISO885916", "MULEINTERNAL", "MSKANJI", "SHIFTJIS", "SHIFTJIS2004", "SJIS", "SQLASCII", "UHC", "WIN949", "WINDOWS949",
        "WIN866", "ALT", "WIN874", "WIN1250", "WIN1251", "WIN", "WIN1252", "WIN1253", "WIN1254", "WIN1255", "WIN1256", "WIN1257", "WIN1258",
        "ABC", "TCVN", "TCVN5712", "VSCII", "WINDOWS866", "WINDOWS874", "WINDOWS1250", "WINDOWS1251", "WINDOWS1252", "WINDOWS1253",
        "WINDOWS1254", "WINDOWS1255", "WINDOWS1256", "WINDOWS1257", "WINDOWS1258",
    ]);

    /// <summary>The list of SET as one text.</summary>
    public static string Flatten(Setting? setting, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 1 && setting is not { IsNameList: true })
        {
            return values[0];
        }

        return setting is { IsList: true }
            ? string.Join(", ", setting.IsNameList ? values.Select(QuoteName) : values)
            : values.Count == 1 ? values[0]
            : throw new DialectException("22023", $"SET {name} takes only one argument");
    }

    public static string Check(Setting setting, string value)
    {
        switch (setting.Kind)
        {
            case SettingKind.Boolean:
                return Booleans.TryParse(Encoding.UTF8.GetBytes(value), out var truth) ? (truth ? "on" : "off")
                    : throw new DialectException("22023", $"parameter \"{setting.Name}\" requires a Boolean value");
            case SettingKind.Integer or SettingKind.Real:
                return CheckNumber(setting, value);
            case SettingKind.Enumerated:
                return CheckEnumerated(setting, value);
            default:
                return CheckText(setting, value);
        }
    }

    public static DialectException Invalid(Setting setting, string value, string? hint = null) =>
        new("22023", $"invalid value for parameter \"{setting.Name}\": \"{value}\"", hint: hint);

    private static string CheckNumber(Setting setting, string value)
    {
        if (!SettingUnits.TryParse(value, setting.Unit, out var number, out var unitWrong))
        {
            throw Invalid(setting, value, unitWrong && setting.Unit.Length > 0 ? SettingUnits.Hint(setting.Unit) : null);
        }

        if (setting.Kind == SettingKind.Integer)
        {
            number = decimal.Round(number, MidpointRounding.ToEven);
        }

        var inRange = number >= Bound(setting.Min, decimal.MinValue) && number <= Bound(setting.Max, decimal.MaxValue);
        var text = number.ToString("0.##########", CultureInfo.InvariantCulture);
        var unit = setting.Unit.Length == 0 ? "" : " " + setting.Unit;
        return inRange ? text : throw new DialectException(
            "22023", $"{text}{unit} is outside the valid range for parameter \"{setting.Name}\" ({setting.Min} .. {setting.Max})");
    }

    private static decimal Bound(string text, decimal otherwise) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var bound) ? bound : otherwise;

    private static string CheckEnumerated(Setting setting, string value)
    {
        foreach (var allowed in setting.Values)
        {
            if (allowed.Equals(value, StringComparison.OrdinalIgnoreCase))
            {
                return allowed;
            }
        }

        // Settings that were Boolean in earlier versions still take every Boolean spelling.
        if (setting.Values.Contains("on") && Booleans.TryParse(Encoding.UTF8.GetBytes(value), out var truth))
        {
            return truth ? "on" : "off";
        }

        throw Invalid(setting, value, $"Available values: {string.Join(", ", setting.Values)}.");
    }

    private static string CheckText(Setting setting, string value) => setting.Name switch
    {
        "client_encoding" => CheckEncoding(setting, value),
        "DateStyle" => CheckDateStyle(setting, value),
        "TimeZone" => TimeZones.TrySetting(value, out var zone) ? zone.Name : throw Invalid(setting, value),
        "application_name" => string.Concat(value.EnumerateRunes().Select(rune => rune.IsAscii && rune.Value >= 32 ? rune.ToString() : "?")),
        "rqlite.idempotency_key" => value.Length <= IdempotencyKeyMax && value.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
            ? value : throw Invalid(setting, value, $"A key has 1 to {IdempotencyKeyMax} visible ASCII characters."),
        "rqlite.min_index" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index.ToString(CultureInfo.InvariantCulture) : throw Invalid(setting, value),
        _ => value,
    };

    private static string CheckEncoding(Setting setting, string value)
    {
        var name = string.Concat(value.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return name is "UTF8" or "UNICODE" ? "UTF8"
            : s_encodings.Contains(name) ? throw new DialectException(
                "0A000", $"client_encoding \"{value}\" is not supported", hint: "Texts are sent and read as UTF8.")
            : throw Invalid(setting, value);
    }

    private static string CheckDateStyle(Setting setting, string value)
    {
        var order = "MDY";
        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
        {
            order = part.ToUpperInvariant() switch
            {
                "ISO" or "DEFAULT" => order,
                "MDY" or "US" or "NONEURO" or "NONEUROPEAN" => "MDY",
                "DMY" or "EURO" or "EUROPEAN" => "DMY",
                "YMD" => "YMD",
                "SQL" or "GERMAN" or "POSTGRES" => throw new DialectException(
                    "0A000", $"DateStyle \"{part}\" is not supported", hint: "Dates are written in ISO style."),
                _ => throw Invalid(setting, value),
            };
        }

        return "ISO, " + order;
    }

    private static string QuoteName(string name)
    {
        var plain = name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_')
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
        return plain ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
