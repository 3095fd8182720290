using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>xid8: 64 bits without a sign, stored as an integer with the same bits.</summary>
internal sealed class Xid8Codec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        output.SetInteger(unchecked((long)Integers.ParseUnsigned(text)));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        _ = Utf8Formatter.TryFormat(unchecked((ulong)Stored.Integer(value, "xid8")), output.GetSpan(20), out var length);
        output.Advance(length);
    }

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        output.SetInteger(BinaryPrimitives.ReadInt64BigEndian(Binary.Exact(data, 8)));

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        Binary.WriteInt64(output, Stored.Integer(value, "xid8"));

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) =>
        unchecked((ulong)Stored.Integer(left, "xid8")).CompareTo(unchecked((ulong)Stored.Integer(right, "xid8")));
}
