using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Catalog.Deparsing;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>CREATE INDEX.</summary>
internal sealed class IndexCreation(Definition definition)
{
    private const string Tag = "CREATE INDEX";
    private const int KeysMax = 32;

    public Translation Translate(CreateIndexStatement statement)
    {
        var table = definition.RequireRelation(statement.Table.Name);
        RefuseOthers(statement, table);
        var schema = definition.Schema.FindSchema(table.Schema)!;
        if (statement.Name is { } given && statement.IfNotExists && definition.IsTaken(schema, given))
        {
            definition.Notify(SqlState.DuplicateTable, $"relation \"{given}\" already exists, skipping");
            return definition.Build(Tag);
        }

        var keys = new IndexKeys(definition, table);
        foreach (var element in statement.Elements)
        {
            keys.Add(element);
        }

        short[] include = [.. statement.Include.Select(element => element.Column is { } column
            ? keys.NumberOf(column)
            : throw definition.Error(SqlState.FeatureNotSupported, "expressions are not supported in included columns"))];
        var name = statement.Name ?? ObjectNames.Choose(
            table.Name, ObjectNames.JoinColumns(keys.Names.Concat(include.Select(number => table.Attributes[number - 1].Name))), "idx",
            candidate => definition.IsTaken(schema, candidate));
        definition.RequireFree(schema, name, isType: false);
        Write(statement, table, keys, keys.ToIndex(name, statement.Unique, definition.SqliteName(schema, name), include, null));
        return definition.Build(Tag);
    }

    private void Write(CreateIndexStatement statement, Relation table, IndexKeys keys, IndexInfo index)
    {
        BoundExpression? condition = null;
        if (statement.Where is { } where)
        {
            condition = ExpressionBinder.BindStandalone(where, table, ExpressionKind.IndexPredicate, definition.Bind);
            index = index with { Predicate = Deparser.Expression(condition, definition.Schema, table, definition.Names) };
        }

        definition.Step(IndexSql.Of(table, index, definition.Schema));
        if (table.Foreign)
        {
            // The index of a table that HTTP made is read from SQLite, as the table is.
            return;
        }

        var metadata = definition.Metadata;
        var oid = metadata.Draw();
        metadata.AddIndex(oid, table.Oid, index);
        foreach (var (place, value) in keys.Expressions)
        {
            metadata.AddColumn(oid, "", index.Attributes[place - 1], 0);
            Dependencies.Add(definition, ClassOids.PgClass, oid, value, table.Oid, ownColumns: true, 'a');
        }

        Dependencies.Add(definition, ClassOids.PgClass, oid, condition, table.Oid, ownColumns: true, 'a');
    }

    private void RefuseOthers(CreateIndexStatement statement, Relation table)
    {
        if (table.Kind == RelationKind.Catalog)
        {
            throw definition.Error(SqlState.InsufficientPrivilege, $"permission denied: \"{table.Name}\" is a system catalog");
        }

        if (table.Kind != RelationKind.Table)
        {
            throw definition.Error(
                SqlState.WrongObjectType, $"cannot create index on relation \"{table.Name}\"",
                detail: $"This operation is not supported for {(table.Kind switch { RelationKind.View => "views", RelationKind.Sequence => "sequences", _ => "indexes" })}.");
        }

        if (statement.AccessMethod is not (null or "btree"))
        {
            throw statement.AccessMethod is "hash" or "gist" or "gin" or "spgist" or "brin"
                ? definition.NotSupported($"indexes of access method \"{statement.AccessMethod}\" are")
                : definition.Error(SqlState.UndefinedObject, $"access method \"{statement.AccessMethod}\" does not exist");
        }

        if (statement.NullsNotDistinct)
        {
            throw definition.NotSupported("NULLS NOT DISTINCT is");
        }

        if (statement.Elements.Count + statement.Include.Count > KeysMax)
        {
            throw definition.Error(SqlState.TooManyColumns, $"cannot use more than {KeysMax} columns in an index");
        }

        StorageParameters.Check(definition, statement.Options, "index");
        StorageParameters.CheckTablespace(definition, statement.Tablespace);
    }
}
