using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>ALTER TYPE, DOMAIN and SCHEMA with OWNER TO.</summary>
internal sealed class Owning(Definition definition)
{
    public Translation Translate(AlterOwnerStatement statement)
    {
        var tag = "ALTER " + KindNames.Of(statement.Kind);
        switch (statement.Kind)
        {
            case ObjectKind.Type or ObjectKind.Domain:
                NamedType.Require(definition, statement.Kind, statement.Object);
                break;
            case ObjectKind.Schema:
                NamedSchema.Require(definition, statement.Object.Names[^1]);
                break;
            default:
                throw definition.NotSupported($"{tag} OWNER TO is");
        }

        Owners.Require(definition, statement.Owner, statement.Kind == ObjectKind.Schema ? "schemas" : "types");
        return definition.Build(tag);
    }
}

internal static class NamedSchema
{
    /// <exception cref="DialectException">3F000; 42501 for one of the system's.</exception>
    public static SchemaInfo Require(Definition definition, string name)
    {
        var schema = definition.Schema.FindSchema(name) ?? throw definition.Error(SqlState.InvalidSchemaName, $"schema \"{name}\" does not exist");
        return schema.Oid is not (SystemCatalog.PgCatalog or SystemCatalog.PgToast or SystemCatalog.InformationSchema)
            ? schema
            : throw definition.NotSupported($"changing schema \"{name}\" is");
    }
}

internal static class NamedType
{
    /// <exception cref="DialectException">42704; 42809 for a domain that is none; 42501 for a built-in type.</exception>
    public static TypeInfo Require(Definition definition, ObjectKind kind, ObjectName name)
    {
        var written = name.Type ?? new TypeName(name.Location, name.Names, [], []);
        var oid = definition.Resolver.FindType(written);
        if (oid == 0)
        {
            throw definition.Error(SqlState.UndefinedObject, $"type \"{string.Join('.', written.Names)}\" does not exist");
        }

        if (definition.Schema.FindType(oid) is not { } type || SystemCatalog.FindType(oid) is not null)
        {
            throw kind == ObjectKind.Domain
                ? definition.Error(SqlState.WrongObjectType, $"{definition.Names.TypeName(oid)} is not a domain")
                : definition.NotSupported($"changing type {definition.Names.TypeName(oid)} is");
        }

        if (kind == ObjectKind.Domain && type.Kind != 'd')
        {
            throw definition.Error(SqlState.WrongObjectType, $"{definition.Names.TypeName(oid)} is not a domain");
        }

        return type;
    }
}
