using System.Globalization;
using Rqlite.Pg.Dialect;

namespace Rqlite.Pg.Wire.Session;

/// <summary>The state of a session that the check of a value may depend on.</summary>
internal interface ISettingSession
{
    /// <summary>The value of a setting now, and the one that RESET returns to.</summary>
    (string Present, string Reset) Values(string setting);

    /// <summary>The session may take on this role.</summary>
    bool HasRole(string role);
}

/// <summary>Checks a value for a setting and returns the form in which it is kept.</summary>
internal static class SettingValues
{
    /// <summary>The list of SET as one text.</summary>
    public static string Flatten(Setting? setting, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 1 && setting is not { IsNameList: true })
        {
            return values[0];
        }

        return setting is { IsList: true }
            ? string.Join(", ", setting.IsNameList ? values.Select(NameList.Quote) : values)
            : values.Count == 1 ? values[0]
            : throw new DialectException("22023", $"SET {name} takes only one argument");
    }

    /// <param name="name">The setting's name as it was given.</param>
    /// <param name="session">Null for a setting that does not depend on it.</param>
    /// <exception cref="DialectException">The setting has no such value, or one that would mean something which is not done here (0A000).</exception>
    public static string Check(Setting setting, string name, string value, ISettingSession? session)
    {
        var kept = CheckForm(setting, name, value, session);
        return IsWithoutEffect(setting.Name, kept)
            ? throw new DialectException("0A000", $"{setting.Name} = {kept} is not supported")
            : kept;
    }

    /// <summary>Values that change what statements mean or show in PostgreSQL and would change nothing here.</summary>
    private static bool IsWithoutEffect(string setting, string value) => setting switch
    {
        "standard_conforming_strings" or "array_nulls" or "backslash_quote" => value == "off",
        "transform_null_equals" or "quote_all_identifiers" or "exit_on_error" => value == "on",
        "session_replication_role" => value == "replica",
        "restrict_nonsystem_relation_kind" => value.Length > 0,
        "seed" => value != "0",
        _ => false,
    };

    private static string CheckForm(Setting setting, string name, string value, ISettingSession? session) => setting.Kind switch
    {
        SettingKind.Boolean => TryBoolean(value, out var truth) ? (truth ? "on" : "off")
            : throw new DialectException("22023", $"parameter \"{name}\" requires a Boolean value"),
        SettingKind.Integer => CheckInteger(setting, name, value),
        SettingKind.Real => CheckReal(setting, name, value),
        SettingKind.Enumerated => CheckEnumerated(setting, name, value),
        _ => SettingTexts.Check(setting, value, session),
    };

    public static DialectException Invalid(string name, string value, string? hint = null, string? detail = null) =>
        new("22023", $"invalid value for parameter \"{name}\": \"{value}\"", hint: hint, detail: detail);

    // Beginnings of words count, if they are the beginning of one word only.
    private static bool TryBoolean(string value, out bool truth)
    {
        truth = Begins("true") || Begins("yes") || value == "1" || (value.Length > 1 && Begins("on"));
        return truth || Begins("false") || Begins("no") || value == "0" || (value.Length > 1 && Begins("off"));

        bool Begins(string word) => value.Length > 0 && word.StartsWith(value, StringComparison.OrdinalIgnoreCase);
    }

    private static string CheckInteger(Setting setting, string name, string value)
    {
        if (!SettingNumbers.TryInteger(value, setting.Unit, out var number, out var hint))
        {
            throw Invalid(name, value, hint);
        }

        return number >= long.Parse(setting.Min, CultureInfo.InvariantCulture) && number <= long.Parse(setting.Max, CultureInfo.InvariantCulture)
            ? number.ToString(CultureInfo.InvariantCulture)
            : throw OutOfRange(setting, name, number.ToString(CultureInfo.InvariantCulture));
    }

    private static string CheckReal(Setting setting, string name, string value)
    {
        if (!SettingNumbers.TryReal(value, setting.Unit, out var number, out var hint))
        {
            throw Invalid(name, value, hint);
        }

        return number >= double.Parse(setting.Min, CultureInfo.InvariantCulture) && number <= double.Parse(setting.Max, CultureInfo.InvariantCulture)
            ? number.ToString("R", CultureInfo.InvariantCulture)
            : throw OutOfRange(setting, name, SettingNumbers.General(number));
    }

    private static DialectException OutOfRange(Setting setting, string name, string number)
    {
        var unit = setting.Unit.Length == 0 ? "" : " " + setting.Unit;
        return new DialectException(
            "22023", $"{number}{unit} is outside the valid range for parameter \"{name}\" ({setting.Min} .. {setting.Max})");
    }

    private static string CheckEnumerated(Setting setting, string name, string value)
    {
        foreach (var allowed in setting.Values)
        {
            if (allowed.Equals(value, StringComparison.OrdinalIgnoreCase))
            {
                return Kept(allowed);
            }
        }

        // Settings that were Boolean in earlier versions still take the words for that.
        if (setting.Values.Contains("on") && value.ToUpperInvariant() is "TRUE" or "YES" or "1" or "FALSE" or "NO" or "0")
        {
            return TryBoolean(value, out var truth) && truth ? Kept("on") : "off";
        }

        throw Invalid(name, value, $"Available values: {string.Join(", ", setting.Values)}.");

        string Kept(string allowed) => setting.Name == "wal_compression" && allowed == "on" ? "pglz" : allowed;
    }
}
