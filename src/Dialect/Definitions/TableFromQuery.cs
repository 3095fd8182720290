using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>CREATE TABLE AS and SELECT INTO: the table is made with the query's types, then filled.</summary>
internal sealed class TableFromQuery(Definition definition)
{
    public Translation Translate(CreateTableAsStatement statement)
    {
        if (statement.MaterializedView)
        {
            throw definition.NotSupported("materialized views are");
        }

        if (statement.Source is not Query source)
        {
            throw definition.NotSupported("CREATE TABLE AS EXECUTE is");
        }

        if (statement.Persistence == Persistence.Temporary)
        {
            throw definition.NotSupported("temporary tables are");
        }

        if (statement.OnCommit != OnCommit.Default)
        {
            throw definition.Error(SqlState.InvalidTableDefinition, "ON COMMIT can only be used on temporary tables");
        }

        StorageParameters.Check(definition, statement.Options, "table");
        StorageParameters.CheckTablespace(definition, statement.Tablespace);
        var bound = Binder.Bind(source, definition.Text, definition.Bind);
        return Create(statement.Name, statement.Persistence, statement.IfNotExists, statement.Columns, bound, !statement.WithNoData);
    }

    /// <summary>SELECT INTO.</summary>
    public Translation Translate(BoundStatement bound, IntoClause into)
    {
        if (into.Persistence == Persistence.Temporary)
        {
            throw definition.NotSupported("temporary tables are");
        }

        return Create(into.Name, into.Persistence, false, [], bound with { Query = bound.Query with { Into = null } }, fill: true);
    }

    private Translation Create(
        QualifiedName name, Persistence persistence, bool ifNotExists, NodeList<string> names, BoundStatement bound, bool fill)
    {
        var schema = definition.SchemaOf(name);
        if (ifNotExists && definition.IsTaken(schema, name.Name))
        {
            definition.Notify(SqlState.DuplicateTable, $"relation \"{name.Name}\" already exists, skipping");
            return definition.Build("CREATE TABLE AS");
        }

        definition.RequireFree(schema, name.Name, isType: true);
        var plan = new TablePlan(schema, name.Name, definition.SqliteName(schema, name.Name))
        {
            Persistence = persistence == Persistence.Unlogged ? 'u' : 'p',
        };
        AddColumns(plan, names, [.. bound.Query.Visible]);
        new TableCreation(definition).Write(plan);
        if (!fill)
        {
            return definition.Build("CREATE TABLE AS", parameters: bound.Parameters);
        }

        var lowered = Lowerer.Lower(bound.Query, definition.Lowering);
        if (lowered.Steps is not [var select])
        {
            throw definition.NotSupported("this query in CREATE TABLE AS is");
        }

        var columns = string.Join(", ", plan.Columns.Select(column => TableSql.Quote(column.Attribute.Name)));
        var answer = definition.StepCount;
        definition.Step(select with { Sql = $"INSERT INTO {TableSql.Quote(plan.SqliteName)} ({columns}) {select.Sql}" });
        return definition.Build("SELECT", answer, bound.Parameters) with { AsksSession = lowered.AsksSession };
    }

    private void AddColumns(TablePlan plan, NodeList<string> names, TargetEntry[] targets)
    {
        if (names.Count > targets.Length)
        {
            throw definition.Error(SqlState.SyntaxError, "too many column names were specified");
        }

        if (targets.Length == 0)
        {
            throw definition.NotSupported("tables without columns are");
        }

        for (var i = 0; i < targets.Length; i++)
        {
            var value = targets[i].Value;
            var name = i < names.Count ? names[i] : targets[i].Name ?? "?column?";
            definition.RequireFreeColumn(plan.Columns.Select(column => column.Attribute.Name), name, $"column \"{name}\" specified more than once");

            if (PgTypes.Find(value.Type.Oid) is { } type && StoredForms.IsRefused(type))
            {
                throw definition.Error(
                    SqlState.InvalidTableDefinition, $"column \"{name}\" has pseudo-type {definition.Names.TypeName(value.Type.Oid)}");
            }

            plan.Columns.Add(new ColumnPlan(new Attribute((short)(i + 1), name, value.Type, value.Collation)
            {
                Dimensions = (short)(StoredTypes.ElementOf(value.Type, definition.Schema) != 0 ? 1 : 0),
            }));
        }
    }
}
