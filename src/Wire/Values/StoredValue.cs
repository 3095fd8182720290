using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Values;

/// <summary>
/// Reads a stored value as the announced type: from the storage class that the type has here, from any other one that holds the same value,
/// else an error. Both formats of the wire begin here, so they never disagree.
/// </summary>
internal static class StoredValue
{
    public static long Integer(in SqliteValue value, uint oid)
    {
        var number = value.Class switch
        {
            StorageClass.Integer => value.Integer,
            StorageClass.Real => FromReal(value.Real, oid),
            _ => FromText(value.Bytes, oid),
        };
        var fits = oid switch
        {
            PgTypes.Int2 => number is >= short.MinValue and <= short.MaxValue,
            PgTypes.Int4 => number is >= int.MinValue and <= int.MaxValue,
            PgTypes.Int8 => true,
            _ => number is >= 0 and <= uint.MaxValue,
        };
        return fits ? number : throw ValueErrors.Overflow(oid);
    }

    public static double Real(in SqliteValue value, uint oid) => value.Class switch
    {
        StorageClass.Integer => value.Integer,
        StorageClass.Real => value.Real,
        _ => ParseReal(value.Bytes, PgTypes.SqlNameOf(oid)),
    };

    public static bool Boolean(in SqliteValue value) => value.Class switch
    {
        StorageClass.Integer when value.Integer is 0 or 1 => value.Integer == 1,
        StorageClass.Real when value.Real is 0 or 1 => value.Real == 1,
        StorageClass.Text when TryBoolean(value.Bytes, out var truth) => truth,
        StorageClass.Integer => throw new DialectException("22P02", $"invalid input syntax for type boolean: \"{value.Integer}\""),
        _ => throw ValueErrors.Syntax("boolean", value.Bytes),
    };

    public static int Date(in SqliteValue value) => value.Class switch
    {
        StorageClass.Text => DateTimeParser.Date(value.Bytes),
        StorageClass.Integer => (int)Math.Floor((double)UnixTime(value.Integer) / Calendar.DayMicroseconds),
        _ => throw Wrong(value, "date"),
    };

    public static long Timestamp(in SqliteValue value) => value.Class switch
    {
        StorageClass.Text => DateTimeParser.TimestampTz(value.Bytes, TimeZoneInfo.Utc),
        StorageClass.Integer => UnixTime(value.Integer),
        _ => throw Wrong(value, "timestamp"),
    };

    public static (long Time, int? Offset) Time(in SqliteValue value, string type) => value.Class == StorageClass.Text
        ? DateTimeParser.Time(value.Bytes, type)
        : throw Wrong(value, type);

    public static Interval Interval(in SqliteValue value) => value.Class == StorageClass.Text
        ? IntervalParser.Parse(value.Bytes)
        : throw Wrong(value, "interval");

    public static Guid Uuid(in SqliteValue value) => value.Class switch
    {
        StorageClass.Blob when value.Bytes.Length == 16 => new Guid(value.Bytes, bigEndian: true),
        StorageClass.Text => ParseUuid(value.Bytes),
        _ => throw Wrong(value, "uuid"),
    };

    public static ulong Lsn(in SqliteValue value) => value.Class == StorageClass.Text ? LsnText.Parse(value.Bytes) : throw Wrong(value, "pg_lsn");

    /// <summary>The text of any value: numbers as PostgreSQL writes them.</summary>
    /// <param name="buffer">A buffer for numbers; the result may lie in it.</param>
    public static ReadOnlySpan<byte> Text(in SqliteValue value, Span<byte> buffer)
    {
        switch (value.Class)
        {
            case StorageClass.Integer:
                _ = Utf8Formatter.TryFormat(value.Integer, buffer, out var digits);
                return buffer[..digits];
            case StorageClass.Real:
                return buffer[..FloatText.Write(buffer, value.Real, extraDigits: 1)];
            default:
                return ValueErrors.RequireText(value.Bytes);
        }
    }

    /// <param name="scale">The scale that the column's modifier asks for.</param>
    /// <param name="buffer">A buffer for numbers; the result may point into it.</param>
    public static Numeric Numeric(in SqliteValue value, int scale, Span<byte> buffer)
    {
        Numeric number;
        var valid = value.Class switch
        {
            StorageClass.Integer when Utf8Formatter.TryFormat(value.Integer, buffer, out var digits) =>
                Values.Numeric.TryParse(buffer[..digits], scale, out number),
            StorageClass.Real => Values.Numeric.TryFromDouble(value.Real, buffer, scale, out number),
            _ => Values.Numeric.TryParse(value.Bytes, scale, out number),
        };
        return valid ? number : throw ValueErrors.Syntax("numeric", value.Bytes);
    }

