namespace Rqlite.Pg.Types.Values;

/// <summary>date_part: a field as a double. Fractions are calculated in doubles as PostgreSQL does, so that their last digits are the same.</summary>
public static class DateTimeParts
{
    public static double? FromTimestamp(string unit, long timestamp) =>
        Moment(unit, timestamp, timestamp, PgTypes.Timestamp) ?? DateTimeFields.FromTimestamp(unit, timestamp)?.ToFloat8();

    public static double? FromTimestampTz(string unit, long timestamp, PgTimeZone zone)
    {
        if (Calendar.IsInfinite(timestamp))
        {
            return DateTimeFields.FromTimestampTz(unit, timestamp, zone)?.ToFloat8();
        }

        var local = timestamp + (zone.SpanAtTimestamp(timestamp).Offset * Calendar.SecondMicroseconds);
        return Moment(unit, local, timestamp, PgTypes.TimestampTz) ?? DateTimeFields.FromTimestampTz(unit, timestamp, zone)?.ToFloat8();
    }

    public static double FromTime(string unit, long time) => DateTimeFields.Find(unit, PgTypes.Time) switch
    {
        DateTimeUnit.Epoch => time / 1e6,
        var found => Clock(found, time) ?? DateTimeFields.FromTime(unit, time).ToFloat8(),
    };

    public static double FromTimeTz(string unit, TimeTz value) => DateTimeFields.Find(unit, PgTypes.TimeTz) switch
    {
        DateTimeUnit.Epoch => (value.Time / 1e6) - value.Offset,
        var found => Clock(found, value.Time) ?? DateTimeFields.FromTimeTz(unit, value).ToFloat8(),
    };

    public static double FromInterval(string unit, Interval value)
    {
        var found = DateTimeFields.Find(unit, PgTypes.Interval);
        if (found == DateTimeUnit.Epoch)
        {
            var seconds = value.Microseconds / 1e6;
            seconds += 365.25 * 86_400 * (value.Months / 12);
            seconds += 30.0 * 86_400 * (value.Months % 12);
            seconds += 86_400.0 * value.Days;
            return seconds;
        }

        return Clock(found, value.Microseconds) ?? DateTimeFields.FromInterval(unit, value).ToFloat8();
    }

    private static double? Moment(string unit, long local, long moment, uint type)
    {
        var found = DateTimeFields.Find(unit, type);
        if (Calendar.IsInfinite(moment))
        {
            return null;
        }

        var days = Calendar.FloorDivide(local, Calendar.DayMicroseconds);
        var time = local - (days * Calendar.DayMicroseconds);
        return found switch
        {
            DateTimeUnit.Epoch => Epoch(moment),
            DateTimeUnit.Julian => days + Calendar.EpochJulianDay
                + (((time / Calendar.SecondMicroseconds) + (time % Calendar.SecondMicroseconds / 1e6)) / 86_400),
            _ => Clock(found, time),
        };
    }

    private static double Epoch(long moment)
    {
        const long Epoch = Calendar.EpochSeconds * Calendar.SecondMicroseconds;
        return moment < long.MaxValue - Epoch ? (moment + Epoch) / 1e6 : ((double)moment + Epoch) / 1e6;
    }

    private static double? Clock(DateTimeUnit unit, long time)
    {
        var second = time / Calendar.SecondMicroseconds % 60;
        var microsecond = time % Calendar.SecondMicroseconds;
        return unit switch
        {
            DateTimeUnit.Microsecond => (second * 1e6) + microsecond,
            DateTimeUnit.Millisecond => (second * 1e3) + (microsecond / 1e3),
            DateTimeUnit.Second => second + (microsecond / 1e6),
            _ => null,
        };
    }
}
