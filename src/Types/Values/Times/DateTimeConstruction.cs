using System.Globalization;

namespace Rqlite.Pg.Types.Values;

/// <summary>Dates, times and intervals from their parts: make_date and its kin.</summary>
public static class DateTimeConstruction
{
    /// <param name="year">A negative year is one before Christ.</param>
    public static int Date(int year, int month, int day)
    {
        // PostgreSQL's message has the year as it counts it, in which 0 is 1 BC.
        return (int)DaysOf(year, month, day, year < 0 ? year + 1 : year);
    }

    public static long Time(int hour, int minute, double second)
    {
        if (hour is < 0 or > 24 || minute is < 0 or > 59 || double.IsNaN(second) || second is < 0 or > 60)
        {
            throw TimeRange(hour, minute, second);
        }

        var time = (hour * Calendar.HourMicroseconds) + (minute * Calendar.MinuteMicroseconds)
            + (long)Math.Round(second * Calendar.SecondMicroseconds, MidpointRounding.ToEven);
        return time <= Calendar.DayMicroseconds ? time : throw TimeRange(hour, minute, second);
    }

    public static long Timestamp(int year, int month, int day, int hour, int minute, double second)
    {
        var days = DaysOf(year, month, day, year);
        var timestamp = ((Int128)days * Calendar.DayMicroseconds) + Time(hour, minute, second);
        return Calendar.TimestampInRange(timestamp)
            ? (long)timestamp
            : throw new TypeException(
                SqlState.DatetimeFieldOverflow, $"timestamp out of range: {DateText(year, month, day)} {TimeText(hour, minute, second)}");
    }

    public static Interval Interval(int years, int months, int weeks, int days, int hours, int minutes, double seconds)
    {
        if (!double.IsFinite(seconds))
        {
            throw TypeErrors.IntervalRange();
        }

        var rounded = Math.Round(seconds * Calendar.SecondMicroseconds, MidpointRounding.ToEven);
        var time = (hours * (Int128)Calendar.HourMicroseconds) + (minutes * (Int128)Calendar.MinuteMicroseconds);
        return Math.Abs(rounded) < 1e19
            ? Values.Interval.Create((years * 12L) + months, (weeks * 7L) + days, time + (Int128)rounded)
            : throw TypeErrors.IntervalRange();
    }

    /// <summary>The moment that lies so many seconds after 1970.</summary>
    public static long FromUnixSeconds(double seconds)
    {
        if (double.IsNaN(seconds))
        {
            throw new TypeException(SqlState.DatetimeFieldOverflow, "timestamp cannot be NaN");
        }

        if (double.IsInfinity(seconds))
        {
            return seconds > 0 ? Calendar.TimestampInfinity : Calendar.TimestampMinusInfinity;
        }

        var microseconds = Math.Round((seconds - Calendar.EpochSeconds) * Calendar.SecondMicroseconds, MidpointRounding.ToEven);
        return Math.Abs(microseconds) < 9.3e18 && Calendar.TimestampInRange((Int128)microseconds)
            ? (long)microseconds
            : throw new TypeException(SqlState.DatetimeFieldOverflow, $"timestamp out of range: \"{FloatText.General(seconds, 6)}\"");
    }

    private static long DaysOf(int year, int month, int day, int shownYear)
    {
        var astronomical = year < 0 ? year + 1L : year;
        if (year == 0 || month is < 1 or > 12 || day < 1 || day > Calendar.DaysInMonth(astronomical, month))
        {
            throw new TypeException(SqlState.DatetimeFieldOverflow, $"date field value out of range: {DateText(shownYear, month, day)}");
        }

        var days = Calendar.ToDays(astronomical, month, day);
        return Calendar.DateInRange(days)
            ? days
            : throw new TypeException(SqlState.DatetimeFieldOverflow, $"date out of range: {DateText(shownYear, month, day)}");
    }

    private static TypeException TimeRange(int hour, int minute, double second) =>
        new(SqlState.DatetimeFieldOverflow, $"time field value out of range: {TimeText(hour, minute, second)}");

    private static string DateText(int year, int month, int day) =>
        string.Create(CultureInfo.InvariantCulture, $"{year}-{Two(month)}-{Two(day)}");

    private static string TimeText(int hour, int minute, double second) =>
        string.Create(CultureInfo.InvariantCulture, $"{hour}:{Two(minute)}:{FloatText.General(second, 6).PadLeft(2, '0')}");

    /// <summary>A number with two characters at least, of which a sign is one.</summary>
    private static string Two(int number) => number.ToString(number < 0 ? "D" : "D2", CultureInfo.InvariantCulture);
}
