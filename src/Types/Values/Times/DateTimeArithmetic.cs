namespace Rqlite.Pg.Types.Values;

/// <summary>Calculation with dates, times and timestamps.</summary>
public static class DateTimeArithmetic
{
    /// <summary>Adds months on the calendar (a day beyond the month's end becomes its last), then days, then time.</summary>
    public static long Add(long timestamp, Interval interval)
    {
        if (Calendar.IsInfinite(timestamp))
        {
            return timestamp;
        }

        timestamp = AddMonthsAndDays(timestamp, interval);
        var sum = (Int128)timestamp + interval.Microseconds;
        return Calendar.TimestampInRange(sum) ? (long)sum : throw TypeErrors.TimestampRange();
    }

    public static long Subtract(long timestamp, Interval interval) => Add(timestamp, -interval);

    /// <summary>Adds months and days on the zone's calendar and clock, then time as it passes.</summary>
    public static long Add(long timestamp, Interval interval, PgTimeZone zone)
    {
        if (Calendar.IsInfinite(timestamp))
        {
            return timestamp;
        }

        // Months and days keep the clock's time, each from the moment that the other has led to.
        timestamp = AddOnClock(timestamp, new Interval(interval.Months, 0, 0), zone);
        timestamp = AddOnClock(timestamp, new Interval(0, interval.Days, 0), zone);
        var sum = (Int128)timestamp + interval.Microseconds;
        return Calendar.TimestampInRange(sum) ? (long)sum : throw TypeErrors.TimestampRange();
    }

    public static long Subtract(long timestamp, Interval interval, PgTimeZone zone) => Add(timestamp, -interval, zone);

    /// <summary>The difference of two timestamps in days and time.</summary>
    public static Interval Subtract(long left, long right)
    {
        if (Calendar.IsInfinite(left) || Calendar.IsInfinite(right))
        {
            throw new TypeException(SqlState.DatetimeFieldOverflow, "cannot subtract infinite timestamps");
        }

        return Interval.Create(0, 0, (Int128)left - right).JustifyHours();
    }

    public static int AddDays(int date, int days)
    {
        if (Calendar.IsInfiniteDate(date))
        {
            return date;
        }

        var sum = (long)date + days;
        return Calendar.DateInRange(sum) ? (int)sum : throw TypeErrors.DateRange();
    }

    public static int SubtractDays(int date, int days)
    {
        if (Calendar.IsInfiniteDate(date))
        {
            return date;
        }

        var difference = (long)date - days;
        return Calendar.DateInRange(difference) ? (int)difference : throw TypeErrors.DateRange();
    }

    public static int SubtractDates(int left, int right)
    {
        if (Calendar.IsInfiniteDate(left) || Calendar.IsInfiniteDate(right))
        {
            throw new TypeException(SqlState.DatetimeFieldOverflow, "cannot subtract infinite dates");
        }

        return left - right;
    }

    /// <summary>Adds the time of an interval; the clock wraps around at midnight.</summary>
    public static long AddToTime(long time, Interval interval)
    {
        var sum = (time + (interval.Microseconds % Calendar.DayMicroseconds)) % Calendar.DayMicroseconds;
        return sum < 0 ? sum + Calendar.DayMicroseconds : sum;
    }

    public static long SubtractFromTime(long time, Interval interval)
    {
        var difference = (time - (interval.Microseconds % Calendar.DayMicroseconds)) % Calendar.DayMicroseconds;
        return difference < 0 ? difference + Calendar.DayMicroseconds : difference;
    }

    public static TimeTz SubtractFromTime(TimeTz time, Interval interval) => time with { Time = SubtractFromTime(time.Time, interval) };

    public static TimeTz AddToTime(TimeTz time, Interval interval) => time with { Time = AddToTime(time.Time, interval) };

    /// <summary>The same moment on a clock with another offset.</summary>
    public static TimeTz AtOffset(TimeTz time, int offset)
    {
        var shifted = (time.Time + ((long)(offset - time.Offset) * Calendar.SecondMicroseconds)) % Calendar.DayMicroseconds;
        return new TimeTz(shifted < 0 ? shifted + Calendar.DayMicroseconds : shifted, offset);
    }

    /// <summary>The local time of a moment in a zone (timestamptz AT TIME ZONE).</summary>
    public static long ToLocal(long timestamp, PgTimeZone zone)
    {
        if (Calendar.IsInfinite(timestamp))
        {
            return timestamp;
        }

        var local = (Int128)timestamp + ((long)zone.SpanAtTimestamp(timestamp).Offset * Calendar.SecondMicroseconds);
        return Calendar.TimestampInRange(local) ? (long)local : throw TypeErrors.TimestampRange();
    }

    /// <summary>The moment of a local time in a zone (timestamp AT TIME ZONE).</summary>
    public static long FromLocal(long local, PgTimeZone zone)
    {
        if (Calendar.IsInfinite(local))
        {
            return local;
        }

        var seconds = Calendar.FloorDivide(local, Calendar.SecondMicroseconds) + Calendar.EpochSeconds;
        var moment = (Int128)local - ((long)zone.OffsetAtLocal(seconds) * Calendar.SecondMicroseconds);
        return Calendar.TimestampInRange(moment) ? (long)moment : throw TypeErrors.TimestampRange();
    }

    public static long FromDate(int date)
    {
        if (Calendar.IsInfiniteDate(date))
        {
            return date > 0 ? Calendar.TimestampInfinity : Calendar.TimestampMinusInfinity;
        }

        var timestamp = (Int128)date * Calendar.DayMicroseconds;
        return Calendar.TimestampInRange(timestamp)
            ? (long)timestamp
            : throw new TypeException(SqlState.DatetimeFieldOverflow, "date out of range for timestamp");
    }

