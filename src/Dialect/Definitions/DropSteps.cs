using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>The steps that drop objects. Views go first, then constraints and defaults of tables that stay, then tables, those that refer before the others.</summary>
internal sealed class DropSteps
{
    private readonly Definition _definition;
    private readonly SchemaSnapshot _snapshot;
    private readonly HashSet<ObjectAddress> _dropped;

    public DropSteps(Definition definition, List<DropTarget> targets)
    {
        _definition = definition;
        _snapshot = (SchemaSnapshot)definition.Schema;
        _dropped = [.. targets.Select(target => target.Object)];
    }

    /// <summary>The OID of a table that is being changed otherwise, to whose change <see cref="Apply"/> adds; 0 for none.</summary>
    public uint Altered { get; init; }

    public void Write()
    {
        _definition.Dropped.UnionWith(_dropped);
        Relation[] relations = [.. _snapshot.Relations.Where(relation => IsDropped(ClassOids.PgClass, relation.Oid))];
        foreach (var view in relations.Where(relation => relation.Kind == RelationKind.View))
        {
            _definition.Step($"DROP VIEW {TableSql.Quote(view.SqliteName)}");
        }

        foreach (var table in _snapshot.Relations.Where(relation =>
            relation.Kind == RelationKind.Table && relation.Oid != Altered && !relations.Contains(relation)))
        {
            var change = new TableChange(_definition, table);
            if (Apply(change))
            {
                change.Write();
            }
        }

        DropTables([.. relations.Where(relation => relation.Kind == RelationKind.Table)]);
        foreach (var sequence in relations.Where(relation => relation.Kind == RelationKind.Sequence))
        {
            _definition.Call("_rqlite_drop_sequence", "0", TableSql.Literal(sequence.SqliteName));
        }

        WriteMetadata(relations);
        var kept = ((SchemaSnapshot)_definition.Schema).Relations.Where(relation => !IsDropped(ClassOids.PgClass, relation.Oid));
        _definition.Advance(SnapshotChange.With((SchemaSnapshot)_definition.Schema, kept));
    }

    private bool IsDropped(uint catalog, uint oid, int sub = 0) => _dropped.Contains(new ObjectAddress(catalog, oid, sub));

    /// <summary>Takes constraints, defaults, indexes and columns out of a table that stays.</summary>
    /// <returns>False if the table has none of them.</returns>
    public bool Apply(TableChange change)
    {
        var table = change.Now;
        var indexes = table.Indexes.Where(index => !IsDropped(ClassOids.PgClass, index.Oid)).ToArray();
        var constraints = table.Constraints.Where(constraint => !IsDropped(ClassOids.PgConstraint, constraint.Oid)).ToArray();
        var columns = table.Attributes.Select(column => Without(table, column)).ToArray();
        if (indexes.Length == table.Indexes.Count && constraints.Length == table.Constraints.Count && columns.SequenceEqual(table.Attributes))
        {
            return false;
        }

        if (columns.Where(column => column.Dropped).Any(column => !table.Attributes[column.Number - 1].Dropped))
        {
            change.Copy();
        }

        change.Set(table with
        {
            Indexes = indexes,
            Constraints = constraints,
            Attributes = columns,
            RowIdColumn = indexes.Any(index => index.Primary) ? table.RowIdColumn : (short)0,
        });
        return true;
    }

    private Catalog.Attribute Without(Relation table, Catalog.Attribute column)
    {
        if (IsDropped(ClassOids.PgClass, table.Oid, column.Number))
        {
            return column with
            {
                Dropped = true,
                Default = null,
                DefaultOid = 0,
                NotNull = false,
                Generated = false,
                Identity = IdentityKind.None,
                OwnedSequence = null,
            };
        }

        if (column.DefaultOid != 0 && IsDropped(ClassOids.PgAttrDef, column.DefaultOid))
        {
            column = column with { Default = null, DefaultOid = 0 };
        }

        return column.OwnedSequence is { } name && _snapshot.Relations.Any(relation =>
            relation.Kind == RelationKind.Sequence && relation.SqliteName == name && IsDropped(ClassOids.PgClass, relation.Oid))
            ? column with { OwnedSequence = null, Identity = IdentityKind.None }
            : column;
    }

    // SQLite deletes the rows of a table before it drops it, and foreign keys act on that; so tables that refer to others go before those.
    private void DropTables(List<Relation> tables)
    {
        while (tables.Count > 0)
        {
            var free = tables.Find(table => !tables.Exists(other => other.Constraints.Any(c => c.ReferencedOid == table.Oid)));
            if (free is null)
            {
                free = tables[0];
                foreach (var table in tables)
                {
                    TableRewriting.Rewrite(
                        _definition, table, table with { Constraints = [.. table.Constraints.Where(c => c.Type != ConstraintType.ForeignKey)] });
                }
            }

            _definition.Step($"DROP TABLE {TableSql.Quote(free.SqliteName)}");
            tables.Remove(free);
        }
    }

    private void WriteMetadata(Relation[] relations)
    {
        foreach (var relation in relations.Where(relation => relation.Kind != RelationKind.Index))
        {
            _definition.Metadata.DropRelation(relation);
        }

        foreach (var type in _snapshot.Types.Where(type => type.Kind is 'e' or 'd' && IsDropped(ClassOids.PgType, type.Oid)))
        {
            _definition.Metadata.DropType(type);
        }

        foreach (var schema in _snapshot.Schemas.Where(schema => IsDropped(ClassOids.PgNamespace, schema.Oid)))
        {
            _definition.Metadata.DropSchema(schema.Oid);
        }
    }
}
