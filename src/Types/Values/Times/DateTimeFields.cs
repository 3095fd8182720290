using System.Numerics;

namespace Rqlite.Pg.Types.Values;

/// <summary>extract: a field of a date, time or interval as a numeric; null where an infinite value has none.</summary>
public static class DateTimeFields
{
    public static Numeric? FromTimestamp(string unit, long timestamp) => FromMoment(unit, timestamp, timestamp, null, PgTypes.Timestamp);

    public static Numeric? FromTimestampTz(string unit, long timestamp, PgTimeZone zone)
    {
        if (Calendar.IsInfinite(timestamp))
        {
            return FromMoment(unit, timestamp, timestamp, 0, PgTypes.TimestampTz);
        }

        var offset = zone.SpanAtTimestamp(timestamp).Offset;
        return FromMoment(unit, timestamp + (offset * Calendar.SecondMicroseconds), timestamp, offset, PgTypes.TimestampTz);
    }

    public static Numeric? FromDate(string unit, int date)
    {
        var found = Find(unit, PgTypes.Date);
        if (found is DateTimeUnit.Microsecond or DateTimeUnit.Millisecond or DateTimeUnit.Second or DateTimeUnit.Minute or DateTimeUnit.Hour
            or DateTimeUnit.Zone or DateTimeUnit.ZoneHour or DateTimeUnit.ZoneMinute or DateTimeUnit.Now)
        {
            throw NotSupported(unit, PgTypes.Date);
        }

        if (Calendar.IsInfiniteDate(date))
        {
            return Infinite(unit, found, date > 0, PgTypes.Date);
        }

        return found switch
        {
            DateTimeUnit.Epoch => Numeric.FromInt64(((long)date - Calendar.UnixEpochDays) * 86_400),
            DateTimeUnit.Julian => Numeric.FromInt64(date + Calendar.EpochJulianDay),
            _ => FromCalendar(unit, found, date, PgTypes.Date),
        };
    }

    public static Numeric FromTime(string unit, long time) => FromClock(unit, time, PgTypes.Time)
        ?? (Find(unit, PgTypes.Time) == DateTimeUnit.Epoch ? new Numeric(time, 6) : throw NotSupported(unit, PgTypes.Time));

    public static Numeric FromTimeTz(string unit, TimeTz value) => FromClock(unit, value.Time, PgTypes.TimeTz) ?? Find(unit, PgTypes.TimeTz) switch
    {
        DateTimeUnit.Epoch => new Numeric(value.Time - (value.Offset * Calendar.SecondMicroseconds), 6),
        DateTimeUnit.Zone => Numeric.FromInt64(value.Offset),
        DateTimeUnit.ZoneHour => Numeric.FromInt64(value.Offset / 3600),
        DateTimeUnit.ZoneMinute => Numeric.FromInt64(value.Offset % 3600 / 60),
        _ => throw NotSupported(unit, PgTypes.TimeTz),
    };

    public static Numeric FromInterval(string unit, Interval value)
    {
        var years = value.Months / 12;
        var months = value.Months % 12;
        return Find(unit, PgTypes.Interval) switch
        {
            DateTimeUnit.Microsecond => Numeric.FromInt64(value.Microseconds % Calendar.MinuteMicroseconds),
            DateTimeUnit.Millisecond => new Numeric(value.Microseconds % Calendar.MinuteMicroseconds, 3),
            DateTimeUnit.Second => new Numeric(value.Microseconds % Calendar.MinuteMicroseconds, 6),
            DateTimeUnit.Minute => Numeric.FromInt64(value.Microseconds / Calendar.MinuteMicroseconds % 60),
            DateTimeUnit.Hour => Numeric.FromInt64(value.Microseconds / Calendar.HourMicroseconds),
            DateTimeUnit.Day => Numeric.FromInt64(value.Days),
            DateTimeUnit.Month => Numeric.FromInt64(months),
            DateTimeUnit.Quarter => Numeric.FromInt64((months / 3) + 1),
            DateTimeUnit.Year => Numeric.FromInt64(years),
            DateTimeUnit.Decade => Numeric.FromInt64(years / 10),
            DateTimeUnit.Century => Numeric.FromInt64(years / 100),
            DateTimeUnit.Millennium => Numeric.FromInt64(years / 1000),
            DateTimeUnit.Epoch => new Numeric(
                (((new BigInteger(1461) * years) + (120 * months) + (new BigInteger(4) * value.Days)) * (86_400 / 4) * 1_000_000)
                    + value.Microseconds,
                6),
            _ => throw NotSupported(unit, PgTypes.Interval),
        };
    }

    internal static DateTimeUnit Find(string unit, uint type, bool truncation = false)
    {
        var found = truncation ? DateTimeWords.FindDurationUnit(unit) : DateTimeWords.FindUnit(unit);

        // Of the words for moments only epoch is a unit of all types.
        var isMoment = found is >= DateTimeUnit.Now and <= DateTimeUnit.MinusInfinity && found != DateTimeUnit.Epoch;
        return found == DateTimeUnit.None || (isMoment && type is PgTypes.Interval or PgTypes.Time or PgTypes.TimeTz)
            ? throw new TypeException(
                SqlState.InvalidParameterValue, $"unit \"{unit.ToLowerInvariant()}\" not recognized for type {PgTypes.SqlNameOf(type)}")
            : found;
    }

