using System.Buffers.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>
/// Reads stored values as a type: from the storage class that the type has here, from any other one that holds the same value, else an error.
/// All formats begin here, so they never disagree.
/// </summary>
public static class Stored
{
    /// <summary>Reads a whole number; a text or real that is one counts.</summary>
    public static long Integer(in SqliteValue value, string type) => value.Class switch
    {
        StorageClass.Integer => value.Integer,
        StorageClass.Real => FromReal(value.Real, type),
        _ => Utf8Parser.TryParse(value.Bytes, out long number, out var length) && length == value.Bytes.Length
            ? number
            : throw TypeErrors.Syntax(type, value.Bytes),
    };

    public static double Real(in SqliteValue value, string type) => value.Class switch
    {
        StorageClass.Integer => value.Integer,
        StorageClass.Real => value.Real,
        _ => type == "real" ? Floats.ParseFloat4(value.Bytes) : Floats.ParseFloat8(value.Bytes),
    };

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
                return TypeErrors.RequireText(value.Bytes);
        }
    }

    /// <summary>The text of a value whose type is stored as text alone.</summary>
    public static ReadOnlySpan<byte> RequireText(in SqliteValue value, string type)
    {
        if (value.Class == StorageClass.Text)
        {
            return value.Bytes;
        }

        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        throw TypeErrors.Syntax(type, value.Class == StorageClass.Blob ? "\\x…"u8 : Text(value, buffer));
    }

    /// <summary>Seconds since 1970, or milliseconds where seconds would lie past the year 33000, as rqlite reads them.</summary>
    public static long UnixTime(long value)
    {
        var milliseconds = value is > 1_000_000_000_000 or < -1_000_000_000_000;
        var microseconds = ((Int128)value * (milliseconds ? 1000 : Calendar.SecondMicroseconds))
            - ((Int128)Calendar.EpochSeconds * Calendar.SecondMicroseconds);
        return Calendar.TimestampInRange(microseconds) ? (long)microseconds : throw TypeErrors.TimestampRange();
    }

    private static long FromReal(double value, string type) => value is >= -9.2233720368547758e18 and < 9.2233720368547758e18
        ? value == Math.Truncate(value)
            ? (long)value
            : throw TypeErrors.Stored(type, value.ToString(System.Globalization.CultureInfo.InvariantCulture))
        : throw TypeErrors.Overflow(type);
}
