using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Members and elements of json and jsonb, by key, number and path. Both are text, so nothing is built to look into them.</summary>
internal static class JsonAccess
{
    private delegate bool Finder(ReadOnlySpan<byte> json, in FunctionCall call, out ReadOnlySpan<byte> value);

    internal static void Register(FunctionRegistry registry)
    {
        RegisterPair(registry, "object_field", "text", (json, in call, out value) => JsonScanner.TryMember(json, call.Bytes(1), out value));
        RegisterPair(
            registry, "array_element", "integer", (json, in call, out value) => JsonScanner.TryElement(json, call.Int32(1), out value), TryBinaryElement);
        RegisterPair(registry, "extract_path", "text[]", (json, in call, out value) => TryPath(json, call.Texts(1).Elements, out value));

        registry.Call("json_typeof(json)", (in call) => call.ReturnText(NameOf(JsonScanner.KindOf(call.Bytes(0)))));
        registry.Call("jsonb_typeof(jsonb)", (in call) => call.ReturnText(NameOf(JsonScanner.KindOf(call.Bytes(0)))));
        registry.Call("json_array_length(json)", (in call) => call.Return((long)ArrayLength(call.Bytes(0))));
        registry.Call("jsonb_array_length(jsonb)", (in call) => call.Return((long)ArrayLength(call.Bytes(0))));
    }

    /// <summary>Follows a path: keys of objects, numbers of elements. A path with a NULL leads nowhere.</summary>
    internal static bool TryPath(ReadOnlySpan<byte> json, byte[]?[] path, out ReadOnlySpan<byte> value)
    {
        value = json.Trim(" \t\r\n"u8);
        if (Array.IndexOf(path, null) >= 0)
        {
            return false;
        }

        foreach (var step in path)
        {
            var found = JsonScanner.KindOf(value) switch
            {
                JsonKind.Object => JsonScanner.TryMember(value, step, out value),
                JsonKind.Array => JsonPathSetter.TryIndex(step, out var index) && JsonScanner.TryElement(value, index, out value),
                _ => false,
            };
            if (!found)
            {
                return false;
            }
        }

        return true;
    }

    internal static string NameOf(JsonKind kind) => kind switch
    {
        JsonKind.Null => "null",
        JsonKind.String => "string",
        JsonKind.Number => "number",
        JsonKind.Array => "array",
        JsonKind.Object => "object",
        _ => "boolean",
    };

    private static bool TryBinaryElement(ReadOnlySpan<byte> json, in FunctionCall call, out ReadOnlySpan<byte> value)
    {
        // A jsonb that is a scalar is the only element of an array that nobody sees.
        if (JsonScanner.KindOf(json) is not (JsonKind.Array or JsonKind.Object) && call.Int32(1) is 0 or -1)
        {
            value = json;
            return true;
        }

        return JsonScanner.TryElement(json, call.Int32(1), out value);
    }

    /// <summary>Registers a function and its twin that answers with text, for json and jsonb.</summary>
    private static void RegisterPair(FunctionRegistry registry, string name, string argument, Finder find, Finder? other = null)
    {
        var findBinary = other ?? find;
        registry.Call($"json_{name}(json,{argument})", (in call) =>
        {
            if (find(call.Json(0), call, out var value))
            {
                call.ReturnText(value);
            }
        });
        registry.Call($"json_{name}_text(json,{argument})", (in call) =>
        {
            if (find(call.Json(0), call, out var value))
            {
                call.ReturnAsText(value);
            }
        });
        registry.Call($"jsonb_{name}(jsonb,{argument})", (in call) =>
        {
            if (findBinary(call.Bytes(0), call, out var value))
            {
                call.ReturnText(value);
            }
        });
        registry.Call($"jsonb_{name}_text(jsonb,{argument})", (in call) =>
        {
            if (findBinary(call.Bytes(0), call, out var value))
            {
                call.ReturnAsText(value);
            }
        });
    }

    private static int ArrayLength(ReadOnlySpan<byte> json) => JsonScanner.KindOf(json) switch
    {
        JsonKind.Array => JsonScanner.Count(json),
        JsonKind.Object => throw new TypeException(SqlState.InvalidParameterValue, "cannot get array length of a non-array"),
        _ => throw new TypeException(SqlState.InvalidParameterValue, "cannot get array length of a scalar"),
    };
}
