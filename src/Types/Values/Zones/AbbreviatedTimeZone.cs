namespace Rqlite.Pg.Types.Values;

/// <summary>An abbreviation whose offset depends on the date: the offset it had in its zone, at any time of year.</summary>
internal sealed class AbbreviatedTimeZone(string name, PgTimeZone zone) : PgTimeZone(name)
{
    protected override ZoneSpan Find(long seconds)
    {
        var span = zone.SpanAt(seconds);
        return new ZoneSpan(span.Start, span.End, zone.OffsetOfAbbreviation(Name, seconds + span.Offset), span.IsDaylight, Name);
    }
}
