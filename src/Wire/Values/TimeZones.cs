using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Time zones by the names that SET TIME ZONE takes: the system's names, hours, intervals and POSIX offsets.</summary>
internal static class TimeZones
{
    private const int CacheMax = 1000;

    private static readonly ConcurrentDictionary<string, (string Name, TimeZoneInfo Zone)> Cache = new();

    private static readonly Lazy<Dictionary<string, string>> SystemNames = new(() => TimeZoneInfo.GetSystemTimeZones()
        .GroupBy(zone => zone.Id, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(group => group.Key, group => group.First().Id, StringComparer.OrdinalIgnoreCase));

    /// <param name="name">The name as SHOW prints it.</param>
    public static bool TryFind(string text, out string name, out TimeZoneInfo zone)
    {
        if (!Cache.TryGetValue(text, out var found))
        {
            if (!TryCreate(text.Trim(), out found))
            {
                (name, zone) = ("", TimeZoneInfo.Utc);
                return false;
            }

            if (Cache.Count < CacheMax)
            {
                Cache.TryAdd(text, found);
            }
        }

        (name, zone) = found;
        return true;
    }

    private static bool TryCreate(string text, out (string Name, TimeZoneInfo Zone) found)
    {
        if (text.Equals("UTC", StringComparison.OrdinalIgnoreCase) || text.Equals("GMT", StringComparison.OrdinalIgnoreCase))
        {
            found = (text.ToUpperInvariant(), TimeZoneInfo.Utc);
            return true;
        }

        if (decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var hours))
        {
            return TryFixed((int)(hours * 3600), null, out found);
        }

        if (text.StartsWith("INTERVAL '", StringComparison.OrdinalIgnoreCase))
        {
            return TryInterval(text["INTERVAL '".Length..^1], out found);
        }

        var plain = text.Length > 0 && char.IsAsciiLetter(text[0]) && !text.Contains("..", StringComparison.Ordinal);
        if (plain && TimeZoneInfo.TryFindSystemTimeZoneById(SystemNames.Value.GetValueOrDefault(text, text), out var zone))
        {
            found = (zone.Id, zone);
            return true;
        }

        return TryPosix(text, out found);
    }

    private static bool TryInterval(string text, out (string Name, TimeZoneInfo Zone) found)
    {
        try
        {
            var interval = IntervalParser.Parse(Encoding.UTF8.GetBytes(text));
            found = default;
            return interval is { Months: 0, Days: 0 } && TryFixed((int)(interval.Microseconds / Calendar.SecondMicroseconds), null, out found);
        }
        catch (Dialect.DialectException)
        {
            found = default;
            return false;
        }
    }

    /// <summary>Parses a name, then an offset that counts west of Greenwich: <c>GMT-02:00</c> is two hours east.</summary>
    private static bool TryPosix(string text, out (string Name, TimeZoneInfo Zone) found)
    {
        found = default;
        var start = text.IndexOfAny(['+', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        if (text.StartsWith('<') && text.IndexOf('>', StringComparison.Ordinal) is > 0 and var end)
        {
            start = end + 1;
        }

        if (start < 3 || start >= text.Length)
        {
            return false;
        }

        var sign = text[start] == '-' ? 1 : -1;
        var fields = text[start..].TrimStart('+', '-').Split(':');
        var seconds = 0;
        var unit = 3600;
        foreach (var field in fields)
        {
            if (unit == 0 || !int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return false;
            }

            seconds += Math.Min(value, 1000) * unit;
            unit /= 60;
        }

        return TryFixed(sign * seconds, text, out found);
    }

    private static bool TryFixed(int seconds, string? name, out (string Name, TimeZoneInfo Zone) found)
    {
        found = default;

        // .NET keeps offsets in minutes, up to 14 hours.
        if (Math.Abs(seconds) > 14 * 3600 || seconds % 60 != 0)
        {
            return false;
        }

        var offset = TimeSpan.FromSeconds(Math.Abs(seconds));
        var digits = offset.Minutes == 0 ? $"{offset.Hours:00}" : $"{offset.Hours:00}:{offset.Minutes:00}";
        name ??= seconds < 0 ? $"<-{digits}>+{digits}" : $"<+{digits}>-{digits}";
        found = (name, TimeZoneInfo.CreateCustomTimeZone(name, TimeSpan.FromSeconds(seconds), name, name));
        return true;
    }
}
