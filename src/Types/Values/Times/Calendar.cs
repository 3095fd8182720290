namespace Rqlite.Pg.Types.Values;

/// <summary>PostgreSQL's calendar: proleptic Gregorian days since 2000-01-01, microseconds of a day, and its limits.</summary>
public static class Calendar
{
    public const long DayMicroseconds = 86_400_000_000;
    public const long HourMicroseconds = 3_600_000_000;
    public const long MinuteMicroseconds = 60_000_000;
    public const long SecondMicroseconds = 1_000_000;
    public const int DateInfinity = int.MaxValue;
    public const int DateMinusInfinity = int.MinValue;
    public const long TimestampInfinity = long.MaxValue;
    public const long TimestampMinusInfinity = long.MinValue;

    /// <summary>2000-01-01 in seconds since 1970-01-01.</summary>
    public const long EpochSeconds = 946_684_800;

    /// <summary>1970-01-01 in days since 2000-01-01.</summary>
    public const int UnixEpochDays = -10_957;

    /// <summary>The Julian day of 2000-01-01.</summary>
    public const int EpochJulianDay = 2_451_545;

    // The limits 4714-11-24 BC and 294277-01-01; for dates 5874898-01-01.
    private const int DaysMin = -EpochJulianDay;
    private const long TimestampMin = DaysMin * DayMicroseconds;
    private const long TimestampEnd = 9_223_371_331_200_000_000;
    private const int DateEnd = 2_145_031_949;

    public static bool DateInRange(long days) => days is >= DaysMin and < DateEnd;

    public static bool TimestampInRange(long microseconds) => microseconds is >= TimestampMin and < TimestampEnd;

    public static bool TimestampInRange(Int128 microseconds) =>
        microseconds >= TimestampMin && microseconds < TimestampEnd;

    public static bool IsInfinite(long timestamp) => timestamp is TimestampInfinity or TimestampMinusInfinity;

    public static bool IsInfiniteDate(int days) => days is DateInfinity or DateMinusInfinity;

    public static long FloorDivide(long dividend, long divisor)
    {
        var quotient = Math.DivRem(dividend, divisor, out var remainder);
        return remainder < 0 ? quotient - 1 : quotient;
    }

    /// <param name="year">The astronomical year: 0 is 1 BC.</param>
    public static long ToDays(long year, int month, int day)
    {
        // Years begin in March, so that the leap day is the last of its year.
        var shifted = month > 2 ? year : year - 1;
        var monthFromMarch = (month + 9) % 12;
        var era = Math.DivRem(shifted, 400, out var yearOfEra);
        if (yearOfEra < 0)
        {
            (era, yearOfEra) = (era - 1, yearOfEra + 400);
        }

        var dayOfYear = (((153 * monthFromMarch) + 2) / 5) + day - 1;
        return (era * 146_097) + (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear - 730_425;
    }

    public static (int Year, int Month, int Day) FromDays(long days)
    {
        var shifted = days + 730_425;
        var era = Math.DivRem(shifted, 146_097, out var dayOfEra);
        if (dayOfEra < 0)
        {
            (era, dayOfEra) = (era - 1, dayOfEra + 146_097);
        }

        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var monthFromMarch = ((5 * dayOfYear) + 2) / 153;
        var day = (int)(dayOfYear - (((153 * monthFromMarch) + 2) / 5) + 1);
        var month = (int)(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9);
        return ((int)((era * 400) + yearOfEra + (month <= 2 ? 1 : 0)), month, day);
    }

    public static bool IsLeapYear(long year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    public static int DaysInMonth(long year, int month) => month == 2 ? (IsLeapYear(year) ? 29 : 28) : month is 4 or 6 or 9 or 11 ? 30 : 31;

    /// <summary>0 for Sunday.</summary>
    public static int DayOfWeek(long days) => (int)(((days + 6) % 7 + 7) % 7);

    /// <summary>The first Monday of the ISO year, as days.</summary>
    public static long IsoYearStart(int year)
    {
        // January 4 always lies in week 1.
        var fourth = ToDays(year, 1, 4);
        return fourth - ((DayOfWeek(fourth) + 6) % 7);
    }

    /// <summary>The ISO year and week that a day lies in.</summary>
    public static (int Year, int Week) IsoWeek(long days)
    {
        var (year, _, _) = FromDays(days);
        var isoYear = days < IsoYearStart(year) ? year - 1 : days >= IsoYearStart(year + 1) ? year + 1 : year;
        return (isoYear, (int)((days - IsoYearStart(isoYear)) / 7) + 1);
    }
}