    internal static TypeException NotSupported(string unit, uint type) =>
        TypeErrors.NotSupported($"unit \"{unit.ToLowerInvariant()}\" not supported for type {PgTypes.SqlNameOf(type)}");

    private static Numeric? FromMoment(string unit, long local, long moment, int? offset, uint type)
    {
        var found = Find(unit, type);
        if (Calendar.IsInfinite(moment))
        {
            return Infinite(unit, found, moment > 0, type);
        }

        var days = Calendar.FloorDivide(local, Calendar.DayMicroseconds);
        var time = local - (days * Calendar.DayMicroseconds);
        switch (found)
        {
            case DateTimeUnit.Epoch:
                return new Numeric((BigInteger)moment + ((BigInteger)Calendar.EpochSeconds * Calendar.SecondMicroseconds), 6);
            case DateTimeUnit.Julian:
                return Numeric.FromInt64(days + Calendar.EpochJulianDay)
                    + (Numeric.FromInt64(time) / Numeric.FromInt64(Calendar.DayMicroseconds));
            case DateTimeUnit.Zone when offset is not null:
                return Numeric.FromInt64(offset.Value);
            case DateTimeUnit.ZoneHour when offset is not null:
                return Numeric.FromInt64(offset.Value / 3600);
            case DateTimeUnit.ZoneMinute when offset is not null:
                return Numeric.FromInt64(offset.Value % 3600 / 60);
            default:
                return Clock(found, time) ?? FromCalendar(unit, found, days, type);
        }
    }

    private static Numeric? FromClock(string unit, long time, uint type) => Clock(Find(unit, type), time);

    private static Numeric? Clock(DateTimeUnit unit, long time) => unit switch
    {
        DateTimeUnit.Microsecond => Numeric.FromInt64(time % Calendar.MinuteMicroseconds),
        DateTimeUnit.Millisecond => new Numeric(time % Calendar.MinuteMicroseconds, 3),
        DateTimeUnit.Second => new Numeric(time % Calendar.MinuteMicroseconds, 6),
        DateTimeUnit.Minute => Numeric.FromInt64(time / Calendar.MinuteMicroseconds % 60),
        DateTimeUnit.Hour => Numeric.FromInt64(time / Calendar.HourMicroseconds),
        _ => null,
    };

    private static Numeric FromCalendar(string unit, DateTimeUnit found, long days, uint type)
    {
        var (year, month, day) = Calendar.FromDays(days);
        return Numeric.FromInt64(found switch
        {
            DateTimeUnit.Day => day,
            DateTimeUnit.Month => month,
            DateTimeUnit.Quarter => ((month - 1) / 3) + 1,
            DateTimeUnit.Week => Calendar.IsoWeek(days).Week,
            DateTimeUnit.Year => year > 0 ? year : year - 1,
            DateTimeUnit.Decade => year >= 0 ? year / 10 : -((8 - (year - 1)) / 10),
            DateTimeUnit.Century => year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100),
            DateTimeUnit.Millennium => year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000),
            DateTimeUnit.IsoYear => Calendar.IsoWeek(days).Year is > 0 and var isoYear ? isoYear : Calendar.IsoWeek(days).Year - 1,
            DateTimeUnit.DayOfWeek => Calendar.DayOfWeek(days),
            DateTimeUnit.IsoDayOfWeek => Calendar.DayOfWeek(days) is 0 ? 7 : Calendar.DayOfWeek(days),
            DateTimeUnit.DayOfYear => days - Calendar.ToDays(year, 1, 1) + 1,
            _ => throw NotSupported(unit, type),
        });
    }

    private static Numeric? Infinite(string unit, DateTimeUnit found, bool positive, uint type) => found switch
    {
        DateTimeUnit.Microsecond or DateTimeUnit.Millisecond or DateTimeUnit.Second or DateTimeUnit.Minute or DateTimeUnit.Hour or DateTimeUnit.Day
            or DateTimeUnit.Month or DateTimeUnit.Quarter or DateTimeUnit.Week or DateTimeUnit.DayOfWeek or DateTimeUnit.IsoDayOfWeek
            or DateTimeUnit.DayOfYear => null,
        DateTimeUnit.Zone or DateTimeUnit.ZoneHour or DateTimeUnit.ZoneMinute => null,
        DateTimeUnit.Year or DateTimeUnit.Decade or DateTimeUnit.Century or DateTimeUnit.Millennium or DateTimeUnit.Julian or DateTimeUnit.IsoYear
            or DateTimeUnit.Epoch => positive ? Numeric.PositiveInfinity : Numeric.NegativeInfinity,
        _ => throw NotSupported(unit, type),
    };
}
