using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>ALTER … RENAME and ALTER … SET SCHEMA.</summary>
internal sealed partial class Renaming(Definition definition)
{
    private readonly SchemaSnapshot _before = (SchemaSnapshot)definition.Schema;
    private readonly HashSet<ObjectAddress> _changed = [];

    public Translation Translate(RenameStatement statement)
    {
        var kind = statement.Kind is ObjectKind.Column or ObjectKind.TableConstraint ? statement.RelationKind
            : statement.Kind == ObjectKind.DomainConstraint ? ObjectKind.Domain
            : statement.Kind;
        var tag = "ALTER " + KindNames.Of(kind);
        switch (statement.Kind)
        {
            case ObjectKind.Table or ObjectKind.View or ObjectKind.Index or ObjectKind.Sequence:
                RenameRelation(statement);
                break;
            case ObjectKind.Column when statement.RelationKind is ObjectKind.Table or ObjectKind.View:
                RenameColumn(statement);
                break;
            case ObjectKind.TableConstraint:
                RenameConstraint(statement);
                break;
            case ObjectKind.Type or ObjectKind.Domain:
                RenameType(statement);
                break;
            case ObjectKind.DomainConstraint:
                RenameDomainConstraint(statement);
                break;
            case ObjectKind.Schema:
                RenameSchema(statement);
                break;
            default:
                throw definition.NotSupported($"{tag} RENAME is");
        }

        return definition.Build(tag);
    }

    private void Write(SchemaSnapshot after) => new SchemaRewriting(definition, _before, after).Write(_changed);

    private Relation? Find(ObjectKind kind, NodeList<string> name, bool ifExists) => AlteredRelation.Find(
        definition, kind == ObjectKind.Index ? ObjectKind.Table : kind, new QualifiedName(Location.None, name), ifExists);

    private void RenameRelation(RenameStatement statement)
    {
        if (Find(statement.Kind, statement.Object.Names, statement.IfExists) is not { } relation)
        {
            return;
        }

        var schema = _before.FindSchema(relation.Schema)!;
        if (relation.Kind == RelationKind.Index)
        {
            RenameIndex(relation, statement.NewName, schema);
            return;
        }

        definition.RequireFree(schema, statement.NewName, isType: false, relation.Oid);
        RequireFreeType(relation, schema, statement.NewName);
        Write(Move(_before, relation, schema, statement.NewName));
    }

    private void RequireFreeType(Relation relation, SchemaInfo schema, string name)
    {
        if (relation.RowType != 0 && _before.FindType(schema.Name, name) is not null)
        {
            throw definition.Error(SqlState.DuplicateObject, $"type \"{name}\" already exists");
        }
    }

    /// <summary>The schema with a relation at another place, and with it what goes along.</summary>
    private SchemaSnapshot Move(SchemaSnapshot snapshot, Relation relation, SchemaInfo schema, string name)
    {
        _changed.Add(new ObjectAddress(ClassOids.PgClass, relation.Oid, 0));
        var sqliteName = definition.SqliteName(schema, name);
        var moved = relation with
        {
            Name = name,
            SchemaOid = schema.Oid,
            Schema = schema.Name,
            SqliteName = sqliteName,
            Indexes = [.. relation.Indexes.Select(index => index.SqliteName.Length == 0 ? index : index with { SqliteName = definition.SqliteName(schema, index.Name) })],
        };
        var relations = snapshot.Relations.Where(other => other.Oid != relation.Oid && other.IndexedTable != relation.Oid).Select(other =>
            relation.Kind != RelationKind.Sequence || other.Attributes.All(column => column.OwnedSequence != relation.SqliteName) ? other : other with
            {
                Attributes = [.. other.Attributes.Select(column =>
                    column.OwnedSequence == relation.SqliteName ? column with { OwnedSequence = sqliteName } : column)],
            });
        if (relation.Kind == RelationKind.Sequence
            && snapshot.Relations.FirstOrDefault(other => other.Attributes.Any(column => column.OwnedSequence == relation.SqliteName)) is { } owner)
        {
            _changed.Add(new ObjectAddress(ClassOids.PgClass, owner.Oid, 0));
        }

        var types = snapshot.Types.Select(type =>
            type.Oid == relation.RowType && relation.RowType != 0 ? type with { Name = name, SchemaOid = schema.Oid, Schema = schema.Name }
            : type.ElementOid == relation.RowType && relation.RowType != 0 ? type with { Name = "_" + name, SchemaOid = schema.Oid, Schema = schema.Name }
            : type);
        return SnapshotChange.With(
            snapshot,
            relations.Append(moved).Concat(moved.Indexes.Select(index => SnapshotChange.IndexRelation(moved, index))).OrderBy(other => other.Oid), types);
    }

