namespace Rqlite.Pg.Types.Values;

/// <summary>Reads the fields of an interval from the last to the first, so that a unit is known before its number.</summary>
internal ref struct IntervalDecoder(DateTimeTokens tokens, int range, IntervalStyle style)
{
    private readonly DateTimeTokens _tokens = tokens;
    private FieldMask _seen;
    private DateTimeUnit _unit;
    private bool _ago;
    private bool _allNegative;

    public DecodeResult Decode(ref IntervalSum sum)
    {
        // In the SQL standard's style a sign at the beginning counts for all fields, unless another one has its own.
        _allNegative = style == IntervalStyle.SqlStandard && _tokens.Count > 0 && _tokens[0][0] == '-';
        for (var i = 1; i < _tokens.Count; i++)
        {
            _allNegative &= _tokens[i][0] is not ((byte)'-' or (byte)'+');
        }

        for (var i = _tokens.Count - 1; i >= 0; i--)
        {
            var result = DecodeField(i, ref sum, out var mask);
            if (result != DecodeResult.Done)
            {
                return result;
            }

            if ((mask & _seen) != 0)
            {
                return DecodeResult.BadFormat;
            }

            _seen |= mask;
        }

        return _seen == FieldMask.None ? DecodeResult.BadFormat
            : _ago && !sum.Negate() ? DecodeResult.FieldOverflow
            : DecodeResult.Done;
    }

    private DecodeResult DecodeField(int index, ref IntervalSum sum, out FieldMask mask)
    {
        var text = _tokens[index];
        mask = FieldMask.None;
        switch (_tokens.KindOf(index))
        {
            case TokenKind.Time:
                mask = FieldMask.Time;
                _unit = DateTimeUnit.Day;
                return DecodeTime(text, false, ref sum);
            case TokenKind.Zone:
                // A sign with hh:mm is a time; other signed fields are numbers.
                if (text[1..].Contains((byte)':'))
                {
                    var saved = sum;
                    var result = DecodeTime(text[1..], text[0] == '-', ref sum);
                    if (result == DecodeResult.Done)
                    {
                        mask = FieldMask.Time;
                        _unit = DateTimeUnit.Day;
                        return result;
                    }

                    sum.Days = saved.Days;
                }

                return DecodeNumber(text, ref sum, out mask);
            case TokenKind.Date or TokenKind.Number:
                return DecodeNumber(text, ref sum, out mask);
            default:
                var (kind, unit) = DateTimeWords.FindIntervalWord(text);
                switch (kind)
                {
                    case DateTimeWord.Ignored:
                        return DecodeResult.Done;
                    case DateTimeWord.Unit:
                        _unit = unit;
                        return DecodeResult.Done;
                    case DateTimeWord.Ago:
                        _ago = true;
                        _unit = unit;
                        return DecodeResult.Done;
                    default:
                        return DecodeResult.BadFormat;
                }
        }
    }

    private readonly DecodeResult DecodeTime(ReadOnlySpan<byte> text, bool negative, ref IntervalSum sum)
    {
        if (!NumberText.TryLong(text, out var hours, out var at))
        {
            return DecodeResult.FieldOverflow;
        }

        if (at >= text.Length || text[at] != ':')
        {
            return DecodeResult.BadFormat;
        }

        text = text[(at + 1)..];
        if (!NumberText.TryInteger(text, out var minutes, out at))
        {
            return DecodeResult.FieldOverflow;
        }

        text = text[at..];
        long minute = minutes;
        long second = 0;
        var microseconds = 0;
        if (text.IsEmpty && range == (IntervalFields.Minute | IntervalFields.Second))
        {
            (hours, minute, second) = (0, hours, minute);
        }
        else if (!text.IsEmpty && text[0] == '.')
        {
            if (!NumberText.TryMicroseconds(text, out microseconds))
            {
                return DecodeResult.BadFormat;
            }

            (hours, minute, second) = (0, hours, minute);
        }
        else if (!text.IsEmpty)
        {
            if (text[0] != ':')
            {
                return DecodeResult.BadFormat;
            }

            if (!NumberText.TryInteger(text[1..], out var seconds, out at))
            {
                return DecodeResult.FieldOverflow;
            }

            second = seconds;
            text = text[(at + 1)..];
            if (!text.IsEmpty && (text[0] != '.' || !NumberText.TryMicroseconds(text, out microseconds)))
            {
                return DecodeResult.BadFormat;
            }
        }

        if (hours < 0 || minute is < 0 or > 59 || second is < 0 or > 60)
        {
            return DecodeResult.FieldOverflow;
        }

        var total = ((Int128)hours * Calendar.HourMicroseconds) + (minute * Calendar.MinuteMicroseconds)
            + (second * Calendar.SecondMicroseconds) + microseconds;
        total = negative || _allNegative ? -total : total;
        if (total < long.MinValue || total > long.MaxValue)
        {
            return DecodeResult.FieldOverflow;
        }

        sum.Microseconds = (long)total;
        return DecodeResult.Done;
    }

    private DecodeResult DecodeNumber(ReadOnlySpan<byte> text, ref IntervalSum sum, out FieldMask mask)
    {
        mask = FieldMask.None;
        if (_unit == DateTimeUnit.None)
        {
            _unit = DefaultUnit();
        }

        if (!NumberText.TryLong(text, out var value, out var at))
        {
            return DecodeResult.FieldOverflow;
        }

        var fraction = 0.0;
        var rest = text[at..];
        if (!rest.IsEmpty && rest[0] == '-')
        {
            // The SQL standard's years-months.
            if (!NumberText.TryInteger(rest[1..], out var months, out var length) || months is < 0 or >= 12)
            {
                return DecodeResult.FieldOverflow;
            }

            if (length + 1 != rest.Length)
            {
                return DecodeResult.BadFormat;
            }

            _unit = DateTimeUnit.Month;
            var total = ((Int128)value * 12) + (text[0] == '-' ? -months : months);
            value = (long)total;
            if (value != total)
            {
                return DecodeResult.FieldOverflow;
            }
        }
        else if (!rest.IsEmpty)
        {
            if (rest[0] != '.')
            {
                return DecodeResult.BadFormat;
            }

            var length = rest.Length;
            fraction = rest.Length == 1 ? 0 : NumberText.Fraction(rest, out length);
            if (length != rest.Length)
            {
                return DecodeResult.BadFormat;
            }

            fraction = text[0] == '-' ? -fraction : fraction;
        }

        if (_allNegative)
        {
            value = value > 0 ? -value : value;
            fraction = fraction > 0 ? -fraction : fraction;
        }

        return Add(value, fraction, ref sum, out mask);
    }

    private DecodeResult Add(long value, double fraction, ref IntervalSum sum, out FieldMask mask)
    {
        bool fits;
        switch (_unit)
        {
            case DateTimeUnit.Microsecond:
                (mask, fits) = (FieldMask.Microsecond, sum.AddTime(value, fraction, 1));
                break;
            case DateTimeUnit.Millisecond:
                (mask, fits) = (FieldMask.Millisecond, sum.AddTime(value, fraction, 1000));
                break;
            case DateTimeUnit.Second:
                (mask, fits) = (fraction == 0 ? FieldMask.Second : FieldMask.AllSeconds, sum.AddTime(value, fraction, Calendar.SecondMicroseconds));
                break;
            case DateTimeUnit.Minute:
                (mask, fits) = (FieldMask.Minute, sum.AddTime(value, fraction, Calendar.MinuteMicroseconds));
                break;
            case DateTimeUnit.Hour:
                (mask, fits) = (FieldMask.Hour, sum.AddTime(value, fraction, Calendar.HourMicroseconds));
                _unit = DateTimeUnit.Day;
                break;
            case DateTimeUnit.Day:
                (mask, fits) = (FieldMask.Day, sum.AddDays(value, 1) && sum.AddFraction(fraction, Calendar.DayMicroseconds));
                break;
            case DateTimeUnit.Week:
                (mask, fits) = (FieldMask.Week, sum.AddDays(value, 7) && sum.AddDayFraction(fraction, 7));
                break;
            case DateTimeUnit.Month:
                (mask, fits) = (FieldMask.Month, sum.AddMonths(value) && sum.AddDayFraction(fraction, 30));
                break;
            case DateTimeUnit.Year:
                (mask, fits) = (FieldMask.Year, sum.AddYears(value, 1) && sum.AddYearFraction(fraction, 1));
                break;
            case DateTimeUnit.Decade:
                (mask, fits) = (FieldMask.Decade, sum.AddYears(value, 10) && sum.AddYearFraction(fraction, 10));
                break;
            case DateTimeUnit.Century:
                (mask, fits) = (FieldMask.Century, sum.AddYears(value, 100) && sum.AddYearFraction(fraction, 100));
                break;
            case DateTimeUnit.Millennium:
                (mask, fits) = (FieldMask.Millennium, sum.AddYears(value, 1000) && sum.AddYearFraction(fraction, 1000));
                break;
            default:
                mask = FieldMask.None;
                return DecodeResult.BadFormat;
        }

        return fits ? DecodeResult.Done : DecodeResult.FieldOverflow;
    }

    private readonly DateTimeUnit DefaultUnit() => range == Modifiers.IntervalFullRange ? DateTimeUnit.Second : IntervalFields.Lowest(range) switch
    {
        IntervalFields.Year => DateTimeUnit.Year,
        IntervalFields.Month => DateTimeUnit.Month,
        IntervalFields.Day => DateTimeUnit.Day,
        IntervalFields.Hour => DateTimeUnit.Hour,
        IntervalFields.Minute => DateTimeUnit.Minute,
        _ => DateTimeUnit.Second,
    };
}
