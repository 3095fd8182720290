using System.Buffers;
using System.Globalization;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Wire.Values;

/// <summary>
/// Numbers as SQLite's own, refused where a column without a type for texts would keep another value: a double is not every numeric, and
/// SQLite has neither NaN nor a zero with a sign.
/// </summary>
internal static class ParameterNumbers
{
    // A double carries any 15 decimal digits.
    private const int RealDigitsMax = 15;
    private const int RealTextMax = 63;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_text;

    /// <summary>Writes a double; refuses NaN, which SQLite stores as NULL, and -0, whose sign it drops.</summary>
    public static void Write(IBufferWriter<byte> output, double value) => ParameterEncoding.WriteReal(
        output,
        double.IsNaN(value) ? throw NotStored("double precision", "NaN", "The database has no NaN; store NULL or a text.")
        : value == 0 && double.IsNegative(value) ? throw NotStored("double precision", "-0", "The database has one zero.")
        : value);

    /// <summary>
    /// Writes a number as a number where that keeps its value: SQLite compares a text with a number by class alone, and a numeric column rounds
    /// a text.
    /// </summary>
    public static void Write(IBufferWriter<byte> output, in Numeric number)
    {
        var writer = t_text ??= new ArrayBufferWriter<byte>();
        writer.ResetWrittenCount();
        number.WriteText(writer);
        var text = writer.WrittenSpan;
        if (!number.IsFinite)
        {
            // No affinity changes these texts.
            ParameterEncoding.WriteText(output, text);
        }
        else if (number.Scale == 0 && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
        {
            ParameterEncoding.WriteInteger(output, integer);
        }
        else if (text.Length <= RealTextMax && SignificantDigits(text) <= RealDigitsMax)
        {
            ParameterEncoding.WriteReal(output, double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
        }
        else
        {
            throw NotStored(
                "numeric", $"a value with more than {RealDigitsMax} digits",
                "It would be rounded. Send it as text, to a column whose type is one for texts, such as NUMERIC_TEXT.");
        }
    }

    private static int SignificantDigits(ReadOnlySpan<byte> text)
    {
        var point = text.IndexOf((byte)'.');
        var whole = (point < 0 ? text : text[..point]).TrimStart("-0"u8);
        var fraction = point < 0 ? default : text[(point + 1)..].TrimEnd((byte)'0');
        return whole.IsEmpty ? fraction.TrimStart((byte)'0').Length : whole.Length + fraction.Length;
    }

    private static TypeException NotStored(string type, string value, string hint) =>
        new(SqlState.NumericValueOutOfRange, $"{value} of type {type} cannot be stored", hint: hint);
}
