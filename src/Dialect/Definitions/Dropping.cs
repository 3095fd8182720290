using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>DROP TABLE, VIEW, INDEX, SEQUENCE, SCHEMA, TYPE and DOMAIN.</summary>
internal sealed class Dropping(Definition definition)
{
    public Translation? Translate(DropStatement statement)
    {
        if (statement.Kind is not (ObjectKind.Table or ObjectKind.View or ObjectKind.Index or ObjectKind.Sequence or ObjectKind.Schema
            or ObjectKind.Type or ObjectKind.Domain) || definition.Schema is not SchemaSnapshot)
        {
            return null;
        }

        var tag = "DROP " + KindNames.Of(statement.Kind);
        var objects = new List<ObjectAddress>();
        foreach (var name in statement.Objects)
        {
            if (Find(statement, name) is { } address)
            {
                objects.Add(address);
            }
        }

        if (objects.Count > 0)
        {
            new DropSteps(definition, DropTargets.Find(definition, objects, statement.Behavior)).Write();
        }

        return definition.Build(tag);
    }

    private ObjectAddress? Find(DropStatement statement, ObjectName name) => statement.Kind switch
    {
        ObjectKind.Schema => FindSchema(name.Names[^1], statement.IfExists),
        ObjectKind.Type or ObjectKind.Domain => FindType(statement, name),
        _ => FindRelation(statement, name),
    };

    private ObjectAddress? FindSchema(string name, bool ifExists)
    {
        if (definition.Schema.FindSchema(name) is not { } schema)
        {
            return Missing(ifExists, SqlState.InvalidSchemaName, $"schema \"{name}\" does not exist");
        }

        return schema.Oid is SystemCatalog.PgCatalog or SystemCatalog.PgToast or SystemCatalog.InformationSchema
            ? throw Required($"schema {name}")
            : new ObjectAddress(ClassOids.PgNamespace, schema.Oid, 0);
    }

    private DialectException Required(string what) =>
        definition.Error(SqlState.DependentObjectsStillExist, $"cannot drop {what} because it is required by the database system");

    private ObjectAddress? FindRelation(DropStatement statement, ObjectName name)
    {
        var word = KindNames.Of(statement.Kind).ToLowerInvariant();
        if (name.Names.Count > 1 && definition.Schema.FindSchema(name.Names[^2]) is null)
        {
            return Missing(statement.IfExists, SqlState.InvalidSchemaName, $"schema \"{name.Names[^2]}\" does not exist");
        }

        if (definition.FindRelation(new QualifiedName(name.Location, name.Names)) is not { } relation)
        {
            return Missing(
                statement.IfExists, statement.Kind == ObjectKind.Index ? SqlState.UndefinedObject : SqlState.UndefinedTable, $"{word} \"{name.Names[^1]}\" does not exist");
        }

        var kind = relation.Kind == RelationKind.Catalog ? PgClass.KindOf(relation) == 'v' ? RelationKind.View : RelationKind.Table : relation.Kind;
        var wanted = statement.Kind switch
        {
            ObjectKind.View => RelationKind.View,
            ObjectKind.Index => RelationKind.Index,
            ObjectKind.Sequence => RelationKind.Sequence,
            _ => RelationKind.Table,
        };
        if (kind != wanted)
        {
            var own = kind.ToString();
            throw definition.Error(
                SqlState.WrongObjectType, $"\"{relation.Name}\" is not {(word == "index" ? "an" : "a")} {word}",
                hint: $"Use DROP {own.ToUpperInvariant()} to remove {(kind == RelationKind.Index ? "an" : "a")} {own.ToLowerInvariant()}.");
        }

        return relation.Kind != RelationKind.Catalog
            ? new ObjectAddress(ClassOids.PgClass, relation.Oid, 0)
            : throw definition.Error(SqlState.InsufficientPrivilege, $"permission denied: \"{relation.Name}\" is a system catalog");
    }

    private ObjectAddress? FindType(DropStatement statement, ObjectName name)
    {
        var type = name.Type ?? new TypeName(name.Location, name.Names, [], []);
        uint oid;
        try
        {
            oid = definition.Resolver.FindType(type);
        }
        catch (DialectException e) when (e.SqlState is SqlState.UndefinedObject or SqlState.InvalidSchemaName)
        {
            return Missing(statement.IfExists, e.SqlState, e.Message);
        }

        if (oid == 0)
        {
            return Missing(statement.IfExists, SqlState.UndefinedObject, $"type \"{string.Join('.', type.Names)}\" does not exist");
        }

        if (definition.Schema.FindType(oid) is not { } own || SystemCatalog.FindType(oid) is not null)
        {
            throw Required($"type {definition.Names.TypeName(oid)}");
        }

        return statement.Kind != ObjectKind.Domain || own.Kind == 'd'
            ? new ObjectAddress(ClassOids.PgType, oid, 0)
            : throw definition.Error(SqlState.WrongObjectType, $"\"{own.Name}\" is not a domain");
    }

    private ObjectAddress? Missing(bool ifExists, string sqlState, string message)
    {
        if (!ifExists)
        {
            throw definition.Error(sqlState, message);
        }

        definition.Notify("00000", message + ", skipping");
        return null;
    }
}
