using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;
using NodaTime;

namespace Rqlite.Pg.Types.Values;

/// <summary>
/// Time zones by name: the embedded database's names in any case, POSIX descriptions, abbreviations and, for SET, hours and intervals.
/// </summary>
public static class TimeZones
{
    // A client can name zones without end; only so many stay.
    private const int CacheMax = 2000;
    private const int NameMax = 255;

    private static readonly ConcurrentDictionary<string, PgTimeZone?> s_cache = new(StringComparer.OrdinalIgnoreCase);

    private static readonly Lazy<FrozenDictionary<string, string>> s_names = new(() => DateTimeZoneProviders.Tzdb.Ids
        .ToFrozenDictionary(id => id, StringComparer.OrdinalIgnoreCase));

    private static readonly FrozenDictionary<string, ZoneAbbreviation> s_abbreviations = LoadAbbreviations();

    /// <summary>The names of the embedded database, for pg_timezone_names.</summary>
    public static IReadOnlyCollection<string> Names => s_names.Value.Values;

    /// <summary>For pg_timezone_abbrevs.</summary>
    public static IReadOnlyCollection<ZoneAbbreviation> Abbreviations => s_abbreviations.Values;

    /// <summary>Finds a zone by the name or POSIX description that a date or <c>SET TIME ZONE 'name'</c> says; null if there is none.</summary>
    public static PgTimeZone? Find(string name)
    {
        if (name.Length is 0 or > NameMax)
        {
            return null;
        }

        if (!s_cache.TryGetValue(name, out var zone))
        {
            zone = Create(name);
            if (s_cache.Count < CacheMax)
            {
                s_cache.TryAdd(name, zone);
            }
        }

        return zone;
    }

    public static bool TryAbbreviation(string name, out ZoneAbbreviation abbreviation) => s_abbreviations.TryGetValue(name, out abbreviation);

    /// <summary>Finds the zone that AT TIME ZONE names: an abbreviation first, then a name.</summary>
    /// <exception cref="TypeException">22023: there is none.</exception>
    public static PgTimeZone Require(string name)
    {
        if (TryAbbreviation(name, out var abbreviation))
        {
            return abbreviation.ZoneName is null
                ? new FixedTimeZone(abbreviation.Name, abbreviation.Offset, abbreviation.Name)
                : new AbbreviatedTimeZone(abbreviation.Name, Find(abbreviation.ZoneName)!);
        }

        return Find(name) ?? throw NotRecognized(name);
    }

    /// <summary>Finds the zone that make_timestamptz and to_timestamp name: also a number with a sign, east of Greenwich.</summary>
    public static PgTimeZone RequireOrOffset(string name)
    {
        if (name.Length > 0 && char.IsAsciiDigit(name[0]))
        {
            throw new TypeException(
                SqlState.InvalidParameterValue, $"invalid input syntax for type time zone: \"{name}\"",
                hint: "Numeric time zones must have \"-\" or \"+\" as first character.");
        }

        return DateTimeDecoder.DecodeZone(Encoding.UTF8.GetBytes(name), out var offset) switch
        {
            DecodeResult.Done => new FixedTimeZone(name, offset, name),
            DecodeResult.ZoneOverflow => throw new TypeException(
                SqlState.InvalidParameterValue, $"numeric time zone \"{name}\" out of range"),
            _ => Require(name),
        };
    }

    public static TypeException NotRecognized(string name) => new(SqlState.InvalidParameterValue, $"time zone \"{name}\" not recognized");

    /// <summary>Finds the zone that a value of the setting TimeZone names: a name, hours, or an interval.</summary>
    public static bool TrySetting(string text, out PgTimeZone zone)
    {
        zone = PgTimeZone.Utc;
        if (text.StartsWith("interval", StringComparison.OrdinalIgnoreCase))
        {
            return TryInterval(text["interval".Length..].Trim(), out zone);
        }

        if (double.TryParse(text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var hours))
        {
            return TryFixed((long)(hours * 3600), out zone);
        }

        zone = Find(text) ?? zone;
        return Find(text) is not null;
    }

    /// <summary>A zone of so many seconds east of Greenwich, with the name that PostgreSQL gives it.</summary>
    public static bool TryFixed(long seconds, out PgTimeZone zone)
    {
        zone = PgTimeZone.Utc;
        if (Math.Abs(seconds) > 167 * 3600)
        {
            return false;
        }

        var magnitude = Math.Abs(seconds);
        var digits = string.Create(CultureInfo.InvariantCulture, $"{magnitude / 3600:00}");
        if (magnitude % 3600 != 0)
        {
            digits += string.Create(CultureInfo.InvariantCulture, $":{magnitude / 60 % 60:00}");
            if (magnitude % 60 != 0)
            {
                digits += string.Create(CultureInfo.InvariantCulture, $":{magnitude % 60:00}");
            }
        }

        var (east, west) = seconds < 0 ? ('-', '+') : ('+', '-');
        zone = new FixedTimeZone($"<{east}{digits}>{west}{digits}", (int)seconds, $"{east}{digits}");
        return true;
    }

    private static bool TryInterval(string text, out PgTimeZone zone)
    {
        zone = PgTimeZone.Utc;
        if (text.Length < 2 || text[0] != '\'' || text[^1] != '\'')
        {
            return false;
        }

        try
        {
            var interval = Interval.Parse(Encoding.UTF8.GetBytes(text[1..^1]));
            return interval is { Months: 0, Days: 0 } && TryFixed(interval.Microseconds / Calendar.SecondMicroseconds, out zone);
        }
        catch (TypeException)
        {
            return false;
        }
    }

    private static PgTimeZone? Create(string name)
    {
        if (name.Equals("GMT", StringComparison.OrdinalIgnoreCase))
        {
            return new FixedTimeZone("GMT", 0, "GMT");
        }

        if (s_names.Value.TryGetValue(name, out var id))
        {
            return new TzdbTimeZone(id, DateTimeZoneProviders.Tzdb[id]);
        }

        var upper = name.ToUpperInvariant();
        return !PosixRule.TryParse(upper, out var rule, out var fixedOffset) ? null
            : rule is null ? new FixedTimeZone(upper, fixedOffset!.Value.Offset, fixedOffset.Value.Abbreviation)
            : new PosixTimeZone(upper, rule);
    }

    private static FrozenDictionary<string, ZoneAbbreviation> LoadAbbreviations()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("zone-abbreviations.tsv")
            ?? throw new InvalidOperationException("The table of time zone abbreviations is not embedded.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var found = new Dictionary<string, ZoneAbbreviation>(StringComparer.OrdinalIgnoreCase);
        reader.ReadLine();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            var fields = line.Split('\t');
            found[fields[0]] = fields[3].Length > 0
                ? new ZoneAbbreviation(fields[0], 0, false, fields[3])
                : new ZoneAbbreviation(fields[0], int.Parse(fields[1], CultureInfo.InvariantCulture), fields[2] == "1", null);
        }

        return found.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
