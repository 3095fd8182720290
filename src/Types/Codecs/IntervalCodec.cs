using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>interval: stored as text in PostgreSQL's own style.</summary>
internal sealed class IntervalCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        Set(output, Interval.Parse(text, type.Modifier, context.Settings.IntervalStyle));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Advance(IntervalText.Write(output.GetSpan(IntervalText.LengthMax), Read(value), context.Settings.IntervalStyle));

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) => Set(output, new Interval(
        BinaryPrimitives.ReadInt32BigEndian(Binary.Exact(data, 16)[12..]), BinaryPrimitives.ReadInt32BigEndian(data[8..]),
        BinaryPrimitives.ReadInt64BigEndian(data)).ApplyModifier(type.Modifier));

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var interval = Read(value);
        Binary.WriteInt64(output, interval.Microseconds);
        Binary.WriteInt32(output, interval.Days);
        Binary.WriteInt32(output, interval.Months);
    }

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) => Read(left).CompareTo(Read(right));

    private static void Set(StoredValue output, Interval value)
    {
        var target = output.BeginText();
        target.Advance(IntervalText.Write(target.GetSpan(IntervalText.LengthMax), value, IntervalStyle.Postgres));
    }

    private static Interval Read(in SqliteValue value) => value.Class == StorageClass.Text
        ? Interval.Parse(value.Bytes)
        : throw StoredMoment.Wrong(value, "interval");
}
