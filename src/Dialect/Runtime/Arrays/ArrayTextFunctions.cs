using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>array_to_string and string_to_array.</summary>
internal static class ArrayTextFunctions
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("array_to_string(anyarray,text)", Join);
        registry.Call("array_to_string(anyarray,text,text)", Join);
        registry.Call("string_to_array(text,text)", ToArray);
        registry.Call("string_to_array(text,text,text)", ToArray);
    }

    /// <summary>Splits a text at a delimiter; without one into its characters. Nothing is split into no pieces at all.</summary>
    internal static List<Range> Split(ReadOnlySpan<byte> text, ReadOnlySpan<byte> delimiter, bool characters)
    {
        var pieces = new List<Range>();
        var start = 0;
        if (characters)
        {
            while (start < text.Length)
            {
                var length = LikePattern.CharacterLength(text, start);
                pieces.Add(start..(start + length));
                start += length;
            }

            return pieces;
        }

        if (text.IsEmpty)
        {
            return pieces;
        }

        while (!delimiter.IsEmpty && text[start..].IndexOf(delimiter) is >= 0 and var length)
        {
            pieces.Add(start..(start + length));
            start += length + delimiter.Length;
        }

        pieces.Add(start..text.Length);
        return pieces;
    }

    private static void Join(in FunctionCall call)
    {
        if (call.IsNull(0) || call.IsNull(1))
        {
            return;
        }

        var array = call.Array(0);
        var withNulls = call.Count == 4 && !call.IsNull(2);
        var delimiter = call.Bytes(1).ToArray();
        var codec = Codec.For(array.Type.Oid);
        var context = call.Context();
        var output = new ArrayBufferWriter<byte>();
        var first = true;
        foreach (var element in array.Elements)
        {
            var isNull = element.Value.Class == StorageClass.Null;
            if (isNull && !withNulls)
            {
                continue;
            }

            output.Write(first ? default : delimiter.AsSpan());
            first = false;
            if (isNull)
            {
                output.Write(call.Bytes(2));
            }
            else
            {
                codec.WriteText(element.Value, array.Type, context, output);
            }

            ResultSize.Require(output.WrittenCount);
        }

        call.ReturnText(output.WrittenSpan);
    }

    private static void ToArray(in FunctionCall call)
    {
        if (call.IsNull(0))
        {
            return;
        }

        var text = call.Bytes(0);
        var delimiter = call.IsNull(1) ? default : call.Bytes(1);
        var hasNull = call.Count == 3 && !call.IsNull(2);
        var nothing = hasNull ? call.Bytes(2) : default;
        var output = Arguments.TakeBuffer();
        output.Write("["u8);
        var first = true;
        foreach (var piece in Split(text, delimiter, call.IsNull(1)))
        {
            output.Write(first ? default : ","u8);
            first = false;
            if (hasNull && text[piece].SequenceEqual(nothing))
            {
                output.Write("null"u8);
            }
            else
            {
                JsonText.WriteString(text[piece], output);
            }
        }

        output.Write("]"u8);
        call.ReturnWritten(output);
    }
}
