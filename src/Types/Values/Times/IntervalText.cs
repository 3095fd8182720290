namespace Rqlite.Pg.Types.Values;

/// <summary>Writes intervals in the four styles.</summary>
public static class IntervalText
{
    /// <summary>The bytes that any interval takes at most.</summary>
    public const int LengthMax = 160;

    /// <returns>The bytes written.</returns>
    public static int Write(Span<byte> target, Interval interval, IntervalStyle style)
    {
        var writer = new Utf8Writer(target);
        var parts = new Parts(interval);
        switch (style)
        {
            case IntervalStyle.SqlStandard:
                WriteSqlStandard(ref writer, parts);
                break;
            case IntervalStyle.Iso8601:
                WriteIso(ref writer, parts);
                break;
            case IntervalStyle.PostgresVerbose:
                WriteVerbose(ref writer, parts);
                break;
            default:
                WritePostgres(ref writer, parts);
                break;
        }

        return writer.Length;
    }

    private static void WritePostgres(ref Utf8Writer writer, in Parts parts)
    {
        var negative = false;
        WriteUnit(ref writer, parts.Years, "year"u8, ref negative);
        WriteUnit(ref writer, parts.Months, "mon"u8, ref negative);
        WriteUnit(ref writer, parts.Days, "day"u8, ref negative);
        if (writer.Length > 0 && !parts.HasTime)
        {
            return;
        }

        if (writer.Length > 0)
        {
            writer.Byte(' ');
        }

        if (parts.TimeIsNegative)
        {
            writer.Byte('-');
        }
        else if (negative)
        {
            writer.Byte('+');
        }

        writer.Padded(Math.Abs(parts.Hours), 2);
        writer.Byte(':');
        writer.Padded(Math.Abs(parts.Minutes), 2);
        writer.Byte(':');
        WriteSeconds(ref writer, parts, pad: true);
    }

    private static void WriteUnit(ref Utf8Writer writer, long value, ReadOnlySpan<byte> unit, ref bool negative)
    {
        if (value == 0)
        {
            return;
        }

        if (writer.Length > 0)
        {
            writer.Byte(' ');
        }

        // After a negative part a positive one needs its sign.
        if (negative && value > 0)
        {
            writer.Byte('+');
        }

        writer.Number(value);
        writer.Byte(' ');
        writer.Literal(unit);
        if (value != 1)
        {
            writer.Byte('s');
        }

        negative = value < 0;
    }

    private static void WriteVerbose(ref Utf8Writer writer, in Parts parts)
    {
        var (empty, negative) = (true, false);
        writer.Byte('@');
        WriteVerboseUnit(ref writer, parts.Years, "year"u8, ref empty, ref negative);
        WriteVerboseUnit(ref writer, parts.Months, "mon"u8, ref empty, ref negative);
        WriteVerboseUnit(ref writer, parts.Days, "day"u8, ref empty, ref negative);
        WriteVerboseUnit(ref writer, parts.Hours, "hour"u8, ref empty, ref negative);
        WriteVerboseUnit(ref writer, parts.Minutes, "min"u8, ref empty, ref negative);
        if (parts.Seconds != 0 || parts.Fraction != 0)
        {
            writer.Byte(' ');
            if (parts.Seconds < 0 || parts.Fraction < 0)
            {
                if (empty)
                {
                    negative = true;
                }
                else if (!negative)
                {
                    writer.Byte('-');
                }
            }
            else if (negative)
            {
                writer.Byte('-');
            }

            WriteSeconds(ref writer, parts, pad: false);
            writer.Literal(Math.Abs(parts.Seconds) != 1 || parts.Fraction != 0 ? " secs"u8 : " sec"u8);
            empty = false;
        }

        if (empty)
        {
            writer.Literal(" 0"u8);
        }

        if (negative)
        {
            writer.Literal(" ago"u8);
        }
    }

    private static void WriteVerboseUnit(ref Utf8Writer writer, long value, ReadOnlySpan<byte> unit, ref bool empty, ref bool negative)
    {
        if (value == 0)
        {
            return;
        }

        // The first part says whether all of it is ago.
        if (empty)
        {
            negative = value < 0;
            value = Math.Abs(value);
        }
        else if (negative)
        {
            value = -value;
        }

        writer.Byte(' ');
        writer.Number(value);
        writer.Byte(' ');
        writer.Literal(unit);
        if (value != 1)
        {
            writer.Byte('s');
        }

        empty = false;
    }

