namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>A row of pg_settings.</summary>
/// <param name="Setting">The value in <paramref name="Unit"/>.</param>
/// <param name="Source">default or session.</param>
internal sealed record SettingRow(
    string Name, string Setting, string? Unit, string Category, string Context, string Type, string Source, string? Min, string? Max,
    IReadOnlyList<string>? Values, string? Boot);
