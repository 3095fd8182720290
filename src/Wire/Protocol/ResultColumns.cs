using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Protocol;

/// <summary>The columns with which a result is announced.</summary>
internal static class ResultColumns
{
    /// <summary>Decides the types that are still open: by the storage class of a first row, else as text.</summary>
    /// <param name="row">A cursor that stands on a row, or null.</param>
    /// <param name="formats">Format codes as in Bind: none, one for all, or one each.</param>
    public static OutputColumn[] Announce(ReadOnlySpan<PlannedColumn> planned, RowCursor? row, ReadOnlySpan<short> formats)
    {
        var columns = new OutputColumn[planned.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var column = planned[i];
            var type = column.Type ?? (row is null ? new PgType(PgTypes.Text) : StoredTypes.Of(row[i].Class));
            var binary = formats.Length > 0 && formats[formats.Length == 1 ? 0 : i] == 1;
            columns[i] = new OutputColumn(column.Name, type, binary, column.TableOid, column.AttributeNumber, column.Names) { Written = column.Written ?? type };
        }

        return columns;
    }

    /// <summary>The columns of a COPY in text or csv, which announces no types: the open ones stay without a type.</summary>
    public static OutputColumn[] ForCopy(ReadOnlySpan<PlannedColumn> planned)
    {
        var columns = new OutputColumn[planned.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = new OutputColumn(planned[i].Name, planned[i].Type ?? default, Binary: false, Names: planned[i].Names)
            {
                Written = planned[i].Written ?? planned[i].Type ?? default,
            };
        }

        return columns;
    }
}
