using System.Collections.Frozen;
using System.Text;

namespace Rqlite.Pg.Types.Values;

/// <summary>The meaning of a word in a date or interval.</summary>
internal enum DateTimeWord
{
    Unknown,
    Ignored,
    Reserved,
    Month,
    DaylightModifier,
    DaylightZone,
    Zone,
    DynamicZone,
    AmPm,
    Era,
    DayOfWeek,
    Unit,
    TimeMark,
    Ago,
}

/// <summary>Reserved words and units.</summary>
internal enum DateTimeUnit
{
    None,
    Now,
    Today,
    Tomorrow,
    Yesterday,
    Midnight,
    Epoch,
    Infinity,
    MinusInfinity,
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
    Julian,
    Time,
    Zone,
    ZoneHour,
    ZoneMinute,
    DayOfWeek,
    IsoDayOfWeek,
    DayOfYear,
    IsoYear,
}

/// <summary>The words of dates and intervals. Only ten characters of a word count.</summary>
internal static class DateTimeWords
{
    private const int LengthMax = 10;

    private static readonly FrozenDictionary<string, (DateTimeWord Kind, int Value)> s_dates = BuildDates();
    private static readonly FrozenDictionary<string, DateTimeUnit> s_units = BuildUnits();

    /// <param name="word">In lower case.</param>
    public static (DateTimeWord Kind, int Value) FindDateWord(ReadOnlySpan<byte> word)
    {
        Span<char> buffer = stackalloc char[LengthMax];
        return s_dates.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(Key(word, buffer), out var found) ? found : (DateTimeWord.Unknown, 0);
    }

    /// <summary>Finds a word of an interval: a unit, ago, or @.</summary>
    public static (DateTimeWord Kind, DateTimeUnit Unit) FindIntervalWord(ReadOnlySpan<byte> word)
    {
        Span<char> buffer = stackalloc char[LengthMax];
        var key = Key(word, buffer);
        return key is "@" ? (DateTimeWord.Ignored, DateTimeUnit.None)
            : key is "ago" ? (DateTimeWord.Ago, DateTimeUnit.None)
            : s_units.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out var unit) ? (DateTimeWord.Unit, unit)
            : (DateTimeWord.Unknown, DateTimeUnit.None);
    }

    /// <summary>Finds the unit that extract and date_trunc name; <see cref="DateTimeUnit.None"/> for an unknown one.</summary>
    public static DateTimeUnit FindUnit(string name)
    {
        var key = Key(name);
        if (s_units.TryGetValue(key, out var unit))
        {
            return unit;
        }

        return s_dates.TryGetValue(key, out var word) && word.Kind is DateTimeWord.Unit or DateTimeWord.Reserved
            ? (DateTimeUnit)word.Value
            : DateTimeUnit.None;
    }

    /// <summary>Finds the unit that date_trunc names: only those that an interval can have.</summary>
    public static DateTimeUnit FindDurationUnit(string name) =>
        s_units.GetValueOrDefault(Key(name), DateTimeUnit.None);

    private static string Key(string name)
    {
        Span<char> buffer = stackalloc char[LengthMax];
        return Key(Encoding.UTF8.GetBytes(name.ToLowerInvariant()), buffer).ToString();
    }

    /// <summary>The characters of a word that count, without a string: values of rows come here.</summary>
    private static ReadOnlySpan<char> Key(ReadOnlySpan<byte> word, Span<char> buffer) =>
        buffer[..Encoding.Latin1.GetChars(word.Length > LengthMax ? word[..LengthMax] : word, buffer)];

    private static FrozenDictionary<string, (DateTimeWord, int)> BuildDates()
    {
        var words = new Dictionary<string, (DateTimeWord, int)>
        {
            ["ad"] = (DateTimeWord.Era, 0),
            ["bc"] = (DateTimeWord.Era, 1),
            ["am"] = (DateTimeWord.AmPm, 1),
            ["pm"] = (DateTimeWord.AmPm, 2),
            ["at"] = (DateTimeWord.Ignored, 0),
            ["on"] = (DateTimeWord.Ignored, 0),
            ["dst"] = (DateTimeWord.DaylightModifier, 3600),
            ["t"] = (DateTimeWord.TimeMark, (int)DateTimeUnit.Time),
        };
        foreach (var (word, unit) in new (string, DateTimeUnit)[]
        {
            ("-infinity", DateTimeUnit.MinusInfinity), ("infinity", DateTimeUnit.Infinity), ("epoch", DateTimeUnit.Epoch),
            ("now", DateTimeUnit.Now), ("today", DateTimeUnit.Today), ("tomorrow", DateTimeUnit.Tomorrow),
            ("yesterday", DateTimeUnit.Yesterday), ("allballs", DateTimeUnit.Midnight),
        })
        {
            words[word] = (DateTimeWord.Reserved, (int)unit);
        }

        foreach (var (word, unit) in new (string, DateTimeUnit)[]
        {
            ("d", DateTimeUnit.Day), ("dow", DateTimeUnit.DayOfWeek), ("doy", DateTimeUnit.DayOfYear), ("h", DateTimeUnit.Hour),
            ("isodow", DateTimeUnit.IsoDayOfWeek), ("isoyear", DateTimeUnit.IsoYear), ("j", DateTimeUnit.Julian), ("jd", DateTimeUnit.Julian),
            ("julian", DateTimeUnit.Julian), ("m", DateTimeUnit.Month), ("mm", DateTimeUnit.Minute), ("s", DateTimeUnit.Second),
            ("y", DateTimeUnit.Year),
        })
        {
            words[word] = (DateTimeWord.Unit, (int)unit);
        }

        var months = "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|sep sept september|"
            + "oct october|nov november|dec december";
        var days = "sun sunday|mon monday|tue tues tuesday|wed wednesday weds|thu thur thurs thursday|fri friday|sat saturday";
        Add(words, months, DateTimeWord.Month, 1);
        Add(words, days, DateTimeWord.DayOfWeek, 0);
        return words.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void Add(Dictionary<string, (DateTimeWord, int)> words, string names, DateTimeWord kind, int first)
    {
        foreach (var group in names.Split('|'))
        {
            foreach (var name in group.Split(' '))
            {
                words[name] = (kind, first);
            }

            first++;
        }
    }

    private static FrozenDictionary<string, DateTimeUnit> BuildUnits()
    {
        var units = new Dictionary<string, DateTimeUnit>();
        foreach (var (names, unit) in new (string, DateTimeUnit)[]
        {
            ("us usec usecs usecond useconds microsecon", DateTimeUnit.Microsecond),
            ("ms msec msecs msecond mseconds millisecon", DateTimeUnit.Millisecond),
            ("s sec secs second seconds", DateTimeUnit.Second), ("m min mins minute minutes", DateTimeUnit.Minute),
            ("h hr hrs hour hours", DateTimeUnit.Hour), ("d day days", DateTimeUnit.Day), ("w week weeks", DateTimeUnit.Week),
            ("mon mons month months", DateTimeUnit.Month), ("qtr quarter", DateTimeUnit.Quarter),
            ("y yr yrs year years", DateTimeUnit.Year), ("dec decs decade decades", DateTimeUnit.Decade),
            ("c cent century centuries", DateTimeUnit.Century), ("mil mils millennium millennia", DateTimeUnit.Millennium),
            ("timezone", DateTimeUnit.Zone), ("timezone_h", DateTimeUnit.ZoneHour), ("timezone_m", DateTimeUnit.ZoneMinute),
        })
        {
            foreach (var name in names.Split(' '))
            {
                units[name] = unit;
            }
        }

        return units.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
