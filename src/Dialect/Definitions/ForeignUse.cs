using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>
/// Triggers, and views that were made over HTTP: the metadata does not know what they use, so they are asked by their texts, when the steps are applied.
/// </summary>
internal static class ForeignUse
{
    /// <summary>Adds a step that fails if one of them names a column that is dropped.</summary>
    public static void Refuse(Definition definition, Relation table, Catalog.Attribute column)
    {
        var views = ((SchemaSnapshot)definition.Schema).Relations.Where(relation => relation is { Kind: RelationKind.View, Foreign: true })
            .Select(view => TableSql.Literal(view.SqliteName)).ToArray();
        var kinds = views.Length == 0 ? "type = 'trigger'" : $"(type = 'trigger' OR (type = 'view' AND name IN ({string.Join(", ", views)})))";
        var message = $"dropping column \"{column.Name}\" of table \"{table.Name}\", which a trigger or a view made over HTTP names, is not supported";
        definition.Step(
            $"DELETE FROM _rqlite_call WHERE CASE WHEN EXISTS (SELECT 1 FROM main.sqlite_schema WHERE {kinds} AND {Names(column.Name)} AND {Names(table.SqliteName)})"
            + $" THEN pg_raise('0A000', {TableSql.Literal(message)}) END");
    }

    /// <summary>The condition that a text has a word, in which special characters of patterns stand for themselves.</summary>
    private static string Names(string word)
    {
        var pattern = string.Concat(word.ToLowerInvariant().Select(c => c is '*' or '?' or '[' ? $"[{c}]" : c.ToString()));
        return $"lower(sql) || ' ' GLOB {TableSql.Literal($"*[^0-9a-z_]{pattern}[^0-9a-z_]*")}";
    }
}