    private void RenameIndex(Relation relation, string name, SchemaInfo schema)
    {
        definition.RequireFree(schema, name, isType: false, relation.Oid);
        var table = _before.FindRelation(relation.IndexedTable)!;
        Write(SnapshotChange.WithTable(_before, WithIndexName(table, relation.Oid, name, schema)));
    }

    /// <summary>The table with another name of an index, and of the constraint that it belongs to.</summary>
    private Relation WithIndexName(Relation table, uint oid, string name, SchemaInfo schema)
    {
        _changed.Add(new ObjectAddress(ClassOids.PgClass, table.Oid, 0));
        return table with
        {
            Indexes = [.. table.Indexes.Select(index => index.Oid != oid ? index : index with
            {
                Name = name,
                SqliteName = index.SqliteName.Length == 0 ? "" : definition.SqliteName(schema, name),
            })],
            Constraints = [.. table.Constraints.Select(constraint =>
                constraint.IndexOid == oid && constraint.Type != ConstraintType.ForeignKey ? constraint with { Name = name } : constraint)],
        };
    }

    private void RenameColumn(RenameStatement statement)
    {
        if (Find(statement.RelationKind, statement.Object.On!, statement.IfExists) is not { } relation)
        {
            return;
        }

        var (name, other) = (statement.Object.Names[0], statement.NewName);
        if (relation.Kind is not (RelationKind.Table or RelationKind.View))
        {
            throw definition.Error(
                SqlState.WrongObjectType, $"cannot rename columns of relation \"{relation.Name}\"",
                detail: $"This operation is not supported for {(relation.Kind == RelationKind.Index ? "indexes" : "sequences")}.");
        }

        if (SystemColumns.Is(name))
        {
            throw definition.Error(SqlState.FeatureNotSupported, $"cannot rename system column \"{name}\"");
        }

        var column = relation.Attributes.FirstOrDefault(attribute => attribute.Name == name && !attribute.Dropped)
            ?? throw definition.Error(SqlState.UndefinedColumn, $"column \"{name}\" does not exist");
        if (SystemColumns.Is(other))
        {
            throw definition.Error(SqlState.DuplicateColumn, $"column name \"{other}\" conflicts with a system column name");
        }

        definition.RequireFreeColumn(
            relation.Attributes.Where(attribute => !attribute.Dropped && (attribute.Number != column.Number || attribute.Name == other))
                .Select(attribute => attribute.Name),
            other, $"column \"{other}\" of relation \"{relation.Name}\" already exists");

        _changed.Add(new ObjectAddress(ClassOids.PgClass, relation.Oid, column.Number));
        var renamed = relation with
        {
            Attributes = [.. relation.Attributes.Select(attribute => attribute.Number == column.Number ? attribute with { Name = other } : attribute)],
            Indexes = [.. relation.Indexes.Select(index => index with
            {
                Attributes = [.. index.Attributes.Select((key, place) => index.Columns[place] == column.Number ? key with { Name = other } : key)],
            })],
        };
        Write(SnapshotChange.WithTable(_before, renamed));
    }

    private void RenameConstraint(RenameStatement statement)
    {
        if (Find(statement.RelationKind, statement.Object.On!, statement.IfExists) is not { } table)
        {
            return;
        }

        var (name, other) = (statement.Object.Names[0], statement.NewName);
        var constraint = table.Constraints.FirstOrDefault(c => c.Name == name)
            ?? throw definition.Error(SqlState.UndefinedObject, $"constraint \"{name}\" for table \"{table.Name}\" does not exist");
        var schema = _before.FindSchema(table.Schema)!;
        if (constraint.Type is ConstraintType.PrimaryKey or ConstraintType.Unique)
        {
            definition.RequireFree(schema, other, isType: false, constraint.IndexOid);
            Write(SnapshotChange.WithTable(_before, WithIndexName(table, constraint.IndexOid, other, schema)));
            return;
        }

        if (table.Constraints.Any(c => c.Name == other))
        {
            throw definition.Error(SqlState.DuplicateObject, $"constraint \"{other}\" for relation \"{table.Name}\" already exists");
        }

        _changed.Add(new ObjectAddress(ClassOids.PgClass, table.Oid, 0));
        Write(SnapshotChange.WithTable(_before, table with
        {
            Constraints = [.. table.Constraints.Select(c => c.Oid == constraint.Oid ? c with { Name = other } : c)],
        }));
    }
}
