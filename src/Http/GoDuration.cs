using System.Buffers;
using System.Globalization;

namespace Rqlite.Pg.Http;

/// <summary>Durations in Go's notation, as rqlite's flags and query parameters have them: <c>1h2m3.5s</c>, <c>300ms</c>, <c>0</c>.</summary>
public static class GoDuration
{
    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789.");

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        var negative = text is ['-', ..];
        if (text is ['-' or '+', ..])
        {
            text = text[1..];
        }

        if (text is "0")
        {
            return true;
        }

        if (text.IsEmpty)
        {
            return false;
        }

        var nanoseconds = 0m;
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExcept(s_digits);
            if (digits <= 0
                || !decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            text = text[digits..];
            var letters = text.IndexOfAny(s_digits);
            var unit = letters < 0 ? text : text[..letters];
            text = letters < 0 ? default : text[letters..];
            if (NanosecondsIn(unit) is not { } scale || number > long.MaxValue / scale)
            {
                return false;
            }

            nanoseconds += number * scale;
        }

        if (nanoseconds > long.MaxValue)
        {
            return false;
        }

        // Rounded up: the shortest freshness must not turn into 0, which asks for none.
        var ticks = (long)decimal.Ceiling(nanoseconds / 100);
        duration = TimeSpan.FromTicks(negative ? -ticks : ticks);
        return true;
    }

    /// <summary>Go's rendering, for example <c>1m30s</c> or <c>1.5ms</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var sign = duration < TimeSpan.Zero ? "-" : "";
        var rest = duration.Duration();
        if (rest < TimeSpan.FromSeconds(1))
        {
            var (value, unit) = rest.TotalMilliseconds >= 1 ? (rest.TotalMilliseconds, "ms")
                : rest.TotalMicroseconds >= 1 ? (rest.TotalMicroseconds, "µs")
                : (rest.TotalNanoseconds, "ns");
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{value:0.######}{unit}");
        }

        var seconds = (rest.Ticks % TimeSpan.TicksPerMinute) / (decimal)TimeSpan.TicksPerSecond;
        var hours = (long)rest.TotalHours;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{sign}{(hours > 0 ? $"{hours}h" : "")}{(rest.TotalMinutes >= 1 ? $"{rest.Minutes}m" : "")}{seconds:0.#######}s");
    }

    private static decimal? NanosecondsIn(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1m,
        "us" or "µs" or "μs" => 1_000m,
        "ms" => 1_000_000m,
        "s" => 1_000_000_000m,
        "m" => 60_000_000_000m,
        "h" => 3_600_000_000_000m,
        _ => null,
    };
}
