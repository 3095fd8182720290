using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>time: stored as ISO text.</summary>
internal sealed class TimeCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        StoredMoment.SetTime(output, DateTimes.ParseTime(text, context, type.Modifier));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Advance(DateTimeText.WriteTime(output.GetSpan(DateTimeText.LengthMax), StoredMoment.Time(value)));

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        StoredMoment.SetTime(output, DateTimes.RoundTime(Check(BinaryPrimitives.ReadInt64BigEndian(Binary.Exact(data, 8))), type.Modifier));

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        Binary.WriteInt64(output, StoredMoment.Time(value));

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) =>
        StoredMoment.Time(left).CompareTo(StoredMoment.Time(right));

    internal static long Check(long time) => time is >= 0 and <= Calendar.DayMicroseconds
        ? time
        : throw new TypeException(SqlState.DatetimeFieldOverflow, "time out of range");
}
