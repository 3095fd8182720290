using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>COMMENT ON.</summary>
internal sealed class Commenting(Definition definition)
{
    public Translation Translate(CommentStatement statement)
    {
        // An empty text is no comment.
        definition.Metadata.SetDescription(Find(statement), statement.Text is { Length: > 0 } text ? text : null);
        return definition.Build("COMMENT");
    }

    private ObjectAddress Find(CommentStatement statement) => statement.Kind switch
    {
        ObjectKind.Table => OfRelation(statement.Object, RelationKind.Table, "table"),
        ObjectKind.View => OfRelation(statement.Object, RelationKind.View, "view"),
        ObjectKind.Index => OfRelation(statement.Object, RelationKind.Index, "index"),
        ObjectKind.Sequence => OfRelation(statement.Object, RelationKind.Sequence, "sequence"),
        ObjectKind.Column => OfColumn(statement.Object),
        ObjectKind.Schema => OfSchema(statement.Object.Names[^1]),
        ObjectKind.Type or ObjectKind.Domain => OfType(statement),
        ObjectKind.TableConstraint => OfConstraint(statement.Object),
        ObjectKind.DomainConstraint => OfDomainConstraint(statement.Object),
        _ => throw definition.NotSupported($"COMMENT ON {KindNames.Of(statement.Kind)} is"),
    };

    private ObjectAddress OfRelation(ObjectName name, RelationKind kind, string word)
    {
        var relation = definition.RequireRelation(new QualifiedName(name.Location, name.Names));
        return relation.Kind == kind ? new ObjectAddress(ClassOids.PgClass, relation.Oid, 0)
            : relation.Kind == RelationKind.Catalog ? throw Protected(relation)
            : throw definition.Error(SqlState.WrongObjectType, $"\"{relation.Name}\" is not {(word == "index" ? "an" : "a")} {word}");
    }

    private DialectException Protected(Relation relation) =>
        definition.Error(SqlState.InsufficientPrivilege, $"permission denied: \"{relation.Name}\" is a system catalog");

    private ObjectAddress OfColumn(ObjectName name)
    {
        if (name.Names.Count < 2)
        {
            throw definition.Error(SqlState.SyntaxError, "column name must be qualified");
        }

        var relation = definition.RequireRelation(new QualifiedName(name.Location, [.. name.Names.Take(name.Names.Count - 1)]));
        if (relation.Kind == RelationKind.Catalog)
        {
            throw Protected(relation);
        }

        if (relation.Kind is not (RelationKind.Table or RelationKind.View))
        {
            throw definition.Error(
                SqlState.WrongObjectType, $"cannot set comment on relation \"{relation.Name}\"",
                detail: $"This operation is not supported for {(relation.Kind == RelationKind.Index ? "indexes" : "sequences")}.");
        }

        var column = relation.Attributes.FirstOrDefault(attribute => attribute.Name == name.Names[^1] && !attribute.Dropped)
            ?? throw definition.Error(SqlState.UndefinedColumn, $"column \"{name.Names[^1]}\" of relation \"{relation.Name}\" does not exist");
        return new ObjectAddress(ClassOids.PgClass, relation.Oid, column.Number);
    }

    private ObjectAddress OfSchema(string name) => new(
        ClassOids.PgNamespace,
        (definition.Schema.FindSchema(name) ?? throw definition.Error(SqlState.InvalidSchemaName, $"schema \"{name}\" does not exist")).Oid, 0);

    private ObjectAddress OfType(CommentStatement statement)
    {
        var oid = definition.Resolver.FindType(statement.Object.Type ?? new TypeName(statement.Object.Location, statement.Object.Names, [], []));
        if (definition.Schema.FindType(oid) is not { } type || type.SchemaOid is SystemCatalog.PgCatalog or SystemCatalog.InformationSchema)
        {
            throw definition.NotSupported("comments on built-in types are");
        }

        return statement.Kind != ObjectKind.Domain || type.Kind == 'd'
            ? new ObjectAddress(ClassOids.PgType, oid, 0)
            : throw definition.Error(SqlState.WrongObjectType, $"\"{type.Name}\" is not a domain");
    }

    private ObjectAddress OfConstraint(ObjectName name)
    {
        var relation = definition.RequireRelation(new QualifiedName(name.Location, name.On!));
        var constraint = relation.Constraints.FirstOrDefault(c => c.Name == name.Names[^1]) ?? throw definition.Error(
            SqlState.UndefinedObject, $"constraint \"{name.Names[^1]}\" for table \"{relation.Name}\" does not exist");
        return new ObjectAddress(ClassOids.PgConstraint, constraint.Oid, 0);
    }

    private ObjectAddress OfDomainConstraint(ObjectName name)
    {
        var oid = definition.Resolver.FindType(new TypeName(name.Location, name.On ?? name.Type!.Names, [], []));
        var constraint = definition.Schema.FindType(oid)?.Constraints.FirstOrDefault(c => c.Name == name.Names[^1]) ?? throw definition.Error(
            SqlState.UndefinedObject, $"constraint \"{name.Names[^1]}\" for domain {definition.Names.TypeName(oid)} does not exist");
        return new ObjectAddress(ClassOids.PgConstraint, constraint.Oid, 0);
    }
}
