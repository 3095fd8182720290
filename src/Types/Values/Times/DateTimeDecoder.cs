namespace Rqlite.Pg.Types.Values;

/// <summary>
/// Reads the fields of a date and time. Each field is taken for what it can be after the fields before it, so that nearly every way of writing
/// a date is understood; the order of days and months in digits is DateStyle's.
/// </summary>
internal ref partial struct DateTimeDecoder
{
    private const int ZoneHourMax = 15;

    private readonly ValueContext _context;
    private DateTimeTokens _tokens;
    private BrokenTime _time;
    private FieldMask _seen;
    private DateTimeUnit _expected;
    private int _offset;
    private PgTimeZone? _zone;
    private string? _abbreviation;
    private bool _twoDigits;
    private bool _beforeChrist;
    private bool _julian;
    private bool _textMonth;
    private int _half;

    public DateTimeDecoder(DateTimeTokens tokens, in ValueContext context)
    {
        _tokens = tokens;
        _context = context;
    }

    /// <summary>The fields that were read.</summary>
    public readonly BrokenTime Time => _time;

    /// <summary>The zone's offset in seconds east of Greenwich: the one that the text says, else the session's.</summary>
    public readonly int Offset => _offset;

    /// <summary>The word epoch, infinity or -infinity in place of a date.</summary>
    public DateTimeUnit Special { get; private set; }

    public DecodeResult Decode()
    {
        var result = DecodeFields(timeOnly: false);
        return result != DecodeResult.Done || Special != DateTimeUnit.None ? result : Finish();
    }

    private DecodeResult DecodeFields(bool timeOnly)
    {
        for (var i = 0; i < _tokens.Count; i++)
        {
            var result = timeOnly ? DecodeTimeField(i, out var mask, out var skip) : DecodeField(i, out mask, out skip);
            if (result != DecodeResult.Done)
            {
                return result;
            }

            if (skip)
            {
                continue;
            }

            if ((mask & _seen) != 0)
            {
                return DecodeResult.BadFormat;
            }

            _seen |= mask;
        }

        return DecodeResult.Done;
    }

    private DecodeResult DecodeField(int index, out FieldMask mask, out bool skip)
    {
        mask = FieldMask.None;
        skip = false;
        switch (_tokens.KindOf(index))
        {
            case TokenKind.Date:
                return DecodeDateField(index, out mask);
            case TokenKind.Time:
                if (_expected != DateTimeUnit.None)
                {
                    if (_expected != DateTimeUnit.Time)
                    {
                        return DecodeResult.BadFormat;
                    }

                    _expected = DateTimeUnit.None;
                }

                mask = FieldMask.Time;
                var result = DecodeTime(_tokens[index], ref _time);
                return result == DecodeResult.Done && TimeOverflows(_time) ? DecodeResult.FieldOverflow : result;
            case TokenKind.Zone:
                mask = FieldMask.Zone;
                return DecodeZone(_tokens[index], out _offset);
            case TokenKind.Number:
                return _expected != DateTimeUnit.None ? DecodeLabelled(index, out mask) : DecodeBareNumber(index, out mask);
            default:
                return DecodeWord(index, out mask, out skip);
        }
    }

    private DecodeResult DecodeDateField(int index, out FieldMask mask)
    {
        var text = _tokens[index];
        mask = FieldMask.None;
        if (_expected == DateTimeUnit.Julian)
        {
            // A Julian day with a zone; all other forms are separate fields.
            if (!NumberText.TryInteger(text, out var day, out var length) || day < 0)
            {
                return DecodeResult.FieldOverflow;
            }

            _time.SetDate(day - (long)Calendar.EpochJulianDay);
            _julian = true;
            mask = FieldMask.Date | FieldMask.Time | FieldMask.Zone;
            _expected = DateTimeUnit.None;
            return DecodeZone(text[length..], out _offset);
        }

        // After month and day it may be a zone's name, or a time run together with a zone.
        if (_expected != DateTimeUnit.None || (_seen & (FieldMask.Month | FieldMask.Day)) == (FieldMask.Month | FieldMask.Day))
        {
            return DecodeTimeWithZone(text, out mask);
        }

        return DecodeDate(text, out mask);
    }

    private DecodeResult DecodeTimeWithZone(ReadOnlySpan<byte> text, out FieldMask mask)
    {
        mask = FieldMask.None;
        if (!AsciiText.IsDigit(text[0]) && _expected == DateTimeUnit.None)
        {
            mask = FieldMask.Zone;
            return DecodeZoneName(text);
        }

        if (_expected is not (DateTimeUnit.None or DateTimeUnit.Time))
        {
            return DecodeResult.BadFormat;
        }

        _expected = DateTimeUnit.None;
        var sign = text.IndexOf((byte)'-');
        if ((_seen & FieldMask.Time) == FieldMask.Time || sign < 0)
        {
            return DecodeResult.BadFormat;
        }

        var result = DecodeZone(text[sign..], out _offset);
        if (result == DecodeResult.Done)
        {
            result = DecodeRunTogether(text[..sign], _seen, out mask, out _);
            mask |= FieldMask.Zone;
        }

        return result;
    }

    private DecodeResult DecodeZoneName(ReadOnlySpan<byte> text)
    {
        var name = System.Text.Encoding.UTF8.GetString(text);
        _zone = TimeZones.Find(name) ?? throw TimeZones.NotRecognized(name);
        return DecodeResult.Done;
    }

    private DecodeResult DecodeBareNumber(int index, out FieldMask mask)
    {
        var text = _tokens[index];
        var point = text.IndexOf((byte)'.');
        if (point >= 0 && (_seen & FieldMask.Date) == 0)
        {
            return DecodeDate(text, out mask);
        }

        // Six digits and more are a date or a time run together, fewer a single field.
        return point > 2 || (point < 0 && text.Length >= 6 && ((_seen & FieldMask.Date) == 0 || (_seen & FieldMask.Time) == 0))
            ? DecodeRunTogether(text, _seen, out mask, out _)
            : DecodeNumber(text, _textMonth, _seen, out mask);
    }

    private DecodeResult DecodeLabelled(int index, out FieldMask mask)
    {
        var text = _tokens[index];
        var unit = _expected;
        mask = FieldMask.None;
        if (!NumberText.TryInteger(text, out var value, out var length))
        {
            return DecodeResult.FieldOverflow;
        }

        var rest = text[length..];
        if (!rest.IsEmpty && (rest[0] != '.' || unit is not (DateTimeUnit.Julian or DateTimeUnit.Time or DateTimeUnit.Second)))
        {
            return DecodeResult.BadFormat;
        }

        _expected = DateTimeUnit.None;
        switch (unit)
        {
            case DateTimeUnit.Year:
                (_time.Year, mask) = (value, FieldMask.Year);
                return DecodeResult.Done;
            case DateTimeUnit.Month when (_seen & FieldMask.Month) != 0 && (_seen & FieldMask.Hour) != 0:
                (_time.Minute, mask) = (value, FieldMask.Minute);
                return DecodeResult.Done;
            case DateTimeUnit.Month:
                (_time.Month, mask) = (value, FieldMask.Month);
                return DecodeResult.Done;
            case DateTimeUnit.Day:
                (_time.Day, mask) = (value, FieldMask.Day);
                return DecodeResult.Done;
            case DateTimeUnit.Hour:
                (_time.Hour, mask) = (value, FieldMask.Hour);
                return DecodeResult.Done;
            case DateTimeUnit.Minute:
                (_time.Minute, mask) = (value, FieldMask.Minute);
                return DecodeResult.Done;
            case DateTimeUnit.Second:
                (_time.Second, mask) = (value, rest.IsEmpty ? FieldMask.Second : FieldMask.AllSeconds);
                return rest.IsEmpty || NumberText.TryMicroseconds(rest, out _time.Microsecond) ? DecodeResult.Done : DecodeResult.BadFormat;
            case DateTimeUnit.Julian:
                return DecodeJulian(value, rest, out mask);
            case DateTimeUnit.Time:
                var result = DecodeRunTogether(text, _seen | FieldMask.Date, out mask, out _);
                return result == DecodeResult.Done && mask != FieldMask.Time ? DecodeResult.BadFormat : result;
            default:
                return DecodeResult.BadFormat;
        }
    }

    private DecodeResult DecodeJulian(int day, ReadOnlySpan<byte> fraction, out FieldMask mask)
    {
        mask = FieldMask.Date;
        if (day < 0)
        {
            return DecodeResult.FieldOverflow;
        }

        _time.SetDate(day - (long)Calendar.EpochJulianDay);
        _julian = true;
        if (!fraction.IsEmpty)
        {
            var part = fraction.Length == 1 ? 0 : NumberText.Fraction(fraction, out var length);
            _time.SetTime((long)(part * Calendar.DayMicroseconds));
            mask |= FieldMask.Time;
        }

        return DecodeResult.Done;
    }

    private DecodeResult Finish()
    {
        var result = ValidateDate();
        if (result != DecodeResult.Done)
        {
            return result;
        }

        if (_half != 0 && _time.Hour > 12)
        {
            return DecodeResult.FieldOverflow;
        }

        _time.Hour = _half == 1 && _time.Hour == 12 ? 0 : _half == 2 && _time.Hour != 12 ? _time.Hour + 12 : _time.Hour;
        if ((_seen & FieldMask.Date) != FieldMask.Date)
        {
            return (_seen & FieldMask.Time) == FieldMask.Time ? DecodeResult.TimeOnly : DecodeResult.BadFormat;
        }

        if (_zone is null && _abbreviation is null && (_seen & FieldMask.Zone) != 0)
        {
            return DecodeResult.Done;
        }

        if ((_seen & FieldMask.DaylightModifier) != 0)
        {
            return DecodeResult.BadFormat;
        }

        _offset = OffsetOn(_time);
        return DecodeResult.Done;
    }

    /// <summary>The offset of the named zone, the abbreviation or the session's zone at a local time.</summary>
    private readonly int OffsetOn(in BrokenTime time)
    {
        if (_abbreviation is null)
        {
            return (_zone ?? _context.Settings.TimeZone).OffsetAtLocal(time.LocalSeconds);
        }

        _ = TimeZones.TryAbbreviation(_abbreviation, out var abbreviation);
        return TimeZones.Find(abbreviation.ZoneName!)!.OffsetOfAbbreviation(_abbreviation, time.LocalSeconds);
    }

    private DecodeResult ValidateDate()
    {
        if ((_seen & FieldMask.Year) != 0 && !_julian)
        {
            if (_beforeChrist)
            {
                if (_time.Year <= 0)
                {
                    return DecodeResult.FieldOverflow;
                }

                _time.Year = -(_time.Year - 1);
            }
            else if (_twoDigits)
            {
                if (_time.Year < 0)
                {
                    return DecodeResult.FieldOverflow;
                }

                _time.Year += _time.Year < 70 ? 2000 : _time.Year < 100 ? 1900 : 0;
            }
            else if (_time.Year <= 0)
            {
                return DecodeResult.FieldOverflow;
            }
        }

        if ((_seen & FieldMask.DayOfYear) != 0)
        {
            _time.SetDate(Calendar.ToDays(_time.Year, 1, 1) + _time.DayOfYear - 1);
        }

        if (((_seen & FieldMask.Month) != 0 && _time.Month is < 1 or > 12) || ((_seen & FieldMask.Day) != 0 && _time.Day is < 1 or > 31))
        {
            return DecodeResult.MonthDayOverflow;
        }

        return (_seen & FieldMask.Date) == FieldMask.Date && _time.Day > Calendar.DaysInMonth(_time.Year, _time.Month)
            ? DecodeResult.FieldOverflow
            : DecodeResult.Done;
    }
}
