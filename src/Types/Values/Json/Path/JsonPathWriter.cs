using System.Buffers;
using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Types.Values;

/// <summary>Writes a jsonpath as PostgreSQL prints it, with all names quoted and the parentheses that its priorities ask for.</summary>
internal static class JsonPathWriter
{
    public static void Write(JsonPath path, IBufferWriter<byte> output)
    {
        output.Write(path.Lax ? default : "strict "u8);
        Write(path.Root, output, inKey: false, brackets: true);
    }

    private static int PriorityOf(JsonPathKind kind) => kind switch
    {
        JsonPathKind.Or => 0,
        JsonPathKind.And => 1,
        (>= JsonPathKind.Equal and <= JsonPathKind.GreaterOrEqual) or JsonPathKind.StartsWith => 2,
        JsonPathKind.Add or JsonPathKind.Subtract => 3,
        JsonPathKind.Multiply or JsonPathKind.Divide or JsonPathKind.Modulo => 4,
        JsonPathKind.Plus or JsonPathKind.Minus => 5,
        _ => 6,
    };

    private static void Write(JsonPathItem? item, IBufferWriter<byte> output, bool inKey, bool brackets)
    {
        for (; item is not null; item = item.Next)
        {
            WriteOne(item, output, inKey, brackets);
            (inKey, brackets) = (true, true);
        }
    }

    private static void WriteOne(JsonPathItem item, IBufferWriter<byte> output, bool inKey, bool brackets)
    {
        switch (item.Kind)
        {
            case JsonPathKind.Null:
                output.Write("null"u8);
                break;
            case JsonPathKind.True:
                output.Write("true"u8);
                break;
            case JsonPathKind.False:
                output.Write("false"u8);
                break;
            case JsonPathKind.String:
                JsonText.WriteString(item.Text, output);
                break;
            case JsonPathKind.Variable:
                output.Write("$"u8);
                JsonText.WriteString(item.Text, output);
                break;
            case JsonPathKind.Number:
                item.Number.WriteText(output);
                break;
            case JsonPathKind.Key:
                output.Write(inKey ? "."u8 : default);
                JsonText.WriteString(item.Text, output);
                break;
            case JsonPathKind.Current:
                output.Write("@"u8);
                break;
            case JsonPathKind.Root:
                output.Write("$"u8);
                break;
            case JsonPathKind.Last:
                output.Write("last"u8);
                break;
            case JsonPathKind.AnyArray:
                output.Write("[*]"u8);
                break;
            case JsonPathKind.AnyKey:
                output.Write(inKey ? ".*"u8 : "*"u8);
                break;
            case JsonPathKind.Any:
                WriteText(Levels(item, inKey), output);
                break;
            case JsonPathKind.IndexArray:
                WriteSubscripts(item, output);
                break;
            case JsonPathKind.LikeRegex:
                WriteLikeRegex(item, output, brackets);
                break;
            case JsonPathKind.Filter:
                WriteWrapped("?(", item, ")", output);
                break;
            case JsonPathKind.Not:
                WriteWrapped("!(", item, ")", output);
                break;
            case JsonPathKind.IsUnknown:
                WriteWrapped("(", item, ") is unknown", output);
                break;
            case JsonPathKind.Exists:
                WriteWrapped("exists (", item, ")", output);
                break;
            case >= JsonPathKind.Type and <= JsonPathKind.KeyValue:
                WriteText($".{item.Symbol}(", output);
                Write(item.Left, output, inKey: false, brackets: false);
                output.Write(")"u8);
                break;
            default:
                WriteOperation(item, output, brackets);
                break;
        }
    }

    private static void WriteText(string text, IBufferWriter<byte> output) => output.Write(Encoding.UTF8.GetBytes(text));

    private static void WriteWrapped(string open, JsonPathItem item, string close, IBufferWriter<byte> output)
    {
        WriteText(open, output);
        Write(item.Left, output, inKey: false, brackets: false);
        WriteText(close, output);
    }

    private static void WriteOperand(JsonPathItem operand, JsonPathItem operation, IBufferWriter<byte> output) =>
        Write(operand, output, inKey: false, brackets: PriorityOf(operand.Kind) <= PriorityOf(operation.Kind));

    private static void WriteOperation(JsonPathItem item, IBufferWriter<byte> output, bool brackets)
    {
        output.Write(brackets ? "("u8 : default);
        if (item.Right is null)
        {
            WriteText(item.Symbol, output);
            WriteOperand(item.Left!, item, output);
        }
        else
        {
            WriteOperand(item.Left!, item, output);
            WriteText($" {item.Symbol} ", output);
            WriteOperand(item.Right, item, output);
        }

        output.Write(brackets ? ")"u8 : default);
    }

    private static void WriteLikeRegex(JsonPathItem item, IBufferWriter<byte> output, bool brackets)
    {
        output.Write(brackets ? "("u8 : default);
        WriteOperand(item.Left!, item, output);
        output.Write(" like_regex "u8);
        JsonText.WriteString(item.Text, output);
        if (item.Flags != JsonPathRegexFlags.None)
        {
            output.Write(" flag \""u8);
            output.Write(item.Flags.HasFlag(JsonPathRegexFlags.IgnoreCase) ? "i"u8 : default);
            output.Write(item.Flags.HasFlag(JsonPathRegexFlags.DotAll) ? "s"u8 : default);
            output.Write(item.Flags.HasFlag(JsonPathRegexFlags.MultiLine) ? "m"u8 : default);
            output.Write(item.Flags.HasFlag(JsonPathRegexFlags.Expanded) ? "x"u8 : default);
            output.Write(item.Flags.HasFlag(JsonPathRegexFlags.Quote) ? "q"u8 : default);
            output.Write("\""u8);
        }

        output.Write(brackets ? ")"u8 : default);
    }

    private static void WriteSubscripts(JsonPathItem item, IBufferWriter<byte> output)
    {
        output.Write("["u8);
        for (var i = 0; i < item.Subscripts.Count; i++)
        {
            output.Write(i == 0 ? default : ","u8);
            Write(item.Subscripts[i].From, output, inKey: false, brackets: false);
            if (item.Subscripts[i].To is { } to)
            {
                output.Write(" to "u8);
                Write(to, output, inKey: false, brackets: false);
            }
        }

        output.Write("]"u8);
    }

    private static string Levels(JsonPathItem item, bool inKey)
    {
        var dot = inKey ? "." : "";
        return (item.First, item.Last) switch
        {
            (0, JsonPathItem.LastLevel) => $"{dot}**",
            (JsonPathItem.LastLevel, JsonPathItem.LastLevel) => $"{dot}**{{last}}",
            var (first, last) when first == last => string.Create(CultureInfo.InvariantCulture, $"{dot}**{{{first}}}"),
            (JsonPathItem.LastLevel, var last) => string.Create(CultureInfo.InvariantCulture, $"{dot}**{{last to {last}}}"),
            (var first, JsonPathItem.LastLevel) => string.Create(CultureInfo.InvariantCulture, $"{dot}**{{{first} to last}}"),
            var (first, last) => string.Create(CultureInfo.InvariantCulture, $"{dot}**{{{first} to {last}}}"),
        };
    }
}
