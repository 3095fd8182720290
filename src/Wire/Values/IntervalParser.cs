using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Reads PostgreSQL's interval texts: units with numbers, clock times, year-month pairs, and ISO 8601 durations.</summary>
internal static class IntervalParser
{
    private const decimal Day = Calendar.DayMicroseconds;

    public static Interval Parse(ReadOnlySpan<byte> utf8)
    {
        var text = Encoding.UTF8.GetString(utf8).Trim();
        var sum = new Sum();
        try
        {
            var fits = text.StartsWith('P') || text.StartsWith("-P", StringComparison.Ordinal) ? ReadIso(text, ref sum) : ReadWords(text, ref sum);
            return fits ? sum.ToInterval() : throw ValueErrors.DateSyntax("interval", utf8);
        }
        catch (OverflowException)
        {
            throw new DialectException("22015", $"interval field value out of range: \"{text}\"");
        }
    }

    private static bool ReadIso(string text, ref Sum sum)
    {
        var sign = text[0] == '-' ? -1 : 1;
        var time = false;
        var any = false;
        for (var i = sign < 0 ? 2 : 1; i < text.Length;)
        {
            if (text[i] == 'T')
            {
                time = true;
                i++;
                continue;
            }

            var end = i;
            while (end < text.Length && !char.IsAsciiLetter(text[end]))
            {
                end++;
            }

            if (end == text.Length || !TryNumber(text.AsSpan(i, end - i), out var value))
            {
                return false;
            }

            var unit = (text[end], time) switch
            {
                ('Y', false) => "year",
                ('M', false) => "month",
                ('W', false) => "week",
                ('D', false) => "day",
                ('H', true) => "hour",
                ('M', true) => "minute",
                ('S', true) => "second",
                _ => "",
            };
            if (!sum.Add(sign * value, unit))
            {
                return false;
            }

            any = true;
            i = end + 1;
        }

        return any;
    }

    private static bool ReadWords(string text, ref Sum sum)
    {
        var parts = Split(text);
        var any = false;
        var ago = false;
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            if (part == "@" && i == 0)
            {
                continue;
            }

            if (part.Equals("ago", StringComparison.OrdinalIgnoreCase) && i == parts.Count - 1 && any)
            {
                ago = true;
            }
            else if (part.Contains(':', StringComparison.Ordinal))
            {
                if (!ReadClock(part, ref sum))
                {
                    return false;
                }
            }
            else if (part.IndexOf('-', 1) > 0)
            {
                if (!ReadYearMonth(part, ref sum))
                {
                    return false;
                }
            }
            else if (!TryNumber(part, out var value))
            {
                return false;
            }
            else if (i + 1 < parts.Count && char.IsAsciiLetter(parts[i + 1][0]))
            {
                if (!sum.Add(value, parts[++i]))
                {
                    return false;
                }
            }
            else
            {
                // A bare number is days before a clock time, else seconds.
                sum.Add(value, i + 1 < parts.Count && parts[i + 1].Contains(':', StringComparison.Ordinal) ? "day" : "second");
            }

            any = true;
        }

        if (ago)
        {
            sum.Negate();
        }

        return any;
    }

    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            var ends = i == text.Length || char.IsWhiteSpace(text[i]);
            var turns = i > start && i < text.Length && char.IsAsciiLetter(text[i]) != char.IsAsciiLetter(text[i - 1]) && text[i] != '.';
            if (ends || turns)
            {
                if (i > start)
                {
                    parts.Add(text[start..i]);
                }

                start = ends ? i + 1 : i;
            }
        }

        return parts;
    }

    private static bool ReadClock(string part, ref Sum sum)
    {
        var sign = part[0] == '-' ? -1 : 1;
        var fields = part.TrimStart('+', '-').Split(':');
        if (fields.Length is not (2 or 3) || !TryNumber(fields[0], out var hours) || !TryNumber(fields[1], out var minutes))
        {
            return false;
        }

        var seconds = 0m;
        if (fields.Length == 3 && !TryNumber(fields[2], out seconds))
        {
            return false;
        }

        if (minutes >= 60 || seconds > 60)
        {
            throw new OverflowException();
        }

        return sum.Add(sign * hours, "hour") && sum.Add(sign * minutes, "minute") && sum.Add(sign * seconds, "second");
    }

    private static bool ReadYearMonth(string part, ref Sum sum)
    {
        var sign = part[0] == '-' ? -1 : 1;
        var fields = part.TrimStart('+', '-').Split('-');
        if (fields.Length != 2 || !TryNumber(fields[0], out var years) || !TryNumber(fields[1], out var months))
        {
            return false;
        }

        return months < 12
            ? sum.Add(sign * years, "year") && sum.Add(sign * months, "month")
            : throw new OverflowException();
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out decimal value) => decimal.TryParse(
        text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    /// <summary>Adds up parts; fractions of a larger unit fall into the smaller ones by PostgreSQL's 12 months, 30 days, 24 hours.</summary>
    private struct Sum
    {
        private decimal _months;
        private decimal _days;
        private decimal _microseconds;

        public bool Add(decimal value, string unit)
        {
            switch (unit.ToUpperInvariant())
            {
                case "YEAR" or "YEARS" or "Y" or "YR" or "YRS":
                    _months += decimal.Round(value * 12, MidpointRounding.ToEven);
                    return true;
                case "MONTH" or "MONTHS" or "MON" or "MONS":
                    _months += decimal.Truncate(value);
                    AddDays((value - decimal.Truncate(value)) * 30);
                    return true;
                case "DECADE" or "DECADES" or "DEC" or "DECS":
                    _months += decimal.Round(value * 120, MidpointRounding.ToEven);
                    return true;
                case "CENTURY" or "CENTURIES" or "C" or "CENT":
                    _months += decimal.Round(value * 1200, MidpointRounding.ToEven);
                    return true;
                case "MILLENNIUM" or "MILLENNIA" or "MIL" or "MILS":
                    _months += decimal.Round(value * 12_000, MidpointRounding.ToEven);
                    return true;
                case "WEEK" or "WEEKS" or "W":
                    AddDays(value * 7);
                    return true;
                case "DAY" or "DAYS" or "D":
                    AddDays(value);
                    return true;
                case "HOUR" or "HOURS" or "H" or "HR" or "HRS":
                    _microseconds += value * 3_600_000_000;
                    return true;
                case "MINUTE" or "MINUTES" or "M" or "MIN" or "MINS":
                    _microseconds += value * 60_000_000;
                    return true;
                case "SECOND" or "SECONDS" or "S" or "SEC" or "SECS":
                    _microseconds += value * 1_000_000;
                    return true;
                case "MILLISECOND" or "MILLISECONDS" or "MS" or "MSEC" or "MSECS":
                    _microseconds += value * 1000;
                    return true;
                case "MICROSECOND" or "MICROSECONDS" or "US" or "USEC" or "USECS":
                    _microseconds += value;
                    return true;
                default:
                    return false;
            }
        }

        public void Negate() => (_months, _days, _microseconds) = (-_months, -_days, -_microseconds);

        public readonly Interval ToInterval() =>
            new(decimal.ToInt32(_months), decimal.ToInt32(_days), decimal.ToInt64(decimal.Round(_microseconds, MidpointRounding.ToEven)));

        private void AddDays(decimal value)
        {
            _days += decimal.Truncate(value);
            _microseconds += (value - decimal.Truncate(value)) * Day;
        }
    }
}
