using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>Puts the arguments of functions that the session carries out in the place of their calls in a select list.</summary>
internal static class ResultCallExtraction
{
    // They do not tell what calls beside them have done.
    private static readonly HashSet<string> s_unaffected = new(StringComparer.Ordinal)
    {
        "now", "transaction_timestamp", "statement_timestamp", "random", "gen_random_uuid", "pg_backend_pid", "version",
    };

    public static DialectException Refuse(PgFunction function, string where, int position) => new(
        SqlState.FeatureNotSupported, $"function {function.Signature} {where} is not supported", position,
        "It can be a column of a SELECT by itself, or all that stands in FROM.");

    /// <returns>The query as SQLite carries it out; without calls the same one.</returns>
    /// <exception cref="DialectException">0A000: what the calls do would show in the query, or what the query does in the calls.</exception>
    public static (BoundQuery Query, ResultCalls? Calls) Extract(BoundQuery query, LoweringContext context)
    {
        if (query.Kind != QueryKind.Select || query.SetOperations is not null)
        {
            return (query, null);
        }

        if (CallInFrom(query) is { } only)
        {
            return ExtractFrom(query, only, context);
        }

        var first = IndexOf(query);
        return first < 0 ? (query, null) : ExtractTargets(query, first, context);
    }

    private static int IndexOf(BoundQuery query)
    {
        for (var i = 0; i < query.Targets.Count; i++)
        {
            if (!query.Targets[i].Junk && CallOf(query.Targets[i].Value) is not null)
            {
                return i;
            }
        }

        return -1;
    }

    private static FuncExpr? CallOf(BoundExpression value) =>
        value is FuncExpr call && Implementations.Find(call.Function.Oid) is ResultFunction ? call : null;

    /// <summary>A setting that is asked for by itself, which the session tells when its turn comes.</summary>
    private static FuncExpr? SettingOf(BoundExpression value, bool setsSettings) =>
        setsSettings && value is FuncExpr { Function.Name: "current_setting" } call ? call : null;

    private static NodeList<BoundExpression> PartsOf(BoundExpression value, bool setsSettings) =>
        SettingOf(value, setsSettings) is { } call ? call.Arguments : [value];

    private static (BoundQuery Query, ResultCalls Calls) ExtractTargets(BoundQuery query, int first, LoweringContext context)
    {
        var call = CallOf(query.Targets[first].Value)!;
        var setsSettings = query.Targets.Any(target => CallOf(target.Value) is { Function.Name: "set_config" });
        if (query.Distinct.Count > 0 || query.CommonTables.Any(table => table.Query.Kind != QueryKind.Select))
        {
            throw Refuse(call.Function, query.Distinct.Count > 0 ? "in SELECT DISTINCT" : "in a statement that writes", context.Position(call.Location));
        }

        // In a query of one row, what stands before the first call is evaluated before it, in PostgreSQL too.
        var single = query.Relations.Count == 0 && !query.HasTargetSets;
        if (single
            ? query.Targets.Skip(first + 1).Any(target => PartsOf(target.Value, setsSettings).Any(part => Trees.Any(part, (e, _) => Sees(e, setsSettings))))
            : Trees.Any(query, (e, _) => Sees(e, setsSettings)))
        {
            throw Refuse(
                call.Function, "beside expressions that ask for the session, the clock or what other functions have done",
                context.Position(call.Location));
        }

        var targets = new List<TargetEntry>();
        var junk = new List<TargetEntry>();
        var calls = new List<ResultCall>();
        var columns = new List<int>();
        for (var i = 0; i < query.Targets.Count; i++)
        {
            var target = query.Targets[i];
            if (target.Junk)
            {
                junk.Add(target);
            }
            else if ((CallOf(target.Value) ?? (single && i > first ? SettingOf(target.Value, setsSettings) : null)) is not { } own)
            {
                columns.Add(targets.Count);
                targets.Add(target);
            }
            else if (target.SortReference != 0)
            {
                throw Refuse(own.Function, "in ORDER BY or GROUP BY", context.Position(own.Location));
            }
            else
            {
                columns.Add(~calls.Count);
                Add(own, targets, calls);
            }
        }

        return (query with { Targets = [.. Numbered(targets), .. Numbered(junk, targets.Count)] }, new ResultCalls(calls, columns));
    }

    /// <summary>The call that is all of FROM, in a query that is as simple as that.</summary>
    private static FuncExpr? CallInFrom(BoundQuery query) => query.Where is null && query.Having is null && query.GroupBy.Count == 0
        && query is { HasWindows: false, HasAggregates: false, HasTargetSets: false, Locking.Count: 0, CommonTables.Count: 0, From: [FromRelation] }
        && query.Relations is [FunctionEntry { Ordinality: false, Functions: [{ Definition: false, Call: var function }] }] ? CallOf(function) : null;

    private static (BoundQuery Query, ResultCalls Calls) ExtractFrom(BoundQuery query, FuncExpr call, LoweringContext context)
    {
        var setsSettings = call.Function.Name == "set_config";
        var targets = new List<TargetEntry>();
        var columns = new List<int>();
        foreach (var target in query.Targets.Where(target => !target.Junk))
        {
            if (target.Value is Var { LevelsUp: 0, Attribute: 1 })
            {
                columns.Add(~0);
                continue;
            }

            if (Trees.Any(target.Value, (e, level) => (e is Var v && v.LevelsUp == level) || Sees(e, setsSettings)))
            {
                throw Refuse(call.Function, "with such a select list", context.Position(call.Location));
            }

            columns.Add(targets.Count);
            targets.Add(target with { SortReference = 0 });
        }

        // There is one row, whatever it is ordered by.
        var calls = new List<ResultCall>();
        Add(call, targets, calls);
        return (
            query with { Relations = [], From = [], OrderBy = [], Distinct = [], DistinctOn = false, Targets = [.. Numbered(targets)] },
            new ResultCalls(calls, columns));
    }

    private static void Add(FuncExpr call, List<TargetEntry> targets, List<ResultCall> calls)
    {
        calls.Add(new ResultCall(call.Function.Name, call.Function.Strict, targets.Count, call.Arguments.Count));
        targets.AddRange(call.Arguments.Select(argument => new TargetEntry(argument, 0, null)));
    }

    private static IEnumerable<TargetEntry> Numbered(IEnumerable<TargetEntry> targets, int from = 0) =>
        targets.Select((target, i) => target with { Number = (short)(from + i + 1) });

    /// <summary>The value of an expression may be another one after a call.</summary>
    /// <param name="setsSettings">The calls change settings.</param>
    private static bool Sees(BoundExpression expression, bool setsSettings) => expression switch
    {
        SqlValueExpr => setsSettings,
        CoerceViaIOExpr c => setsSettings && (QueryLowering.DependsOnSession(c.Type.Oid) || QueryLowering.DependsOnSession(c.Argument.Type.Oid)),
        FuncExpr f when CallOf(f) is null => Sees(f.Function, setsSettings),
        OpExpr o when Builtins.FindFunction(o.Operator.Code) is { } function => Sees(function, setsSettings),
        _ => false,
    };

    private static bool Sees(PgFunction function, bool setsSettings) => !s_unaffected.Contains(function.Name)
        && (function.Volatility == Volatility.Volatile || (setsSettings && function.Volatility == Volatility.Stable));
}
