using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>Finds the relation that ALTER names.</summary>
internal static class AlteredRelation
{
    /// <summary>Null if it does not exist and IF EXISTS was said, of which the client is told.</summary>
    public static Relation? Find(Definition definition, ObjectKind kind, QualifiedName name, bool ifExists)
    {
        if (name.Parts.Count > 1 && definition.Schema.FindSchema(name.Parts[^2]) is null && !ifExists)
        {
            throw definition.Error(SqlState.InvalidSchemaName, $"schema \"{name.Parts[^2]}\" does not exist");
        }

        if (definition.FindRelation(name) is not { } relation)
        {
            var shown = string.Join('.', name.Parts);
            if (!ifExists)
            {
                throw definition.Error(SqlState.UndefinedTable, $"relation \"{shown}\" does not exist");
            }

            definition.Notify("00000", $"relation \"{name.Name}\" does not exist, skipping");
            return null;
        }

        if (relation.Kind == RelationKind.Catalog)
        {
            throw definition.Error(SqlState.InsufficientPrivilege, $"permission denied: \"{relation.Name}\" is a system catalog");
        }

        var wanted = kind switch
        {
            ObjectKind.View => RelationKind.View,
            ObjectKind.Index => RelationKind.Index,
            ObjectKind.Sequence => RelationKind.Sequence,
            _ => relation.Kind,
        };
        return relation.Kind == wanted ? relation : throw definition.Error(
            SqlState.WrongObjectType, $"\"{relation.Name}\" is not {(wanted == RelationKind.Index ? "an" : "a")} {wanted.ToString().ToLowerInvariant()}");
    }
}
