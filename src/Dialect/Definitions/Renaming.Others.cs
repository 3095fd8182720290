using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <content>Types and schemas, and SET SCHEMA.</content>
internal sealed partial class Renaming
{
    public Translation Translate(AlterSchemaStatement statement)
    {
        var tag = "ALTER " + KindNames.Of(statement.Kind);
        switch (statement.Kind)
        {
            case ObjectKind.Table or ObjectKind.View or ObjectKind.Sequence:
                SetSchemaOfRelation(statement);
                break;
            case ObjectKind.Type or ObjectKind.Domain:
                SetSchemaOfType(statement);
                break;
            default:
                throw definition.NotSupported($"{tag} SET SCHEMA is");
        }

        return definition.Build(tag);
    }

    private void SetSchemaOfRelation(AlterSchemaStatement statement)
    {
        if (Find(statement.Kind, statement.Object.Names, statement.IfExists) is not { } relation)
        {
            return;
        }

        if (relation.Kind == RelationKind.Index)
        {
            throw definition.Error(
                SqlState.WrongObjectType, $"cannot change schema of index \"{relation.Name}\"", hint: "Change the schema of the table instead.");
        }

        var owner = relation.Kind != RelationKind.Sequence ? null
            : _before.Relations.FirstOrDefault(other => other.Attributes.Any(column => column.OwnedSequence == relation.SqliteName));
        if (owner is not null)
        {
            throw definition.Error(
                SqlState.FeatureNotSupported, "cannot move an owned sequence into another schema",
                detail: $"Sequence \"{relation.Name}\" is linked to table \"{owner.Name}\".");
        }

        var schema = NamedSchema.Require(definition, statement.Schema);
        if (schema.Oid == relation.SchemaOid)
        {
            return;
        }

        var after = _before;
        var sequences = relation.Attributes.Select(column => column.OwnedSequence).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var moved in _before.Relations.Where(other => other.Kind == RelationKind.Sequence && sequences.Contains(other.SqliteName)).Prepend(relation))
        {
            RequireFree(schema, moved.Name, moved.Oid);
            after = Move(after, after.FindRelation(moved.Oid)!, schema, moved.Name);
        }

        foreach (var index in relation.Indexes)
        {
            RequireFree(schema, index.Name, index.Oid);
        }

