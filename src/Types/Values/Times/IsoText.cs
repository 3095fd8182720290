namespace Rqlite.Pg.Types.Values;

/// <summary>Reads the one form in which dates and timestamps are stored, <c>YYYY-MM-DD[ HH:MM:SS[.ffffff]]</c>: the fast path of every row.</summary>
internal static class IsoText
{
    private const int DateLength = 10;
    private const int SecondsLength = 19;
    private const int LengthMax = 26;

    /// <summary>False for any other text, which the general reader may still understand.</summary>
    /// <param name="days">Days since 2000-01-01.</param>
    /// <param name="time">Microseconds since midnight.</param>
    public static bool TryRead(ReadOnlySpan<byte> text, out int days, out long time)
    {
        (days, time) = (0, 0);
        if (text.Length < DateLength || text[4] != '-' || text[7] != '-' || !TryDigits(text[..4], out var year)
            || !TryDigits(text[5..7], out var month) || !TryDigits(text[8..10], out var day)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > Calendar.DaysInMonth(year, month))
        {
            return false;
        }

        days = (int)Calendar.ToDays(year, month, day);
        return text.Length == DateLength || TryTime(text, out time);
    }

    private static bool TryTime(ReadOnlySpan<byte> text, out long time)
    {
        time = 0;
        if (text.Length is < SecondsLength or > LengthMax || text[10] != ' ' || text[13] != ':' || text[16] != ':'
            || !TryDigits(text[11..13], out var hour) || !TryDigits(text[14..16], out var minute) || !TryDigits(text[17..19], out var second)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        time = ((((hour * 60L) + minute) * 60) + second) * Calendar.SecondMicroseconds;
        if (text.Length == SecondsLength)
        {
            return true;
        }

        var fraction = text[(SecondsLength + 1)..];
        if (text[SecondsLength] != '.' || fraction.IsEmpty || !TryDigits(fraction, out var microseconds))
        {
            return false;
        }

        for (var i = fraction.Length; i < DateTimes.PrecisionMax; i++)
        {
            microseconds *= 10;
        }

        time += microseconds;
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var digit in text)
        {
            if (!AsciiText.IsDigit(digit))
            {
                return false;
            }

            value = (value * 10) + digit - '0';
        }

        return true;
    }
}
