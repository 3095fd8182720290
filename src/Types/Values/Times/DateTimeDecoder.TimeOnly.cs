namespace Rqlite.Pg.Types.Values;

internal ref partial struct DateTimeDecoder
{
    /// <summary>Reads a time of day, with or without a zone; a date is taken only where the zone needs one.</summary>
    public DecodeResult DecodeTimeOnly()
    {
        var result = DecodeFields(timeOnly: true);
        return result != DecodeResult.Done ? result : FinishTimeOnly();
    }

    private DecodeResult DecodeTimeField(int index, out FieldMask mask, out bool skip)
    {
        mask = FieldMask.None;
        skip = false;
        var text = _tokens[index];
        switch (_tokens.KindOf(index))
        {
            case TokenKind.Date:
                return DecodeDateInTime(index, out mask);
            case TokenKind.Time:
                mask = FieldMask.Time;
                return DecodeTime(text, ref _time);
            case TokenKind.Zone:
                mask = FieldMask.Zone;
                return DecodeZone(text, out _offset);
            case TokenKind.Number:
                return _expected != DateTimeUnit.None ? DecodeLabelled(index, out mask) : DecodeNumberInTime(index, out mask);
            default:
                return DecodeWordInTime(index, out mask, out skip);
        }
    }

    private DecodeResult DecodeDateInTime(int index, out FieldMask mask)
    {
        var text = _tokens[index];
        if (index == 0 && _tokens.Count >= 2 && (_tokens.KindOf(_tokens.Count - 1) == TokenKind.Date || _tokens.KindOf(1) == TokenKind.Time))
        {
            return DecodeDate(text, out mask);
        }

        mask = FieldMask.Zone;
        if (!AsciiText.IsDigit(text[0]))
        {
            var zone = DecodeZoneName(text);
            _tokens.SetKind(index, TokenKind.Zone);
            return zone;
        }

        var sign = text.IndexOf((byte)'-');
        if ((_seen & FieldMask.Time) == FieldMask.Time || sign < 0)
        {
            return DecodeResult.BadFormat;
        }

        var result = DecodeZone(text[sign..], out _offset);
        if (result == DecodeResult.Done)
        {
            result = DecodeRunTogether(text[..sign], _seen | FieldMask.Date, out mask, out _);
            mask |= FieldMask.Zone;
            _tokens.SetKind(index, TokenKind.Time);
        }

        return result;
    }

    private DecodeResult DecodeNumberInTime(int index, out FieldMask mask)
    {
        var text = _tokens[index];
        var point = text.IndexOf((byte)'.');
        mask = FieldMask.None;
        if (point >= 0)
        {
            if (index == 0 && _tokens.Count >= 2 && _tokens.KindOf(_tokens.Count - 1) == TokenKind.Date)
            {
                return DecodeDate(text, out mask);
            }

            if (point <= 2)
            {
                return DecodeResult.BadFormat;
            }
        }

        if (point < 0 && text.Length <= 4)
        {
            return DecodeNumber(text, false, _seen | FieldMask.Date, out mask);
        }

        var result = DecodeRunTogether(text, _seen | FieldMask.Date, out mask, out var isTime);
        if (isTime)
        {
            _tokens.SetKind(index, TokenKind.Time);
        }

        return result;
    }

    private DecodeResult DecodeWordInTime(int index, out FieldMask mask, out bool skip)
    {
        var text = _tokens[index];
        skip = false;
        if (TryZoneAbbreviation(text, out mask))
        {
            return DecodeResult.Done;
        }

        var (kind, value) = DateTimeWords.FindDateWord(text);
        switch (kind)
        {
            case DateTimeWord.Ignored or DateTimeWord.DaylightModifier or DateTimeWord.AmPm or DateTimeWord.Era or DateTimeWord.Unit
                or DateTimeWord.Unknown:
                return DecodeWord(index, out mask, out skip);
            case DateTimeWord.TimeMark:
                return DecodeTimeMark(index, requireDate: false);
            case DateTimeWord.Reserved when (DateTimeUnit)value == DateTimeUnit.Now && _context.Now != ValueContext.NoMoment:
                mask = FieldMask.Time;
                _time.SetTime(LocalNow(out _) - (Calendar.FloorDivide(LocalNow(out _), Calendar.DayMicroseconds) * Calendar.DayMicroseconds));
                return DecodeResult.Done;
            case DateTimeWord.Reserved when (DateTimeUnit)value == DateTimeUnit.Midnight:
                mask = FieldMask.Time | FieldMask.Zone;
                _time.SetTime(0);
                _offset = 0;
                return DecodeResult.Done;
            default:
                return DecodeResult.BadFormat;
        }
    }

    private DecodeResult FinishTimeOnly()
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
        if (TimeOverflows(_time))
        {
            return DecodeResult.FieldOverflow;
        }

        if ((_seen & FieldMask.Time) != FieldMask.Time)
        {
            return DecodeResult.BadFormat;
        }

        if (_zone is null && _abbreviation is null && (_seen & FieldMask.Zone) != 0)
        {
            return DecodeResult.Done;
        }

        if ((_seen & FieldMask.DaylightModifier) != 0)
        {
            return DecodeResult.BadFormat;
        }

        if (_zone?.FixedOffset is { } fixedOffset)
        {
            _offset = fixedOffset;
            return DecodeResult.Done;
        }

        var date = _seen & FieldMask.Date;
        if (date == FieldMask.Date)
        {
            _offset = OffsetOn(_time);
            return DecodeResult.Done;
        }

        // Abbreviations and the session's zone are read on today's date; a named zone with summer time needs one.
        if (date != FieldMask.None || _zone is not null)
        {
            return DecodeResult.BadFormat;
        }

        var today = BrokenTime.FromTimestamp(LocalNow(out _));
        if (_abbreviation is null)
        {
            (today.Hour, today.Minute, today.Second) = (_time.Hour, _time.Minute, _time.Second);
        }

        _offset = OffsetOn(today);
        return DecodeResult.Done;
    }
}
