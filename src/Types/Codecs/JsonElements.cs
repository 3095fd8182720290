using System.Buffers;
using System.Text.Json;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>
/// The stored form of arrays: JSON text, nested as the array is. Integers, booleans and finite floats are JSON numbers, everything else is a
/// string, since SQLite's JSON functions would turn 1.10 into a double.
/// </summary>
public static class JsonElements
{
    public static void Write(in SqliteValue value, IBufferWriter<byte> output)
    {
        switch (value.Class)
        {
            case StorageClass.Integer:
                output.Advance(WriteInteger(output.GetSpan(20), value.Integer));
                break;
            case StorageClass.Real when double.IsFinite(value.Real):
                WriteReal(value.Real, output);
                break;
            case StorageClass.Real:
                JsonText.WriteString(value.Real > 0 ? "Infinity"u8 : "-Infinity"u8, output);
                break;
            case StorageClass.Text:
                JsonText.WriteString(value.Bytes, output);
                break;
            case StorageClass.Blob:
                var hex = new ArrayBufferWriter<byte>();
                Bytea.Write(value.Bytes, escape: false, hex);
                JsonText.WriteString(hex.WrittenSpan, output);
                break;
            default:
                output.Write("null"u8);
                break;
        }
    }

    /// <summary>Reads an array's elements in order, and its dimensions.</summary>
    /// <exception cref="TypeException">22P02: the text is no array, or an uneven one.</exception>
    public static (int[] Dimensions, List<StoredValue> Elements) Read(in SqliteValue value, uint element, string type)
    {
        var text = Stored.RequireText(value, type);
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = ArrayText.DimensionsMax });
        var elements = new List<StoredValue>();
        var counts = new int[ArrayText.DimensionsMax + 1];
        var sizes = new int[ArrayText.DimensionsMax + 1];
        Array.Fill(sizes, -1);
        var (depth, leaves) = (0, 0);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.StartArray)
                {
                    counts[++depth] = 0;
                    if (depth > 1)
                    {
                        counts[depth - 1]++;
                    }

                    continue;
                }

                if (reader.TokenType == JsonTokenType.EndArray)
                {
                    if ((sizes[depth] >= 0 && sizes[depth] != counts[depth]) || (counts[depth] == 0 && depth > 1))
                    {
                        throw TypeErrors.Syntax(type, text);
                    }

                    sizes[depth] = counts[depth];
                    depth--;
                    continue;
                }

                if (depth == 0 || (leaves != 0 && leaves != depth) || reader.TokenType is JsonTokenType.StartObject)
                {
                    throw TypeErrors.Syntax(type, text);
                }

                leaves = depth;
                counts[depth]++;
                elements.Add(ReadLeaf(ref reader, element));
            }
        }
        catch (JsonException)
        {
            throw TypeErrors.Syntax(type, text);
        }

        return (elements.Count == 0 ? [] : sizes[1..(leaves + 1)], elements);
    }

    /// <summary>Writes a whole array.</summary>
    public static void WriteArray(ReadOnlySpan<int> dimensions, IReadOnlyList<StoredValue> elements, IBufferWriter<byte> output)
    {
        if (elements.Count == 0)
        {
            output.Write("[]"u8);
        }

        for (var i = 0; i < elements.Count; i++)
        {
            WriteBrackets(output, dimensions, i, close: false);
            Write(elements[i].Value, output);
            WriteBrackets(output, dimensions, i, close: true);
            output.Write(i < elements.Count - 1 ? ","u8 : default);
        }
    }

    /// <summary>Opens or closes the brackets around element number <paramref name="index"/>.</summary>
    /// <param name="close">Whether the element has been written.</param>
    public static void WriteBrackets(IBufferWriter<byte> target, ReadOnlySpan<int> dimensions, int index, bool close)
    {
        var size = 1;
        for (var i = dimensions.Length - 1; i >= 0; i--)
        {
            size *= dimensions[i];
            if ((close ? index + 1 : index) % size != 0)
            {
                break;
            }

            target.Write(close ? "]"u8 : "["u8);
        }
    }

    private static StoredValue ReadLeaf(ref Utf8JsonReader reader, uint element)
    {
        var value = new StoredValue();
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                break;
            case JsonTokenType.True:
                value.SetInteger(1);
                break;
            case JsonTokenType.False:
                value.SetInteger(0);
                break;
            case JsonTokenType.Number when reader.TryGetInt64(out var integer):
                value.SetInteger(integer);
                break;
            case JsonTokenType.Number:
                value.SetReal(reader.GetDouble());
                break;
            default:
                var length = reader.ValueSpan.Length;
                var buffer = new byte[length];
                length = reader.CopyString(buffer);
                if (element == PgTypes.Bytea)
                {
                    Bytea.Parse(buffer.AsSpan(0, length), value.BeginBlob());
                }
                else
                {
                    value.SetText(buffer.AsSpan(0, length));
                }

                break;
        }

        return value;
    }

    private static int WriteInteger(Span<byte> target, long value)
    {
        _ = System.Buffers.Text.Utf8Formatter.TryFormat(value, target, out var length);
        return length;
    }

    private static void WriteReal(double value, IBufferWriter<byte> output)
    {
        var target = output.GetSpan(FloatText.LengthMax + 2);
        var length = FloatText.Write(target, value, extraDigits: 1);

        // A real stays one when it is read back.
        if (target[..length].IndexOfAny(".e"u8) < 0)
        {
            ".0"u8.CopyTo(target[length..]);
            length += 2;
        }

        output.Advance(length);
    }
}
