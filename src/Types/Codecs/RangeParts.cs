namespace Rqlite.Pg.Types.Codecs;

/// <summary>A range with its bounds in stored form; a bound that is null is infinite.</summary>
public sealed record RangeParts(StoredValue? Lower, StoredValue? Upper, bool LowerInclusive, bool UpperInclusive)
{
    public static RangeParts Empty { get; } = new(null, null, false, false);

    public bool IsEmpty => ReferenceEquals(this, Empty);
}
