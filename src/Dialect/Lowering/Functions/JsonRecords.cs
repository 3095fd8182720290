using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>Checks that JSON values have the form that json_to_record and its kin take rows from.</summary>
internal static class JsonRecords
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Helper("pg_json_object", 2, RequireObject);
        registry.Helper("pg_json_objects", 2, RequireObjects);
    }

    /// <summary>The function's name and a value, which is the answer if it is an object.</summary>
    private static void RequireObject(in FunctionCall call)
    {
        var kind = JsonParser.Parse(call.Bytes(1)).Kind;
        if (kind != JsonKind.Object)
        {
            throw Error($"cannot call populate_composite on {(kind == JsonKind.Array ? "an array" : "a scalar")}");
        }

        call.ReturnArgument(1);
    }

    /// <summary>The function's name and a value, which is the answer if it is an array of objects.</summary>
    private static void RequireObjects(in FunctionCall call)
    {
        var (name, node) = (call.String(0), JsonParser.Parse(call.Bytes(1)));
        if (node.Kind != JsonKind.Array)
        {
            throw Error($"cannot call {name} on "
                + (name.StartsWith("jsonb", StringComparison.Ordinal) ? "a non-array" : node.Kind == JsonKind.Object ? "an object" : "a scalar"));
        }

        if (node.Items.Any(item => item.Kind != JsonKind.Object))
        {
            throw Error($"argument of {name} must be an array of objects");
        }

        call.ReturnArgument(1);
    }

    private static TypeException Error(string message) => new(SqlState.InvalidParameterValue, message);
}
