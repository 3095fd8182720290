using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Rqlite.Pg.Dialect;

namespace Rqlite.Pg.Wire.Values;

/// <summary>PostgreSQL's errors of values, with its messages.</summary>
internal static class ValueErrors
{
    private const int ShownMax = 200;

    public static DialectException Syntax(string type, ReadOnlySpan<byte> text) =>
        new("22P02", $"invalid input syntax for type {type}: \"{Show(text)}\"");

    public static DialectException DateSyntax(string type, ReadOnlySpan<byte> text) =>
        new("22007", $"invalid input syntax for type {type}: \"{Show(text)}\"");

    public static DialectException DateRange(ReadOnlySpan<byte> text) =>
        new("22008", $"date/time field value out of range: \"{Show(text)}\"");

    public static DialectException TimestampRange() => new("22008", "timestamp out of range");

    public static DialectException OutOfRange(string type, ReadOnlySpan<byte> text) =>
        new("22003", $"value \"{Show(text)}\" is out of range for type {type}");

    public static DialectException RealRange(string type, ReadOnlySpan<byte> text) =>
        new("22003", $"\"{Show(text)}\" is out of range for type {type}");

    /// <summary>The error for an integer that a column's announced type cannot hold.</summary>
    public static DialectException Overflow(uint oid) => new(
        "22003", $"{PgTypes.SqlNameOf(oid)} out of range", hint: oid is PgTypes.Int4 or PgTypes.Int2
            ? "Declare the column as bigint, or select it with a cast to bigint."
            : null);

    /// <summary>The error for a value that the database would store as another one.</summary>
    public static DialectException NotStored(string type, string value, string? hint = null) => new(
        "22003", $"{value} of type {type} cannot be stored", hint: hint);

    public static DialectException Binary() => new("22P03", "incorrect binary data format");

    public static DialectException BinaryLength(int expected, int actual) => actual < expected
        ? new("08P01", "insufficient data left in message")
        : Binary();

    public static DialectException Encoding(ReadOnlySpan<byte> bytes)
    {
        // PostgreSQL shows as many bytes as the first one announces.
        var announced = bytes.IsEmpty ? 0 : bytes[0] switch { >= 0xf0 and <= 0xf7 => 4, >= 0xe0 and <= 0xef => 3, >= 0xc0 and <= 0xdf => 2, _ => 1 };
        var shown = new StringBuilder();
        foreach (var b in bytes[..Math.Min(bytes.Length, announced)])
        {
            shown.Append(CultureInfo.InvariantCulture, $" 0x{b:x2}");
        }

        return new("22021", $"invalid byte sequence for encoding \"UTF8\":{shown}");
    }

    /// <summary>The text itself if it is UTF-8 without NUL, as PostgreSQL's always are.</summary>
    /// <exception cref="DialectException">22021, with the first bytes that are not.</exception>
    public static ReadOnlySpan<byte> RequireText(ReadOnlySpan<byte> text) => Utf8.IsValid(text) && !text.Contains((byte)0)
        ? text
        : throw Encoding(text[InvalidAt(text)..]);

    private static int InvalidAt(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length && Rune.DecodeFromUtf8(text[at..], out var rune, out var length) == OperationStatus.Done && rune.Value != 0)
        {
            at += length;
        }

        return at;
    }

    private static string Show(ReadOnlySpan<byte> text) =>
        System.Text.Encoding.UTF8.GetString(text.Length <= ShownMax ? text : text[..ShownMax]);
}
