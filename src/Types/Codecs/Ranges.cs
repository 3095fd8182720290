using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>Calculation with the ranges and multiranges of one range type.</summary>
public sealed class Ranges
{
    private readonly RangeCodec _range;
    private readonly MultirangeCodec _multirange;
    private readonly PgTypeInfo _type;

    private Ranges(PgTypeInfo type)
    {
        _type = type;
        _range = (RangeCodec)Codec.For(type.Oid);
        _multirange = (MultirangeCodec)Codec.For(type.MultirangeOid);
        Order = _range.Order();
    }

    /// <summary>The type of the bounds.</summary>
    public uint Bound => _type.RangeSubtype;

    public RangeOrder Order { get; }

    /// <param name="type">A range type or its multirange type.</param>
    public static Ranges Of(uint type) => new(
        PgTypes.Find(type) is { Kind: 'r' } range ? range
        : PgTypes.All.FirstOrDefault(t => t.MultirangeOid == type && t.MultirangeOid != 0)
            ?? throw TypeErrors.NotSupported($"type {PgTypes.SqlNameOf(type)} is not supported"));

    public RangeParts Read(in SqliteValue value) => _range.ReadRange(Stored.RequireText(value, _type.SqlName), ValueContext.Default);

    public IReadOnlyList<RangeParts> ReadMultirange(in SqliteValue value) => _multirange.Read(value);

    public void Write(RangeParts range, IBufferWriter<byte> output) => _range.WriteRange(range, ValueContext.Default, output);

    public void Write(IReadOnlyList<RangeParts> ranges, IBufferWriter<byte> output) => _multirange.Write(ranges, ValueContext.Default, output);

    /// <summary>Makes a range; a bound that is null is infinite.</summary>
    /// <exception cref="TypeException">22000: the lower bound is the larger one.</exception>
    public RangeParts Make(StoredValue? lower, StoredValue? upper, bool lowerInclusive, bool upperInclusive) =>
        _range.Canonical(new RangeParts(lower, upper, lowerInclusive, upperInclusive));

    /// <summary>Ranges in order, of which those that overlap or touch are joined.</summary>
    public IReadOnlyList<RangeParts> Normalize(IEnumerable<RangeParts> ranges) => _multirange.Normalize(ranges);

    public int CompareLower(RangeParts left, RangeParts right) =>
        Order.CompareBounds(left.Lower, left.LowerInclusive, true, right.Lower, right.LowerInclusive, true);

    public int CompareUpper(RangeParts left, RangeParts right) =>
        Order.CompareBounds(left.Upper, left.UpperInclusive, false, right.Upper, right.UpperInclusive, false);

    /// <summary>Compares the upper bound of one range with the lower bound of another.</summary>
    public int CompareUpperToLower(RangeParts left, RangeParts right) =>
        Order.CompareBounds(left.Upper, left.UpperInclusive, false, right.Lower, right.LowerInclusive, true);

    public bool Contains(RangeParts whole, RangeParts part) =>
        part.IsEmpty || (!whole.IsEmpty && CompareLower(whole, part) <= 0 && CompareUpper(whole, part) >= 0);

    public bool Contains(RangeParts range, StoredValue value) => !range.IsEmpty
        && Order.CompareBounds(range.Lower, range.LowerInclusive, true, value, true, true) <= 0
        && Order.CompareBounds(range.Upper, range.UpperInclusive, false, value, true, false) >= 0;

    public bool Overlaps(RangeParts left, RangeParts right) =>
        !left.IsEmpty && !right.IsEmpty && CompareUpperToLower(left, right) >= 0 && CompareUpperToLower(right, left) >= 0;

    public bool IsBefore(RangeParts left, RangeParts right) => !left.IsEmpty && !right.IsEmpty && CompareUpperToLower(left, right) < 0;

    /// <summary>True if nothing lies between the ranges, and nothing in both.</summary>
    public bool IsAdjacent(RangeParts left, RangeParts right) =>
        !left.IsEmpty && !right.IsEmpty && (Meets(left, right) || Meets(right, left));

    public bool EndsNotAfter(RangeParts left, RangeParts right) => !left.IsEmpty && !right.IsEmpty && CompareUpper(left, right) <= 0;

