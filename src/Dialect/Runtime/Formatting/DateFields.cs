using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>The fields that a text gave by a template, and the moment that they make.</summary>
internal sealed class DateFields
{
    private const int ZoneHoursMax = 15;

    public int Hour;
    public int Minute;
    public int Second;
    public int SecondOfDay;
    public int Millisecond;
    public int Microsecond;
    public int DayOfWeek;
    public int Day;
    public int DayOfYear;
    public int Month;
    public int Year;
    public int Week;
    public int WeekOfMonth;
    public int Century;
    public int JulianDay;
    public int AfterNoon;
    public int BeforeChrist;
    public int ZoneHours;
    public int ZoneMinutes;

    /// <summary>1 or -1 where the text gives a zone.</summary>
    public int ZoneSign;

    /// <summary>The digits of the year's field: 4 for YYYY.</summary>
    public int YearDigits;

    /// <summary>The digits of FF1 to FF6; 0 without one.</summary>
    public int FractionDigits;

    public bool TwelveHours;

    /// <summary>The fields are those of ISO weeks.</summary>
    public bool? IsoWeeks;

    /// <summary>The zone that the text gave, in seconds east of Greenwich; null for none.</summary>
    public int? Offset => ZoneSign == 0 ? null : ZoneSign * ((ZoneHours * 3600) + (ZoneMinutes * 60));

    /// <summary>Checks the fields and puts them together.</summary>
    /// <param name="text">The text, for errors.</param>
    /// <returns>Days since 2000-01-01 (they may lie beyond the calendar's limits), and the time of day.</returns>
    public (long Days, long Time) ToMoment(string text)
    {
        ResolveTime();
        var (year, month, day) = ResolveDate(text);
        var fraction = (Millisecond * 1000L) + Microsecond;
        if (Hour is < 0 or > 23 || Minute is < 0 or > 59 || Second is < 0 or > 59 || fraction is < 0 or >= Calendar.SecondMicroseconds)
        {
            throw TypeErrors.FieldOverflow(System.Text.Encoding.UTF8.GetBytes(text));
        }

        if (ZoneSign != 0 && (ZoneHours is < 0 or > ZoneHoursMax || ZoneMinutes is < 0 or > 59))
        {
            throw TypeErrors.ZoneDisplacement(System.Text.Encoding.UTF8.GetBytes(text));
        }

        var time = (((((Hour * 60L) + Minute) * 60) + Second) * Calendar.SecondMicroseconds) + fraction;
        return (JulianDays.Of(year, month, day), time);
    }

    private void ResolveTime()
    {
        var (hour, minute, second) = (SecondOfDay / 3600, SecondOfDay % 3600 / 60, SecondOfDay % 60);
        Second = Second != 0 ? Second : second;
        Minute = Minute != 0 ? Minute : minute;
        Hour = Hour != 0 ? Hour : hour;
        if (!TwelveHours)
        {
            return;
        }

        if (Hour is < 1 or > 12)
        {
            throw FormatErrors.Invalid(
                $"hour \"{Hour}\" is invalid for the 12-hour clock", hint: "Use the 24-hour clock, or give an hour between 1 and 12.");
        }

        Hour = AfterNoon != 0 && Hour < 12 ? Hour + 12 : AfterNoon == 0 && Hour == 12 ? 0 : Hour;
    }

    private (int Year, int Month, int Day) ResolveDate(string text)
    {
        var (hasYear, hasMonth, hasDay) = (Year != 0 || Century != 0, false, false);
        var (year, month, day) = (ResolveYear(), 1, 1);
        if (JulianDay != 0)
        {
            (year, month, day) = Calendar.FromDays((long)JulianDay - Calendar.EpochJulianDay);
            (hasYear, hasMonth, hasDay) = (true, true, true);
        }

        if (Week != 0 && IsoWeeks == true)
        {
            var monday = Calendar.IsoYearStart(year) + ((Week - 1L) * 7);
            var days = DayOfWeek == 0 ? monday : monday + (DayOfWeek > 1 ? DayOfWeek - 2 : 6);
            (year, month, day) = Calendar.FromDays(days);
            (hasYear, hasMonth, hasDay) = (true, true, true);
        }
        else if (Week != 0)
        {
            DayOfYear = ((Week - 1) * 7) + 1;
        }

        Day = WeekOfMonth != 0 ? ((WeekOfMonth - 1) * 7) + 1 : Day;
        (day, hasDay) = Day != 0 ? (Day, true) : (day, hasDay);
        (month, hasMonth) = Month != 0 ? (Month, true) : (month, hasMonth);
        if (DayOfYear != 0 && (month <= 1 || day <= 1))
        {
            ResolveDayOfYear(ref year, ref month, ref day);
            (hasYear, hasMonth, hasDay) = (hasYear || IsoWeeks == true, true, true);
        }

        if ((hasMonth && month is < 1 or > 12) || (hasDay && day is < 1 or > 31)
            || (hasYear && hasMonth && hasDay && day > Calendar.DaysInMonth(year, month)))
        {
            throw TypeErrors.FieldOverflow(System.Text.Encoding.UTF8.GetBytes(text));
        }

        return (year, month, day);
    }

    private int ResolveYear()
    {
        if (BeforeChrist != 0 && Century != 0 && (Year == 0 || YearDigits <= 2))
        {
            Century = -Century;
        }

        if (Year == 0)
        {
            // The first year of a century.
            return Century == 0 ? 0 : Century > 0 ? ((Century - 1) * 100) + 1 : (Century * 100) + 1;
        }

        if (Century != 0 && YearDigits <= 2)
        {
            var inCentury = Year % 100;
            return inCentury == 0 ? (Century * 100) + (Century >= 0 ? 0 : 1)
                : Century >= 0 ? inCentury + ((Century - 1) * 100)
                : ((Century + 1) * 100) - inCentury + 1;
        }

        var year = BeforeChrist != 0 ? -Year : Year;
        return year < 0 ? year + 1 : year;
    }

    private void ResolveDayOfYear(ref int year, ref int month, ref int day)
    {
        if (year == 0 && BeforeChrist == 0)
        {
            throw FormatErrors.Invalid("cannot calculate day of year without year information");
        }

        if (IsoWeeks == true)
        {
            (year, month, day) = Calendar.FromDays(Calendar.IsoYearStart(year) - 1 + DayOfYear);
            return;
        }

        var (found, before) = (1, 0);
        while (found <= 12 && DayOfYear > before + Calendar.DaysInMonth(year, found))
        {
            before += Calendar.DaysInMonth(year, found++);
        }

        month = month <= 1 ? found : month;
        day = day <= 1 ? DayOfYear - before : day;
    }
}
