using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Http;

/// <summary>Values of columns declared DATE, DATETIME or TIMESTAMP as RFC 3339, the way rqlite renders them.</summary>
internal static class GoTime
{
    /// <summary>Enough for any answer of this type.</summary>
    public const int LengthMax = 40;

    /// <summary>The time shown for text that is no time: clients parse every text of such a column, and fail on anything else.</summary>
    public static ReadOnlySpan<byte> Zero => "0001-01-01T00:00:00Z"u8;

    private const long SecondsMin = -62135596800;
    private const long SecondsMax = 253402300799;
    // rqlite takes larger numbers for milliseconds.
    private const long MillisecondsFrom = 1_000_000_000_000;
    private const int FractionDigitsMax = 9;

    public static string Format(DateTimeOffset time)
    {
        Span<byte> output = stackalloc byte[LengthMax];
        return Encoding.ASCII.GetString(output[..Write(time.UtcDateTime, output)]);
    }

    /// <summary>Seconds or milliseconds of the Unix epoch; false beyond the years 1 to 9999.</summary>
    public static bool TryFormat(long value, Span<byte> output, out int length)
    {
        length = 0;
        var milliseconds = value is > MillisecondsFrom or < -MillisecondsFrom;
        var seconds = milliseconds ? value / 1000 : value;
        if (seconds is <= SecondsMin or > SecondsMax)
        {
            return false;
        }

        var ticks = milliseconds ? value * TimeSpan.TicksPerMillisecond : value * TimeSpan.TicksPerSecond;
        length = Write(DateTime.UnixEpoch.AddTicks(ticks), output);
        return true;
    }

    /// <summary>
    /// <c>YYYY-MM-DD</c>, alone or with <c>HH:MM</c>, <c>HH:MM:SS</c>, a fraction and, after seconds, an offset; a Z at the end is ignored.
    /// </summary>
    public static bool TryFormat(ReadOnlySpan<byte> text, Span<byte> output, out int length)
    {
        length = 0;
        text = text.EndsWith("Z"u8) ? text[..^1] : text;
        if (!TryTakeDate(ref text, output))
        {
            return false;
        }

        "T00:00:00"u8.CopyTo(output[10..]);
        length = 19;
        if (!text.IsEmpty && (!TryTakeTime(ref text, output, ref length) || !TryTakeOffset(ref text, output, ref length)))
        {
            return false;
        }

        if (length < 25 || output[length - 6] is not ((byte)'+' or (byte)'-'))
        {
            output[length++] = (byte)'Z';
        }

        return text.IsEmpty;
    }

    private static bool TryTakeDate(ref ReadOnlySpan<byte> text, Span<byte> output)
    {
        if (text.Length < 10 || text[4] != '-' || text[7] != '-'
            || !Number(text[..4], out var year) || !Number(text[5..7], out var month) || !Number(text[8..10], out var day)
            || month is < 1 or > 12 || day < 1
            // Go knows a year 0, a leap year, that DateTime lacks.
            || day > DateTime.DaysInMonth(year == 0 ? 4 : year, month))
        {
            return false;
        }

        text[..10].CopyTo(output);
        text = text[10..];
        return true;
    }

    private static bool TryTakeTime(ref ReadOnlySpan<byte> text, Span<byte> output, ref int length)
    {
        if (text.Length < 6 || text[0] is not ((byte)' ' or (byte)'T') || text[3] != ':'
            || !Number(text[1..3], out var hour) || hour > 23 || !Number(text[4..6], out var minute) || minute > 59)
        {
            return false;
        }

        text[1..6].CopyTo(output[11..]);
        text = text[6..];
        if (text.IsEmpty)
        {
            return true;
        }

        if (text.Length < 3 || text[0] != ':' || !Number(text[1..3], out var second) || second > 59)
        {
            return false;
        }

        text[..3].CopyTo(output[16..]);
        text = text[3..];
        return TryTakeFraction(ref text, output, ref length);
    }

    private static bool TryTakeFraction(ref ReadOnlySpan<byte> text, Span<byte> output, ref int length)
    {
        if (text.IsEmpty || text[0] != '.')
        {
            return true;
        }

        var end = text[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var digits = end < 0 ? text[1..] : text.Slice(1, end);
        if (digits.IsEmpty)
        {
            return false;
        }

        text = text[(1 + digits.Length)..];
        digits = digits[..Math.Min(digits.Length, FractionDigitsMax)].TrimEnd((byte)'0');
        if (!digits.IsEmpty)
        {
            output[length++] = (byte)'.';
            digits.CopyTo(output[length..]);
            length += digits.Length;
        }

        return true;
    }

    private static bool TryTakeOffset(ref ReadOnlySpan<byte> text, Span<byte> output, ref int length)
    {
        if (text.IsEmpty)
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':'
            || !Number(text[1..3], out var hours) || hours > 24 || !Number(text[4..6], out var minutes) || minutes > 59)
        {
            return false;
        }

        // An offset of zero is UTC to Go.
        if (hours + minutes > 0)
        {
            text.CopyTo(output[length..]);
            length += 6;
        }

        text = default;
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> digits, out int value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            value = (10 * value) + digit - '0';
        }

        return true;
    }

    private static int Write(DateTime time, Span<byte> output)
    {
        time.TryFormat(output, out var length, "yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
        output[length++] = (byte)'Z';
        return length;
    }
}
