using System.Globalization;

namespace Rqlite.Pg.Types.Values;

/// <summary>Reads ISO 8601's durations: <c>P1Y2M3DT4H5M6S</c>, <c>P0001-02-03T04:05:06</c>, <c>P00010203T040506</c>.</summary>
internal static class IsoInterval
{
    private const double NumberMax = 1e15;

    public static DecodeResult Decode(ReadOnlySpan<byte> text, ref IntervalSum sum)
    {
        if (text.Length < 2 || text[0] != 'P')
        {
            return DecodeResult.BadFormat;
        }

        var rest = text[1..];
        var (date, hasField) = (true, false);
        while (!rest.IsEmpty)
        {
            if (rest[0] == 'T')
            {
                (date, hasField) = (false, false);
                rest = rest[1..];
                continue;
            }

            var start = rest;
            var result = ReadNumber(ref rest, out var value, out var fraction);
            if (result != DecodeResult.Done)
            {
                return result;
            }

            var unit = rest.IsEmpty ? (byte)0 : rest[0];
            if (!rest.IsEmpty)
            {
                rest = rest[1..];
            }

            result = date
                ? DecodeDate(unit, value, fraction, hasField ? 0 : IntegerWidth(start), ref rest, ref sum, out var end)
                : DecodeTime(unit, value, fraction, hasField ? 0 : IntegerWidth(start), ref rest, ref sum, out end);
            if (result != DecodeResult.Done || end == Next.End)
            {
                return result;
            }

            (date, hasField) = end == Next.Time ? (false, false) : (date, true);
        }

        return DecodeResult.Done;
    }

    private enum Next
    {
        Field,
        Time,
        End,
    }

    /// <param name="width">The digits of the number, 0 if a field came before it.</param>
    private static DecodeResult DecodeDate(
        byte unit, long value, double fraction, int width, ref ReadOnlySpan<byte> rest, ref IntervalSum sum, out Next next)
    {
        next = Next.Field;
        switch (unit)
        {
            case (byte)'Y':
                return Check(sum.AddYears(value, 1) && sum.AddYearFraction(fraction, 1));
            case (byte)'M':
                return Check(sum.AddMonths(value) && sum.AddDayFraction(fraction, 30));
            case (byte)'W':
                return Check(sum.AddDays(value, 7) && sum.AddDayFraction(fraction, 7));
            case (byte)'D':
                return Check(sum.AddDays(value, 1) && sum.AddFraction(fraction, Calendar.DayMicroseconds));
            case 0 or (byte)'T' when width == 8:
                next = unit == 0 ? Next.End : Next.Time;
                return Check(sum.AddYears(value / 10_000, 1) && sum.AddMonths(value / 100 % 100) && sum.AddDays(value % 100, 1)
                    && sum.AddFraction(fraction, Calendar.DayMicroseconds));
            case 0 or (byte)'T' or (byte)'-' when width > 0:
                if (!(sum.AddYears(value, 1) && sum.AddYearFraction(fraction, 1)))
                {
                    return DecodeResult.FieldOverflow;
                }

                next = unit == 0 ? Next.End : Next.Time;
                return unit == '-' ? DecodeMonthAndDay(ref rest, ref sum, out next) : DecodeResult.Done;
            default:
                return DecodeResult.BadFormat;
        }
    }

    private static DecodeResult DecodeMonthAndDay(ref ReadOnlySpan<byte> rest, ref IntervalSum sum, out Next next)
    {
        next = Next.End;
        var result = ReadNumber(ref rest, out var value, out var fraction);
        if (result != DecodeResult.Done)
        {
            return result;
        }

        if (!(sum.AddMonths(value) && sum.AddDayFraction(fraction, 30)))
        {
            return DecodeResult.FieldOverflow;
        }

        if (EndsDate(rest, out next))
        {
            return DecodeResult.Done;
        }

        if (rest[0] != '-')
        {
            return DecodeResult.BadFormat;
        }

        rest = rest[1..];
        result = ReadNumber(ref rest, out value, out fraction);
        if (result != DecodeResult.Done)
        {
            return result;
        }

        if (!(sum.AddDays(value, 1) && sum.AddFraction(fraction, Calendar.DayMicroseconds)))
        {
            return DecodeResult.FieldOverflow;
        }

        return EndsDate(rest, out next) ? DecodeResult.Done : DecodeResult.BadFormat;
    }

