using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>What to_char prints: the parts of a moment or of an interval.</summary>
internal readonly record struct DateParts
{
    /// <summary>The astronomical year of a moment.</summary>
    public int Year { get; init; }

    public int Month { get; init; }

    public int Day { get; init; }

    public long Hour { get; init; }

    public int Minute { get; init; }

    public int Second { get; init; }

    public int Microsecond { get; init; }

    /// <summary>0 for Sunday.</summary>
    public int DayOfWeek { get; init; }

    public int DayOfYear { get; init; }

    /// <summary>Seconds east of Greenwich.</summary>
    public int Offset { get; init; }

    /// <summary>The zone's abbreviation; null for none.</summary>
    public string? Zone { get; init; }

    public bool IsInterval { get; init; }

    /// <param name="local">The timestamp on the clock to be shown.</param>
    public static DateParts Of(long local)
    {
        var days = Calendar.FloorDivide(local, Calendar.DayMicroseconds);
        var (year, month, day) = Calendar.FromDays(days);
        return OfTime(local - (days * Calendar.DayMicroseconds)) with
        {
            Year = year,
            Month = month,
            Day = day,
            DayOfWeek = Calendar.DayOfWeek(days),
            DayOfYear = (int)(days - Calendar.ToDays(year, 1, 1)) + 1,
        };
    }

    public static DateParts Of(long timestamp, PgTimeZone zone)
    {
        var span = zone.SpanAtTimestamp(timestamp);
        return Of(timestamp + (span.Offset * Calendar.SecondMicroseconds)) with { Offset = span.Offset, Zone = span.Abbreviation };
    }

    public static DateParts Of(Interval interval) => OfTime(interval.Microseconds) with
    {
        Year = interval.Months / 12,
        Month = interval.Months % 12,
        Day = interval.Days,

        // The span as so many days: all that a day of the year can mean here.
        DayOfYear = unchecked((interval.Months * 30) + interval.Days),
        IsInterval = true,
    };

    private static DateParts OfTime(long time) => new()
    {
        Hour = time / Calendar.HourMicroseconds,
        Minute = (int)(time / Calendar.MinuteMicroseconds % 60),
        Second = (int)(time / Calendar.SecondMicroseconds % 60),
        Microsecond = (int)(time % Calendar.SecondMicroseconds),
    };
}
