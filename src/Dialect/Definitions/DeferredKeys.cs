using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>A foreign key of a table.</summary>
public sealed record TableKey(Relation Table, ConstraintInfo Key)
{
    /// <summary>PostgreSQL's message for a row of the table without its counterpart.</summary>
    public string Message => $"insert or update on table \"{Table.Name}\" violates foreign key constraint \"{Key.Name}\"";
}

/// <summary>Foreign keys that are checked when a transaction commits, and what SET CONSTRAINTS finds of them.</summary>
public static class DeferredKeys
{
    /// <summary>The number of rows that violate a foreign key at the moment, as SQLite counts them; only on the writer.</summary>
    public const string Count = "_rqlite_open_foreign_keys()";

    public static IReadOnlyList<TableKey> Of(ISchema schema) =>
    [
        .. (schema as SchemaSnapshot)?.Relations.SelectMany(static table => table.Constraints, static (table, key) => new TableKey(table, key))
            .Where(static pair => pair.Key is { Type: ConstraintType.ForeignKey, Deferrable: true }) ?? [],
    ];

    /// <summary>The constraints that a name of SET CONSTRAINTS means: those of the first schema of the path that has some.</summary>
    /// <exception cref="DialectException">42704: there is none. 42809: one of them cannot be deferred.</exception>
    public static IReadOnlyList<TableKey> Named(ISchema schema, IReadOnlyList<string> path, string name, bool deferred)
    {
        var relations = (schema as SchemaSnapshot)?.Relations ?? [];
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var found = path.Select(entry => In(entry, name)).FirstOrDefault(static keys => keys.Length > 0)
            ?? (dot < 0 ? [] : In(name[..dot], name[(dot + 1)..]));
        return found.Length == 0 ? throw new DialectException(SqlState.UndefinedObject, $"constraint \"{name}\" does not exist")
            : deferred && Array.Exists(found, static pair => !pair.Key.Deferrable)
                ? throw new DialectException(SqlState.WrongObjectType, $"constraint \"{name}\" is not deferrable")
            : Array.FindAll(found, static pair => pair.Key is { Type: ConstraintType.ForeignKey, Deferrable: true });

        TableKey[] In(string schemaName, string constraint) =>
        [
            .. relations.Where(table => table.Schema == schemaName).SelectMany(static table => table.Constraints, static (table, key) => new TableKey(table, key))
                .Where(pair => pair.Key.Name == constraint),
        ];
    }

    /// <summary>A query in SQLite's dialect that gives the DETAIL of PostgreSQL's error for one row that violates the key, or nothing.</summary>
    public static string Violation(ISchema schema, TableKey key, string user)
    {
        var query = Query(key.Table, schema.FindRelation(key.Key.ReferencedOid)!, key.Key);
        var context = new BindContext(schema, SchemaNames.DefaultPath, new ParameterTypes([])) { User = user, Text = query };
        return Lowerer.Lower(
            Binder.Bind((Statement)Parser.Parse(query)[0], query, context).Query, CatalogExpressions.Lowering(schema, query)).Steps[0].Sql;
    }

    /// <summary>The statement that raises an error if a row violates one of the keys.</summary>
    public static string Requirement(ISchema schema, TableKey key, string user)
    {
        var violation = Violation(schema, key, user);
        return $"DELETE FROM _rqlite_call WHERE CASE WHEN {Count} > 0 AND ({violation}) IS NOT NULL"
            + $" THEN pg_raise('{SqlState.ForeignKeyViolation}', {TableSql.Literal(key.Message)}, NULL, ({violation})) END";
    }

    /// <summary>The same query in PostgreSQL's dialect.</summary>
    internal static string Query(Relation table, Relation target, ConstraintInfo key)
    {
        string[] own = [.. key.Columns.Select(number => "own." + Identifiers.Quote(table.Attributes[number - 1].Name))];
        var names = string.Join(", ", key.Columns.Select(number => table.Attributes[number - 1].Name));
        var others = key.ReferencedColumns.Select(number => "other." + Identifiers.Quote(target.Attributes[number - 1].Name));
        var values = string.Join(" || ', ' || ", own.Select(column => $"{column}::text"));
        return $"SELECT {Writer.Literal($"Key ({names})=(")} || {values} || {Writer.Literal($") is not present in table \"{target.Name}\".")}"
            + $" FROM {NameOf(table)} own WHERE {string.Join(" AND ", own.Select(column => $"{column} IS NOT NULL"))}"
            + $" AND NOT EXISTS (SELECT FROM {NameOf(target)} other WHERE {string.Join(" AND ", own.Zip(others, (a, b) => $"{a} = {b}"))}) LIMIT 1";
    }

    private static string NameOf(Relation table) => Identifiers.Qualify(table.Schema, table.Name);
}
