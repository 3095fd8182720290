using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Functions that make json and jsonb of other values.</summary>
internal static class JsonBuilders
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("to_json(anyelement)", (in call) =>
        {
            var output = new ArrayBufferWriter<byte>();
            JsonValues.Write(call.Value(0), call.Types()[0], call.Context(), output);
            call.ReturnText(output.WrittenSpan);
        });
        registry.Call("to_jsonb(anyelement)", (in call) => call.Return(JsonValues.ToNode(call.Value(0), call.Types()[0], call.Context())));
        registry.Call("array_to_json(anyarray)", (in call) => ArrayToJson(call, pretty: false));
        registry.Call("array_to_json(anyarray,boolean)", (in call) => ArrayToJson(call, call.Boolean(1)));

        registry.Call("json_build_array(\"any\")", BuildArray);
        registry.Call("json_build_array()", BuildArray);
        registry.Call("json_build_object(\"any\")", BuildObject);
        registry.Call("json_build_object()", BuildObject);
        registry.Call("jsonb_build_array(\"any\")", BuildArrayB);
        registry.Call("jsonb_build_array()", BuildArrayB);
        registry.Call("jsonb_build_object(\"any\")", BuildObjectB);
        registry.Call("jsonb_build_object()", BuildObjectB);

        registry.Call("json_object(text[])", (in call) => ReturnObject(call, Pairs(call.Texts(0))));
        registry.Call("json_object(text[],text[])", (in call) => ReturnObject(call, Pairs(call.Texts(0), call.Texts(1))));
        registry.Call("jsonb_object(text[])", (in call) => ReturnObjectB(call, Pairs(call.Texts(0))));
        registry.Call("jsonb_object(text[],text[])", (in call) => ReturnObjectB(call, Pairs(call.Texts(0), call.Texts(1))));
    }

    private static void ArrayToJson(in FunctionCall call, bool pretty)
    {
        var output = new ArrayBufferWriter<byte>();
        JsonValues.WriteArray(call.Value(0), call.Types()[0], call.Context(), output, pretty);
        call.ReturnWritten(output);
    }

    private static void BuildArray(in FunctionCall call)
    {
        var values = new AnyArguments(call);
        if (values.IsNull)
        {
            return;
        }

        var output = new ArrayBufferWriter<byte>();
        var context = call.Context();
        output.Write("["u8);
        for (var i = 0; i < values.Count; i++)
        {
            output.Write(i == 0 ? default : ", "u8);
            JsonValues.Write(values[i], values.TypeOf(i), context, output);
        }

        output.Write("]"u8);
        call.ReturnWritten(output);
    }

    private static void BuildObject(in FunctionCall call)
    {
        var values = new AnyArguments(call);
        if (values.IsNull)
        {
            return;
        }

        RequirePairs(values.Count, "json_build_object()");
        var output = new ArrayBufferWriter<byte>();
        var context = call.Context();
        output.Write("{"u8);
        for (var i = 0; i < values.Count; i += 2)
        {
            if (values[i].Class == StorageClass.Null)
            {
                throw new TypeException(
                    SqlState.InvalidParameterValue, $"argument {i + 1} cannot be null", hint: "Object keys should be text.");
            }

            output.Write(i == 0 ? default : ", "u8);
            JsonValues.WriteKey(values[i], values.TypeOf(i), context, output);
            output.Write(" : "u8);
            JsonValues.Write(values[i + 1], values.TypeOf(i + 1), context, output);
        }

        output.Write("}"u8);
        call.ReturnWritten(output);
    }

    private static void BuildArrayB(in FunctionCall call)
    {
        var values = new AnyArguments(call);
        if (values.IsNull)
        {
            return;
        }

        var items = new List<JsonNode>(values.Count);
        for (var i = 0; i < values.Count; i++)
        {
            items.Add(JsonValues.ToNode(values[i], values.TypeOf(i), call.Context()));
        }

        call.Return(JsonNode.FromItems(items));
    }

    private static void BuildObjectB(in FunctionCall call)
    {
        var values = new AnyArguments(call);
        if (values.IsNull)
        {
            return;
        }

        RequirePairs(values.Count, "jsonb_build_object()");
        var members = new List<(ReadOnlyMemory<byte>, JsonNode)>(values.Count / 2);
        for (var i = 0; i < values.Count; i += 2)
        {
            if (values[i].Class == StorageClass.Null)
            {
                throw new TypeException(SqlState.InvalidParameterValue, $"argument {i + 1}: key must not be null");
            }

            var key = JsonValues.ToKey(values[i], values.TypeOf(i), call.Context());
            members.Add((key, JsonValues.ToNode(values[i + 1], values.TypeOf(i + 1), call.Context())));
        }

        call.Return(JsonNode.FromMembers(members));
    }

    private static void RequirePairs(int count, string function)
    {
        if (count % 2 != 0)
        {
            throw new TypeException(
                SqlState.InvalidParameterValue, "argument list must have even number of elements",
                hint: $"The arguments of {function} must consist of alternating keys and values.");
        }
    }

    /// <summary>The keys and values of one array: in turn, or in rows of two.</summary>
    private static List<(byte[] Key, byte[]? Value)> Pairs((int[] Dimensions, byte[]?[] Elements) array)
    {
        switch (array.Dimensions.Length)
        {
            case 0 or 1 when array.Elements.Length % 2 != 0:
                throw new TypeException(SqlState.ArrayElementError, "array must have even number of elements");
            case 2 when array.Dimensions[1] != 2:
                throw new TypeException(SqlState.ArrayElementError, "array must have two columns");
            case > 2:
                throw WrongSubscripts();
        }

        var pairs = new List<(byte[], byte[]?)>(array.Elements.Length / 2);
        for (var i = 0; i < array.Elements.Length; i += 2)
        {
            pairs.Add((array.Elements[i] ?? throw NullKey(), array.Elements[i + 1]));
        }

        return pairs;
    }

    private static List<(byte[] Key, byte[]? Value)> Pairs(
        (int[] Dimensions, byte[]?[] Elements) keys, (int[] Dimensions, byte[]?[] Elements) values)
    {
        if (keys.Dimensions.Length > 1 || keys.Dimensions.Length != values.Dimensions.Length)
        {
            throw WrongSubscripts();
        }

        return keys.Elements.Length != values.Elements.Length
            ? throw new TypeException(SqlState.ArrayElementError, "mismatched array dimensions")
            : [.. keys.Elements.Zip(values.Elements, (key, value) => (key ?? throw NullKey(), value))];
    }

    private static TypeException WrongSubscripts() => new(SqlState.ArrayElementError, "wrong number of array subscripts");

    private static TypeException NullKey() => new(SqlState.NullValueNotAllowed, "null value not allowed for object key");

    private static void ReturnObject(in FunctionCall call, List<(byte[] Key, byte[]? Value)> pairs)
    {
        var output = Arguments.TakeBuffer();
        output.Write("{"u8);
        var first = true;
        foreach (var (key, value) in pairs)
        {
            output.Write(first ? default : ", "u8);
            first = false;
            JsonText.WriteString(key, output);
            output.Write(" : "u8);
            if (value is null)
            {
                output.Write("null"u8);
            }
            else
            {
                JsonText.WriteString(value, output);
            }
        }

        output.Write("}"u8);
        call.ReturnWritten(output);
    }

    private static void ReturnObjectB(in FunctionCall call, List<(byte[] Key, byte[]? Value)> pairs) => call.Return(JsonNode.FromMembers(
        [.. pairs.Select(pair => ((ReadOnlyMemory<byte>)pair.Key, pair.Value is null ? JsonNode.Null : JsonNode.FromText(pair.Value)))]));
}
