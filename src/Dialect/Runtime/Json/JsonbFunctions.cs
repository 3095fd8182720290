using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>jsonb's operators and the functions that change it.</summary>
internal static class JsonbFunctions
{
    private const string NullTreatments = "\"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"";

    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("jsonb_contains(jsonb,jsonb)", (in call) =>
            call.Return(JsonContainment.Contains(call.Jsonb(0), call.SteadyJsonb(1))));
        registry.Call("jsonb_contained(jsonb,jsonb)", (in call) =>
            call.Return(JsonContainment.Contains(call.SteadyJsonb(1), call.Jsonb(0))));
        registry.Call("jsonb_exists(jsonb,text)", (in call) => call.Return(JsonContainment.Exists(call.Jsonb(0), call.Bytes(1))));
        registry.Call("jsonb_exists_any(jsonb,text[])", (in call) =>
        {
            var node = call.Jsonb(0);
            call.Return(Array.Exists(call.Texts(1).Elements, key => key is not null && JsonContainment.Exists(node, key)));
        });
        registry.Call("jsonb_exists_all(jsonb,text[])", (in call) =>
        {
            var node = call.Jsonb(0);
            call.Return(Array.TrueForAll(call.Texts(1).Elements, key => key is null || JsonContainment.Exists(node, key)));
        });

        registry.Call("jsonb_concat(jsonb,jsonb)", (in call) => call.Return(JsonChanges.Concatenate(call.Jsonb(0), call.Jsonb(1))));
        registry.Call("jsonb_delete(jsonb,text)", (in call) => call.Return(JsonChanges.Remove(call.Jsonb(0), call.Bytes(1).ToArray())));
        registry.Call("jsonb_delete(jsonb,integer)", (in call) => call.Return(JsonChanges.RemoveAt(call.Jsonb(0), call.Int32(1))));
        registry.Call("jsonb_delete(jsonb,text[])", (in call) =>
        {
            var keys = call.Path(1);
            var node = call.Jsonb(0);
            if (node.IsScalar)
            {
                throw new TypeException(SqlState.InvalidParameterValue, "cannot delete from scalar");
            }

            foreach (var key in keys)
            {
                node = key is null ? node : JsonChanges.Remove(node, key);
            }

            call.Return(node);
        });
        registry.Call("jsonb_delete_path(jsonb,text[])", (in call) =>
        {
            var path = call.Path(1);
            Change(call, path, null, JsonPathChange.Delete, "cannot delete path in scalar");
        });
        registry.Call("jsonb_set(jsonb,text[],jsonb,boolean)", (in call) => SetPath(call, call.Jsonb(2)));
        registry.Call("jsonb_insert(jsonb,text[],jsonb,boolean)", (in call) => Change(
            call, call.Path(1), call.Jsonb(2), call.Boolean(3) ? JsonPathChange.InsertAfter : JsonPathChange.InsertBefore,
            "cannot set path in scalar"));
        registry.Call("jsonb_set_lax(jsonb,text[],jsonb,boolean,text)", SetLax);
        registry.Call("jsonb_strip_nulls(jsonb)", (in call) => call.Return(JsonChanges.StripNulls(call.Jsonb(0))));
        registry.Call("json_strip_nulls(json)", (in call) =>
        {
            var output = Arguments.TakeBuffer();
            JsonCompact.WriteWithoutNulls(call.Json(0), output);
            call.ReturnWritten(output);
        });
        registry.Call("jsonb_pretty(jsonb)", (in call) =>
        {
            var output = new ArrayBufferWriter<byte>();
            ResultSize.Require(JsonPretty.TryWrite(call.Jsonb(0), output, ResultSize.Max) ? 0 : long.MaxValue);
            call.ReturnText(output.WrittenSpan);
        });

        RegisterCasts(registry);
    }

    private static void RegisterCasts(FunctionRegistry registry)
    {
        registry.Call("bool(jsonb)", (in call) => call.Return(Scalar(call, "boolean", JsonKind.True).Kind == JsonKind.True));
        registry.Call("numeric(jsonb)", (in call) => call.Return(Scalar(call, "numeric", JsonKind.Number).Number));
        registry.Call("int2(jsonb)", (in call) => call.Return((long)Scalar(call, "smallint", JsonKind.Number).Number.ToInt2()));
        registry.Call("int4(jsonb)", (in call) => call.Return((long)Scalar(call, "integer", JsonKind.Number).Number.ToInt4()));
        registry.Call("int8(jsonb)", (in call) => call.Return(Scalar(call, "bigint", JsonKind.Number).Number.ToInt8()));
        registry.Call("float4(jsonb)", (in call) =>
            call.ReturnFloat8(Floats.ToStored(Scalar(call, "real", JsonKind.Number).Number.ToFloat4())));
        registry.Call("float8(jsonb)", (in call) => call.ReturnFloat8(Scalar(call, "double precision", JsonKind.Number).Number.ToFloat8()));
    }

    private static JsonNode Scalar(in FunctionCall call, string type, JsonKind wanted)
    {
        var node = call.Jsonb(0);
        var fits = node.Kind == wanted || (wanted == JsonKind.True && node.Kind == JsonKind.False);
        var name = node.Kind == JsonKind.Number ? "numeric" : JsonAccess.NameOf(node.Kind);
        return fits ? node : throw new TypeException(SqlState.InvalidParameterValue, $"cannot cast jsonb {name} to type {type}");
    }

    private static void SetPath(in FunctionCall call, JsonNode value) => Change(
        call, call.Path(1), value, call.Boolean(3) ? JsonPathChange.Create : JsonPathChange.Replace, "cannot set path in scalar");

    private static void Change(in FunctionCall call, byte[]?[] path, JsonNode? value, JsonPathChange change, string scalarMessage)
    {
        var root = call.Jsonb(0);
        if (root.IsScalar)
        {
            throw new TypeException(SqlState.InvalidParameterValue, scalarMessage);
        }

        // An empty container has nothing to replace or remove, whatever the path.
        var empty = root.Items.Count + root.Members.Count == 0 && change is JsonPathChange.Replace or JsonPathChange.Delete;
        call.Return(path.Length == 0 || empty ? root : new JsonPathSetter(path, value, change).Apply(root));
    }

    private static void SetLax(in FunctionCall call)
    {
        if (call.IsNull(0) || call.IsNull(1) || call.IsNull(3))
        {
            return;
        }

        if (call.IsNull(4))
        {
            throw new TypeException(SqlState.InvalidParameterValue, $"null_value_treatment must be {NullTreatments}");
        }

        if (!call.IsNull(2))
        {
            SetPath(call, call.Jsonb(2));
            return;
        }

        switch (call.String(4))
        {
            case "raise_exception":
                throw new TypeException(
                    SqlState.NullValueNotAllowed, "JSON value must not be null",
                    "Exception was raised because null_value_treatment is \"raise_exception\".",
                    "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.");
            case "use_json_null":
                SetPath(call, JsonNode.Null);
                break;
            case "delete_key":
                Change(call, call.Path(1), null, JsonPathChange.Delete, "cannot delete path in scalar");
                break;
            case "return_target":
                call.ReturnArgument(0);
                break;
            default:
                throw new TypeException(SqlState.InvalidParameterValue, $"null_value_treatment must be {NullTreatments}");
        }
    }
}
