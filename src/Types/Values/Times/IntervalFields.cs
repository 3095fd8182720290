namespace Rqlite.Pg.Types.Values;

/// <summary>The bits that name interval's fields in a modifier.</summary>
public static class IntervalFields
{
    public const int Month = 1 << 1;
    public const int Year = 1 << 2;
    public const int Day = 1 << 3;
    public const int Hour = 1 << 10;
    public const int Minute = 1 << 11;
    public const int Second = 1 << 12;

    /// <summary>The smallest field of a set.</summary>
    public static int Lowest(int range) => (range & Second) != 0 ? Second
        : (range & Minute) != 0 ? Minute
        : (range & Hour) != 0 ? Hour
        : (range & Day) != 0 ? Day
        : (range & Month) != 0 ? Month
        : Year;
}
