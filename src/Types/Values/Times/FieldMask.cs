namespace Rqlite.Pg.Types.Values;

/// <summary>The fields that a date, time or interval has given so far; none may come twice.</summary>
[Flags]
internal enum FieldMask
{
    None = 0,
    Month = 1 << 0,
    Year = 1 << 1,
    Day = 1 << 2,
    Hour = 1 << 3,
    Minute = 1 << 4,
    Second = 1 << 5,
    Millisecond = 1 << 6,
    Microsecond = 1 << 7,
    Zone = 1 << 8,
    DaylightModifier = 1 << 9,
    DayOfYear = 1 << 10,
    DayOfWeek = 1 << 11,
    AmPm = 1 << 12,
    Era = 1 << 13,
    Reserved = 1 << 14,
    Week = 1 << 15,
    Decade = 1 << 16,
    Century = 1 << 17,
    Millennium = 1 << 18,
    DaylightZone = 1 << 19,
    Quarter = 1 << 20,

    Date = Year | Month | Day,
    AllSeconds = Second | Millisecond | Microsecond,
    Time = Hour | Minute | AllSeconds,
}
