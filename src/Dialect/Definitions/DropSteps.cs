using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>The steps that drop objects. Views go first, then constraints and defaults of tables that stay, then tables, those that refer before the others.</summary>
internal sealed class DropSteps
{
    private readonly Definition _definition;
    private readonly SchemaSnapshot _snapshot;
    private readonly HashSet<ObjectAddress> _dropped;

    public DropSteps(Definition definition, SchemaSnapshot snapshot, List<DropTarget> targets)
    {
        _definition = definition;
        _snapshot = snapshot;
        _dropped = [.. targets.Select(target => target.Object)];
    }

    public void Write()
    {
        Relation[] relations = [.. _snapshot.Relations.Where(relation => IsDropped(ClassOids.PgClass, relation.Oid))];
        foreach (var view in relations.Where(relation => relation.Kind == RelationKind.View))
        {
            _definition.Step($"DROP VIEW {TableSql.Quote(view.SqliteName)}");
        }

        foreach (var table in _snapshot.Relations.Where(relation => relation.Kind == RelationKind.Table && !relations.Contains(relation)))
        {
            ChangeTable(table);
        }

        DropTables([.. relations.Where(relation => relation.Kind == RelationKind.Table)]);
        foreach (var sequence in relations.Where(relation => relation.Kind == RelationKind.Sequence))
        {
            _definition.Call("_rqlite_drop_sequence", "0", TableSql.Literal(sequence.SqliteName));
        }

        WriteMetadata(relations);
    }

    private bool IsDropped(uint catalog, uint oid, int sub = 0) => _dropped.Contains(new ObjectAddress(catalog, oid, sub));

    /// <summary>Takes constraints, defaults, indexes and columns out of a table that stays.</summary>
    private void ChangeTable(Relation table)
    {
        var constraints = table.Constraints.Where(c => IsDropped(ClassOids.PgConstraint, c.Oid)).ToArray();
        var columns = table.Attributes.Where(column => IsDropped(ClassOids.PgClass, table.Oid, column.Number)).ToArray();
        var defaults = table.Attributes.Where(column => column.DefaultOid != 0 && IsDropped(ClassOids.PgAttrDef, column.DefaultOid)).ToArray();
        foreach (var index in table.Indexes.Where(index => IsDropped(ClassOids.PgClass, index.Oid)))
        {
            if (index.SqliteName.Length == 0)
            {
                throw _definition.NotSupported($"dropping the primary key of table \"{table.Name}\" is");
            }

            _definition.Step($"DROP INDEX {TableSql.Quote(index.SqliteName)}");
            _definition.Metadata.DropIndex(index.Oid);
        }

        if (constraints.Length + defaults.Length + columns.Length > 0)
        {
            var changed = table with
            {
                Constraints = [.. table.Constraints.Except(constraints)],
                Attributes = [.. table.Attributes.Select(column => defaults.Contains(column) && !columns.Contains(column)
                    ? column with { Default = null, DefaultOid = 0, Identity = IdentityKind.None, OwnedSequence = null }
                    : column)],
            };
            TableRewriting.Rewrite(_definition, table, changed);
        }

        foreach (var constraint in constraints)
        {
            _definition.Metadata.DropConstraint(constraint.Oid);
        }

        foreach (var column in defaults)
        {
            _definition.Metadata.DropDefault(table.Oid, column.Number, column.DefaultOid);
        }

        foreach (var column in columns)
        {
            _definition.Step($"ALTER TABLE {TableSql.Quote(table.SqliteName)} DROP COLUMN {TableSql.Quote(column.Name)}");
            _definition.Metadata.DropColumn(table.Oid, column.Number);
        }
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
