using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>JSON values as arguments and answers.</summary>
internal static class JsonArguments
{
    private const int KeptMax = 1 << 16;

    // The operand of a condition is mostly the same from row to row.
    [ThreadStatic]
    private static (byte[] Text, JsonNode Value)? t_last;

    /// <summary>A jsonb.</summary>
    public static JsonNode Jsonb(this in FunctionCall call, int argument) => JsonParser.Parse(call.Bytes(argument));

    /// <summary>A jsonb that is probably the same as in the last call.</summary>
    public static JsonNode SteadyJsonb(this in FunctionCall call, int argument)
    {
        var text = call.Bytes(argument);
        if (t_last is { } last && text.SequenceEqual(last.Text))
        {
            return last.Value;
        }

        var value = JsonParser.Parse(text);
        if (text.Length <= KeptMax)
        {
            t_last = (text.ToArray(), value);
        }

        return value;
    }

    /// <summary>A json, whose escapes all have to stand for characters.</summary>
    public static ReadOnlySpan<byte> Json(this in FunctionCall call, int argument)
    {
        var text = call.Bytes(argument);
        JsonScanner.RequireCharacters(text);
        return text;
    }

    /// <summary>The elements of a text[] in their order, null for NULL, and the sizes of its dimensions.</summary>
    public static (int[] Dimensions, byte[]?[] Elements) Texts(this in FunctionCall call, int argument)
    {
        var (dimensions, elements) = JsonElements.Read(call.Value(argument), PgTypes.Text, "text[]");
        return (dimensions, [.. elements.Select(element => element.Value.Class == StorageClass.Null ? null : TextOf(element))]);
    }

    /// <summary>Steps of a path; an array of several dimensions is none.</summary>
    public static byte[]?[] Path(this in FunctionCall call, int argument)
    {
        var (dimensions, elements) = call.Texts(argument);
        return dimensions.Length > 1
            ? throw new TypeException(SqlState.ArrayElementError, "wrong number of array subscripts")
            : elements;
    }

    public static void Return(this in FunctionCall call, JsonNode value)
    {
        var output = Arguments.TakeBuffer();
        JsonText.Write(value, output);
        call.ReturnWritten(output);
    }

    /// <summary>Answers with the text that has been built.</summary>
    public static void ReturnWritten(this in FunctionCall call, ArrayBufferWriter<byte> output)
    {
        ResultSize.Require(output.WrittenCount);
        call.ReturnText(output.WrittenSpan);
    }

    /// <summary>Answers with a part of JSON as text: a string's characters, null for a null.</summary>
    public static void ReturnAsText(this in FunctionCall call, ReadOnlySpan<byte> json)
    {
        switch (JsonScanner.KindOf(json))
        {
            case JsonKind.Null:
                break;
            case JsonKind.String:
                call.ReturnText(JsonScanner.Unquote(json));
                break;
            default:
                call.ReturnText(json);
                break;
        }
    }

    private static byte[] TextOf(StoredValue value)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        return Stored.Text(value.Value, buffer).ToArray();
    }
}
