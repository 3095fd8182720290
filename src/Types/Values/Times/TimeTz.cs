namespace Rqlite.Pg.Types.Values;

/// <summary>A time of day with a zone: microseconds since midnight on the local clock, and seconds east of Greenwich.</summary>
public readonly record struct TimeTz(long Time, int Offset) : IComparable<TimeTz>
{
    /// <summary>Orders by the moment, then by the offset: equal moments in different zones are different values.</summary>
    public int CompareTo(TimeTz other)
    {
        var moments = (Time - (Offset * Calendar.SecondMicroseconds)).CompareTo(other.Time - (other.Offset * Calendar.SecondMicroseconds));
        return moments != 0 ? moments : other.Offset.CompareTo(Offset);
    }

    public static bool operator <(TimeTz left, TimeTz right) => left.CompareTo(right) < 0;

    public static bool operator >(TimeTz left, TimeTz right) => left.CompareTo(right) > 0;

    public static bool operator <=(TimeTz left, TimeTz right) => left.CompareTo(right) <= 0;

    public static bool operator >=(TimeTz left, TimeTz right) => left.CompareTo(right) >= 0;
}
