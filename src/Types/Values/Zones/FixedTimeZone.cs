namespace Rqlite.Pg.Types.Values;

/// <summary>A zone whose clock never changes.</summary>
internal sealed class FixedTimeZone(string name, int offset, string abbreviation) : PgTimeZone(name)
{
    private readonly ZoneSpan _span = new(long.MinValue, long.MaxValue, offset, false, abbreviation);

    public override int? FixedOffset => _span.Offset;

    protected override ZoneSpan Find(long seconds) => _span;
}
