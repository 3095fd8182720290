namespace Rqlite.Pg.Types.Values;

internal ref partial struct DateTimeDecoder
{
    /// <summary>Reads a field that is a date by itself: digits and a month's name, with delimiters.</summary>
    private DecodeResult DecodeDate(ReadOnlySpan<byte> text, out FieldMask mask)
    {
        mask = FieldMask.None;
        Span<(int Start, int Length)> parts = stackalloc (int, int)[DateTimeTokens.FieldsMax];
        if (!TrySplit(text, parts, out var count))
        {
            return DecodeResult.BadFormat;
        }

        var seen = _seen;
        var textMonth = false;
        for (var i = 0; i < count; i++)
        {
            var part = text.Slice(parts[i].Start, parts[i].Length);
            if (!AsciiText.IsLetter(part[0]))
            {
                continue;
            }

            // The name of a month tells more than the numbers beside it, so it is looked for first.
            var (kind, value) = DateTimeWords.FindDateWord(part);
            if (kind == DateTimeWord.Ignored)
            {
                continue;
            }

            if (kind != DateTimeWord.Month || (seen & FieldMask.Month) != 0)
            {
                return DecodeResult.BadFormat;
            }

            _time.Month = value;
            textMonth = true;
            seen |= FieldMask.Month;
            mask |= FieldMask.Month;
            parts[i].Length = 0;
        }

        for (var i = 0; i < count; i++)
        {
            if (parts[i].Length == 0)
            {
                continue;
            }

            var result = DecodeNumber(text.Slice(parts[i].Start, parts[i].Length), textMonth, seen, out var field);
            if (result != DecodeResult.Done)
            {
                return result;
            }

            if ((seen & field) != 0)
            {
                return DecodeResult.BadFormat;
            }

            seen |= field;
            mask |= field;
        }

        return (seen & ~(FieldMask.DayOfYear | FieldMask.Zone)) == FieldMask.Date ? DecodeResult.Done : DecodeResult.BadFormat;
    }

    private static bool TrySplit(ReadOnlySpan<byte> text, Span<(int Start, int Length)> parts, out int count)
    {
        count = 0;
        var at = 0;
        while (at < text.Length && count < parts.Length)
        {
            while (at < text.Length && !AsciiText.IsDigit(text[at]) && !AsciiText.IsLetter(text[at]))
            {
                at++;
            }

            if (at == text.Length)
            {
                return false;
            }

            var start = at;
            if (AsciiText.IsDigit(text[at]))
            {
                while (at < text.Length && AsciiText.IsDigit(text[at]))
                {
                    at++;
                }
            }
            else
            {
                while (at < text.Length && AsciiText.IsLetter(text[at]))
                {
                    at++;
                }
            }

            parts[count++] = (start, at - start);

            // The character that ends a part is dropped, whatever it is.
            at++;
        }

        return true;
    }

    /// <summary>Reads hours, minutes and seconds with colons.</summary>
    internal static DecodeResult DecodeTime(ReadOnlySpan<byte> text, ref BrokenTime time)
    {
        time.Microsecond = 0;
        if (!NumberText.TryInteger(text, out time.Hour, out var at))
        {
            return DecodeResult.FieldOverflow;
        }

        if (at >= text.Length || text[at] != ':')
        {
            return DecodeResult.BadFormat;
        }

        text = text[(at + 1)..];
        if (!NumberText.TryInteger(text, out time.Minute, out at))
        {
            return DecodeResult.FieldOverflow;
        }

        text = text[at..];
        if (text.IsEmpty)
        {
            time.Second = 0;
        }
        else if (text[0] == '.')
        {
            // Two fields and a fraction are minutes and seconds.
            if (!NumberText.TryMicroseconds(text, out time.Microsecond))
            {
                return DecodeResult.BadFormat;
            }

            (time.Hour, time.Minute, time.Second) = (0, time.Hour, time.Minute);
        }
        else if (text[0] == ':')
        {
            if (!NumberText.TryInteger(text[1..], out time.Second, out at))
            {
                return DecodeResult.FieldOverflow;
            }

            text = text[(at + 1)..];
            if (!text.IsEmpty && (text[0] != '.' || !NumberText.TryMicroseconds(text, out time.Microsecond)))
            {
                return DecodeResult.BadFormat;
            }
        }
        else
        {
            return DecodeResult.BadFormat;
        }

        return time.Hour < 0 || time.Minute is < 0 or > 59 || time.Second is < 0 or > 60 || time.Microsecond > Calendar.SecondMicroseconds
            ? DecodeResult.FieldOverflow
            : DecodeResult.Done;
    }

    internal static bool TimeOverflows(in BrokenTime time) =>
        time.Hour is < 0 or > 24 || time.Minute is < 0 or > 59 || time.Second is < 0 or > 60 || time.TimeOfDay > Calendar.DayMicroseconds;

    /// <summary>Reads a single number of a date; which field it is depends on those before it.</summary>
    private DecodeResult DecodeNumber(ReadOnlySpan<byte> text, bool textMonth, FieldMask seen, out FieldMask mask)
    {
        mask = FieldMask.None;
        if (!NumberText.TryInteger(text, out var value, out var length))
        {
            return DecodeResult.FieldOverflow;
        }

        if (length == 0)
        {
            return DecodeResult.BadFormat;
        }

        if (length < text.Length)
        {
            if (text[length] != '.')
            {
                return DecodeResult.BadFormat;
            }

            if (length > 2)
            {
                return DecodeRunTogether(text, seen | FieldMask.Date, out mask, out _);
            }

            if (!NumberText.TryMicroseconds(text[length..], out _time.Microsecond))
            {
                return DecodeResult.BadFormat;
            }
        }

        var date = seen & FieldMask.Date;
        if (text.Length == 3 && date == FieldMask.Year && value is >= 1 and <= 366)
        {
            mask = FieldMask.DayOfYear | FieldMask.Month | FieldMask.Day;
            _time.DayOfYear = value;
            return DecodeResult.Done;
        }

        var yearFirst = _context.Settings.DateOrder == DateOrder.YearMonthDay;
        switch (date)
        {
            case FieldMask.None:
                mask = text.Length >= 3 || yearFirst ? FieldMask.Year
                    : _context.Settings.DateOrder == DateOrder.DayMonthYear ? FieldMask.Day : FieldMask.Month;
                break;
            case FieldMask.Year:
            case FieldMask.Day:
                mask = FieldMask.Month;
                break;
            case FieldMask.Month:
                mask = textMonth && (text.Length >= 3 || yearFirst) ? FieldMask.Year : FieldMask.Day;
                break;
            case FieldMask.Year | FieldMask.Month:
                mask = FieldMask.Day;
                if (textMonth && text.Length >= 3 && _twoDigits)
                {
                    // The first number was the day, not the year.
                    _time.Day = _time.Year;
                    _time.Year = value;
                    _twoDigits = false;
                    return DecodeResult.Done;
                }

                break;
            case FieldMask.Month | FieldMask.Day:
                mask = FieldMask.Year;
                break;
            case FieldMask.Date:
                return DecodeRunTogether(text, seen, out mask, out _);
            default:
                return DecodeResult.BadFormat;
        }

        switch (mask)
        {
            case FieldMask.Year:
                _time.Year = value;
                _twoDigits = text.Length <= 2;
                break;
            case FieldMask.Month:
                _time.Month = value;
                break;
            default:
                _time.Day = value;
                break;
        }

        return DecodeResult.Done;
    }

    /// <summary>Reads digits without delimiters: yymmdd, yyyymmdd, hhmm, hhmmss, hhmmss.fff.</summary>
    /// <param name="isTime">Whether it was a time.</param>
    private DecodeResult DecodeRunTogether(ReadOnlySpan<byte> text, FieldMask seen, out FieldMask mask, out bool isTime)
    {
        mask = FieldMask.None;
        isTime = false;
        var point = text.IndexOf((byte)'.');
        if (point >= 0)
        {
            var fraction = text.Length == point + 1 ? 0 : NumberText.Fraction(text[point..], out _);
            _time.Microsecond = (int)Math.Round(fraction * 1e6, MidpointRounding.ToEven);
            text = text[..point];
        }
        else if ((seen & FieldMask.Date) != FieldMask.Date && text.Length >= 6)
        {
            mask = FieldMask.Date;
            _time.Day = Digits(text[^2..]);
            _time.Month = Digits(text[^4..^2]);
            _time.Year = Digits(text[..^4]);
            _twoDigits |= text.Length == 6;
            return DecodeResult.Done;
        }

        if ((seen & FieldMask.Time) == FieldMask.Time || text.Length is not (4 or 6))
        {
            return DecodeResult.BadFormat;
        }

        mask = FieldMask.Time;
        isTime = true;
        _time.Hour = Digits(text[..2]);
        _time.Minute = Digits(text[2..4]);
        _time.Second = text.Length == 6 ? Digits(text[4..]) : 0;
        return DecodeResult.Done;
    }

    private static int Digits(ReadOnlySpan<byte> text)
    {
        _ = NumberText.TryInteger(text, out var value, out _);
        return value;
    }

    /// <summary>Reads a numeric zone: <c>+hh</c>, <c>-hhmm</c>, <c>+hh:mm:ss</c>.</summary>
    internal static DecodeResult DecodeZone(ReadOnlySpan<byte> text, out int offset)
    {
        offset = 0;
        if (text.IsEmpty || text[0] is not ((byte)'+' or (byte)'-'))
        {
            return DecodeResult.BadFormat;
        }

        var rest = text[1..];
        if (!NumberText.TryInteger(rest, out var hours, out var at))
        {
            return DecodeResult.ZoneOverflow;
        }

        var (minutes, seconds) = (0, 0);
        rest = rest[at..];
        if (!rest.IsEmpty && rest[0] == ':')
        {
            if (!NumberText.TryInteger(rest[1..], out minutes, out at))
            {
                return DecodeResult.ZoneOverflow;
            }

            rest = rest[(at + 1)..];
            if (!rest.IsEmpty && rest[0] == ':')
            {
                if (!NumberText.TryInteger(rest[1..], out seconds, out at))
                {
                    return DecodeResult.ZoneOverflow;
                }

                rest = rest[(at + 1)..];
            }
        }
        else if (rest.IsEmpty && text.Length > 3)
        {
            (hours, minutes) = (hours / 100, hours % 100);
        }

        if (hours is < 0 or > ZoneHourMax || minutes is < 0 or > 59 || seconds is < 0 or > 59)
        {
            return DecodeResult.ZoneOverflow;
        }

        offset = (((hours * 60) + minutes) * 60) + seconds;
        offset = text[0] == '-' ? -offset : offset;
        return rest.IsEmpty ? DecodeResult.Done : DecodeResult.BadFormat;
    }
}