    public static int ToDate(long timestamp) => timestamp switch
    {
        Calendar.TimestampInfinity => Calendar.DateInfinity,
        Calendar.TimestampMinusInfinity => Calendar.DateMinusInfinity,
        _ => (int)Calendar.FloorDivide(timestamp, Calendar.DayMicroseconds),
    };

    /// <summary>The time of day; null for an infinite timestamp.</summary>
    public static long? ToTime(long timestamp) => Calendar.IsInfinite(timestamp)
        ? null
        : timestamp - (Calendar.FloorDivide(timestamp, Calendar.DayMicroseconds) * Calendar.DayMicroseconds);

    /// <summary>The same on the zone's calendar and clock.</summary>
    public static Interval Age(long left, long right, PgTimeZone zone)
    {
        RequireNoMinusInfinity(left, right);
        return Age(left, right, LocalFields(left, zone), LocalFields(right, zone));
    }

    /// <summary>The difference in years, months, days and time, as one counts on a calendar.</summary>
    public static Interval Age(long left, long right)
    {
        RequireNoMinusInfinity(left, right);
        return Age(left, right, BrokenTime.FromTimestamp(left), BrokenTime.FromTimestamp(right));
    }

    private static void RequireNoMinusInfinity(long left, long right)
    {
        // PostgreSQL 15 counts infinity as the last moment that its type can hold.
        if (left == Calendar.TimestampMinusInfinity || right == Calendar.TimestampMinusInfinity)
        {
            throw TypeErrors.TimestampRange();
        }
    }

    private static BrokenTime LocalFields(long timestamp, PgTimeZone zone)
    {
        var local = (Int128)timestamp + ((long)zone.SpanAtTimestamp(timestamp).Offset * Calendar.SecondMicroseconds);
        var days = local / Calendar.DayMicroseconds;
        days -= local < days * Calendar.DayMicroseconds ? 1 : 0;
        var time = new BrokenTime();
        time.SetDate((long)days);
        time.SetTime((long)(local - (days * Calendar.DayMicroseconds)));
        return time;
    }

    private static Interval Age(long left, long right, BrokenTime a, BrokenTime b)
    {
        var negative = left < right;
        var (later, earlier) = negative ? (b, a) : (a, b);
        long years = later.Year - earlier.Year;
        var months = later.Month - earlier.Month;
        var days = later.Day - earlier.Day;
        var time = later.TimeOfDay - earlier.TimeOfDay;
        if (time < 0)
        {
            time += Calendar.DayMicroseconds;
            days--;
        }

        while (days < 0)
        {
            // Borrowed is the month of the earlier moment.
            days += Calendar.DaysInMonth(earlier.Year, earlier.Month);
            months--;
        }

        while (months < 0)
        {
            months += 12;
            years--;
        }

        var total = (years * 12) + months;
        return negative ? Interval.Create(-total, -days, -time) : Interval.Create(total, days, time);
    }

    /// <summary>The beginning of the stride that a timestamp lies in, counted from an origin.</summary>
    public static long Bin(Interval stride, long timestamp, long origin)
    {
        if (Calendar.IsInfinite(timestamp))
        {
            return timestamp;
        }

        if (Calendar.IsInfinite(origin))
        {
            throw new TypeException(SqlState.DatetimeFieldOverflow, "origin out of range");
        }

        if (stride.Months != 0)
        {
            throw TypeErrors.NotSupported("timestamps cannot be binned into intervals containing months or years");
        }

        var size = ((Int128)stride.Days * Calendar.DayMicroseconds) + stride.Microseconds;
        if (size > long.MaxValue || size < long.MinValue)
        {
            throw TypeErrors.IntervalRange();
        }

        if (size <= 0)
        {
            throw new TypeException(SqlState.DatetimeFieldOverflow, "stride must be greater than zero");
        }

        var difference = (Int128)timestamp - origin;
        if (difference > long.MaxValue || difference < long.MinValue)
        {
            throw TypeErrors.IntervalRange();
        }

        var begun = difference - (difference % size);
        if (difference % size != 0 && difference < 0)
        {
            begun -= size;
        }

        var result = origin + begun;
        return Calendar.TimestampInRange(result) ? (long)result : throw TypeErrors.TimestampRange();
    }

    private static long AddOnClock(long timestamp, Interval interval, PgTimeZone zone)
    {
        if (interval is { Months: 0, Days: 0 })
        {
            return timestamp;
        }

        return FromLocal(AddMonthsAndDays(ToLocal(timestamp, zone), interval), zone);
    }

    private static long AddMonthsAndDays(long timestamp, Interval interval)
    {
        if (interval.Months != 0)
        {
            var time = BrokenTime.FromTimestamp(timestamp);
            var months = (time.Year * 12L) + time.Month - 1 + interval.Months;
            var year = Calendar.FloorDivide(months, 12);
            time.Month = (int)(months - (year * 12)) + 1;
            time.Year = (int)Math.Clamp(year, int.MinValue, int.MaxValue);
            time.Day = Math.Min(time.Day, Calendar.DaysInMonth(time.Year, time.Month));
            timestamp = time.TryToTimestamp(out var moved) ? moved : throw TypeErrors.TimestampRange();
        }

        if (interval.Days != 0)
        {
            var sum = timestamp + ((Int128)interval.Days * Calendar.DayMicroseconds);
            timestamp = Calendar.TimestampInRange(sum) ? (long)sum : throw TypeErrors.TimestampRange();
        }

        return timestamp;
    }
}
