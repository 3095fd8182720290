using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>
/// Steps that raise PostgreSQL's errors for rows that a new constraint finds. What is looked for is said in PostgreSQL's dialect and lowered as queries are.
/// </summary>
/// <param name="table">The table with the columns that its rows have by then.</param>
/// <param name="sqliteName">The name under which SQLite has the rows.</param>
/// <param name="rows">A common table of that name, as SQL in front of the queries; null for a table that exists.</param>
internal sealed class RowChecks(Definition definition, Relation table, string sqliteName, string? rows = null)
{
    // A NOT NULL that the definition brings does not hold yet.
    private readonly SchemaSnapshot _schema = SnapshotChange.WithTable((SchemaSnapshot)definition.Schema, table with
    {
        SqliteName = sqliteName,
        RowIdColumn = 0,
        Attributes = [.. table.Attributes.Select(column => column with { NotNull = false })],
    });

    /// <summary>23502.</summary>
    public void NotNull(Catalog.Attribute column) => Raise(
        $"SELECT '' FROM {NameOf(table)} WHERE {Identifiers.Quote(column.Name)} IS NULL LIMIT 1", SqlState.NotNullViolation,
        $"column \"{column.Name}\" of relation \"{table.Name}\" contains null values", withDetail: false);

    /// <summary>23514.</summary>
    public void Check(ConstraintInfo constraint) => Raise(
        $"SELECT '' FROM {NameOf(table)} WHERE NOT ({constraint.Expression}) LIMIT 1", SqlState.CheckViolation,
        $"check constraint \"{constraint.Name}\" of relation \"{table.Name}\" is violated by some row", withDetail: false);

    /// <summary>23502, of a column of a domain that becomes NOT NULL.</summary>
    public void DomainNotNull(Catalog.Attribute column) => Raise(
        $"SELECT '' FROM {NameOf(table)} WHERE {Identifiers.Quote(column.Name)} IS NULL LIMIT 1", SqlState.NotNullViolation,
        $"column \"{column.Name}\" of table \"{table.Name}\" contains null values", withDetail: false);

    /// <summary>23514, of a column of a domain that gets a condition.</summary>
    public void DomainCheck(Catalog.Attribute column, TypeInfo domain, ConstraintInfo constraint)
    {
        // The condition's VALUE is the column as the domain's base type, so that is the column's name here.
        var type = definition.Names.TypeName(domain.Base.Oid, domain.Base.Modifier);
        Raise(
            $"SELECT '' FROM (SELECT {Identifiers.Quote(column.Name)}::{type} AS value FROM {NameOf(table)}) AS r WHERE NOT ({constraint.Expression}) LIMIT 1",
            SqlState.CheckViolation, $"column \"{column.Name}\" of table \"{table.Name}\" contains values that violate the new constraint", withDetail: false);
    }

    /// <summary>23505.</summary>
    public void Unique(IndexInfo index)
    {
        if (!index.Unique)
        {
            return;
        }

        // The keys have names of their own, since GROUP BY takes a constant for the place of a column.
        var texts = Keys(index);
        string[] keys = [.. texts.Select((_, place) => $"k{place}")];
        var names = string.Join(", ", texts);
        var values = string.Join(" || ', ' || ", keys.Select(key => $"{key}::text"));
        Raise(
            $"SELECT {Writer.Literal($"Key ({names})=(")} || {values} || ') is duplicated.'"
            + $" FROM (SELECT {string.Join(", ", texts.Zip(keys, (text, key) => $"({text}) AS {key}"))} FROM {NameOf(table)}"
            + $"{(index.Predicate is { } predicate ? $" WHERE {predicate}" : "")}) AS r"
            + $" WHERE {string.Join(" AND ", keys.Select(key => $"{key} IS NOT NULL"))} GROUP BY {string.Join(", ", keys)} HAVING count(*) > 1 LIMIT 1",
            SqlState.UniqueViolation, $"could not create unique index \"{index.Name}\"", withDetail: true);
    }

    /// <summary>23503.</summary>
    public void ForeignKey(ConstraintInfo constraint)
    {
        Raise(
            DeferredKeys.Query(table, _schema.FindRelation(constraint.ReferencedOid)!, constraint),
            SqlState.ForeignKeyViolation, $"insert or update on table \"{table.Name}\" violates foreign key constraint \"{constraint.Name}\"", withDetail: true);
    }

    private List<string> Keys(IndexInfo index)
    {
        var expressions = 0;
        return
        [
            .. index.Columns.Take(index.KeyCount).Select(number =>
                number == 0 ? index.Expressions[expressions++] : Identifiers.Quote(table.Attributes[number - 1].Name)),
        ];
    }

    private static string NameOf(Relation table) => Identifiers.Qualify(table.Schema, table.Name);

    private void Raise(string query, string sqlState, string message, bool withDetail)
    {
        var context = new BindContext(_schema, SchemaNames.DefaultPath, new ParameterTypes([])) { User = definition.User, Text = query };
        var bound = Binder.Bind((Statement)Parser.Parse(query)[0], query, context);
        var lowered = Lowerer.Lower(bound.Query, CatalogExpressions.Lowering(_schema, query));
        definition.AsksSession |= lowered.AsksSession;
        var sql = rows is null ? lowered.Steps[0].Sql : $"{rows} {lowered.Steps[0].Sql}";
        var detail = withDetail ? $", NULL, ({sql})" : "";
        definition.Step(
            $"DELETE FROM _rqlite_call WHERE CASE WHEN ({sql}) IS NOT NULL THEN pg_raise('{sqlState}', {TableSql.Literal(message)}{detail}) END");
    }
}
