using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>date: stored as ISO text.</summary>
internal sealed class DateCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        StoredMoment.Set(output, DateTimes.ParseDate(text, context));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Advance(DateTimeText.WriteDate(output.GetSpan(DateTimeText.LengthMax), StoredMoment.Date(value), context.Settings));

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output)
    {
        var days = BinaryPrimitives.ReadInt32BigEndian(Binary.Exact(data, 4));
        StoredMoment.Set(output, Calendar.IsInfiniteDate(days) || Calendar.DateInRange(days) ? days : throw TypeErrors.DateRange());
    }

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        Binary.WriteInt32(output, StoredMoment.Date(value));

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) =>
        StoredMoment.Date(left).CompareTo(StoredMoment.Date(right));
}
