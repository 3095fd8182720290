namespace Rqlite.Pg.Wire.Values;

/// <summary>PostgreSQL's calendar: proleptic Gregorian days since 2000-01-01, microseconds of a day, and its limits.</summary>
internal static class Calendar
{
    public const long DayMicroseconds = 86_400_000_000;
    public const long SecondMicroseconds = 1_000_000;
    public const int DateInfinity = int.MaxValue;
    public const int DateMinusInfinity = int.MinValue;
    public const long TimestampInfinity = long.MaxValue;
    public const long TimestampMinusInfinity = long.MinValue;

    /// <summary>2000-01-01 in seconds since 1970-01-01.</summary>
    public const long EpochSeconds = 946_684_800;

    // The limits 4714-11-24 BC and 294277-01-01; for dates 5874898-01-01.
    private const int DaysMin = -2_451_545;
    private const long TimestampMin = DaysMin * DayMicroseconds;
    private const long TimestampEnd = 9_223_371_331_200_000_000;
    private const int DateEnd = 2_145_031_949;

    public static bool DateInRange(long days) => days is >= DaysMin and < DateEnd;

    public static bool TimestampInRange(long microseconds) => microseconds is >= TimestampMin and < TimestampEnd;

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

    public static int DaysInMonth(int year, int month) => month == 2
        ? (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28)
        : month is 4 or 6 or 9 or 11 ? 30 : 31;

    /// <summary>The offset at a moment, in seconds east of Greenwich.</summary>
    public static int OffsetAtUtc(TimeZoneInfo zone, long microseconds) =>
        (int)zone.GetUtcOffset(ToDateTime(microseconds, DateTimeKind.Utc)).TotalSeconds;

    /// <summary>The offset at a local time, in seconds east of Greenwich; a time that the clock skips or repeats counts as standard time.</summary>
    public static int OffsetAtLocal(TimeZoneInfo zone, long microseconds) =>
        (int)zone.GetUtcOffset(ToDateTime(microseconds, DateTimeKind.Unspecified)).TotalSeconds;

    /// <summary>Years that .NET does not have use the zone's rules of the nearest year that it has.</summary>
    private static DateTime ToDateTime(long microseconds, DateTimeKind kind)
    {
        const long Min = -63_082_281_600_000_000;
        const long Max = 252_455_615_999_999_999;
        var ticks = (Math.Clamp(microseconds, Min, Max) - Min) * 10;
        return new DateTime(ticks, kind);
    }
}
