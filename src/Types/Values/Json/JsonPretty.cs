using System.Buffers;

namespace Rqlite.Pg.Types.Values;

/// <summary>jsonb_pretty: a line for every member and element, indented by four blanks a level.</summary>
public static class JsonPretty
{
    private const int Indent = 4;

    /// <param name="limit">The most bytes that may be written.</param>
    /// <returns>False if the text would be larger; it is cut off then.</returns>
    public static bool TryWrite(JsonNode root, ArrayBufferWriter<byte> output, long limit)
    {
        var open = new Stack<(JsonNode Node, int Next)>();
        open.Push((root, 0));
        while (open.TryPop(out var top))
        {
            if (output.WrittenCount + (long)(open.Count * Indent) > limit)
            {
                return false;
            }

            var (node, next) = top;
            if (node.IsScalar)
            {
                JsonText.Write(node, output);
                continue;
            }

            var isObject = node.Kind == JsonKind.Object;
            var count = isObject ? node.Members.Count : node.Items.Count;
            output.Write(next == 0 ? (isObject ? "{"u8 : "["u8) : next < count ? ","u8 : default);
            if (next == count)
            {
                WriteLine(output, open.Count);
                output.Write(isObject ? "}"u8 : "]"u8);
                continue;
            }

            WriteLine(output, open.Count + 1);
            if (isObject)
            {
                JsonText.WriteString(node.Members[next].Key.Span, output);
                output.Write(": "u8);
            }

            open.Push((node, next + 1));
            open.Push((isObject ? node.Members[next].Value : node.Items[next], 0));
        }

        return output.WrittenCount <= limit;
    }

    private static void WriteLine(ArrayBufferWriter<byte> output, int level)
    {
        output.Write("\n"u8);
        var blanks = output.GetSpan(level * Indent)[..(level * Indent)];
        blanks.Fill((byte)' ');
        output.Advance(blanks.Length);
    }
}
