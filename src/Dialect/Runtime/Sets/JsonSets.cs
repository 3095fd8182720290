using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>The members and elements of json and jsonb as rows.</summary>
internal static class JsonSets
{
    internal static void Register(FunctionRegistry registry)
    {
        foreach (var type in new[] { "json", "jsonb" })
        {
            registry.Set($"{type}_each({type})", f => new FunctionSet(f, (in call) => Members(call, type, f.Name, asText: false)));
            registry.Set($"{type}_each_text({type})", f => new FunctionSet(f, (in call) => Members(call, type, f.Name, asText: true)));
            registry.Set($"{type}_array_elements({type})", f => new FunctionSet(f, (in call) => Elements(call, type, f.Name, asText: false)));
            registry.Set($"{type}_array_elements_text({type})", f => new FunctionSet(f, (in call) => Elements(call, type, f.Name, asText: true)));
            registry.Set($"{type}_object_keys({type})", f => new FunctionSet(f, (in call) => Keys(call, type, f.Name)));
        }
    }

    private static ReadOnlySpan<byte> Json(in FunctionCall call, string type) => type == "json" ? call.Json(0) : call.Bytes(0);

    private static TypeException Wrong(string message) => new(SqlState.InvalidParameterValue, message);

    private static RowList Members(in FunctionCall call, string type, string function, bool asText)
    {
        var scanner = new JsonScanner(Json(call, type));
        if (scanner.Kind != JsonKind.Object)
        {
            throw Wrong(type == "jsonb" ? $"cannot call {function} on a non-object"
                : scanner.Kind == JsonKind.Array ? "cannot deconstruct an array as an object" : "cannot deconstruct a scalar");
        }

        var rows = new List<StoredValue?[]>();
        while (scanner.Read())
        {
            rows.Add([RowList.Text(JsonScanner.Unquote(scanner.Key)), asText ? AsText(scanner.Value) : RowList.Text(scanner.Value)]);
        }

        return new RowList(rows);
    }

    private static RowList Elements(in FunctionCall call, string type, string function, bool asText)
    {
        var scanner = new JsonScanner(Json(call, type));
        if (scanner.Kind != JsonKind.Array)
        {
            var isObject = scanner.Kind == JsonKind.Object;
            throw Wrong(type == "jsonb" ? $"cannot extract elements from {(isObject ? "an object" : "a scalar")}"
                : $"cannot call {function} on a {(isObject ? "non-array" : "scalar")}");
        }

        var rows = new List<StoredValue?[]>();
        while (scanner.Read())
        {
            rows.Add([asText ? AsText(scanner.Value) : RowList.Text(scanner.Value)]);
        }

        return new RowList(rows);
    }

    private static RowList Keys(in FunctionCall call, string type, string function)
    {
        var scanner = new JsonScanner(Json(call, type));
        if (scanner.Kind != JsonKind.Object)
        {
            throw Wrong($"cannot call {function} on {(scanner.Kind == JsonKind.Array ? "an array" : "a scalar")}");
        }

        var rows = new List<StoredValue?[]>();
        while (scanner.Read())
        {
            rows.Add([RowList.Text(JsonScanner.Unquote(scanner.Key))]);
        }

        return new RowList(rows);
    }

    private static StoredValue? AsText(ReadOnlySpan<byte> json) => JsonScanner.KindOf(json) switch
    {
        JsonKind.Null => null,
        JsonKind.String => RowList.Text(JsonScanner.Unquote(json)),
        _ => RowList.Text(json),
    };
}
