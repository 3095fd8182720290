using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>timestamp and timestamptz: stored as ISO text, in UTC without a suffix for timestamptz.</summary>
internal sealed class TimestampCodec(bool withZone) : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) => StoredMoment.Set(
        output, withZone ? DateTimes.ParseTimestampTz(text, context, type.Modifier) : DateTimes.ParseTimestamp(text, context, type.Modifier));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var timestamp = StoredMoment.Timestamp(value, withZone);
        var target = output.GetSpan(DateTimeText.LengthMax);
        output.Advance(withZone
            ? DateTimeText.WriteTimestampTz(target, timestamp, context.Settings)
            : DateTimeText.WriteTimestamp(target, timestamp, context.Settings));
    }

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output)
    {
        var timestamp = BinaryPrimitives.ReadInt64BigEndian(Binary.Exact(data, 8));
        StoredMoment.Set(output, Calendar.IsInfinite(timestamp) || Calendar.TimestampInRange(timestamp)
            ? DateTimes.RoundTimestamp(timestamp, type.Modifier)
            : throw TypeErrors.TimestampRange());
    }

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        Binary.WriteInt64(output, StoredMoment.Timestamp(value, withZone));

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) =>
        StoredMoment.Timestamp(left, withZone).CompareTo(StoredMoment.Timestamp(right, withZone));
}
