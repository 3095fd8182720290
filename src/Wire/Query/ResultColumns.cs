using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Wire.Query;

/// <summary>A result column's announced type and format; the sent values have both.</summary>
internal readonly record struct ColumnFormat(PgType Type, bool Binary);

/// <summary>The types with which the columns of a result are announced.</summary>
internal static class ResultColumns
{
    /// <summary>Types from declared columns and from the select list; null where neither gives one.</summary>
    public static PgType?[] KnownTypes(RowSchema schema, ParsedStatement parsed)
    {
        var columns = schema.Columns;
        if (columns.Count == 0)
        {
            return [];
        }

        var types = new PgType?[columns.Count];
        var open = false;
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = AnnouncedTypes.OfColumn(columns[i].DeclaredType);
            open |= types[i] is null;
        }

        // The select list is read only if it is asked for.
        if (open && parsed.ColumnHints is { } hints && hints.Count == types.Length)
        {
            for (var i = 0; i < types.Length; i++)
            {
                types[i] ??= hints[i];
            }
        }

        return types;
    }

    /// <summary>Decides the types that are still open: by the storage class of a first row, else as text.</summary>
    /// <param name="row">A cursor that stands on a row, or null.</param>
    /// <param name="formats">Format codes as in Bind: none, one for all, or one each.</param>
    public static ColumnFormat[] Settle(ReadOnlySpan<PgType?> known, RowCursor? row, ReadOnlySpan<short> formats)
    {
        var columns = new ColumnFormat[known.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var type = known[i] ?? (row is null ? new PgType(PgTypes.Text) : TypeOf(row[i].Class));
            columns[i] = new ColumnFormat(type, formats.Length > 0 && formats[formats.Length == 1 ? 0 : i] == 1);
        }

        return columns;
    }

    /// <summary>True if a statement that was announced with one schema still gives the same columns.</summary>
    public static bool Same(RowSchema announced, RowSchema actual)
    {
        if (ReferenceEquals(announced, actual))
        {
            return true;
        }

        if (announced.Columns.Count != actual.Columns.Count)
        {
            return false;
        }

        for (var i = 0; i < announced.Columns.Count; i++)
        {
            var (left, right) = (announced.Columns[i], actual.Columns[i]);
            if (left.Name != right.Name || AnnouncedTypes.OfColumn(left.DeclaredType) != AnnouncedTypes.OfColumn(right.DeclaredType))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The type of a value that has no other source of a type.</summary>
    public static PgType TypeOf(StorageClass storageClass) => new(storageClass switch
    {
        StorageClass.Integer => PgTypes.Int8,
        StorageClass.Real => PgTypes.Float8,
        StorageClass.Blob => PgTypes.Bytea,
        _ => PgTypes.Text,
    });
}
