using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>RowDescription: for each column its name, table OID and number there, type OID, length and modifier, and format.</summary>
internal static class RowDescription
{
    private const int FixedBytes = 18;

    public static void Write(IBufferWriter<byte> output, ClientEncoding encoding, ReadOnlySpan<OutputColumn> columns)
    {
        var length = 2;
        foreach (var column in columns)
        {
            length += encoding.Count(column.Name) + 1 + FixedBytes;
        }

        var span = BackendMessage.Start(output, (byte)'T', length);
        BinaryPrimitives.WriteUInt16BigEndian(span, (ushort)columns.Length);
        span = span[2..];
        foreach (var column in columns)
        {
            span = BackendMessage.WriteText(span, column.Name, encoding);
            BinaryPrimitives.WriteUInt32BigEndian(span, column.TableOid);
            BinaryPrimitives.WriteInt16BigEndian(span[4..], column.AttributeNumber);
            BinaryPrimitives.WriteUInt32BigEndian(span[6..], column.Type.Oid);
            BinaryPrimitives.WriteInt16BigEndian(span[10..], column.Names?.LengthOf(column.Type.Oid) ?? PgTypes.LengthOf(column.Type.Oid));
            BinaryPrimitives.WriteInt32BigEndian(span[12..], column.Type.Modifier);
            BinaryPrimitives.WriteInt16BigEndian(span[16..], (short)(column.Binary ? 1 : 0));
            span = span[FixedBytes..];
        }

        output.Advance(BackendMessage.HeadBytes + length);
    }
}
