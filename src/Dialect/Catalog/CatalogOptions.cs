using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>What the catalogs show besides the schema; the same on every node.</summary>
public sealed record CatalogOptions
{
    /// <summary>True for the functions of pg_proc that statements can call. Operators, casts and aggregates are shown if theirs can be.</summary>
    public Func<PgFunction, bool> Works { get; init; } = static _ => true;

    /// <summary>The rows of pg_settings for a session; null for those that PostgreSQL 15 knows.</summary>
    public Func<CallerSession?, IEnumerable<SettingRow>>? Settings { get; init; }
}

/// <summary>A row of pg_settings.</summary>
/// <param name="Setting">The value in <paramref name="Unit"/>.</param>
/// <param name="Source">default, session, client, configuration file …</param>
public sealed record SettingRow(
    string Name, string Setting, string? Unit, string Category, string Context, string Type, string Source, string? Min, string? Max,
    IReadOnlyList<string>? Values, string? Boot, string? Reset);
