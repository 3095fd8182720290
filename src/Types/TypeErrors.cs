using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Rqlite.Pg.Types;

/// <summary>PostgreSQL's errors of values, with its messages.</summary>
public static class TypeErrors
{
    // PostgreSQL shows the whole text; a message has to stay small enough for every log and client.
    private const int ShownMax = 8192;

    public static TypeException Syntax(string type, ReadOnlySpan<byte> text, string? detail = null) =>
        new(SqlState.InvalidTextRepresentation, $"invalid input syntax for type {type}: \"{Show(text)}\"", detail);

    public static TypeException DateSyntax(string type, ReadOnlySpan<byte> text) =>
        new(SqlState.InvalidDatetimeFormat, $"invalid input syntax for type {type}: \"{Show(text)}\"");

    public static TypeException FieldOverflow(ReadOnlySpan<byte> text, string? hint = null) =>
        new(SqlState.DatetimeFieldOverflow, $"date/time field value out of range: \"{Show(text)}\"", hint: hint);

    public static TypeException IntervalFieldOverflow(ReadOnlySpan<byte> text) =>
        new(SqlState.IntervalFieldOverflow, $"interval field value out of range: \"{Show(text)}\"");

    public static TypeException ZoneDisplacement(ReadOnlySpan<byte> text) =>
        new(SqlState.InvalidTimeZoneDisplacementValue, $"time zone displacement out of range: \"{Show(text)}\"");

    public static TypeException TimestampRange() => new(SqlState.DatetimeFieldOverflow, "timestamp out of range");

    public static TypeException DateRange() => new(SqlState.DatetimeFieldOverflow, "date out of range");

    public static TypeException IntervalRange() => new(SqlState.DatetimeFieldOverflow, "interval out of range");

    public static TypeException OutOfRange(string type, ReadOnlySpan<byte> text) =>
        new(SqlState.NumericValueOutOfRange, $"value \"{Show(text)}\" is out of range for type {type}");

    public static TypeException RealRange(string type, ReadOnlySpan<byte> text) =>
        new(SqlState.NumericValueOutOfRange, $"\"{Show(text)}\" is out of range for type {type}");

    public static TypeException Overflow(string type) => new(SqlState.NumericValueOutOfRange, $"{type} out of range");

    public static TypeException NumericOverflow() => new(SqlState.NumericValueOutOfRange, "value overflows numeric format");

    public static TypeException FloatOverflow() => new(SqlState.NumericValueOutOfRange, "value out of range: overflow");

    public static TypeException FloatUnderflow() => new(SqlState.NumericValueOutOfRange, "value out of range: underflow");

    public static TypeException DivisionByZero() => new(SqlState.DivisionByZero, "division by zero");

    public static TypeException NotSupported(string message) => new(SqlState.FeatureNotSupported, message);

    public static TypeException Binary() => new(SqlState.InvalidBinaryRepresentation, "incorrect binary data format");

    public static TypeException Binary(string message) => new(SqlState.InvalidBinaryRepresentation, message);

    public static TypeException TooFewBytes() => new(SqlState.ProtocolViolation, "insufficient data left in message");

    public static TypeException BinaryLength(int expected, int actual) => actual < expected ? TooFewBytes() : Binary();

    /// <summary>The error for a stored value that its column's type cannot read.</summary>
    public static TypeException Stored(string type, string value) =>
        new(SqlState.InvalidTextRepresentation, $"invalid input syntax for type {type}: \"{value}\"");

    public static TypeException Encoding(ReadOnlySpan<byte> bytes)
    {
        // PostgreSQL shows as many bytes as the first one announces.
        var announced = bytes.IsEmpty ? 0 : bytes[0] switch { >= 0xf0 and <= 0xf7 => 4, >= 0xe0 and <= 0xef => 3, >= 0xc0 and <= 0xdf => 2, _ => 1 };
        var shown = new StringBuilder();
        foreach (var b in bytes[..Math.Min(bytes.Length, announced)])
        {
            shown.Append(CultureInfo.InvariantCulture, $" 0x{b:x2}");
        }

        return new(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"UTF8\":{shown}");
    }

    /// <summary>The text itself if it is UTF-8 without NUL, as PostgreSQL's always are.</summary>
    /// <exception cref="TypeException">22021, with the first bytes that are not.</exception>
    public static ReadOnlySpan<byte> RequireText(ReadOnlySpan<byte> text) => Utf8.IsValid(text) && !text.Contains((byte)0)
        ? text
        : throw Encoding(text[InvalidAt(text)..]);

    /// <summary>A text as messages show it.</summary>
    public static string Show(ReadOnlySpan<byte> text) =>
        System.Text.Encoding.UTF8.GetString(text.Length <= ShownMax ? text : text[..ShownMax]);

    private static int InvalidAt(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length && Rune.DecodeFromUtf8(text[at..], out var rune, out var length) == OperationStatus.Done && rune.Value != 0)
        {
            at += length;
        }

        return at;
    }
}
