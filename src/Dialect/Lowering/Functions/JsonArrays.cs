using System.Buffers;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>Makes arrays of JSON arrays, as json_populate_record and its kin do.</summary>
internal static class JsonArrays
{
    public static void Register(FunctionRegistry registry) => registry.Helper("pg_json_array", 4, Convert);

    /// <summary>An array type's OID and modifier, the key that the value has, and the value as JSON.</summary>
    private static void Convert(in FunctionCall call)
    {
        var type = new PgType((uint)call.Integer(0), (int)call.Integer(1));
        var node = JsonParser.Parse(call.Bytes(3));
        if (node.Kind == JsonKind.Null)
        {
            return;
        }

        if (node.Kind == JsonKind.String)
        {
            var stored = Arguments.TakeStored();
            Codec.For(type.Oid).ReadText(node.Text.Span, type, new ValueContext(FormatSettings.Default, ValueContext.NoMoment), stored);
            call.Return(stored.Value);
            return;
        }

        var output = Arguments.TakeBuffer();
        new Conversion(new PgType(PgTypes.ElementOf(type.Oid), type.Modifier), call.String(2), SizesOf(node), output).Write(node, []);
        call.ReturnText(output.WrittenSpan);
    }

    /// <summary>The lengths of the dimensions, which the first elements tell.</summary>
    private static int[] SizesOf(JsonNode node)
    {
        var sizes = new List<int>();
        while (node.Kind == JsonKind.Array)
        {
            sizes.Add(node.Items.Count);
            if (node.Items.Count == 0)
            {
                break;
            }

            node = node.Items[0];
        }

        return [.. sizes];
    }

    private sealed class Conversion(PgType element, string key, int[] sizes, ArrayBufferWriter<byte> output)
    {
        private readonly Codec _codec = Codec.For(element.Oid);

        public void Write(JsonNode node, List<int> path)
        {
            if (node.Kind != JsonKind.Array)
            {
                var place = string.Concat(path.Select(index => $"[{index}]"));
                throw new TypeException(
                    SqlState.InvalidTextRepresentation, "expected JSON array",
                    hint: path.Count == 0 ? $"See the value of key \"{key}\"." : $"See the array element {place} of key \"{key}\".");
            }

            if (node.Items.Count != sizes[path.Count])
            {
                throw new TypeException(
                    SqlState.InvalidTextRepresentation, "malformed JSON array",
                    "Multidimensional arrays must have sub-arrays with matching dimensions.");
            }

            output.Write("["u8);
            for (var i = 0; i < node.Items.Count; i++)
            {
                output.Write(i > 0 ? ","u8 : default);
                if (path.Count == sizes.Length - 1)
                {
                    WriteElement(node.Items[i]);
                }
                else
                {
                    path.Add(i);
                    Write(node.Items[i], path);
                    path.RemoveAt(path.Count - 1);
                }
            }

            output.Write("]"u8);
        }

        private void WriteElement(JsonNode node)
        {
            if (node.Kind == JsonKind.Null)
            {
                output.Write("null"u8);
                return;
            }

            var text = new ArrayBufferWriter<byte>();
            if (node.Kind == JsonKind.String && element.Oid is not (PgTypes.Json or PgTypes.Jsonb))
            {
                text.Write(node.Text.Span);
            }
            else
            {
                JsonText.Write(node, text);
            }

            var stored = new StoredValue();
            _codec.ReadText(text.WrittenSpan, element, new ValueContext(FormatSettings.Default, ValueContext.NoMoment), stored);
            JsonElements.Write(stored.Value, output);
        }
    }
}
