using System.Globalization;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Writes dates and times in PostgreSQL's ISO style; the database stores the same text without a zone.</summary>
internal static class DateTimeText
{
    public const int LengthMax = 48;

    public static int WriteDate(Span<byte> target, int days)
    {
        if (days is Calendar.DateInfinity or Calendar.DateMinusInfinity)
        {
            return WriteInfinity(target, days > 0);
        }

        var (year, month, day) = Calendar.FromDays(days);
        var at = WriteYearMonthDay(target, year, month, day);
        return at + WriteEra(target[at..], year);
    }

    public static int WriteTimestamp(Span<byte> target, long microseconds)
    {
        if (microseconds is Calendar.TimestampInfinity or Calendar.TimestampMinusInfinity)
        {
            return WriteInfinity(target, microseconds > 0);
        }

        var at = WriteMoment(target, microseconds, out var year);
        return at + WriteEra(target[at..], year);
    }

    /// <param name="microseconds">Microseconds since 2000-01-01 in UTC.</param>
    public static int WriteTimestampTz(Span<byte> target, long microseconds, TimeZoneInfo zone)
    {
        if (microseconds is Calendar.TimestampInfinity or Calendar.TimestampMinusInfinity)
        {
            return WriteInfinity(target, microseconds > 0);
        }

        var offset = ReferenceEquals(zone, TimeZoneInfo.Utc) ? 0 : Calendar.OffsetAtUtc(zone, microseconds);
        var at = WriteMoment(target, microseconds + (offset * Calendar.SecondMicroseconds), out var year);
        at += WriteOffset(target[at..], offset);
        return at + WriteEra(target[at..], year);
    }

    public static int WriteTime(Span<byte> target, long microseconds)
    {
        var seconds = Math.DivRem(microseconds, Calendar.SecondMicroseconds, out var fraction);
        WriteTwo(target, (int)(seconds / 3600));
        target[2] = (byte)':';
        WriteTwo(target[3..], (int)(seconds / 60 % 60));
        target[5] = (byte)':';
        WriteTwo(target[6..], (int)(seconds % 60));
        return 8 + WriteFraction(target[8..], fraction);
    }

    /// <param name="offset">The offset in seconds east of Greenwich.</param>
    public static int WriteOffset(Span<byte> target, int offset)
    {
        target[0] = (byte)(offset < 0 ? '-' : '+');
        offset = Math.Abs(offset);
        WriteTwo(target[1..], offset / 3600);
        var at = 3;
        if (offset % 3600 != 0)
        {
            target[at] = (byte)':';
            WriteTwo(target[(at + 1)..], offset / 60 % 60);
            at += 3;
            if (offset % 60 != 0)
            {
                target[at] = (byte)':';
                WriteTwo(target[(at + 1)..], offset % 60);
                at += 3;
            }
        }

        return at;
    }

    /// <summary>The point and the digits of microseconds, without trailing zeros; nothing for zero.</summary>
    public static int WriteFraction(Span<byte> target, long microseconds)
    {
        if (microseconds == 0)
        {
            return 0;
        }

        target[0] = (byte)'.';
        _ = microseconds.TryFormat(target[1..], out _, "000000", CultureInfo.InvariantCulture);
        return target[..7].TrimEnd((byte)'0').Length;
    }

    private static int WriteMoment(Span<byte> target, long microseconds, out int year)
    {
        var days = Math.DivRem(microseconds, Calendar.DayMicroseconds, out var time);
        if (time < 0)
        {
            (days, time) = (days - 1, time + Calendar.DayMicroseconds);
        }

        (year, var month, var day) = Calendar.FromDays(days);
        var at = WriteYearMonthDay(target, year, month, day);
        target[at++] = (byte)' ';
        return at + WriteTime(target[at..], time);
    }

    private static int WriteYearMonthDay(Span<byte> target, int year, int month, int day)
    {
        _ = (year > 0 ? year : 1 - year).TryFormat(target, out var at, "0000", CultureInfo.InvariantCulture);
        target[at] = (byte)'-';
        WriteTwo(target[(at + 1)..], month);
        target[at + 3] = (byte)'-';
        WriteTwo(target[(at + 4)..], day);
        return at + 6;
    }

    private static int WriteEra(Span<byte> target, int year)
    {
        if (year > 0)
        {
            return 0;
        }

        " BC"u8.CopyTo(target);
        return 3;
    }

    private static int WriteInfinity(Span<byte> target, bool positive)
    {
        var text = positive ? "infinity"u8 : "-infinity"u8;
        text.CopyTo(target);
        return text.Length;
    }

    private static void WriteTwo(Span<byte> target, int value)
    {
        target[0] = (byte)('0' + (value / 10));
        target[1] = (byte)('0' + (value % 10));
    }
}
