using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect;

namespace Rqlite.Pg.Wire.Values;

/// <summary>PostgreSQL's errors of values, in its words.</summary>
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

    /// <summary>An integer that a column's announced type cannot hold.</summary>
    public static DialectException Overflow(uint oid) => new(
        "22003", $"{PgTypes.SqlNameOf(oid)} out of range", hint: oid is PgTypes.Int4 or PgTypes.Int2
            ? "Declare the column as bigint, or select it with a cast to bigint."
            : null);

    public static DialectException Binary() => new("22P03", "incorrect binary data format");

    public static DialectException BinaryLength(int expected, int actual) => actual < expected
        ? new("08P01", "insufficient data left in message")
        : Binary();

    public static DialectException Encoding(ReadOnlySpan<byte> bytes)
    {
        var shown = new StringBuilder();
        foreach (var b in bytes[..Math.Min(bytes.Length, 4)])
        {
            shown.Append(CultureInfo.InvariantCulture, $" 0x{b:x2}");
        }

        return new("22021", $"invalid byte sequence for encoding \"UTF8\":{shown}");
    }

    private static string Show(ReadOnlySpan<byte> text) =>
        System.Text.Encoding.UTF8.GetString(text.Length <= ShownMax ? text : text[..ShownMax]);
}
