namespace Rqlite.Pg.Types.Values;

/// <summary>An interval: months, days and microseconds, each with its own sign.</summary>
public readonly partial record struct Interval(int Months, int Days, long Microseconds) : IComparable<Interval>
{
    private const long MonthMicroseconds = 30 * Calendar.DayMicroseconds;

    public static Interval Zero => default;

    /// <summary>The length in microseconds as intervals are compared, of which the lower 64 bits.</summary>
    public long TotalMicroseconds => unchecked((long)Span);

    /// <summary>The interval as one number, a month being 30 days of 24 hours: what comparisons see.</summary>
    private Int128 Span => ((Int128)Months * MonthMicroseconds) + ((Int128)Days * Calendar.DayMicroseconds) + Microseconds;

    public static bool operator <(Interval left, Interval right) => left.CompareTo(right) < 0;

    public static bool operator >(Interval left, Interval right) => left.CompareTo(right) > 0;

    public static bool operator <=(Interval left, Interval right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Interval left, Interval right) => left.CompareTo(right) >= 0;

    public static Interval operator +(Interval left, Interval right) => Create(
        (long)left.Months + right.Months, (long)left.Days + right.Days, (Int128)left.Microseconds + right.Microseconds);

    public static Interval operator -(Interval left, Interval right) => Create(
        (long)left.Months - right.Months, (long)left.Days - right.Days, (Int128)left.Microseconds - right.Microseconds);

    public static Interval operator -(Interval value) => Zero - value;

    /// <summary>Multiplies; fractions of months become days of 30 to a month, fractions of days become time.</summary>
    public static Interval operator *(Interval value, double factor) =>
        Scale(value, value.Months * factor, value.Days * factor, value.Microseconds * factor);

    public static Interval operator /(Interval value, double divisor) => divisor == 0
        ? throw TypeErrors.DivisionByZero()
        : Scale(value, value.Months / divisor, value.Days / divisor, value.Microseconds / divisor);

    public int CompareTo(Interval other) => Span.CompareTo(other.Span);

    /// <summary>Equality as PostgreSQL compares: '1 month' equals '30 days'.</summary>
    public bool SpanEquals(Interval other) => Span == other.Span;

    /// <summary>A hash that is the same for intervals that compare equal.</summary>
    public int SpanHash() => Span.GetHashCode();

    /// <summary>Turns 24 hours into a day.</summary>
    public Interval JustifyHours()
    {
        var days = Days + (Microseconds / Calendar.DayMicroseconds);
        var time = Microseconds % Calendar.DayMicroseconds;
        Carry(ref days, ref time, Calendar.DayMicroseconds);
        return Create(Months, days, time);
    }

    /// <summary>Turns 30 days into a month.</summary>
    public Interval JustifyDays()
    {
        var months = Months + (long)(Days / 30);
        var days = (long)(Days % 30);
        Carry(ref months, ref days, 30);
        return Create(months, days, Microseconds);
    }

    /// <summary>Both, and gives all parts the same sign.</summary>
    public Interval JustifyInterval()
    {
        var days = Days + (Microseconds / Calendar.DayMicroseconds);
        var time = Microseconds % Calendar.DayMicroseconds;
        var months = Months + (days / 30);
        days %= 30;
        if (months > 0 && (days < 0 || (days == 0 && time < 0)))
        {
            days += 30;
            months--;
        }
        else if (months < 0 && (days > 0 || (days == 0 && time > 0)))
        {
            days -= 30;
            months++;
        }

        Carry(ref days, ref time, Calendar.DayMicroseconds);
        return Create(months, days, time);
    }

    /// <summary>Cuts to the fields of a modifier and rounds the seconds to its precision.</summary>
    /// <param name="modifier">(fields &lt;&lt; 16) | precision, -1 for none.</param>
    public Interval ApplyModifier(int modifier)
    {
        if (modifier < 0)
        {
            return this;
        }

        var range = (modifier >> 16) & 0x7FFF;
        var precision = modifier & 0xFFFF;
        var (months, days, time) = (Months, Days, Microseconds);
        if (range != Modifiers.IntervalFullRange)
        {
            var lowest = IntervalFields.Lowest(range);
            months = lowest == IntervalFields.Year ? months / 12 * 12 : months;
            days = lowest is IntervalFields.Year or IntervalFields.Month ? 0 : days;
            time = lowest switch
            {
                IntervalFields.Year or IntervalFields.Month or IntervalFields.Day => 0,
                IntervalFields.Hour => time / Calendar.HourMicroseconds * Calendar.HourMicroseconds,
                IntervalFields.Minute => time / Calendar.MinuteMicroseconds * Calendar.MinuteMicroseconds,
                _ => time,
            };
        }

        return new Interval(months, days, precision is >= 0 and < DateTimes.PrecisionMax ? DateTimes.RoundTimestamp(time, precision) : time);
    }

    internal static Interval Create(long months, long days, Int128 microseconds) =>
        months is >= int.MinValue and <= int.MaxValue && days is >= int.MinValue and <= int.MaxValue
            && microseconds >= long.MinValue && microseconds <= long.MaxValue
                ? new Interval((int)months, (int)days, (long)microseconds)
                : throw TypeErrors.IntervalRange();

    /// <summary>Lends from the larger part, so that both have the same sign.</summary>
    private static void Carry(ref long larger, ref long smaller, long size)
    {
        if (larger > 0 && smaller < 0)
        {
            smaller += size;
            larger--;
        }
        else if (larger < 0 && smaller > 0)
        {
            smaller -= size;
            larger++;
        }
    }

    private static Interval Scale(Interval value, double months, double days, double time)
    {
        _ = value;
        var wholeMonths = Whole(months);
        var wholeDays = Whole(days);
        var monthDays = RoundToMicro((months - wholeMonths) * 30);
        var seconds = RoundToMicro((days - wholeDays + monthDays - (int)monthDays) * 86_400);
        if (Math.Abs(seconds) >= 86_400)
        {
            wholeDays += (int)(seconds / 86_400);
            seconds -= (int)(seconds / 86_400) * 86_400;
        }

        wholeDays += (int)monthDays;
        var microseconds = Math.Round(time + (seconds * 1e6), MidpointRounding.ToEven);
        return double.IsNaN(microseconds) || microseconds is < -9223372036854775808.0 or >= 9223372036854775808.0
            ? throw TypeErrors.IntervalRange()
            : Create(wholeMonths, wholeDays, (long)microseconds);
    }

    private static double RoundToMicro(double value) => Math.Round(value * 1e6, MidpointRounding.ToEven) / 1e6;

    private static long Whole(double value) => value is >= int.MinValue and <= int.MaxValue ? (int)value : throw TypeErrors.IntervalRange();
}