    private static bool EndsDate(ReadOnlySpan<byte> rest, out Next next)
    {
        next = rest.IsEmpty ? Next.End : Next.Time;
        return rest.IsEmpty || rest[0] == 'T';
    }

    private static DecodeResult DecodeTime(
        byte unit, long value, double fraction, int width, ref ReadOnlySpan<byte> rest, ref IntervalSum sum, out Next next)
    {
        next = Next.Field;
        switch (unit)
        {
            case (byte)'H':
                return Check(sum.AddTime(value, fraction, Calendar.HourMicroseconds));
            case (byte)'M':
                return Check(sum.AddTime(value, fraction, Calendar.MinuteMicroseconds));
            case (byte)'S':
                return Check(sum.AddTime(value, fraction, Calendar.SecondMicroseconds));
            case 0 when width == 6:
                next = Next.End;
                return Check(sum.AddTime(value / 10_000, 0, Calendar.HourMicroseconds)
                    && sum.AddTime(value / 100 % 100, 0, Calendar.MinuteMicroseconds)
                    && sum.AddTime(value % 100, 0, Calendar.SecondMicroseconds) && sum.AddFraction(fraction, 1));
            case 0 or (byte)':' when width > 0:
                next = Next.End;
                return !sum.AddTime(value, fraction, Calendar.HourMicroseconds) ? DecodeResult.FieldOverflow
                    : unit == 0 ? DecodeResult.Done : DecodeMinuteAndSecond(ref rest, ref sum);
            default:
                return DecodeResult.BadFormat;
        }
    }

    private static DecodeResult DecodeMinuteAndSecond(ref ReadOnlySpan<byte> rest, ref IntervalSum sum)
    {
        foreach (var unit in new[] { Calendar.MinuteMicroseconds, Calendar.SecondMicroseconds })
        {
            var result = ReadNumber(ref rest, out var value, out var fraction);
            if (result != DecodeResult.Done)
            {
                return result;
            }

            if (!sum.AddTime(value, fraction, unit))
            {
                return DecodeResult.FieldOverflow;
            }

            if (rest.IsEmpty)
            {
                return DecodeResult.Done;
            }

            if (rest[0] != ':')
            {
                return DecodeResult.BadFormat;
            }

            rest = rest[1..];
        }

        return DecodeResult.BadFormat;
    }

    private static DecodeResult Check(bool fits) => fits ? DecodeResult.Done : DecodeResult.FieldOverflow;

    private static int IntegerWidth(ReadOnlySpan<byte> text)
    {
        var digits = text[0] == '-' ? text[1..] : text;
        var end = digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9');

        // A number of no digits (".5") has still come without a field before it.
        return Math.Max(1, end < 0 ? digits.Length : end);
    }

    private static DecodeResult ReadNumber(ref ReadOnlySpan<byte> text, out long whole, out double fraction)
    {
        (whole, fraction) = (0, 0);
        if (text.IsEmpty || !(AsciiText.IsDigit(text[0]) || text[0] is (byte)'-' or (byte)'.'))
        {
            return DecodeResult.BadFormat;
        }

        var at = text[0] == '-' ? 1 : 0;
        var digits = 0;
        for (; at < text.Length && AsciiText.IsDigit(text[at]); at++)
        {
            digits++;
        }

        if (at < text.Length && text[at] == '.')
        {
            for (at++; at < text.Length && AsciiText.IsDigit(text[at]); at++)
            {
                digits++;
            }
        }

        if (digits == 0)
        {
            return DecodeResult.BadFormat;
        }

        // C's strtod takes an exponent too.
        if (at + 1 < text.Length && (text[at] | 0x20) == 'e')
        {
            var end = text[at + 1] is (byte)'-' or (byte)'+' ? at + 2 : at + 1;
            var first = end;
            while (end < text.Length && AsciiText.IsDigit(text[end]))
            {
                end++;
            }

            at = end > first ? end : at;
        }

        var number = double.Parse(text[..at], NumberStyles.Float, CultureInfo.InvariantCulture);
        text = text[at..];
        if (Math.Abs(number) > NumberMax)
        {
            return double.IsInfinity(number) ? DecodeResult.BadFormat : DecodeResult.FieldOverflow;
        }

        whole = (long)number;
        fraction = number - whole;
        return DecodeResult.Done;
    }
}
