using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>timetz: stored as ISO text with its offset.</summary>
internal sealed class TimeTzCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        StoredMoment.Set(output, DateTimes.ParseTimeTz(text, context, type.Modifier));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Advance(DateTimeText.WriteTimeTz(output.GetSpan(DateTimeText.LengthMax), StoredMoment.TimeTz(value)));

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output)
    {
        var time = TimeCodec.Check(BinaryPrimitives.ReadInt64BigEndian(Binary.Exact(data, 12)));
        var west = BinaryPrimitives.ReadInt32BigEndian(data[8..]);
        StoredMoment.Set(output, new TimeTz(DateTimes.RoundTime(time, type.Modifier), west == int.MinValue ? int.MaxValue : -west));
    }

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var time = StoredMoment.TimeTz(value);
        Binary.WriteInt64(output, time.Time);
        Binary.WriteInt32(output, -time.Offset);
    }

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) =>
        StoredMoment.TimeTz(left).CompareTo(StoredMoment.TimeTz(right));
}
