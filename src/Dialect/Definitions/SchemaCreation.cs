using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>CREATE SCHEMA.</summary>
internal sealed class SchemaCreation(Definition definition)
{
    private const string Tag = "CREATE SCHEMA";

    public Translation Translate(CreateSchemaStatement statement)
    {
        var owner = statement.Owner is { } role ? OwnerOf(role) : definition.User;
        var name = statement.Name ?? owner;
        if (name.StartsWith("pg_", StringComparison.Ordinal))
        {
            throw definition.Error(
                SqlState.ReservedName, $"unacceptable schema name \"{name}\"", detail: "The prefix \"pg_\" is reserved for system schemas.");
        }

        if (definition.Schema.FindSchema(name) is not null || name == "information_schema")
        {
            if (!statement.IfNotExists)
            {
                throw definition.Error(SqlState.DuplicateSchema, $"schema \"{name}\" already exists");
            }

            definition.Notify(SqlState.DuplicateSchema, $"schema \"{name}\" already exists, skipping");
            return definition.Build(Tag);
        }

        if (statement.Elements.Count > 0)
        {
            throw definition.NotSupported("CREATE SCHEMA with objects in it is");
        }

        if (name == "public")
        {
            definition.Metadata.AddSchema(Catalog.SystemCatalog.Public, name);
        }
        else
        {
            definition.Metadata.AddSchema(definition.Metadata.Draw(), name);
        }

        return definition.Build(Tag);
    }

    private string OwnerOf(RoleName role)
    {
        var name = role.Kind == RoleKind.Name ? role.Name! : definition.User;
        return role.Kind == RoleKind.Public ? throw definition.Error(SqlState.UndefinedObject, "role \"public\" does not exist")
            : name == definition.User ? name
            : definition.Names.FindRole(name) is null ? throw definition.Error(SqlState.UndefinedObject, $"role \"{name}\" does not exist")
            : throw definition.NotSupported("schemas of other roles are");
    }
}
