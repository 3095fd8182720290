using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>Ranges: stored as text, whose bounds are in the subtype's default form; discrete ones in the canonical form <c>[a,b)</c>.</summary>
internal sealed class RangeCodec(PgTypeInfo info) : Codec
{
    private const byte Empty = 1;
    private const byte LowerInclusive = 2;
    private const byte UpperInclusive = 4;
    private const byte LowerInfinite = 8;
    private const byte UpperInfinite = 16;

    // Bounds are stored and read back in UTC, whatever the session's zone; the offset makes that plain to other readers.
    private static readonly ValueContext s_stored = ValueContext.Default;

    private readonly PgType _bound = new(info.RangeSubtype);
    private readonly Codec _codec = For(info.RangeSubtype);

    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        WriteRange(ReadRange(TypeErrors.RequireText(text), context), s_stored, output.BeginText());

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        WriteRange(ReadRange(Stored.RequireText(value, info.SqlName), s_stored), context, output);

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        WriteRange(ReadBinaryRange(data, context), s_stored, output.BeginText());

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        WriteBinaryRange(ReadRange(Stored.RequireText(value, info.SqlName), s_stored), context, output);

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) => Order().Compare(
        ReadRange(Stored.RequireText(left, info.SqlName), s_stored), ReadRange(Stored.RequireText(right, info.SqlName), s_stored));

    internal RangeOrder Order() => new(_codec, _bound);

    internal RangeParts ReadRange(ReadOnlySpan<byte> text, in ValueContext context)
    {
        var range = RangeText.Parse(text);
        return range.IsEmpty
            ? RangeParts.Empty
            : Canonical(new RangeParts(ReadBound(range.Lower, context), ReadBound(range.Upper, context), range.LowerInclusive, range.UpperInclusive));
    }

    internal RangeParts ReadBinaryRange(ReadOnlySpan<byte> data, in ValueContext context)
    {
        var flags = Binary.Take(ref data, 1)[0];
        var empty = (flags & Empty) != 0;
        var lower = empty || (flags & LowerInfinite) != 0 ? null : ReadBinaryBound(ref data, context);
        var upper = empty || (flags & UpperInfinite) != 0 ? null : ReadBinaryBound(ref data, context);
        return !data.IsEmpty ? throw TypeErrors.Binary()
            : empty ? RangeParts.Empty
            : Canonical(new RangeParts(lower, upper, (flags & LowerInclusive) != 0, (flags & UpperInclusive) != 0));
    }

    internal void WriteRange(RangeParts range, in ValueContext context, IBufferWriter<byte> output)
    {
        if (range.IsEmpty)
        {
            output.Write("empty"u8);
            return;
        }

        output.Write(range.LowerInclusive ? "["u8 : "("u8);
        WriteBound(range.Lower, context, output);
        output.Write(","u8);
        WriteBound(range.Upper, context, output);
        output.Write(range.UpperInclusive ? "]"u8 : ")"u8);
    }

    internal void WriteBinaryRange(RangeParts range, in ValueContext context, IBufferWriter<byte> output)
    {
        var flags = range.IsEmpty ? Empty : (range.LowerInclusive ? LowerInclusive : 0) | (range.UpperInclusive ? UpperInclusive : 0)
            | (range.Lower is null ? LowerInfinite : 0) | (range.Upper is null ? UpperInfinite : 0);
        output.Write([(byte)flags]);
        foreach (var bound in new[] { range.Lower, range.Upper })
        {
            if (bound is not null)
            {
                var bytes = new ArrayBufferWriter<byte>();
                _codec.WriteBinary(bound.Value, _bound, context, bytes);
                Binary.WriteInt32(output, bytes.WrittenCount);
                output.Write(bytes.WrittenSpan);
            }
        }
    }

    private StoredValue? ReadBound(byte[]? text, in ValueContext context)
    {
        if (text is null)
        {
            return null;
        }

        var value = new StoredValue();
        _codec.ReadText(text, _bound, context, value);
        return value;
    }

    private StoredValue ReadBinaryBound(ref ReadOnlySpan<byte> data, in ValueContext context)
    {
        var length = Binary.ReadInt32(ref data);
        var value = new StoredValue();
        _codec.ReadBinary(Binary.Take(ref data, length), _bound, context, value);
        return value;
    }

    private void WriteBound(StoredValue? bound, in ValueContext context, IBufferWriter<byte> output)
    {
        if (bound is null)
        {
            return;
        }

        var text = new ArrayBufferWriter<byte>();
        _codec.WriteText(bound.Value, _bound, context, text);
        RangeText.WriteBound(text.WrittenSpan, output);
    }

    /// <summary>Checks the order of the bounds, finds empty ranges, and gives discrete ranges their one form.</summary>
    internal RangeParts Canonical(RangeParts range)
    {
        range = range with
        {
            LowerInclusive = range.LowerInclusive && range.Lower is not null,
            UpperInclusive = range.UpperInclusive && range.Upper is not null,
        };
        if (range.Lower is not null && range.Upper is not null)
        {
            var order = _codec.Compare(range.Lower.Value, range.Upper.Value, _bound);
            if (order > 0)
            {
                throw new TypeException(SqlState.DataException, "range lower bound must be less than or equal to range upper bound");
            }

            if (order == 0 && !(range.LowerInclusive && range.UpperInclusive))
            {
                return RangeParts.Empty;
            }
        }

        if (info.RangeSubtype is not (PgTypes.Int4 or PgTypes.Int8 or PgTypes.Date))
        {
            return range;
        }

        if (range is { Lower: not null, LowerInclusive: false })
        {
            range = Advance(range.Lower, out var lower) ? range with { Lower = lower, LowerInclusive = true } : range;
        }

        if (range is { Upper: not null, UpperInclusive: true })
        {
            range = Advance(range.Upper, out var upper) ? range with { Upper = upper, UpperInclusive = false } : range;
        }

        return range is { Lower: not null, Upper: not null, UpperInclusive: false }
            && _codec.Compare(range.Lower.Value, range.Upper.Value, _bound) >= 0 ? RangeParts.Empty : range;
    }

    /// <summary>The next value of a discrete type; false for an infinite date, which has none.</summary>
    private bool Advance(StoredValue value, out StoredValue next)
    {
        next = new StoredValue();
        switch (info.RangeSubtype)
        {
            case PgTypes.Int4:
                next.SetInteger(Integers.ToInt4(value.Value.Integer + 1));
                return true;
            case PgTypes.Int8:
                next.SetInteger(Integers.Add(value.Value.Integer, 1));
                return true;
            default:
                var date = StoredMoment.Date(value.Value);
                if (Calendar.IsInfiniteDate(date))
                {
                    return false;
                }

                StoredMoment.Set(next, DateTimeArithmetic.AddDays(date, 1));
                return true;
        }
    }
}