    public static bool TryBoolean(ReadOnlySpan<byte> text, out bool truth)
    {
        text = text.Trim(" \t\r\n"u8);
        truth = IsPrefix(text, "true"u8, 1) || IsPrefix(text, "yes"u8, 1) || IsPrefix(text, "on"u8, 2) || text.SequenceEqual("1"u8);
        return truth || IsPrefix(text, "false"u8, 1) || IsPrefix(text, "no"u8, 1) || IsPrefix(text, "off"u8, 2) || text.SequenceEqual("0"u8);
    }

    public static double ParseReal(ReadOnlySpan<byte> text, string type)
    {
        var trimmed = text.Trim(" \t\r\n\f\v"u8);
        if (double.TryParse(trimmed, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number))
        {
            var vanished = number == 0 && trimmed.IndexOfAnyInRange((byte)'1', (byte)'9') is >= 0 and var digit
                && (trimmed.IndexOfAny((byte)'e', (byte)'E') is var e && (e < 0 || digit < e));
            return vanished ? throw ValueErrors.RealRange(type, trimmed) : number;
        }

        if (Ascii.EqualsIgnoreCase(trimmed, "nan"u8))
        {
            return double.NaN;
        }

        var positive = trimmed.StartsWith("+"u8) || !trimmed.StartsWith("-"u8);
        var word = trimmed.TrimStart("+-"u8);
        return Ascii.EqualsIgnoreCase(word, "infinity"u8) || Ascii.EqualsIgnoreCase(word, "inf"u8)
            ? (positive ? double.PositiveInfinity : double.NegativeInfinity)
            : double.IsInfinity(number) ? throw ValueErrors.RealRange(type, trimmed)
            : throw ValueErrors.Syntax(type, text);
    }

    public static Guid ParseUuid(ReadOnlySpan<byte> text)
    {
        var body = text.Length > 2 && text[0] == '{' && text[^1] == '}' ? text[1..^1] : text;
        Span<byte> digits = stackalloc byte[32];
        var count = 0;
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] == '-' && count > 0 && count < 32 && count % 4 == 0 && body[i - 1] != '-')
            {
                continue;
            }

            if (count == 32 || !char.IsAsciiHexDigit((char)body[i]))
            {
                throw ValueErrors.Syntax("uuid", text);
            }

            digits[count++] = body[i];
        }

        return count == 32 && Utf8Parser.TryParse(digits, out Guid guid, out _, 'N') ? guid : throw ValueErrors.Syntax("uuid", text);
    }

    private static bool IsPrefix(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word, int lengthMin) =>
        text.Length >= lengthMin && text.Length <= word.Length && Ascii.EqualsIgnoreCase(text, word[..text.Length]);

    private static long FromReal(double value, uint oid) => value is >= -9.2233720368547758e18 and < 9.2233720368547758e18
        ? value == Math.Truncate(value) ? (long)value : throw new DialectException(
            "22P02", string.Create(CultureInfo.InvariantCulture, $"invalid input syntax for type {PgTypes.SqlNameOf(oid)}: \"{value}\""))
        : throw ValueErrors.Overflow(oid);

    private static long FromText(ReadOnlySpan<byte> text, uint oid) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ValueErrors.Syntax(PgTypes.SqlNameOf(oid), text);

    /// <summary>Seconds since 1970, or milliseconds where seconds would lie past the year 33000, as rqlite reads them.</summary>
    private static long UnixTime(long value)
    {
        var milliseconds = value is > 1_000_000_000_000 or < -1_000_000_000_000;
        var microseconds = (Int128)value * (milliseconds ? 1000 : Calendar.SecondMicroseconds)
            - ((Int128)Calendar.EpochSeconds * Calendar.SecondMicroseconds);
        return microseconds > long.MinValue && microseconds < long.MaxValue && Calendar.TimestampInRange((long)microseconds)
            ? (long)microseconds
            : throw ValueErrors.TimestampRange();
    }

    private static DialectException Wrong(in SqliteValue value, string type)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        return ValueErrors.DateSyntax(type, value.Class == StorageClass.Blob ? "\\x…"u8 : Text(value, buffer));
    }
}
