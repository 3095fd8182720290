using System.Globalization;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>pg_settings. Descriptions are left out.</summary>
internal static class Settings
{
    public static SqlTable Create() => new CatalogTableBuilder<SettingRow>("pg_catalog", "pg_settings")
        .Key("name", row => row.Name)
        .Column("setting", row => row.Setting)
        .Column("unit", row => row.Unit)
        .Column("category", row => row.Category)
        .Column("context", row => row.Context)
        .Column("vartype", row => row.Type)
        .Column("source", row => row.Source)
        .Column("min_val", row => row.Min)
        .Column("max_val", row => row.Max)
        .Column("enumvals", row => row.Values is null ? Cell.Null : Cell.TextArray(row.Values))
        .Column("boot_val", row => row.Boot)
        .Column("reset_val", row => row.Boot)
        .Same("", "short_desc")
        .Same(false, "pending_restart")
        .Null("extra_desc", "sourcefile", "sourceline")
        .Changing(view => Of(view.Caller))
        .Build();

    /// <summary>The settings that PostgreSQL 15 knows, with the values that a session has, and the session's own ones.</summary>
    private static IEnumerable<SettingRow> Of(CallerSession? caller)
    {
        var values = caller?.Settings?.Values ?? new Dictionary<string, string>();
        foreach (var definition in SettingDefinitions.All)
        {
            var setting = values.TryGetValue(definition.Name, out var shown) ? InUnit(shown, definition) : definition.Default ?? "";
            yield return new SettingRow(
                definition.Name, setting, definition.Unit, definition.Category, definition.Context, definition.Type,
                setting == (definition.Default ?? "") ? "default" : "session", definition.Min, definition.Max, definition.Values, definition.Default);
        }

        foreach (var (name, value) in values.Where(pair => pair.Key.Contains('.', StringComparison.Ordinal)).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            yield return new SettingRow(name, value, null, "Customized Options", "user", "string", "session", null, null, null, null);
        }
    }

    /// <summary>A value with the unit that SHOW has chosen, as a number of the setting's own unit.</summary>
    private static string InUnit(string shown, SettingDefinition definition)
    {
        if (definition.Unit is null || definition.Type is not ("integer" or "real"))
        {
            return shown;
        }

        var digits = shown.AsSpan().TrimEnd("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ").TrimEnd();
        var unit = shown[digits.Length..].Trim();
        if (unit.Length == 0 || !double.TryParse(digits, CultureInfo.InvariantCulture, out var number))
        {
            return shown;
        }

        return Math.Round(number * Size(unit) / Size(definition.Unit), 6).ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>Bytes or microseconds; 8kB is a block.</summary>
    private static double Size(string unit)
    {
        var name = unit.TrimStart("0123456789".ToCharArray());
        var count = name.Length == unit.Length ? 1 : double.Parse(unit.AsSpan(0, unit.Length - name.Length), CultureInfo.InvariantCulture);
        return count * name switch
        {
            "kB" => 1024d,
            "MB" => 1024d * 1024,
            "GB" => 1024d * 1024 * 1024,
            "TB" => 1024d * 1024 * 1024 * 1024,
            "ms" => 1000d,
            "s" => 1_000_000d,
            "min" => 60_000_000d,
            "h" => 3_600_000_000d,
            "d" => 86_400_000_000d,
            _ => 1d,
        };
    }
}
