namespace Rqlite.Pg.Types.Values;

/// <summary>Writes dates and times in the session's DateStyle.</summary>
public static class DateTimeText
{
    /// <summary>The bytes that any date or time takes at most.</summary>
    public const int LengthMax = 80;

    // PostgreSQL cuts abbreviations of zones off.
    private const int AbbreviationMax = 10;

    private static readonly string[] s_days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    private static readonly string[] s_months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    /// <returns>The bytes written.</returns>
    public static int WriteDate(Span<byte> target, int days, FormatSettings settings)
    {
        var writer = new Utf8Writer(target);
        if (Calendar.IsInfiniteDate(days))
        {
            writer.Literal(days > 0 ? "infinity"u8 : "-infinity"u8);
            return writer.Length;
        }

        var (year, month, day) = Calendar.FromDays(days);
        var dayFirst = settings.DateOrder == DateOrder.DayMonthYear;
        switch (settings.DateStyle)
        {
            case DateStyle.Iso:
                WriteIsoDate(ref writer, year, month, day);
                break;
            case DateStyle.German:
                WriteDate(ref writer, day, month, year, '.');
                break;
            default:
                var separator = settings.DateStyle == DateStyle.Sql ? '/' : '-';
                WriteDate(ref writer, dayFirst ? day : month, dayFirst ? month : day, year, separator);
                break;
        }

        WriteEra(ref writer, year);
        return writer.Length;
    }

    public static int WriteTime(Span<byte> target, long time)
    {
        var writer = new Utf8Writer(target);
        WriteTime(ref writer, time);
        return writer.Length;
    }

    public static int WriteTimeTz(Span<byte> target, TimeTz value)
    {
        var writer = new Utf8Writer(target);
        WriteTime(ref writer, value.Time);
        WriteOffset(ref writer, value.Offset);
        return writer.Length;
    }

    public static int WriteTimestamp(Span<byte> target, long timestamp, FormatSettings settings) =>
        WriteMoment(target, timestamp, settings, null);

    public static int WriteTimestampTz(Span<byte> target, long timestamp, FormatSettings settings)
    {
        if (Calendar.IsInfinite(timestamp))
        {
            return WriteMoment(target, timestamp, settings, null);
        }

        var span = settings.TimeZone.SpanAtTimestamp(timestamp);
        return WriteMoment(target, timestamp + (span.Offset * Calendar.SecondMicroseconds), settings, span);
    }

    /// <summary>The form in which dates are stored, whatever the session's style.</summary>
    public static int WriteStoredDate(Span<byte> target, int days) => WriteDate(target, days, FormatSettings.Default);

    /// <summary>The form in which timestamps are stored: ISO without a zone.</summary>
    public static int WriteStoredTimestamp(Span<byte> target, long timestamp) => WriteTimestamp(target, timestamp, FormatSettings.Default);

    private static int WriteMoment(Span<byte> target, long local, FormatSettings settings, ZoneSpan? zone)
    {
        var writer = new Utf8Writer(target);
        if (Calendar.IsInfinite(local) && zone is null)
        {
            writer.Literal(local > 0 ? "infinity"u8 : "-infinity"u8);
            return writer.Length;
        }

        var days = Calendar.FloorDivide(local, Calendar.DayMicroseconds);
        var time = local - (days * Calendar.DayMicroseconds);
        var (year, month, day) = Calendar.FromDays(days);
        var dayFirst = settings.DateOrder == DateOrder.DayMonthYear;
        switch (settings.DateStyle)
        {
            case DateStyle.Iso:
                WriteIsoDate(ref writer, year, month, day);
                writer.Byte(' ');
                WriteTime(ref writer, time);
                WriteZone(ref writer, zone, named: false, blank: false);
                break;
            case DateStyle.Sql or DateStyle.German:
                var german = settings.DateStyle == DateStyle.German;
                WriteDate(ref writer, german || dayFirst ? day : month, german || dayFirst ? month : day, year, german ? '.' : '/');
                writer.Byte(' ');
                WriteTime(ref writer, time);
                WriteZone(ref writer, zone, named: true, blank: false);
                break;
            default:
                WriteName(ref writer, s_days[Calendar.DayOfWeek(days)]);
                writer.Byte(' ');
                if (dayFirst)
                {
                    writer.Padded(day, 2);
                    writer.Byte(' ');
                    WriteName(ref writer, s_months[month - 1]);
                }
                else
                {
                    WriteName(ref writer, s_months[month - 1]);
                    writer.Byte(' ');
                    writer.Padded(day, 2);
                }

                writer.Byte(' ');
                WriteTime(ref writer, time);
                writer.Byte(' ');
                writer.Padded(year > 0 ? year : 1 - year, 4);
                WriteZone(ref writer, zone, named: true, blank: true);
                break;
        }

        WriteEra(ref writer, year);
        return writer.Length;
    }

    private static void WriteIsoDate(ref Utf8Writer writer, int year, int month, int day)
    {
        writer.Padded(year > 0 ? year : 1 - year, 4);
        writer.Byte('-');
        writer.Padded(month, 2);
        writer.Byte('-');
        writer.Padded(day, 2);
    }

    private static void WriteDate(ref Utf8Writer writer, int first, int second, int year, char separator)
    {
        writer.Padded(first, 2);
        writer.Byte(separator);
        writer.Padded(second, 2);
        writer.Byte(separator);
        writer.Padded(year > 0 ? year : 1 - year, 4);
    }

    private static void WriteEra(ref Utf8Writer writer, int year)
    {
        if (year <= 0)
        {
            writer.Literal(" BC"u8);
        }
    }

    private static void WriteTime(ref Utf8Writer writer, long time)
    {
        var seconds = time / Calendar.SecondMicroseconds;
        writer.Padded(seconds / 3600, 2);
        writer.Byte(':');
        writer.Padded(seconds / 60 % 60, 2);
        writer.Byte(':');
        writer.Padded(seconds % 60, 2);
        writer.Fraction(time % Calendar.SecondMicroseconds);
    }

    private static void WriteZone(ref Utf8Writer writer, ZoneSpan? zone, bool named, bool blank)
    {
        if (zone is not { } span)
        {
            return;
        }

        if (named && span.Abbreviation.Length > 0)
        {
            writer.Byte(' ');
            WriteName(ref writer, span.Abbreviation);
            return;
        }

        if (blank)
        {
            writer.Byte(' ');
        }

        WriteOffset(ref writer, span.Offset);
    }

    private static void WriteOffset(ref Utf8Writer writer, int offset)
    {
        var seconds = Math.Abs(offset);
        writer.Byte(offset >= 0 ? '+' : '-');
        writer.Padded(seconds / 3600, 2);
        if (seconds % 3600 != 0)
        {
            writer.Byte(':');
            writer.Padded(seconds / 60 % 60, 2);
            if (seconds % 60 != 0)
            {
                writer.Byte(':');
                writer.Padded(seconds % 60, 2);
            }
        }
    }

    private static void WriteName(ref Utf8Writer writer, string name)
    {
        for (var i = 0; i < Math.Min(name.Length, AbbreviationMax); i++)
        {
            writer.Byte(name[i]);
        }
    }
}
