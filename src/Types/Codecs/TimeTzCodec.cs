using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>timetz: stored as ISO text with its offset.</summary>
internal sealed class TimeTzCodec : Codec
{
    // One second less than 16 hours.
    private const int OffsetMax = (16 * 3600) - 1;

    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        Set(output, DateTimes.ParseTimeTz(text, context, type.Modifier));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Advance(DateTimeText.WriteTimeTz(output.GetSpan(DateTimeText.LengthMax), Read(value)));

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output)
    {
        var time = TimeCodec.Check(BinaryPrimitives.ReadInt64BigEndian(Binary.Exact(data, 12)));
        var west = BinaryPrimitives.ReadInt32BigEndian(data[8..]);
        Set(output, new TimeTz(DateTimes.RoundTime(time, type.Modifier), west == int.MinValue ? int.MaxValue : -west));
    }

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var time = Read(value);
        Binary.WriteInt64(output, time.Time);
        Binary.WriteInt32(output, -time.Offset);
    }

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) => Read(left).CompareTo(Read(right));

    private static void Set(StoredValue output, TimeTz value)
    {
        // A POSIX zone may lie up to a week away, but its offset could not be read again.
        if (value.Offset is < -OffsetMax or > OffsetMax)
        {
            throw new TypeException(
                SqlState.InvalidTimeZoneDisplacementValue, "time zone displacement out of range", "Offsets of less than 16 hours can be stored.");
        }

        var target = output.BeginText();
        target.Advance(DateTimeText.WriteTimeTz(target.GetSpan(DateTimeText.LengthMax), value));
    }

    private static TimeTz Read(in SqliteValue value) => value.Class == StorageClass.Text
        ? DateTimes.ParseTimeTz(value.Bytes, ValueContext.Stored)
        : throw StoredMoment.Wrong(value, "time with time zone");
}
