namespace Rqlite.Pg.Types.Values;

/// <summary>A moment as its fields on a clock and calendar.</summary>
internal struct BrokenTime
{
    /// <summary>The astronomical year: 0 is 1 BC.</summary>
    public int Year;
    public int Month;
    public int Day;
    public int Hour;
    public int Minute;
    public int Second;
    public int Microsecond;
    public int DayOfYear;

    /// <summary>The time of day in microseconds.</summary>
    public readonly long TimeOfDay =>
        (((((Hour * 60L) + Minute) * 60) + Second) * Calendar.SecondMicroseconds) + Microsecond;

    /// <summary>The local clock in seconds since 1970, for time zones.</summary>
    public readonly long LocalSeconds => (Calendar.ToDays(Year, Month, Day) * 86_400) + Calendar.EpochSeconds
        + (Hour * 3600L) + (Minute * 60) + Second;

    public static BrokenTime FromTimestamp(long microseconds)
    {
        var days = Calendar.FloorDivide(microseconds, Calendar.DayMicroseconds);
        var time = new BrokenTime();
        time.SetDate(days);
        time.SetTime(microseconds - (days * Calendar.DayMicroseconds));
        return time;
    }

    public void SetDate(long days) => (Year, Month, Day) = Calendar.FromDays(days);

    public void SetTime(long microseconds)
    {
        Microsecond = (int)(microseconds % Calendar.SecondMicroseconds);
        var seconds = (int)(microseconds / Calendar.SecondMicroseconds);
        Second = seconds % 60;
        Minute = seconds / 60 % 60;
        Hour = seconds / 3600;
    }

    /// <summary>Microseconds since 2000-01-01; false beyond the limits of timestamps.</summary>
    public readonly bool TryToTimestamp(out long microseconds)
    {
        var value = ((Int128)Calendar.ToDays(Year, Month, Day) * Calendar.DayMicroseconds) + TimeOfDay;
        microseconds = (long)Int128.Clamp(value, long.MinValue, long.MaxValue);
        return Calendar.TimestampInRange(value);
    }
}