    public bool BeginsNotBefore(RangeParts left, RangeParts right) => !left.IsEmpty && !right.IsEmpty && CompareLower(left, right) >= 0;

    public RangeParts Intersect(RangeParts left, RangeParts right)
    {
        if (!Overlaps(left, right))
        {
            return RangeParts.Empty;
        }

        var lower = CompareLower(left, right) >= 0 ? left : right;
        var upper = CompareUpper(left, right) <= 0 ? left : right;
        return Make(lower.Lower, upper.Upper, lower.LowerInclusive, upper.UpperInclusive);
    }

    /// <summary>The smallest range that includes both.</summary>
    public RangeParts Merge(RangeParts left, RangeParts right)
    {
        if (left.IsEmpty || right.IsEmpty)
        {
            return left.IsEmpty ? right : left;
        }

        var lower = CompareLower(left, right) < 0 ? left : right;
        var upper = CompareUpper(left, right) > 0 ? left : right;
        return new RangeParts(lower.Lower, upper.Upper, lower.LowerInclusive, upper.UpperInclusive);
    }

    /// <exception cref="TypeException">22000: something lies between the ranges.</exception>
    public RangeParts Union(RangeParts left, RangeParts right) =>
        left.IsEmpty || right.IsEmpty || Overlaps(left, right) || IsAdjacent(left, right)
            ? Merge(left, right)
            : throw new TypeException(SqlState.DataException, "result of range union would not be contiguous");

    /// <exception cref="TypeException">22000: the difference has two parts.</exception>
    public RangeParts Subtract(RangeParts left, RangeParts right)
    {
        if (!Overlaps(left, right))
        {
            return left;
        }

        var (before, after) = Remainders(left, right);
        return before is not null && after is not null
            ? throw new TypeException(SqlState.DataException, "result of range difference would not be contiguous")
            : before ?? after ?? RangeParts.Empty;
    }

    /// <summary>The first ranges without the second ones.</summary>
    public IReadOnlyList<RangeParts> Subtract(IReadOnlyList<RangeParts> left, IReadOnlyList<RangeParts> right)
    {
        var result = new List<RangeParts>();
        var next = 0;
        foreach (var range in left)
        {
            RangeParts? rest = range;
            while (next < right.Count && IsBefore(right[next], range))
            {
                next++;
            }

            for (var i = next; i < right.Count && rest is not null && !IsBefore(rest, right[i]); i++)
            {
                (var before, rest) = Overlaps(rest, right[i]) ? Remainders(rest, right[i]) : (null, rest);
                if (before is not null)
                {
                    result.Add(before);
                }
            }

            if (rest is not null)
            {
                result.Add(rest);
            }
        }

        return result;
    }

    public IReadOnlyList<RangeParts> Intersect(IReadOnlyList<RangeParts> left, IReadOnlyList<RangeParts> right)
    {
        var result = new List<RangeParts>();
        for (int i = 0, j = 0; i < left.Count && j < right.Count;)
        {
            var common = Intersect(left[i], right[j]);
            if (!common.IsEmpty)
            {
                result.Add(common);
            }

            if (CompareUpper(left[i], right[j]) < 0)
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return result;
    }

    private static bool SameValue(RangeOrder order, StoredValue? left, StoredValue? right) =>
        left is not null && right is not null && order.CompareBounds(left, true, false, right, true, true) == 0;

    private bool Meets(RangeParts left, RangeParts right) =>
        SameValue(Order, left.Upper, right.Lower) && left.UpperInclusive != right.LowerInclusive;

    /// <summary>The parts of a range before and after another one that overlaps it; null for none.</summary>
    private (RangeParts? Before, RangeParts? After) Remainders(RangeParts range, RangeParts cut)
    {
        var before = CompareLower(range, cut) < 0 ? Make(range.Lower, cut.Lower, range.LowerInclusive, !cut.LowerInclusive) : null;
        var after = CompareUpper(range, cut) > 0 ? Make(cut.Upper, range.Upper, !cut.UpperInclusive, range.UpperInclusive) : null;
        return (before is { IsEmpty: true } ? null : before, after is { IsEmpty: true } ? null : after);
    }
}
