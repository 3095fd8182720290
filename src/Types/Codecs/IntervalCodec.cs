using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>interval: stored as text in PostgreSQL's own style.</summary>
internal sealed class IntervalCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        StoredMoment.Set(output, Interval.Parse(text, type.Modifier, context.Settings.IntervalStyle));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Advance(IntervalText.Write(output.GetSpan(IntervalText.LengthMax), StoredMoment.Interval(value), context.Settings.IntervalStyle));

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output)
    {
        var days = BinaryPrimitives.ReadInt32BigEndian(Binary.Exact(data, 16)[8..]);
        var interval = new Interval(BinaryPrimitives.ReadInt32BigEndian(data[12..]), days, BinaryPrimitives.ReadInt64BigEndian(data));
        StoredMoment.Set(output, interval.ApplyModifier(type.Modifier));
    }

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var interval = StoredMoment.Interval(value);
        Binary.WriteInt64(output, interval.Microseconds);
        Binary.WriteInt32(output, interval.Days);
        Binary.WriteInt32(output, interval.Months);
    }

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) =>
        StoredMoment.Interval(left).CompareTo(StoredMoment.Interval(right));
}
