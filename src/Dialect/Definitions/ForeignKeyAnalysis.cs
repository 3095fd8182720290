using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>Finds what a foreign key refers to, and checks that SQLite compares the two sides as PostgreSQL does.</summary>
internal sealed class ForeignKeyAnalysis(Definition definition, TablePlan plan)
{
    private const string Integer = "integer";

    public void Resolve(ForeignKeyPlan key)
    {
        var reference = key.Constraint.References!;
        var self = reference.Table.Name == plan.Name && (reference.Table.Parts.Count == 1 || reference.Table.Parts[^2] == plan.Schema.Name);
        key.Target = self ? null : definition.RequireRelation(reference.Table);
        if (key.Target is { } target && target.Kind != RelationKind.Table)
        {
            throw definition.Error(SqlState.WrongObjectType, $"referenced relation \"{target.Name}\" is not a table");
        }

        RefuseOthers(key.Constraint, reference);
        key.Numbers = [.. key.Columns.Select(name => NumberOf(name, plan.Columns.Select(column => column.Attribute)))];
        ResolveTarget(key, reference);
        if (key.TargetNumbers.Length != key.Numbers.Length)
        {
            throw definition.Error(SqlState.InvalidForeignKey, "number of referencing and referenced columns for foreign key disagree");
        }

        for (var i = 0; i < key.Numbers.Length; i++)
        {
            CheckTypes(key, plan.Columns[key.Numbers[i] - 1].Attribute, TargetColumns(key)[key.TargetNumbers[i] - 1]);
        }
    }

    private IReadOnlyList<Catalog.Attribute> TargetColumns(ForeignKeyPlan key) =>
        key.Target?.Attributes ?? [.. plan.Columns.Select(column => column.Attribute)];

    private void RefuseOthers(TableConstraint constraint, ForeignKeyReference reference)
    {
        if (reference.Match == ReferentialMatch.Partial)
        {
            throw definition.Error(SqlState.FeatureNotSupported, "MATCH PARTIAL not yet implemented", constraint.Location);
        }

        if (reference.Match == ReferentialMatch.Full && constraint.Columns.Count > 1)
        {
            throw definition.NotSupported("MATCH FULL of several columns is", constraint.Location);
        }

        if (reference.OnDeleteColumns.Count > 0)
        {
            throw definition.NotSupported("ON DELETE with columns is", constraint.Location);
        }
    }

    private short NumberOf(string name, IEnumerable<Catalog.Attribute> columns) =>
        columns.FirstOrDefault(column => column.Name == name && !column.Dropped)?.Number
        ?? throw definition.Error(SqlState.UndefinedColumn, $"column \"{name}\" referenced in foreign key constraint does not exist");

    private void ResolveTarget(ForeignKeyPlan key, ForeignKeyReference reference)
    {
        var name = key.Target?.Name ?? plan.Name;
        if (reference.Columns.Count == 0)
        {
            if ((key.Target ?? plan.Existing) is { } table && table.Indexes.Any(index => index.Primary))
            {
                key.Index = table.Indexes.FirstOrDefault(index => index.Primary);
            }
            else
            {
                key.OwnKey = plan.Keys.FirstOrDefault(own => own.Primary);
            }

            key.TargetNumbers = key.Index is { } primary ? [.. primary.Columns.Take(primary.KeyCount)]
                : key.OwnKey is { } ownKey ? [.. ownKey.Columns.Select(column => column.Attribute.Number)]
                : throw definition.Error(SqlState.UndefinedObject, $"there is no primary key for referenced table \"{name}\"");
            return;
        }

        key.TargetNumbers = [.. reference.Columns.Select(column => NumberOf(column, TargetColumns(key)))];
        if (key.TargetNumbers.Distinct().Count() == key.TargetNumbers.Length)
        {
            key.Index = (key.Target ?? plan.Existing)?.Indexes.FirstOrDefault(index => index.Unique && index.Predicate is null
                && SameColumns(index.Columns.Take(index.KeyCount), key.TargetNumbers));
            key.OwnKey = key.Target is not null || key.Index is not null ? null
                : plan.Keys.FirstOrDefault(own => SameColumns(own.Columns.Select(column => column.Attribute.Number), key.TargetNumbers));
        }

        if (key.Index is null && key.OwnKey is null)
        {
            throw definition.Error(
                SqlState.InvalidForeignKey, $"there is no unique constraint matching given keys for referenced table \"{name}\"");
        }
    }

    private static bool SameColumns(IEnumerable<short> one, IEnumerable<short> other) => one.Order().SequenceEqual(other.Order());

    private void CheckTypes(ForeignKeyPlan key, Catalog.Attribute column, Catalog.Attribute target) =>
        CheckTypes(definition, key.Name, column, target, key.Constraint.Location);

    public static void CheckTypes(Definition definition, string name, Catalog.Attribute column, Catalog.Attribute target, Location location)
    {
        var types = definition.Names;
        var same = Stored(column.Type, definition.Schema) == Stored(target.Type, definition.Schema);
        if (same && Stored(column.Type, definition.Schema) == Integer)
        {
            // Integers of all lengths are compared with each other.
            return;
        }

        if (!definition.Resolver.CanCoerce(column.Type.Oid, target.Type.Oid, Binding.CoercionContext.Implicit))
        {
            throw definition.Error(
                SqlState.DatatypeMismatch, $"foreign key constraint \"{name}\" cannot be implemented",
                detail: $"Key columns \"{column.Name}\" and \"{target.Name}\" are of incompatible types: {types.TypeName(column.Type.Oid)} and"
                    + $" {types.TypeName(target.Type.Oid)}.");
        }

        if (!same)
        {
            throw definition.NotSupported(
                $"foreign keys from {types.TypeName(column.Type.Oid)} to {types.TypeName(target.Type.Oid)} are", location);
        }
    }

    /// <summary>What the stored values of a type look like: SQLite compares those, so two types of one kind compare as PostgreSQL's do.</summary>
    private static string Stored(PgType type, ISchema schema)
    {
        var kept = StoredTypes.Base(type, schema).Oid;
        return StoredTypes.IsEnum(kept, schema) ? $"enum {kept}" : StoredTypes.Carried(type, schema).Oid switch
        {
            PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 => Integer,
            PgTypes.Text or PgTypes.VarChar or PgTypes.Name => "text",
            PgTypes.Inet or PgTypes.Cidr => "inet",
            var carried => $"{carried}",
        };
    }
}
