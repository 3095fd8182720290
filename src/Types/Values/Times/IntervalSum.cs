namespace Rqlite.Pg.Types.Values;

/// <summary>An interval while its parts are added up; every method is false for a part that does not fit.</summary>
internal struct IntervalSum
{
    public int Years;
    public int Months;
    public int Days;
    public long Microseconds;

    public readonly Interval ToInterval()
    {
        var months = (Years * 12L) + Months;
        return months is >= int.MinValue and <= int.MaxValue ? new Interval((int)months, Days, Microseconds) : throw TypeErrors.IntervalRange();
    }

    public bool AddTime(long value, double fraction, long unit) =>
        Add(ref Microseconds, ((Int128)value * unit) + Microseconds) && AddFraction(fraction, unit);

    /// <summary>Adds a fraction of a unit of time, rounded to microseconds.</summary>
    public bool AddFraction(double fraction, long unit)
    {
        if (fraction == 0)
        {
            return true;
        }

        fraction *= unit;
        var microseconds = (long)fraction;
        var rest = fraction - microseconds;
        microseconds += rest > 0.5 ? 1 : rest < -0.5 ? -1 : 0;
        return Add(ref Microseconds, (Int128)Microseconds + microseconds);
    }

    public bool AddDays(long value, int unit) => value is >= int.MinValue and <= int.MaxValue && Add(ref Days, Days + (value * unit), value * unit);

    /// <summary>Adds a fraction of a unit of so many days; what is not a whole day becomes time.</summary>
    public bool AddDayFraction(double fraction, int unit)
    {
        if (fraction == 0)
        {
            return true;
        }

        fraction *= unit;
        var days = (int)fraction;
        return Add(ref Days, (long)Days + days, days) && AddFraction(fraction - days, Calendar.DayMicroseconds);
    }

    public bool AddMonths(long value) => value is >= int.MinValue and <= int.MaxValue && Add(ref Months, Months + value, value);

    public bool AddYears(long value, int unit) =>
        value is >= int.MinValue and <= int.MaxValue && Add(ref Years, Years + (value * unit), value * unit);

    public bool AddYearFraction(double fraction, int unit) =>
        AddMonths((int)Math.Round(fraction * unit * 12, MidpointRounding.ToEven));

    public bool Negate()
    {
        if (Years == int.MinValue || Months == int.MinValue || Days == int.MinValue || Microseconds == long.MinValue)
        {
            return false;
        }

        (Years, Months, Days, Microseconds) = (-Years, -Months, -Days, -Microseconds);
        return true;
    }

    private static bool Add(ref int target, long sum, long part)
    {
        target = unchecked((int)sum);
        return sum == target && part is >= int.MinValue and <= int.MaxValue;
    }

    private static bool Add(ref long target, Int128 sum)
    {
        target = unchecked((long)sum);
        return sum == target;
    }
}
