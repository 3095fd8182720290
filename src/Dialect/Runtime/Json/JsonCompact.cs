using System.Buffers;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>json_strip_nulls: json without blanks and without members that are null.</summary>
internal static class JsonCompact
{
    public static void WriteWithoutNulls(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        var scanner = new JsonScanner(json);
        switch (scanner.Kind)
        {
            case JsonKind.Object or JsonKind.Array:
                WriteContainer(scanner, output);
                break;
            case JsonKind.String:
                JsonText.WriteString(JsonScanner.Unquote(json), output);
                break;
            default:
                output.Write(json.Trim(" \t\r\n"u8));
                break;
        }
    }

    // JSON is at most so deep that this may call itself.
    private static void WriteContainer(JsonScanner scanner, IBufferWriter<byte> output)
    {
        var isObject = scanner.Kind == JsonKind.Object;
        var first = true;
        output.Write(isObject ? "{"u8 : "["u8);
        while (scanner.Read())
        {
            if (isObject && JsonScanner.KindOf(scanner.Value) == JsonKind.Null)
            {
                continue;
            }

            output.Write(first ? default : ","u8);
            first = false;
            if (isObject)
            {
                JsonText.WriteString(JsonScanner.Unquote(scanner.Key), output);
                output.Write(":"u8);
            }

            WriteWithoutNulls(scanner.Value, output);
        }

        output.Write(isObject ? "}"u8 : "]"u8);
    }
}