    private static void WriteIso(ref Utf8Writer writer, in Parts parts)
    {
        if (!parts.HasDate && !parts.HasTime)
        {
            writer.Literal("PT0S"u8);
            return;
        }

        writer.Byte('P');
        WriteIsoUnit(ref writer, parts.Years, 'Y');
        WriteIsoUnit(ref writer, parts.Months, 'M');
        WriteIsoUnit(ref writer, parts.Days, 'D');
        if (!parts.HasTime)
        {
            return;
        }

        writer.Byte('T');
        WriteIsoUnit(ref writer, parts.Hours, 'H');
        WriteIsoUnit(ref writer, parts.Minutes, 'M');
        if (parts.Seconds != 0 || parts.Fraction != 0)
        {
            if (parts.Seconds < 0 || parts.Fraction < 0)
            {
                writer.Byte('-');
            }

            WriteSeconds(ref writer, parts, pad: false);
            writer.Byte('S');
        }
    }

    private static void WriteIsoUnit(ref Utf8Writer writer, long value, char unit)
    {
        if (value != 0)
        {
            writer.Number(value);
            writer.Byte(unit);
        }
    }

    private static void WriteSqlStandard(ref Utf8Writer writer, Parts parts)
    {
        var hasYearMonth = parts.Years != 0 || parts.Months != 0;
        var hasDayTime = parts.Days != 0 || parts.HasTime;
        var standard = !(parts.HasNegative && parts.HasPositive) && !(hasYearMonth && hasDayTime);
        if (!parts.HasNegative && !parts.HasPositive)
        {
            writer.Byte('0');
            return;
        }

        if (!standard)
        {
            // Signs everywhere, since one at the beginning would count for all.
            writer.Byte(parts.Years < 0 || parts.Months < 0 ? '-' : '+');
            writer.Number(Math.Abs(parts.Years));
            writer.Byte('-');
            writer.Number(Math.Abs(parts.Months));
            writer.Byte(' ');
            writer.Byte(parts.Days < 0 ? '-' : '+');
            writer.Number(Math.Abs(parts.Days));
            writer.Byte(' ');
            writer.Byte(parts.TimeIsNegative ? '-' : '+');
            WriteSqlTime(ref writer, parts);
            return;
        }

        if (parts.HasNegative)
        {
            writer.Byte('-');
        }

        if (hasYearMonth)
        {
            writer.Number(Math.Abs(parts.Years));
            writer.Byte('-');
            writer.Number(Math.Abs(parts.Months));
            return;
        }

        if (parts.Days != 0)
        {
            writer.Number(Math.Abs(parts.Days));
            writer.Byte(' ');
        }

        WriteSqlTime(ref writer, parts);
    }

    private static void WriteSqlTime(ref Utf8Writer writer, in Parts parts)
    {
        writer.Number(Math.Abs(parts.Hours));
        writer.Byte(':');
        writer.Padded(Math.Abs(parts.Minutes), 2);
        writer.Byte(':');
        WriteSeconds(ref writer, parts, pad: true);
    }

    private static void WriteSeconds(ref Utf8Writer writer, in Parts parts, bool pad)
    {
        writer.Padded(Math.Abs(parts.Seconds), pad ? 2 : 1);
        writer.Fraction(Math.Abs(parts.Fraction));
    }

    /// <summary>The parts of an interval, each with its sign.</summary>
    private readonly struct Parts(Interval interval)
    {
        public long Years { get; } = interval.Months / 12;

        public long Months { get; } = interval.Months % 12;

        public long Days { get; } = interval.Days;

        public long Hours { get; } = interval.Microseconds / Calendar.HourMicroseconds;

        public long Minutes { get; } = interval.Microseconds / Calendar.MinuteMicroseconds % 60;

        public long Seconds { get; } = interval.Microseconds / Calendar.SecondMicroseconds % 60;

        public long Fraction { get; } = interval.Microseconds % Calendar.SecondMicroseconds;

        public bool HasDate => Years != 0 || Months != 0 || Days != 0;

        public bool HasTime => Hours != 0 || Minutes != 0 || Seconds != 0 || Fraction != 0;

        public bool TimeIsNegative => Hours < 0 || Minutes < 0 || Seconds < 0 || Fraction < 0;

        public bool HasNegative => Years < 0 || Months < 0 || Days < 0 || TimeIsNegative;

        public bool HasPositive => Years > 0 || Months > 0 || Days > 0 || Hours > 0 || Minutes > 0 || Seconds > 0 || Fraction > 0;
    }
}
