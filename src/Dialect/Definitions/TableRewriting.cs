using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>Gives a table that exists another definition for the same rows, made of what the catalogs hold.</summary>
internal static class TableRewriting
{
    /// <param name="changed">The table as it is to be: constraints and defaults may be missing.</param>
    public static void Rewrite(Definition definition, Relation table, Relation changed)
    {
        if (table.Foreign)
        {
            throw definition.NotSupported($"changing table \"{table.Name}\", which was made over HTTP, is");
        }

        definition.Call(
            "_rqlite_rewrite_definition", "'table'", TableSql.Literal(table.SqliteName), TableSql.Literal(ToSql(changed, definition.Schema)));
    }

    /// <summary>The CREATE TABLE of a table of the metadata.</summary>
    public static string ToSql(Relation table, ISchema schema)
    {
        var names = new SchemaNames(schema, SchemaNames.DefaultPath, "");
        var sql = new TableSql(names, CatalogExpressions.Lowering(schema, "")) { Table = table };
        foreach (var column in table.Attributes.Where(column => !column.Dropped))
        {
            var value = column.Default is { } text ? CatalogExpressions.BindDefault(text, column, column.Generated ? table : null, schema) : null;
            sql.AddColumn(column, table.RowIdColumn == column.Number, value, column.Identity == IdentityKind.ByDefault ? column.OwnedSequence : null);
        }

        // In the order in which CREATE TABLE writes them.
        foreach (var constraint in table.Constraints.OrderBy(static constraint => OrderOf(constraint.Type))
            .ThenBy(static constraint => constraint.Type == ConstraintType.Check ? constraint.Name : "", StringComparer.Ordinal))
        {
            switch (constraint.Type)
            {
                case ConstraintType.PrimaryKey when table.RowIdColumn == 0:
                    sql.AddPrimaryKey(constraint.Name, NamesOf(table, constraint.Columns));
                    break;
                case ConstraintType.Check:
                    sql.AddCheck(
                        constraint.Name, CatalogExpressions.Bind(constraint.Expression!, table, ExpressionKind.CheckConstraint, schema));
                    break;
                case ConstraintType.ForeignKey:
                    var target = schema.FindRelation(constraint.ReferencedOid)!;
                    sql.AddForeignKey(constraint, NamesOf(table, constraint.Columns), target.SqliteName, NamesOf(target, constraint.ReferencedColumns));
                    break;
            }
        }

        return sql.ToString();
    }

    private static int OrderOf(ConstraintType type) => type switch
    {
        ConstraintType.PrimaryKey => 0,
        ConstraintType.Check => 1,
        _ => 2,
    };

    private static IEnumerable<string> NamesOf(Relation table, IEnumerable<short> numbers) =>
        numbers.Select(number => table.Attributes[number - 1].Name);
}
