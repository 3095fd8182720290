using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Days of dates whose parts may lie outside of their ranges.</summary>
internal static class JulianDays
{
    /// <summary>Days since 2000-01-01.</summary>
    public static long Of(int year, int month, int day)
    {
        // Months beyond the year's are carried, and a day may be any number.
        var months = (year * 12L) + month - 1;
        var fullYear = Calendar.FloorDivide(months, 12);
        return Calendar.ToDays(fullYear, (int)(months - (fullYear * 12)) + 1, 1) + day - 1;
    }

    /// <summary>The ISO year and week of a day that is said to lie in a calendar year, which it may miss.</summary>
    public static (int Year, int Week) IsoWeek(int year, long days)
    {
        if (days < Calendar.IsoYearStart(year))
        {
            year--;
        }

        var week = (int)((days - Calendar.IsoYearStart(year)) / 7) + 1;
        return week >= 52 && days >= Calendar.IsoYearStart(year + 1)
            ? (year + 1, (int)((days - Calendar.IsoYearStart(year + 1)) / 7) + 1)
            : (year, week);
    }
}