        Write(after);
    }

    private void RequireFree(SchemaInfo schema, string name, uint moved)
    {
        if (definition.IsTaken(schema, name))
        {
            throw definition.Error(SqlState.DuplicateTable, $"relation \"{name}\" already exists in schema \"{schema.Name}\"");
        }

        definition.RequireDistinct(schema, name, moved);
    }

    private void RenameType(RenameStatement statement)
    {
        var type = NamedType.Require(definition, statement.Kind, statement.Object);
        RequireOwnType(type);
        var schema = _before.FindSchema(type.Schema)!;
        if (_before.FindType(schema.Name, statement.NewName) is not null)
        {
            throw definition.Error(SqlState.DuplicateObject, $"type \"{statement.NewName}\" already exists");
        }

        MoveType(type, schema, statement.NewName);
    }

    private void RequireOwnType(TypeInfo type)
    {
        if (type.RelationOid != 0)
        {
            throw definition.Error(
                SqlState.WrongObjectType, $"{definition.Names.TypeName(type.Oid)} is a table's row type", hint: "Use ALTER TABLE instead.");
        }

        if (type.ElementOid != 0)
        {
            throw definition.Error(
                SqlState.WrongObjectType, $"cannot alter array type {definition.Names.TypeName(type.Oid)}",
                hint: $"You can alter type {definition.Names.TypeName(type.ElementOid)}, which will alter the array type as well.");
        }
    }

    private void SetSchemaOfType(AlterSchemaStatement statement)
    {
        var type = NamedType.Require(definition, statement.Kind, statement.Object);
        RequireOwnType(type);
        var schema = NamedSchema.Require(definition, statement.Schema);
        if (schema.Oid == type.SchemaOid)
        {
            return;
        }

        if (_before.FindType(schema.Name, type.Name) is not null)
        {
            throw definition.Error(SqlState.DuplicateObject, $"type \"{type.Name}\" already exists in schema \"{schema.Name}\"");
        }

        MoveType(type, schema, type.Name);
    }

    private void MoveType(TypeInfo type, SchemaInfo schema, string name)
    {
        _changed.Add(new ObjectAddress(ClassOids.PgType, type.Oid, 0));
        if (type.ArrayOid != 0)
        {
            _changed.Add(new ObjectAddress(ClassOids.PgType, type.ArrayOid, 0));
        }

        definition.Metadata.MoveType(type.Oid, schema.Oid, name);
        Write(SnapshotChange.With(_before, types: _before.Types.Select(other =>
            other.Oid == type.Oid ? other with { Name = name, SchemaOid = schema.Oid, Schema = schema.Name }
            : other.ElementOid == type.Oid ? other with { Name = "_" + name, SchemaOid = schema.Oid, Schema = schema.Name }
            : other)));
    }

    private void RenameDomainConstraint(RenameStatement statement)
    {
        var domain = NamedType.Require(definition, ObjectKind.Domain, statement.Object with { Names = statement.Object.On!, On = null });
        var constraint = domain.Constraints.FirstOrDefault(c => c.Name == statement.Object.Names[0]) ?? throw definition.Error(
            SqlState.UndefinedObject, $"constraint \"{statement.Object.Names[0]}\" for domain {definition.Names.TypeName(domain.Oid)} does not exist");
        if (domain.Constraints.Any(c => c.Name == statement.NewName))
        {
            throw definition.Error(
                SqlState.DuplicateObject, $"constraint \"{statement.NewName}\" for domain {definition.Names.TypeName(domain.Oid)} already exists");
        }

        definition.Metadata.SetConstraint(constraint.Oid, statement.NewName, constraint.Expression);
        RefreshUsers(domain);
    }

    /// <summary>Tables and views hold the domain's checks with their names in SQLite's text.</summary>
    private void RefreshUsers(TypeInfo domain)
    {
        _changed.Add(new ObjectAddress(ClassOids.PgType, domain.Oid, 0));
        Write(_before);
    }

    private void RenameSchema(RenameStatement statement)
    {
        var schema = NamedSchema.Require(definition, statement.Object.Names[^1]);
        var name = statement.NewName;
        if (_before.FindSchema(name) is not null)
        {
            throw definition.Error(SqlState.DuplicateSchema, $"schema \"{name}\" already exists");
        }

        if (name.StartsWith("pg_", StringComparison.Ordinal))
        {
            throw definition.Error(
                SqlState.ReservedName, $"unacceptable schema name \"{name}\"", detail: "The prefix \"pg_\" is reserved for system schemas.");
        }

        if (schema.Oid == SystemCatalog.Public)
        {
            // Tables of HTTP lie there.
            throw definition.NotSupported("renaming schema \"public\" is");
        }

        definition.Metadata.RenameSchema(schema.Oid, name);
        var renamed = schema with { Name = name };
        var after = SnapshotChange.With(_before, schemas: _before.Schemas.Select(other => other.Oid == schema.Oid ? renamed : other), types:
            _before.Types.Select(type => type.SchemaOid == schema.Oid ? type with { Schema = name } : type));
        foreach (var relation in _before.Relations.Where(relation => relation.SchemaOid == schema.Oid && relation.Kind != RelationKind.Index))
        {
            definition.RequireDistinct(renamed, relation.Name, relation.Oid);
            foreach (var index in relation.Indexes)
            {
                definition.RequireDistinct(renamed, index.Name, index.Oid);
            }

            after = Move(after, after.FindRelation(relation.Oid)!, renamed, relation.Name);
        }

        foreach (var type in _before.Types.Where(type => type.SchemaOid == schema.Oid))
        {
            _changed.Add(new ObjectAddress(ClassOids.PgType, type.Oid, 0));
        }

        Write(after);
    }
}
