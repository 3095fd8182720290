namespace Rqlite.Pg.Types.Codecs;

/// <summary>Orders ranges: the empty one first, then by lower bounds, then by upper bounds.</summary>
public sealed class RangeOrder(Codec codec, PgType bound) : IComparer<RangeParts>
{
    public int Compare(RangeParts? x, RangeParts? y)
    {
        if (x is null || y is null)
        {
            return (x is not null).CompareTo(y is not null);
        }

        if (x.IsEmpty || y.IsEmpty)
        {
            return y.IsEmpty.CompareTo(x.IsEmpty);
        }

        var lower = CompareBounds(x.Lower, x.LowerInclusive, true, y.Lower, y.LowerInclusive, true);
        return lower != 0 ? lower : CompareBounds(x.Upper, x.UpperInclusive, false, y.Upper, y.UpperInclusive, false);
    }

    /// <summary>Compares two bounds as points: an exclusive lower bound lies after its value, an exclusive upper bound before it.</summary>
    public int CompareBounds(StoredValue? left, bool leftInclusive, bool leftLower, StoredValue? right, bool rightInclusive, bool rightLower)
    {
        if (left is null || right is null)
        {
            var (a, b) = (left is null ? (leftLower ? -1 : 1) : 0, right is null ? (rightLower ? -1 : 1) : 0);
            return a.CompareTo(b);
        }

        var order = Math.Sign(codec.Compare(left.Value, right.Value, bound));
        return order != 0 ? order : Shift(leftInclusive, leftLower).CompareTo(Shift(rightInclusive, rightLower));
    }

    private static int Shift(bool inclusive, bool lower) => inclusive ? 0 : lower ? 1 : -1;
}
