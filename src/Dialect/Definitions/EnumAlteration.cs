using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>ALTER TYPE … ADD VALUE and RENAME VALUE.</summary>
internal sealed class EnumAlteration(Definition definition)
{
    private const string Tag = "ALTER TYPE";

    public Translation Translate(AlterEnumStatement statement)
    {
        var type = NamedType.Require(definition, ObjectKind.Type, new ObjectName(statement.Name.Location, statement.Name.Parts));
        if (type.Kind != 'e')
        {
            throw definition.Error(SqlState.WrongObjectType, $"{definition.Names.TypeName(type.Oid)} is not an enum");
        }

        if (ObjectNames.Clip(statement.Label, ObjectNames.BytesMax) != statement.Label)
        {
            throw definition.Error(
                SqlState.InvalidName, $"invalid enum label \"{statement.Label}\"", detail: $"Labels must be {ObjectNames.BytesMax} bytes or less.");
        }

        if (statement.Renamed is { } former)
        {
            Rename(type, former, statement.Label);
        }
        else
        {
            Add(type, statement);
        }

        return definition.Build(Tag);
    }

    private void Add(TypeInfo type, AlterEnumStatement statement)
    {
        if (type.Labels.Any(label => label.Label == statement.Label))
        {
            if (!statement.IfNotExists)
            {
                throw definition.Error(SqlState.DuplicateObject, $"enum label \"{statement.Label}\" already exists");
            }

            definition.Notify(SqlState.DuplicateObject, $"enum label \"{statement.Label}\" already exists, skipping");
            return;
        }

        definition.Metadata.AddLabel(definition.Metadata.Draw(), type.Oid, PlaceOf(type, statement), statement.Label);
    }

    private float PlaceOf(TypeInfo type, AlterEnumStatement statement)
    {
        if (statement.Neighbor is not { } neighbor)
        {
            return type.Labels.Count == 0 ? 1 : type.Labels[^1].Order + 1;
        }

        var place = type.Labels.ToList().FindIndex(label => label.Label == neighbor);
        if (place < 0)
        {
            throw definition.Error(SqlState.InvalidParameterValue, $"\"{neighbor}\" is not an existing enum label");
        }

        var near = type.Labels[place].Order;
        var otherPlace = statement.After ? place + 1 : place - 1;
        if (otherPlace < 0 || otherPlace >= type.Labels.Count)
        {
            return statement.After ? near + 1 : near - 1;
        }

        var between = (near + type.Labels[otherPlace].Order) / 2;
        return between != near && between != type.Labels[otherPlace].Order
            ? between
            : throw definition.NotSupported("more labels at this place of the enum are");
    }

    private void Rename(TypeInfo type, string former, string label)
    {
        var known = type.Labels.FirstOrDefault(l => l.Label == former)
            ?? throw definition.Error(SqlState.InvalidParameterValue, $"\"{former}\" is not an existing enum label");
        if (type.Labels.Any(l => l.Label == label))
        {
            throw definition.Error(SqlState.DuplicateObject, $"enum label \"{label}\" already exists");
        }

        var before = (SchemaSnapshot)definition.Schema;
        definition.Metadata.SetLabel(known.Oid, label);
        var after = SnapshotChange.With(before, types: before.Types.Select(other => other.Oid != type.Oid ? other : other with
        {
            Labels = [.. other.Labels.Select(l => l.Oid == known.Oid ? l with { Label = label } : l)],
        }));
        new SchemaRewriting(definition, before, after).Write(new HashSet<ObjectAddress>
        {
            new(ClassOids.PgType, type.Oid, 0), new(ClassOids.PgType, type.ArrayOid, 0),
        });

        // After the expressions of generated columns know the new label.
        RewriteRows(before, type, former, label);
    }

    /// <summary>Rows hold the labels themselves.</summary>
    private void RewriteRows(SchemaSnapshot before, TypeInfo type, string former, string label)
    {
        foreach (var table in before.Relations.Where(relation => relation.Kind == RelationKind.Table))
        {
            foreach (var column in table.Attributes.Where(column => !column.Dropped))
            {
                if (StoredTypes.ElementOf(column.Type, before) is var element and not 0
                    && StoredTypes.Base(new PgType(element), before).Oid == type.Oid)
                {
                    throw definition.NotSupported("renaming a value of an enum of which there are columns of arrays is");
                }

                if (StoredTypes.Base(column.Type, before).Oid != type.Oid)
                {
                    continue;
                }

                if (column.Generated || table.Indexes.Any(index => index.Predicate is not null || index.Expressions.Count > 0) || table.Constraints.Any(c => c.Type == ConstraintType.Check && c.Columns.Contains(column.Number))
                    || table.Constraints.Any(c => c.Type == ConstraintType.ForeignKey && c.Columns.Contains(column.Number))
                    || before.Relations.Any(other => other.Constraints.Any(c => c.ReferencedOid == table.Oid && c.ReferencedColumns.Contains(column.Number))))
                {
                    throw definition.NotSupported("renaming a value of an enum under constraints, expressions of indexes or generated columns is");
                }

                ForeignUse.RefuseTriggers(definition, table, "renaming a value of an enum");
                var name = TableSql.Quote(column.Name);
                definition.Step(
                    $"UPDATE {TableSql.Quote(table.SqliteName)} SET {name} = {TableSql.Literal(label)} WHERE {name} = {TableSql.Literal(former)}");
            }
        }
    }
}
