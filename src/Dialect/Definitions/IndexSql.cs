using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>An index's CREATE INDEX in SQLite's dialect, made of what the catalogs hold.</summary>
internal static class IndexSql
{
    private const int Descending = 1;

    public static string Of(Relation table, IndexInfo index, ISchema schema)
    {
        var lowering = CatalogExpressions.Lowering(schema, "");
        var expressions = 0;
        var keys = index.Columns.Take(index.KeyCount).Select((number, place) =>
        {
            var order = (index.Options.ElementAtOrDefault(place) & Descending) != 0 ? " DESC" : "";
            if (number != 0)
            {
                return TableSql.Quote(table.Attributes[number - 1].Name) + order;
            }

            var value = CatalogExpressions.Bind(index.Expressions[expressions++], table, ExpressionKind.IndexExpression, schema);
            if (value is Const { Text: not null } && Lowerer.LowerExpression(value, table, lowering).StartsWith('\''))
            {
                // SQLite takes a text for the name of a column here.
                throw new DialectException(SqlState.FeatureNotSupported, "indexes on constant texts are not supported");
            }

            var collation = StoredColumns.CollationOf(value.Type, schema) is { } stored ? $" COLLATE {stored}" : "";
            return $"({Lowerer.LowerExpression(value, table, lowering)}){collation}{order}";
        });
        var sql = $"CREATE {(index.Unique ? "UNIQUE " : "")}INDEX {TableSql.Quote(index.SqliteName)} ON {TableSql.Quote(table.SqliteName)}"
            + $" ({string.Join(", ", keys)})";
        return index.Predicate is not { } predicate ? sql
            : $"{sql} WHERE {Lowerer.LowerExpression(CatalogExpressions.Bind(predicate, table, ExpressionKind.IndexPredicate, schema), table, lowering)}";
    }
}
