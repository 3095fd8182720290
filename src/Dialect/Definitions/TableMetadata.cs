using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>Writes what differs between two definitions of a table into the metadata.</summary>
/// <param name="changedIndexes">Indexes whose expressions have other texts.</param>
internal sealed class TableMetadata(Definition definition, Relation before, Relation after, IReadOnlySet<uint> changedIndexes)
{
    private readonly MetadataWriter _metadata = definition.Metadata;

    public void Write()
    {
        if (before.Persistence != after.Persistence)
        {
            _metadata.SetPersistence(after.Oid, after.Persistence);
        }

        foreach (var column in after.Attributes)
        {
            WriteColumn(before.Attributes.ElementAtOrDefault(column.Number - 1), column);
        }

        foreach (var constraint in before.Constraints)
        {
            var changed = after.Constraints.FirstOrDefault(other => other.Oid == constraint.Oid);
            if (changed is null)
            {
                _metadata.DropConstraint(constraint.Oid);
            }
            else if (!Same(constraint, changed))
            {
                _metadata.ReplaceConstraint(constraint.Oid, changed, OidOf(changed.IndexOid), OidOf(changed.ReferencedOid), after.Oid);
            }
        }

        WriteIndexes();
        foreach (var constraint in after.Constraints.Where(constraint => before.Constraints.All(other => other.Oid != constraint.Oid)))
        {
            _metadata.AddConstraint(OidOf(constraint.Oid), after.Oid, 0, constraint, OidOf(constraint.IndexOid), OidOf(constraint.ReferencedOid));
            if (constraint.Expression is { } text)
            {
                Depend(ClassOids.PgConstraint, constraint.Oid, CatalogExpressions.Bind(text, after, ExpressionKind.CheckConstraint, definition.Schema));
            }
        }
    }

    private MetadataOid OidOf(uint oid) => definition.OidOf(oid);

    private void WriteColumn(Catalog.Attribute? former, Catalog.Attribute column)
    {
        var rowId = after.RowIdColumn == column.Number;
        if (former == column && (before.RowIdColumn == column.Number) == rowId)
        {
            return;
        }

        if (column.Dropped)
        {
            if (former is { Dropped: false })
            {
                ForgetDefault(former, column);
                _metadata.DropColumn(after.Oid, column.Number);
            }

            return;
        }

        ForgetDefault(former, column);
        var declared = rowId ? StoredColumns.RowId : StoredColumns.Declare(column.Type, definition.Schema);
        _metadata.ReplaceColumn(after.Oid, declared, column, OidOf(column.DefaultOid));
        if (column.Default is { } text && column.DefaultOid != former?.DefaultOid)
        {
            var value = CatalogExpressions.BindDefault(text, column, column.Generated ? after : null, definition.Schema);
            Dependencies.Add(definition, ClassOids.PgAttrDef, OidOf(column.DefaultOid), value, after.Oid, column.Generated);
        }
    }

    private void ForgetDefault(Catalog.Attribute? former, Catalog.Attribute column)
    {
        if (former is { DefaultOid: not 0 } && former.DefaultOid != column.DefaultOid)
        {
            _metadata.ForgetDefault(former.DefaultOid);
        }
    }

    private void WriteIndexes()
    {
        foreach (var index in before.Indexes)
        {
            var changed = after.Indexes.FirstOrDefault(other => other.Oid == index.Oid);
            if (changed is null)
            {
                _metadata.DropIndex(index.Oid);
            }
            else if (changed.Name != index.Name || changed.SqliteName != index.SqliteName || changedIndexes.Contains(index.Oid))
            {
                _metadata.ReplaceIndex(index.Oid, changed, after.Oid);
                WriteKeys(changed);
            }
        }

        foreach (var index in after.Indexes.Where(index => before.Indexes.All(other => other.Oid != index.Oid)))
        {
            _metadata.AddIndex(OidOf(index.Oid), after.Oid, index);
        }
    }

    private void WriteKeys(IndexInfo index)
    {
        for (var place = 0; place < index.KeyCount; place++)
        {
            if (index.Columns[place] == 0)
            {
                _metadata.ReplaceColumn(index.Oid, "", index.Attributes[place], 0);
            }
        }
    }

    private void Depend(uint ofClass, uint oid, BoundExpression value) =>
        Dependencies.Add(definition, ofClass, OidOf(oid), value, after.Oid, ownColumns: false);

    private static bool Same(ConstraintInfo a, ConstraintInfo b) => a.Name == b.Name && a.Expression == b.Expression && a.Validated == b.Validated
        && a.Deferrable == b.Deferrable && a.InitiallyDeferred == b.InitiallyDeferred && a.IndexOid == b.IndexOid;
}
