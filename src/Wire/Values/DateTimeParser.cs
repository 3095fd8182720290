using System.Buffers.Text;
using System.Text;
using Rqlite.Pg.Dialect;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Reads ISO 8601 dates and times, PostgreSQL's special words, and month/day/year.</summary>
internal ref struct DateTimeParser
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly string _type;
    private readonly DateOrder _order;
    private ReadOnlySpan<byte> _rest;

    private DateTimeParser(ReadOnlySpan<byte> text, string type, DateOrder order)
    {
        _order = order;
        _text = text;
        _type = type;
        _rest = text.Trim(" \t\r\n"u8);
    }

    /// <returns>Days since 2000-01-01.</returns>
    public static int Date(ReadOnlySpan<byte> text, DateOrder order = default)
    {
        var parser = new DateTimeParser(text, "date", order);
        if (parser.TryInfinity(out var positive))
        {
            return positive ? Calendar.DateInfinity : Calendar.DateMinusInfinity;
        }

        if (parser.TakeWord("epoch"u8) && parser._rest.IsEmpty)
        {
            return -10_957;
        }

        // A time after the date is read and left out, as PostgreSQL does.
        var (days, _, _) = parser.Moment(allowZone: true);
        return Calendar.DateInRange(days) ? (int)days : throw new DialectException(
            "22008", $"date out of range: \"{Encoding.UTF8.GetString(text)}\"");
    }

    /// <returns>Microseconds since 2000-01-01; a zone in the text is ignored.</returns>
    public static long Timestamp(ReadOnlySpan<byte> text, DateOrder order = default)
    {
        var parser = new DateTimeParser(text, "timestamp", order);
        if (parser.TrySpecial(out var special))
        {
            return special;
        }

        var (days, time, _) = parser.Moment(allowZone: true);
        return parser.InRange(days, time, 0);
    }

    /// <returns>Microseconds since 2000-01-01 in UTC.</returns>
    public static long TimestampTz(ReadOnlySpan<byte> text, TimeZoneInfo zone, DateOrder order = default)
    {
        var parser = new DateTimeParser(text, "timestamp with time zone", order);
        if (parser.TrySpecial(out var special))
        {
            return special;
        }

        var (days, time, offset) = parser.Moment(allowZone: true);
        return parser.InRange(days, time, offset ?? Calendar.OffsetAtLocal(zone, parser.InRange(days, time, 0)));
    }

    /// <returns>Microseconds since midnight, and seconds east of Greenwich if the text says them.</returns>
    public static (long Time, int? Offset) Time(ReadOnlySpan<byte> text, string type)
    {
        var parser = new DateTimeParser(text, type, default);

        // A date before the time is allowed and ignored.
        if (parser._rest.IndexOf((byte)'-') is > 0 and var dash && parser._rest.IndexOf((byte)':') > dash)
        {
            var (_, time, zone) = parser.Moment(allowZone: true);
            return (time, zone);
        }

        var value = parser.TimeOfDay();
        var offset = parser.Zone();
        return parser._rest.IsEmpty ? (value, offset) : throw parser.Wrong();
    }

    private readonly DialectException Wrong() => ValueErrors.DateSyntax(_type, _text);

    private readonly long InRange(long days, long time, int offset)
    {
        if (days is < -2_500_000 or > 107_000_000)
        {
            throw OutOfRange();
        }

        var value = (Int128)days * Calendar.DayMicroseconds + time - ((Int128)offset * Calendar.SecondMicroseconds);
        return value > long.MinValue && value < long.MaxValue && Calendar.TimestampInRange((long)value) ? (long)value : throw OutOfRange();
    }

    private readonly DialectException OutOfRange() => new("22008", $"timestamp out of range: \"{Encoding.UTF8.GetString(_text)}\"");

    private bool TrySpecial(out long value)
    {
        value = 0;
        if (TryInfinity(out var positive))
        {
            value = positive ? Calendar.TimestampInfinity : Calendar.TimestampMinusInfinity;
            return true;
        }

        if (TakeWord("epoch"u8) && _rest.IsEmpty)
        {
            value = -Calendar.EpochSeconds * Calendar.SecondMicroseconds;
            return true;
        }

        return false;
    }

    private readonly bool TryInfinity(out bool positive)
    {
        positive = _rest.IsEmpty || _rest[0] != '-';
        var word = _rest.IsEmpty || _rest[0] is not ((byte)'-' or (byte)'+') ? _rest : _rest[1..];
        return Ascii.EqualsIgnoreCase(word, "infinity"u8);
    }

    private bool TakeWord(ReadOnlySpan<byte> word)
    {
        if (_rest.Length < word.Length || !Ascii.EqualsIgnoreCase(_rest[..word.Length], word))
        {
            return false;
        }

        _rest = _rest[word.Length..];
        return true;
    }

    private (long Days, long Time, int? Offset) Moment(bool allowZone)
    {
        var (year, month, day) = YearMonthDay();
        var time = 0L;
        int? offset = null;
        if (!_rest.IsEmpty && _rest[0] is (byte)'T' or (byte)'t' or (byte)' ')
        {
            _rest = _rest[1..].TrimStart((byte)' ');
            if (!_rest.IsEmpty && char.IsAsciiDigit((char)_rest[0]))
            {
                time = TimeOfDay();
            }
        }

        if (allowZone)
        {
            offset = Zone();
        }

        _rest = _rest.TrimStart((byte)' ');
        if (TakeWord("BC"u8))
        {
            year = 1 - year;
        }
        else
        {
            TakeWord("AD"u8);
        }

        if (!_rest.IsEmpty)
        {
            throw Wrong();
        }

        if (month is < 1 or > 12 || day < 1 || day > Calendar.DaysInMonth(year, month))
        {
            throw ValueErrors.DateRange(_text);
        }

        return (Calendar.ToDays(year, month, day), time, offset);
    }

    private (int Year, int Month, int Day) YearMonthDay()
    {
        var first = Digits(out var width);
        if (width == 8 && (_rest.IsEmpty || _rest[0] != '-'))
        {
            return (first / 10_000, first / 100 % 100, first % 100);
        }

        if (_rest.IsEmpty || _rest[0] is not ((byte)'-' or (byte)'/' or (byte)'.'))
        {
            throw Wrong();
        }

        var separator = _rest[0];
        _rest = _rest[1..];
        var second = Digits(out _);
        if (_rest.IsEmpty || _rest[0] != separator)
        {
            throw Wrong();
        }

        _rest = _rest[1..];
        var third = Digits(out var lastWidth);
        if (width > 2)
        {
            return (NotZero(first), second, third);
        }

        // DateStyle decides the order of a date that begins with two digits.
        return _order switch
        {
            DateOrder.YearMonthDay => (Year(first, width), second, third),
            DateOrder.DayMonthYear => (Year(third, lastWidth), second, first),
            _ => (Year(third, lastWidth), first, second),
        };
    }

    private readonly int Year(int year, int width) => width <= 2 ? year + (year < 70 ? 2000 : 1900) : NotZero(year);

    private readonly int NotZero(int year) => year != 0 ? year : throw ValueErrors.DateRange(_text);

    private int Digits(out int width)
    {
        if (_rest.IsEmpty || !char.IsAsciiDigit((char)_rest[0]) || !Utf8Parser.TryParse(_rest, out int value, out width))
        {
            throw Wrong();
        }

        _rest = _rest[width..];
        return value;
    }

    private long TimeOfDay()
    {
        var hours = Digits(out var width);
        int minutes;
        var seconds = 0;
        if (width is 4 or 6 && (_rest.IsEmpty || _rest[0] != ':'))
        {
            (hours, minutes, seconds) = width == 4 ? (hours / 100, hours % 100, 0) : (hours / 10_000, hours / 100 % 100, hours % 100);
        }
        else
        {
            Colon();
            minutes = Digits(out _);
            if (!_rest.IsEmpty && _rest[0] == ':')
            {
                _rest = _rest[1..];
                seconds = Digits(out _);
            }
        }

        var fraction = Fraction();
        var afternoon = AmPm(ref hours);
        if (hours > 24 || minutes > 59 || seconds > 60 || (hours == 24 && (minutes > 0 || seconds > 0 || fraction > 0)) || !afternoon)
        {
            throw ValueErrors.DateRange(_text);
        }

        return ((((hours * 60L) + minutes) * 60) + seconds) * Calendar.SecondMicroseconds + fraction;
    }

    private bool AmPm(ref int hours)
    {
        var trimmed = _rest.TrimStart((byte)' ');
        if (trimmed.Length < 2 || (trimmed[1] | 0x20) != 'm' || (trimmed[0] | 0x20) is not ('a' or 'p'))
        {
            return true;
        }

        _rest = trimmed[2..];
        var afternoon = (trimmed[0] | 0x20) == 'p';
        var valid = hours is >= 1 and <= 12;
        hours = (hours % 12) + (afternoon ? 12 : 0);
        return valid;
    }

    private void Colon()
    {
        if (_rest.IsEmpty || _rest[0] != ':')
        {
            throw Wrong();
        }

        _rest = _rest[1..];
    }

    /// <summary>Microseconds, rounded half up at the seventh digit.</summary>
    private long Fraction()
    {
        if (_rest.IsEmpty || _rest[0] != '.')
        {
            return 0;
        }

        _rest = _rest[1..];
        var value = 0L;
        var digits = 0;
        var round = false;
        while (!_rest.IsEmpty && char.IsAsciiDigit((char)_rest[0]))
        {
            if (digits < 6)
            {
                value = (value * 10) + (_rest[0] - '0');
            }
            else if (digits == 6)
            {
                round = _rest[0] >= '5';
            }

            digits++;
            _rest = _rest[1..];
        }

        for (; digits < 6; digits++)
        {
            value *= 10;
        }

        return value + (round ? 1 : 0);
    }

    /// <summary>Seconds east of Greenwich; null if the text names no zone.</summary>
    private int? Zone()
    {
        _rest = _rest.TrimStart((byte)' ');
        if (_rest.IsEmpty)
        {
            return null;
        }

        if (_rest[0] is (byte)'+' or (byte)'-')
        {
            return NumericZone();
        }

        if (_rest.Length >= 2 && (_rest[..2].SequenceEqual("BC"u8) || _rest[..2].SequenceEqual("AD"u8)))
        {
            return null;
        }

        var end = _rest.IndexOf((byte)' ');
        var name = end < 0 ? _rest : _rest[..end];
        if (Ascii.EqualsIgnoreCase(name, "z"u8) || Ascii.EqualsIgnoreCase(name, "utc"u8) || Ascii.EqualsIgnoreCase(name, "gmt"u8)
            || Ascii.EqualsIgnoreCase(name, "zulu"u8))
        {
            _rest = _rest[name.Length..];
            return 0;
        }

        throw Wrong();
    }

    private int NumericZone()
    {
        var sign = _rest[0] == '-' ? -1 : 1;
        _rest = _rest[1..];
        var hours = Digits(out var width);
        var minutes = 0;
        var seconds = 0;
        if (width >= 3)
        {
            (hours, minutes) = (hours / 100, hours % 100);
        }
        else if (!_rest.IsEmpty && _rest[0] == ':')
        {
            _rest = _rest[1..];
            minutes = Digits(out _);
            if (!_rest.IsEmpty && _rest[0] == ':')
            {
                _rest = _rest[1..];
                seconds = Digits(out _);
            }
        }

        return hours <= 15 && minutes <= 59 && seconds <= 59
            ? sign * ((((hours * 60) + minutes) * 60) + seconds)
            : throw new DialectException("22009", $"time zone displacement out of range: \"{Encoding.UTF8.GetString(_text)}\"");
    }
}
