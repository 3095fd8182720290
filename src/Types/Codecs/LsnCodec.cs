using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>pg_lsn: stored as its text.</summary>
internal sealed class LsnCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        Write(Lsn.Parse(text), output.BeginText());

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        Write(Read(value), output);

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        Write(BinaryPrimitives.ReadUInt64BigEndian(Binary.Exact(data, 8)), output.BeginText());

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        Binary.WriteInt64(output, unchecked((long)Read(value)));

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) => Read(left).CompareTo(Read(right));

    private static void Write(ulong value, IBufferWriter<byte> output) => output.Advance(Lsn.Write(output.GetSpan(Lsn.LengthMax), value));

    private static ulong Read(in SqliteValue value) => Lsn.Parse(Stored.RequireText(value, "pg_lsn"));
}
