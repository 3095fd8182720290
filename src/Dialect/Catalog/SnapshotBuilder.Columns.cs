using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <content>The columns of relations.</content>
internal sealed partial class SnapshotBuilder
{
    private static readonly Attribute[] s_sequenceColumns =
    [
        new(1, "last_value", new PgType(PgTypes.Int8), 0) { NotNull = true },
        new(2, "log_cnt", new PgType(PgTypes.Int8), 0) { NotNull = true },
        new(3, "is_called", new PgType(PgTypes.Bool), 0) { NotNull = true },
    ];

    private IReadOnlyList<Attribute> ColumnsOf(Draft draft) =>
        draft.Table is not { } table ? s_sequenceColumns
        : draft.Row is null ? [.. table.Columns.Select((column, index) => ForeignColumn(draft, column, (short)(index + 1)))]
        : KnownColumns(draft, table);

    /// <summary>The columns of the metadata; one that SQLite declares otherwise is seen as it declares it, and one that it has not was dropped.</summary>
    private List<Attribute> KnownColumns(Draft draft, PhysicalTable table)
    {
        var columns = new List<Attribute>();
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (declared, attribute) in _metadata.Attributes.GetValueOrDefault(draft.Oid, []))
        {
            var physical = attribute.Dropped ? null
                : table.Columns.FirstOrDefault(c => c.Name.Equals(attribute.Name, StringComparison.OrdinalIgnoreCase));
            if (physical is not null)
            {
                known.Add(physical.Name);
            }

            // The columns of a view have no declarations of their own.
            if (physical is null)
            {
                columns.Add(attribute with { Dropped = true, Default = null, DefaultOid = 0, NotNull = false });
            }
            else if (table.IsView || physical.Declared.Equals(declared, StringComparison.OrdinalIgnoreCase))
            {
                draft.Unchanged.Add(attribute.Number);
                columns.Add(attribute);
            }
            else
            {
                columns.Add(ForeignColumn(draft, physical, attribute.Number));
            }
        }

        foreach (var column in table.Columns.Where(c => !known.Contains(c.Name)))
        {
            columns.Add(ForeignColumn(draft, column, (short)(columns.Count + 1)));
        }

        return columns;
    }

    private Attribute ForeignColumn(Draft draft, PhysicalColumn column, short number)
    {
        var table = draft.Table!;

        // Columns of a primary key may be null in SQLite, but for the rowid and in tables without one.
        var notNull = column.NotNull || (column.KeyPlace > 0 && (table.WithoutRowId || table.RowIdColumn == column));
        var attribute = ForeignColumns.Create(column, number, notNull, () => _oids.Of('D', table.Name, column.Name));
        return !column.Generated ? attribute : attribute with
        {
            Generated = true,
            Default = draft.Text.Generated.GetValueOrDefault(column.Name, ""),
            DefaultOid = _oids.Of('D', table.Name, column.Name),
            NativeDefault = null,
        };
    }
}
