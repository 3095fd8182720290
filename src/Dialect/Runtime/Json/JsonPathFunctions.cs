using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>jsonb's functions and operators that take a jsonpath.</summary>
internal static class JsonPathFunctions
{
    [ThreadStatic]
    private static (byte[] Text, JsonPath Path)? t_last;

    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("jsonb_path_exists_opr(jsonb,jsonpath)", (in call) => ReturnTruth(call, Operator(call).Exists()));
        registry.Call("jsonb_path_match_opr(jsonb,jsonpath)", (in call) => Match(call, Operator(call), silent: true));
        foreach (var suffix in new[] { "", "_tz" })
        {
            var zoned = suffix.Length > 0;
            const string Arguments = "(jsonb,jsonpath,jsonb,boolean)";
            registry.Call($"jsonb_path_exists{suffix}{Arguments}", (in call) => ReturnTruth(call, Evaluator(call, zoned).Exists()));
            registry.Call($"jsonb_path_match{suffix}{Arguments}", (in call) => Match(call, Evaluator(call, zoned), call.Boolean(3)));
            registry.Call($"jsonb_path_query_array{suffix}{Arguments}", (in call) =>
                call.Return(JsonNode.FromItems([.. Evaluator(call, zoned).Query().Select(value => value.ToNode())])));
            registry.Call($"jsonb_path_query_first{suffix}{Arguments}", (in call) =>
            {
                if (Evaluator(call, zoned).Query() is [var first, ..])
                {
                    call.Return(first.ToNode());
                }
            });
            registry.Set($"jsonb_path_query{suffix}{Arguments}", f => new FunctionSet(f, (in call) => Query(Evaluator(call, zoned))));
        }
    }

    private static JsonPath PathOf(in FunctionCall call)
    {
        var text = call.Bytes(1);
        if (t_last is { } last && text.SequenceEqual(last.Text))
        {
            return last.Path;
        }

        var path = JsonPath.Parse(text);
        t_last = (text.ToArray(), path);
        return path;
    }

    private static PathEvaluator Operator(in FunctionCall call) => new(PathOf(call), call.Jsonb(0), null, throws: false, null);

    private static PathEvaluator Evaluator(in FunctionCall call, bool zoned)
    {
        var variables = call.SteadyJsonb(2);
        return variables.Kind == JsonKind.Object
            ? new PathEvaluator(PathOf(call), call.Jsonb(0), variables, throws: !call.Boolean(3), zoned ? call.Zone() : null)
            : throw new TypeException(
                SqlState.InvalidParameterValue, "\"vars\" argument is not an object",
                "Jsonpath parameters should be encoded as key-value pairs of \"vars\" object.");
    }

    private static void ReturnTruth(in FunctionCall call, bool? truth)
    {
        if (truth is { } value)
        {
            call.Return(value);
        }
    }

    private static void Match(in FunctionCall call, PathEvaluator evaluator, bool silent)
    {
        switch (evaluator.Query())
        {
            case [{ Kind: JsonKind.True or JsonKind.False } only]:
                call.Return(only.Kind == JsonKind.True);
                break;
            case [{ Kind: JsonKind.Null }]:
                break;
            case var _ when !silent:
                throw new TypeException(SqlState.SingletonSqlJsonItemRequired, "single boolean result is expected");
        }
    }

    private static RowList Query(PathEvaluator evaluator)
    {
        var values = evaluator.Query();
        var rows = new List<StoredValue?[]>(values.Count);
        foreach (var value in values)
        {
            var row = new StoredValue();
            JsonText.Write(value.ToNode(), row.BeginText());
            rows.Add([row]);
        }

        return new RowList(rows);
    }
}
