using System.Buffers;

namespace Rqlite.Pg.Types.Values;

/// <summary>Writes jsonb's text: one blank after every comma and colon, strings with the fewest escapes.</summary>
public static class JsonText
{
    /// <exception cref="TypeException">54001: the value is nested deeper than could be read again.</exception>
    public static void Write(JsonNode root, IBufferWriter<byte> output)
    {
        var open = new Stack<(JsonNode Node, int Next)>();
        open.Push((root, 0));
        while (open.TryPop(out var top))
        {
            var (node, next) = top;
            switch (node.Kind)
            {
                case JsonKind.Array:
                    output.Write(next == 0 ? "["u8 : next < node.Items.Count ? ", "u8 : default);
                    if (next == node.Items.Count)
                    {
                        output.Write("]"u8);
                        break;
                    }

                    Open(open, node, next, node.Items[next]);
                    break;
                case JsonKind.Object:
                    output.Write(next == 0 ? "{"u8 : next < node.Members.Count ? ", "u8 : default);
                    if (next == node.Members.Count)
                    {
                        output.Write("}"u8);
                        break;
                    }

                    WriteString(node.Members[next].Key.Span, output);
                    output.Write(": "u8);
                    Open(open, node, next, node.Members[next].Value);
                    break;
                case JsonKind.String:
                    WriteString(node.Text.Span, output);
                    break;
                case JsonKind.Number:
                    node.Number.WriteText(output);
                    break;
                default:
                    output.Write(node.Kind switch { JsonKind.True => "true"u8, JsonKind.False => "false"u8, _ => "null"u8 });
                    break;
            }
        }
    }

    private static void Open(Stack<(JsonNode Node, int Next)> open, JsonNode node, int next, JsonNode child)
    {
        open.Push((node, next + 1));
        open.Push((child, 0));
        if (open.Count > JsonParser.DepthMax && !child.IsScalar)
        {
            throw JsonParser.TooDeep();
        }
    }

    public static void WriteString(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output)
    {
        output.Write("\""u8);
        while (!utf8.IsEmpty)
        {
            var at = 0;
            while (at < utf8.Length && utf8[at] >= 0x20 && utf8[at] is not ((byte)'"' or (byte)'\\'))
            {
                at++;
            }

            output.Write(utf8[..at]);
            if (at == utf8.Length)
            {
                break;
            }

            WriteEscape(utf8[at], output);
            utf8 = utf8[(at + 1)..];
        }

        output.Write("\""u8);
    }

    private static void WriteEscape(byte c, IBufferWriter<byte> output)
    {
        switch (c)
        {
            case (byte)'"':
                output.Write("\\\""u8);
                break;
            case (byte)'\\':
                output.Write("\\\\"u8);
                break;
            case 8:
                output.Write("\\b"u8);
                break;
            case 9:
                output.Write("\\t"u8);
                break;
            case 10:
                output.Write("\\n"u8);
                break;
            case 12:
                output.Write("\\f"u8);
                break;
            case 13:
                output.Write("\\r"u8);
                break;
            default:
                output.Write("\\u00"u8);
                output.Write([(byte)('0' + (c >> 4)), (byte)((c & 15) < 10 ? '0' + (c & 15) : 'a' + (c & 15) - 10)]);
                break;
        }
    }
}
