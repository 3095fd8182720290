namespace Rqlite.Pg.Types.Values;

/// <summary>date_trunc.</summary>
public static class DateTimeTruncation
{
    public static long Truncate(string unit, long timestamp)
    {
        if (Calendar.IsInfinite(timestamp))
        {
            return timestamp;
        }

        var found = DateTimeFields.Find(unit, PgTypes.Timestamp, truncation: true);
        return Truncate(unit, found, timestamp, PgTypes.Timestamp);
    }

    /// <summary>Truncates on the zone's clock.</summary>
    public static long Truncate(string unit, long timestamp, PgTimeZone zone)
    {
        if (Calendar.IsInfinite(timestamp))
        {
            return timestamp;
        }

        var found = DateTimeFields.Find(unit, PgTypes.TimestampTz, truncation: true);
        var local = DateTimeArithmetic.ToLocal(timestamp, zone);
        var offset = local - timestamp;
        var truncated = Truncate(unit, found, local, PgTypes.TimestampTz);

        // Within a day the offset is kept: the hour that a clock repeats stays the one it was.
        return found is DateTimeUnit.Microsecond or DateTimeUnit.Millisecond or DateTimeUnit.Second or DateTimeUnit.Minute or DateTimeUnit.Hour
            ? truncated - offset
            : DateTimeArithmetic.FromLocal(truncated, zone);
    }

    public static Interval Truncate(string unit, Interval value)
    {
        var (months, days, time) = (value.Months, value.Days, value.Microseconds);
        switch (DateTimeFields.Find(unit, PgTypes.Interval, truncation: true))
        {
            case DateTimeUnit.Millennium:
                return new Interval(months / 12_000 * 12_000, 0, 0);
            case DateTimeUnit.Century:
                return new Interval(months / 1200 * 1200, 0, 0);
            case DateTimeUnit.Decade:
                return new Interval(months / 120 * 120, 0, 0);
            case DateTimeUnit.Year:
                return new Interval(months / 12 * 12, 0, 0);
            case DateTimeUnit.Quarter:
                return new Interval(months - (months % 12 % 3), 0, 0);
            case DateTimeUnit.Month:
                return new Interval(months, 0, 0);
            case DateTimeUnit.Day:
                return new Interval(months, days, 0);
            case DateTimeUnit.Hour:
                return new Interval(months, days, time / Calendar.HourMicroseconds * Calendar.HourMicroseconds);
            case DateTimeUnit.Minute:
                return new Interval(months, days, time / Calendar.MinuteMicroseconds * Calendar.MinuteMicroseconds);
            case DateTimeUnit.Second:
                return new Interval(months, days, time / Calendar.SecondMicroseconds * Calendar.SecondMicroseconds);
            case DateTimeUnit.Millisecond:
                return new Interval(months, days, time / 1000 * 1000);
            case DateTimeUnit.Microsecond:
                return value;
            case DateTimeUnit.Week:
                throw new TypeException(
                    SqlState.FeatureNotSupported, $"unit \"{unit.ToLowerInvariant()}\" not supported for type interval",
                    "Months usually have fractional weeks.");
            default:
                throw DateTimeFields.NotSupported(unit, PgTypes.Interval);
        }
    }

    private static long Truncate(string unit, DateTimeUnit found, long local, uint type)
    {
        var time = BrokenTime.FromTimestamp(local);
        var days = Calendar.FloorDivide(local, Calendar.DayMicroseconds);
        var clock = local - (days * Calendar.DayMicroseconds);
        switch (found)
        {
            case DateTimeUnit.Microsecond:
                return local;
            case DateTimeUnit.Millisecond:
                return local - (clock % 1000);
            case DateTimeUnit.Second:
                return local - (clock % Calendar.SecondMicroseconds);
            case DateTimeUnit.Minute:
                return local - (clock % Calendar.MinuteMicroseconds);
            case DateTimeUnit.Hour:
                return local - (clock % Calendar.HourMicroseconds);
            case DateTimeUnit.Day:
                return local - clock;
            case DateTimeUnit.Week:
                return Midnight(days - ((Calendar.DayOfWeek(days) + 6) % 7));
            case DateTimeUnit.Month:
                return Midnight(Calendar.ToDays(time.Year, time.Month, 1));
            case DateTimeUnit.Quarter:
                return Midnight(Calendar.ToDays(time.Year, ((time.Month - 1) / 3 * 3) + 1, 1));
            case DateTimeUnit.Year:
                return Midnight(Calendar.ToDays(time.Year, 1, 1));
            case DateTimeUnit.Decade:
                return Midnight(Calendar.ToDays(time.Year > 0 ? time.Year / 10 * 10 : -((8 - (time.Year - 1)) / 10 * 10), 1, 1));
            case DateTimeUnit.Century:
                return Midnight(Calendar.ToDays(
                    time.Year > 0 ? ((time.Year + 99) / 100 * 100) - 99 : -((99 - (time.Year - 1)) / 100 * 100) + 1, 1, 1));
            case DateTimeUnit.Millennium:
                return Midnight(Calendar.ToDays(
                    time.Year > 0 ? ((time.Year + 999) / 1000 * 1000) - 999 : -((999 - (time.Year - 1)) / 1000 * 1000) + 1, 1, 1));
            default:
                throw DateTimeFields.NotSupported(unit, type);
        }
    }

    private static long Midnight(long days) =>
        Calendar.TimestampInRange((Int128)days * Calendar.DayMicroseconds) ? days * Calendar.DayMicroseconds : throw TypeErrors.TimestampRange();
}
