using System.Text;

namespace Rqlite.Pg.Types.Values;

internal ref partial struct DateTimeDecoder
{
    private DecodeResult DecodeWord(int index, out FieldMask mask, out bool skip)
    {
        var text = _tokens[index];
        mask = FieldMask.None;
        skip = false;

        // Abbreviations of zones come before the words of dates.
        if (TryZoneAbbreviation(text, out mask))
        {
            return DecodeResult.Done;
        }

        var (kind, value) = DateTimeWords.FindDateWord(text);
        switch (kind)
        {
            case DateTimeWord.Ignored:
                skip = true;
                return DecodeResult.Done;
            case DateTimeWord.Reserved:
                return DecodeReserved((DateTimeUnit)value, out mask);
            case DateTimeWord.Month:
                mask = FieldMask.Month;

                // A number that was taken for the month is the day, now that the month has come by its name.
                if ((_seen & FieldMask.Month) != 0 && !_textMonth && (_seen & FieldMask.Day) == 0 && _time.Month is >= 1 and <= 31)
                {
                    _time.Day = _time.Month;
                    mask = FieldMask.Day;
                }

                _textMonth = true;
                _time.Month = value;
                return DecodeResult.Done;
            case DateTimeWord.DaylightModifier:
                mask = FieldMask.DaylightModifier;
                _offset += value;
                return DecodeResult.Done;
            case DateTimeWord.AmPm:
                mask = FieldMask.AmPm;
                _half = value;
                return DecodeResult.Done;
            case DateTimeWord.Era:
                mask = FieldMask.Era;
                _beforeChrist = value == 1;
                return DecodeResult.Done;
            case DateTimeWord.DayOfWeek:
                mask = FieldMask.DayOfWeek;
                return DecodeResult.Done;
            case DateTimeWord.Unit:
                _expected = (DateTimeUnit)value;
                return DecodeResult.Done;
            case DateTimeWord.TimeMark:
                return DecodeTimeMark(index, requireDate: true);
            default:
                mask = FieldMask.Zone;
                _zone = TimeZones.Find(Encoding.UTF8.GetString(text));
                return _zone is null ? DecodeResult.BadFormat : DecodeResult.Done;
        }
    }

    private bool TryZoneAbbreviation(ReadOnlySpan<byte> text, out FieldMask mask)
    {
        mask = FieldMask.None;
        if (text.Length > 10 || !TimeZones.TryAbbreviation(Encoding.UTF8.GetString(text), out var abbreviation))
        {
            return false;
        }

        mask = FieldMask.Zone | (abbreviation.IsDaylight ? FieldMask.DaylightZone : 0);
        if (abbreviation.ZoneName is not null)
        {
            _abbreviation = abbreviation.Name;
        }
        else
        {
            _offset = abbreviation.Offset;
        }

        return true;
    }

    private DecodeResult DecodeTimeMark(int index, bool requireDate)
    {
        // A lone t says that a time follows.
        var ready = (!requireDate || (_seen & FieldMask.Date) == FieldMask.Date) && index < _tokens.Count - 1
            && _tokens.KindOf(index + 1) is TokenKind.Number or TokenKind.Time or TokenKind.Date;
        _expected = DateTimeUnit.Time;
        return ready ? DecodeResult.Done : DecodeResult.BadFormat;
    }

    private DecodeResult DecodeReserved(DateTimeUnit word, out FieldMask mask)
    {
        mask = FieldMask.Date;
        if (_context.Now == ValueContext.NoMoment
            && word is (DateTimeUnit.Now or DateTimeUnit.Today or DateTimeUnit.Tomorrow or DateTimeUnit.Yesterday))
        {
            return DecodeResult.BadFormat;
        }

        var now = LocalNow(out var offset);
        switch (word)
        {
            case DateTimeUnit.Now:
                mask = FieldMask.Date | FieldMask.Time | FieldMask.Zone;
                _time = BrokenTime.FromTimestamp(now);
                _offset = offset;
                Special = DateTimeUnit.None;
                return DecodeResult.Done;
            case DateTimeUnit.Today:
                SetDay(now, 0);
                return DecodeResult.Done;
            case DateTimeUnit.Tomorrow:
                SetDay(now, 1);
                return DecodeResult.Done;
            case DateTimeUnit.Yesterday:
                SetDay(now, -1);
                return DecodeResult.Done;
            case DateTimeUnit.Midnight:
                mask = FieldMask.Time | FieldMask.Zone;
                _time.SetTime(0);
                _offset = 0;
                Special = DateTimeUnit.None;
                return DecodeResult.Done;
            default:
                mask = FieldMask.Date | FieldMask.Time | FieldMask.Zone;
                Special = word;
                return DecodeResult.Done;
        }
    }

    private void SetDay(long now, int days)
    {
        _time.SetDate(Calendar.FloorDivide(now, Calendar.DayMicroseconds) + days);
        Special = DateTimeUnit.None;

        // The year has come in full.
        _julian = true;
    }

    /// <summary>The start of the transaction on the session's clock.</summary>
    private readonly long LocalNow(out int offset)
    {
        var now = _context.Now == ValueContext.NoMoment ? 0 : _context.Now;
        offset = _context.Settings.TimeZone.SpanAtTimestamp(now).Offset;
        return now + (offset * Calendar.SecondMicroseconds);
    }
}
