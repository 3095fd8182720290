namespace Rqlite.Pg.Types.Values;

/// <summary>POSIX's description of a zone: <c>std offset [dst [offset] [,start[/time],end[/time]]]</c>; offsets count west of Greenwich.</summary>
internal sealed record PosixRule(
    string Abbreviation, int Offset, string DaylightAbbreviation, int DaylightOffset, PosixDate Start, PosixDate End)
{
    private const int HoursMax = 24 * 7;

    /// <summary>Reads a description; <paramref name="fixedOffset"/> is set for one without summer time.</summary>
    public static bool TryParse(string text, out PosixRule? rule, out (string Abbreviation, int Offset)? fixedOffset)
    {
        rule = null;
        fixedOffset = null;
        var at = 0;
        if (!TryName(text, ref at, out var name) || !TryOffset(text, ref at, out var west))
        {
            return false;
        }

        if (at == text.Length)
        {
            fixedOffset = (name, -west);
            return true;
        }

        if (!TryName(text, ref at, out var daylight) || daylight.Length == 0)
        {
            return false;
        }

        var daylightWest = west - 3600;
        if (at < text.Length && text[at] != ',' && !TryOffset(text, ref at, out daylightWest))
        {
            return false;
        }

        // Without a rule PostgreSQL takes the one of the United States.
        var dates = at < text.Length ? text[at..] : ",M3.2.0,M11.1.0";
        at = 0;
        if (!TryDate(dates, ref at, out var start) || !TryDate(dates, ref at, out var end) || at != dates.Length)
        {
            return false;
        }

        rule = new PosixRule(name, -west, daylight, -daylightWest, start, end);
        return true;
    }

    private static bool TryName(string text, ref int at, out string name)
    {
        var start = at;
        name = "";
        if (at < text.Length && text[at] == '<')
        {
            var end = text.IndexOf('>', at);
            if (end < 0)
            {
                return false;
            }

            name = text[(at + 1)..end];
            at = end + 1;
            return name.Length > 0;
        }

        while (at < text.Length && text[at] is not (>= '0' and <= '9') and not (',' or '-' or '+'))
        {
            at++;
        }

        name = text[start..at];
        return true;
    }

    private static bool TryOffset(string text, ref int at, out int seconds)
    {
        seconds = 0;
        var negative = at < text.Length && text[at] == '-';
        if (at < text.Length && text[at] is '-' or '+')
        {
            at++;
        }

        if (!TryNumber(text, ref at, HoursMax, out var hours))
        {
            return false;
        }

        seconds = hours * 3600;
        if (at < text.Length && text[at] == ':')
        {
            at++;
            if (!TryNumber(text, ref at, 59, out var minutes))
            {
                return false;
            }

            seconds += minutes * 60;
            if (at < text.Length && text[at] == ':')
            {
                at++;
                if (!TryNumber(text, ref at, 60, out var rest))
                {
                    return false;
                }

                seconds += rest;
            }
        }

        seconds = negative ? -seconds : seconds;
        return true;
    }

    private static bool TryDate(string text, ref int at, out PosixDate date)
    {
        date = default;
        if (at >= text.Length || text[at++] != ',' || at >= text.Length)
        {
            return false;
        }

        var (kind, a, b, c) = (text[at], 0, 0, 0);
        if (kind == 'M')
        {
            at++;
            if (!TryNumber(text, ref at, 12, out a) || a < 1 || at >= text.Length || text[at++] != '.'
                || !TryNumber(text, ref at, 5, out b) || b < 1 || at >= text.Length || text[at++] != '.' || !TryNumber(text, ref at, 6, out c))
            {
                return false;
            }
        }
        else if (kind == 'J')
        {
            at++;
            if (!TryNumber(text, ref at, 365, out a) || a < 1)
            {
                return false;
            }
        }
        else if (!TryNumber(text, ref at, 365, out a))
        {
            return false;
        }

        var time = 2 * 3600;
        if (at < text.Length && text[at] == '/')
        {
            at++;
            if (!TryOffset(text, ref at, out time))
            {
                return false;
            }
        }

        date = new PosixDate(kind is 'M' or 'J' ? kind : 'N', a, b, c, time);
        return true;
    }

    private static bool TryNumber(string text, ref int at, int max, out int value)
    {
        value = 0;
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]) && at - start < 4)
        {
            value = (value * 10) + text[at++] - '0';
        }

        return at > start && value <= max;
    }
}

/// <summary>A yearly moment of POSIX's rule: <c>Mm.w.d</c>, <c>Jn</c> (1 to 365, no leap days) or <c>n</c> (0 to 365).</summary>
internal readonly record struct PosixDate(char Kind, int First, int Second, int Third, int Time)
{
    /// <summary>The moment on the local clock, in seconds since 1970.</summary>
    public long SecondsIn(int year)
    {
        long days;
        switch (Kind)
        {
            case 'M':
                var first = Calendar.ToDays(year, First, 1);
                days = first + ((Third - Calendar.DayOfWeek(first) + 7) % 7) + ((Second - 1) * 7);
                if (days >= first + Calendar.DaysInMonth(year, First))
                {
                    days -= 7;
                }

                break;
            case 'J':
                days = Calendar.ToDays(year, 1, 1) + First - 1 + (First >= 60 && Calendar.IsLeapYear(year) ? 1 : 0);
                break;
            default:
                days = Calendar.ToDays(year, 1, 1) + First;
                break;
        }

        return (days * 86_400) + Calendar.EpochSeconds + Time;
    }
}
