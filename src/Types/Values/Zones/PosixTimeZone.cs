namespace Rqlite.Pg.Types.Values;

/// <summary>A zone with a summer time by yearly rules, as POSIX's TZ describes it: <c>EST5EDT,M3.2.0,M11.1.0</c>.</summary>
internal sealed class PosixTimeZone(string name, PosixRule rule) : PgTimeZone(name)
{
    protected override ZoneSpan Find(long seconds)
    {
        var (year, _, _) = Calendar.FromDays(Calendar.FloorDivide(seconds - Calendar.EpochSeconds, 86_400));

        // Three years hold every change around the moment, whatever the offsets.
        var start = long.MinValue;
        var daylight = false;
        for (var y = year - 1; y <= year + 1; y++)
        {
            var toDaylight = rule.Start.SecondsIn(y) - rule.Offset;
            var toStandard = rule.End.SecondsIn(y) - rule.DaylightOffset;
            var (first, second) = toDaylight < toStandard ? (toDaylight, toStandard) : (toStandard, toDaylight);
            foreach (var change in new[] { first, second })
            {
                if (change > seconds)
                {
                    return Span(start, change, daylight);
                }

                (start, daylight) = (change, change == toDaylight);
            }
        }

        return Span(start, long.MaxValue, daylight);
    }

    private ZoneSpan Span(long start, long end, bool daylight) =>
        new(start, end, daylight ? rule.DaylightOffset : rule.Offset, daylight, daylight ? rule.DaylightAbbreviation : rule.Abbreviation);
}
