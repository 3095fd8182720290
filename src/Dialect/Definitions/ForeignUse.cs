using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>
/// Triggers, and views that were made over HTTP: the metadata does not know what they use, so they are asked by their texts, when the steps are applied.
/// </summary>
internal static class ForeignUse
{
    /// <summary>Adds a step that fails if one of them names a column that is dropped.</summary>
    public static void RefuseDrop(Definition definition, Relation table, Catalog.Attribute column) => Refuse(
        definition, $"{OfHttp(definition)} AND {Names(column.Name)} AND {Names(table.SqliteName)}",
        $"dropping column \"{column.Name}\" of table \"{table.Name}\", which a trigger or a view made over HTTP names, is");

    /// <summary>Adds a step that fails if one of them names a view that gets another name: SQLite has no statement that would change their texts too.</summary>
    public static void RefuseRenaming(Definition definition, Relation view) => Refuse(
        definition, $"{OfHttp(definition)} AND {Names(view.SqliteName)}",
        $"renaming view \"{view.Name}\", which a trigger or a view made over HTTP names, is");

    /// <summary>Adds a step that fails if a table whose rows are changed has triggers, which would run for that.</summary>
    public static void RefuseTriggers(Definition definition, Relation table, string change) => Refuse(
        definition, $"type = 'trigger' AND tbl_name = {TableSql.Literal(table.SqliteName)} COLLATE NOCASE",
        $"{change} while table \"{table.Name}\" has triggers made over HTTP is");

    private static void Refuse(Definition definition, string condition, string what) => definition.Step(
        $"DELETE FROM _rqlite_call WHERE CASE WHEN EXISTS (SELECT 1 FROM main.sqlite_schema WHERE {condition})"
        + $" THEN pg_raise('0A000', {TableSql.Literal($"{what} not supported")}) END");

    private static string OfHttp(Definition definition)
    {
        var views = ((SchemaSnapshot)definition.Schema).Relations.Where(relation => relation is { Kind: RelationKind.View, Foreign: true })
            .Select(view => TableSql.Literal(view.SqliteName)).ToArray();
        return views.Length == 0 ? "type = 'trigger'" : $"(type = 'trigger' OR (type = 'view' AND name IN ({string.Join(", ", views)})))";
    }

    /// <summary>
    /// The condition that a text has a name, as a word or in quotes of any kind, in which those of that kind are doubled. SQLite's lower() and its comparison
    /// of names know the letters of ASCII alone. Special characters of patterns stand for themselves.
    /// </summary>
    private static string Names(string name)
    {
        var lower = string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : c));
        string[] doubled = [.. ((string[])["\"", "'", "`"]).Select(quote => lower.Replace(quote, quote + quote, StringComparison.Ordinal))];
        var patterns = doubled.Prepend(lower).Distinct().Select(form => TableSql.Literal($"*[^0-9a-z_]{Escaped(form)}[^0-9a-z_]*"));
        return $"({string.Join(" OR ", patterns.Select(pattern => $"lower(sql) || ' ' GLOB {pattern}"))})";
    }

    private static string Escaped(string text) => string.Concat(text.Select(c => c is '*' or '?' or '[' ? $"[{c}]" : c.ToString()));
}
