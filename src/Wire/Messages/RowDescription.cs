using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Query;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>RowDescription: for each column its name, table OID and number (0 here), type OID, length and modifier, and format.</summary>
internal static class RowDescription
{
    private const int FixedBytes = 18;

    public static void Write(IBufferWriter<byte> output, RowSchema schema, ReadOnlySpan<ColumnFormat> columns)
    {
        var length = 2;
        foreach (var column in schema.Columns)
        {
            length += Encoding.UTF8.GetByteCount(column.Name) + 1 + FixedBytes;
        }

        var span = BackendMessage.Start(output, (byte)'T', length);
        BinaryPrimitives.WriteUInt16BigEndian(span, (ushort)columns.Length);
        span = span[2..];
        for (var i = 0; i < columns.Length; i++)
        {
            var type = columns[i].Type;
            span = BackendMessage.WriteText(span, schema.Columns[i].Name);
            span[..6].Clear();
            BinaryPrimitives.WriteUInt32BigEndian(span[6..], type.Oid);
            BinaryPrimitives.WriteInt16BigEndian(span[10..], PgTypes.LengthOf(type.Oid));
            BinaryPrimitives.WriteInt32BigEndian(span[12..], type.Modifier);
            BinaryPrimitives.WriteInt16BigEndian(span[16..], (short)(columns[i].Binary ? 1 : 0));
            span = span[FixedBytes..];
        }

        output.Advance(BackendMessage.HeadBytes + length);
    }
}
