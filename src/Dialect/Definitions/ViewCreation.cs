using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Catalog.Deparsing;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>CREATE VIEW.</summary>
internal sealed class ViewCreation(Definition definition)
{
    private const string Tag = "CREATE VIEW";

    public Translation Translate(CreateViewStatement statement)
    {
        RefuseOthers(statement);
        var query = Binder.Bind(Whole(statement), definition.Text, definition.Bind).Query;
        if (definition.Bind.Parameters.Count > 0)
        {
            throw definition.Error(SqlState.UndefinedParameter, "there is no parameter $1");
        }

        var columns = ColumnsOf(statement, query);
        var schema = definition.SchemaOf(statement.Name with { Location = Location.None });
        var name = statement.Name.Name;
        var former = statement.OrReplace ? definition.Schema.FindRelation(schema.Name, name) : null;
        if (former is null)
        {
            definition.RequireFree(schema, name, isType: true);
        }
        else
        {
            CheckReplacement(former, columns);
        }

        var sqlite = definition.SqliteName(schema, name);
        var sql = ViewSql.Of(definition, sqlite, columns.Select(column => column.Name), query, definition.Lowering);
        if (former is null)
        {
            definition.Step(sql);
        }
        else
        {
            // The view stays, and with it the triggers that HTTP has made for it.
            definition.Call("_rqlite_rewrite_definition", "'view'", TableSql.Literal(sqlite), TableSql.Literal(sql));
        }

        Write(schema, name, sqlite, former, columns, query);
        return definition.Build(Tag);
    }

    private void Write(SchemaInfo schema, string name, string sqlite, Relation? former, Attribute[] columns, BoundQuery query)
    {
        var metadata = definition.Metadata;
        var text = Deparser.View(query, definition.Schema, [.. columns.Select(column => column.Name)], definition.Names);
        MetadataOid view, rule;
        if (former is { Foreign: false })
        {
            // The view keeps its identity; its columns and what it refers to are written anew.
            (view, rule) = (former.Oid, former.Rule);
            metadata.ClearView(former);
        }
        else
        {
            (view, rule) = (metadata.Draw(), metadata.Draw());
            var array = metadata.Draw();
            metadata.AddRelation(view, schema.Oid, name, 'v', sqlite, metadata.Draw(), array);
        }

        foreach (var column in columns)
        {
            metadata.AddColumn(view, "", column, 0);
        }

        metadata.AddView(view, rule, text);
        Dependencies.AddQuery(definition, rule, query);
        if (former is { Foreign: false } && definition.Schema is SchemaSnapshot before)
        {
            definition.Advance(SnapshotChange.With(before, before.Relations.Select(relation =>
                relation.Oid == former.Oid ? relation with { Attributes = columns, Definition = text } : relation)));
            DependentViews.Refresh(definition, before, former.Oid);
        }
    }

    private Attribute[] ColumnsOf(CreateViewStatement statement, BoundQuery query)
    {
        TargetEntry[] targets = [.. query.Visible];
        if (statement.Columns.Count > targets.Length)
        {
            throw definition.Error(SqlState.SyntaxError, "CREATE VIEW specifies more column names than columns");
        }

        var columns = new Attribute[targets.Length];
        var names = new List<string>();
        for (var i = 0; i < columns.Length; i++)
        {
            var value = targets[i].Value;
            var name = i < statement.Columns.Count ? statement.Columns[i] : targets[i].Name ?? "?column?";
            definition.RequireFreeColumn(names, name, $"column \"{name}\" specified more than once");
            names.Add(name);

            if (PgTypes.Find(value.Type.Oid)?.Kind == 'p')
            {
                throw definition.Error(
                    SqlState.InvalidTableDefinition, $"column \"{name}\" has pseudo-type {definition.Names.TypeName(value.Type.Oid)}");
            }

            columns[i] = new Attribute((short)(i + 1), name, value.Type, value.Collation);
        }

        return columns.Length > 0 ? columns : throw definition.Error(SqlState.InvalidTableDefinition, "view must have at least one column");
    }

    private void CheckReplacement(Relation former, Attribute[] columns)
    {
        if (former.Kind != RelationKind.View)
        {
            throw definition.Error(SqlState.WrongObjectType, $"\"{former.Name}\" is not a view");
        }

        if (former.Attributes.Count > columns.Length)
        {
            throw definition.Error(SqlState.InvalidTableDefinition, "cannot drop columns from view");
        }

        for (var i = 0; i < former.Attributes.Count; i++)
        {
            var (old, now) = (former.Attributes[i], columns[i]);
            if (old.Name != now.Name)
            {
                throw definition.Error(
                    SqlState.InvalidTableDefinition, $"cannot change name of view column \"{old.Name}\" to \"{now.Name}\"",
                    hint: "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.");
            }

            if (old.Type != now.Type)
            {
                throw definition.Error(
                    SqlState.InvalidTableDefinition,
                    $"cannot change data type of view column \"{old.Name}\" from {definition.Names.TypeName(old.Type.Oid, old.Type.Modifier)}"
                    + $" to {definition.Names.TypeName(now.Type.Oid, now.Type.Modifier)}");
            }
        }
    }

    /// <summary>CREATE RECURSIVE VIEW v (a) AS query is a query over WITH RECURSIVE v (a) AS (query).</summary>
    private static Query Whole(CreateViewStatement statement)
    {
        if (!statement.Recursive)
        {
            return statement.Query;
        }

        var none = Location.None;
        var name = statement.Name.Name;
        return new SelectQuery(none, [.. statement.Columns.Select(column => new Target(none, new ColumnReference(none, [column])))])
        {
            From = [new RelationReference(none, new QualifiedName(none, [name]))],
            With = new With(none, true, [new CommonTable(none, name, statement.Columns, null, statement.Query)]),
        };
    }

    private void RefuseOthers(CreateViewStatement statement)
    {
        if (statement.Persistence == Persistence.Temporary)
        {
            throw definition.NotSupported("temporary views are");
        }

        if (statement.Persistence == Persistence.Unlogged)
        {
            throw definition.Error(SqlState.SyntaxError, "views cannot be unlogged because they do not have storage");
        }

        if (statement.Check != ViewCheck.None)
        {
            throw definition.NotSupported("WITH CHECK OPTION is");
        }

        if (statement.Options.Count > 0)
        {
            throw definition.NotSupported($"view option \"{statement.Options[0].Name}\" is");
        }

        if (statement.Query is SelectQuery { Into: not null })
        {
            throw definition.Error(SqlState.FeatureNotSupported, "views must not contain SELECT INTO");
        }
    }
}
