namespace Rqlite.Pg.Types.Values;

/// <summary>A time zone: one of the embedded database, a fixed offset or a POSIX rule.</summary>
public abstract class PgTimeZone(string name)
{
    private const long DaySeconds = 86_400;

    /// <summary>Gregorian calendars repeat after 400 years, weekdays included.</summary>
    private const long CycleSeconds = 146_097 * DaySeconds;

    // The years -9997 and 9998, which every kind of zone covers.
    private const long SecondsMin = -377_673_580_800;
    private const long SecondsMax = 253_370_764_800;

    public static PgTimeZone Utc { get; } = new FixedTimeZone("UTC", 0, "UTC");

    /// <summary>The name as SHOW timezone prints it.</summary>
    public string Name { get; } = name;

    /// <summary>The offset if the zone's clock never changes, so that a time without a date has one; else null.</summary>
    public virtual int? FixedOffset => null;

    public override string ToString() => Name;

    /// <summary>The span around a moment.</summary>
    /// <param name="seconds">Seconds since 1970 UTC.</param>
    public ZoneSpan SpanAt(long seconds)
    {
        if (seconds is >= SecondsMin and <= SecondsMax)
        {
            return Find(seconds);
        }

        if (seconds < SecondsMin)
        {
            return Find(SecondsMin) with { Start = long.MinValue };
        }

        // Rules of today go on for ever.
        var shift = ((seconds - SecondsMax) / CycleSeconds + 1) * CycleSeconds;
        var span = Find(seconds - shift);
        return span with
        {
            Start = span.Start == long.MinValue ? span.Start : span.Start + shift,
            End = span.End == long.MaxValue ? span.End : span.End + shift,
        };
    }

    /// <param name="microseconds">Microseconds since 2000-01-01 UTC.</param>
    public ZoneSpan SpanAtTimestamp(long microseconds) =>
        SpanAt(Calendar.FloorDivide(microseconds, Calendar.SecondMicroseconds) + Calendar.EpochSeconds);

    /// <summary>
    /// The offset of a local time, in seconds east of Greenwich. A time that the clock skips is read with the offset before the change, a time
    /// that it repeats with the offset after it.
    /// </summary>
    /// <param name="local">Seconds since 1970 of the local clock.</param>
    public int OffsetAtLocal(long local)
    {
        var before = SpanAt(local - DaySeconds);
        if (before.End == long.MaxValue)
        {
            return before.Offset;
        }

        var after = SpanAt(before.End);
        var beforeTime = local - before.Offset;
        var afterTime = local - after.Offset;
        if (beforeTime < before.End && afterTime < before.End)
        {
            return before.Offset;
        }

        return beforeTime > before.End && afterTime >= before.End ? after.Offset
            : beforeTime == before.End && afterTime >= before.End ? after.Offset
            : beforeTime > afterTime ? before.Offset : after.Offset;
    }

    /// <summary>The offset that an abbreviation has in this zone at a local time, which some abbreviations have changed over the years.</summary>
    public int OffsetOfAbbreviation(string abbreviation, long local)
    {
        var offset = OffsetAtLocal(local);
        var span = SpanAt(local - offset);
        for (var at = span; ; at = SpanAt(at.Start - 1))
        {
            if (at.Abbreviation.Equals(abbreviation, StringComparison.OrdinalIgnoreCase))
            {
                return at.Offset;
            }

            if (at.Start == long.MinValue)
            {
                break;
            }
        }

        // A zone with rules changes for ever; within a year all its abbreviations have come by.
        var steps = 0;
        for (var at = span; at.End != long.MaxValue && steps < 300; at = SpanAt(at.End), steps++)
        {
            if (at.Abbreviation.Equals(abbreviation, StringComparison.OrdinalIgnoreCase))
            {
                return at.Offset;
            }
        }

        return offset;
    }

    protected abstract ZoneSpan Find(long seconds);
}
