using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>Multiranges: ranges in order that neither overlap nor touch, stored as text.</summary>
internal sealed class MultirangeCodec(PgTypeInfo info) : Codec
{
    private readonly RangeCodec _range = (RangeCodec)For(PgTypes.All.First(type => type.MultirangeOid == info.Oid).Oid);

    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        Write(Parse(TypeErrors.RequireText(text), context), ValueContext.Default, output.BeginText());

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        Write(Read(value), context, output);

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output)
    {
        var count = Binary.ReadInt32(ref data);
        if (count < 0 || count > data.Length / 5)
        {
            throw TypeErrors.TooFewBytes();
        }

        var ranges = new List<RangeParts>(count);
        for (var i = 0; i < count; i++)
        {
            var length = Binary.ReadInt32(ref data);
            ranges.Add(_range.ReadBinaryRange(Binary.Take(ref data, length), context));
        }

        Write(data.IsEmpty ? Normalize(ranges) : throw TypeErrors.Binary(), ValueContext.Default, output.BeginText());
    }

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var ranges = Read(value);
        Binary.WriteInt32(output, ranges.Count);
        foreach (var range in ranges)
        {
            var bytes = new ArrayBufferWriter<byte>();
            _range.WriteBinaryRange(range, context, bytes);
            Binary.WriteInt32(output, bytes.WrittenCount);
            output.Write(bytes.WrittenSpan);
        }
    }

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type)
    {
        var (a, b) = (Read(left), Read(right));
        var order = _range.Order();
        for (var i = 0; i < Math.Min(a.Count, b.Count); i++)
        {
            if (order.Compare(a[i], b[i]) is not 0 and var result)
            {
                return result;
            }
        }

        return a.Count.CompareTo(b.Count);
    }

    internal List<RangeParts> Read(in SqliteValue value) => Parse(Stored.RequireText(value, info.SqlName), ValueContext.Default);

    private List<RangeParts> Parse(ReadOnlySpan<byte> text, in ValueContext context)
    {
        var ranges = new List<RangeParts>();
        foreach (var part in RangeText.SplitMultirange(text))
        {
            ranges.Add(_range.ReadRange(text[part], context));
        }

        return Normalize(ranges);
    }

    internal void Write(IReadOnlyList<RangeParts> ranges, in ValueContext context, IBufferWriter<byte> output)
    {
        output.Write("{"u8);
        for (var i = 0; i < ranges.Count; i++)
        {
            output.Write(i == 0 ? default : ","u8);
            _range.WriteRange(ranges[i], context, output);
        }

        output.Write("}"u8);
    }

    /// <summary>Sorts the ranges and joins those that overlap or touch.</summary>
    internal List<RangeParts> Normalize(IEnumerable<RangeParts> ranges)
    {
        var order = _range.Order();
        var result = new List<RangeParts>();
        foreach (var range in ranges.Where(range => !range.IsEmpty).Order(order))
        {
            if (result.Count > 0 && Meets(result[^1], range, order))
            {
                var last = result[^1];
                if (order.CompareBounds(last.Upper, last.UpperInclusive, false, range.Upper, range.UpperInclusive, false) < 0)
                {
                    result[^1] = last with { Upper = range.Upper, UpperInclusive = range.UpperInclusive };
                }
            }
            else
            {
                result.Add(range);
            }
        }

        return result;
    }

    private static bool Meets(RangeParts left, RangeParts right, RangeOrder order)
    {
        // Bounds at the same value touch if one of them includes it.
        var gap = order.CompareBounds(left.Upper, true, false, right.Lower, true, true);
        return left.Upper is null || right.Lower is null || gap > 0 || (gap == 0 && (left.UpperInclusive || right.LowerInclusive));
    }
}
