using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Functions that return sets in a select list.</content>
internal sealed partial class QueryLowering
{
    /// <summary>What stands for an expression that another part of the statement computes; by the node itself.</summary>
    private Dictionary<BoundExpression, string>? _replaced;

    /// <summary>
    /// The functions become relations behind FROM: each row is joined with the rows of the sets. Several functions of one level run side by side
    /// until the longest ends, as PostgreSQL's ProjectSet does; a function whose arguments hold another one runs for each row of that.
    /// </summary>
    private void WriteWithTargetSets(BoundQuery query, IReadOnlyList<TargetEntry> outputs, string? marker)
    {
        var levels = SetLevels(query);
        var replaced = new Dictionary<BoundExpression, string>(ReferenceEqualityComparer.Instance);
        var outer = _replaced;
        var staged = query.HasAggregates || query.HasWindows || query.GroupBy.Count > 0 || query.Having is not null;
        var inner = staged ? NextAlias() : "";
        var below = new List<BoundExpression>();
        if (staged)
        {
            CollectBelowSets(query, below);
            for (var i = 0; i < below.Count; i++)
            {
                replaced[below[i]] = $"{inner}.b{i + 1}";
            }
        }

        var aliases = levels.ConvertAll(_ => NextAlias());
        for (var level = 0; level < levels.Count; level++)
        {
            for (var i = 0; i < levels[level].Count; i++)
            {
                var single = levels[level].Count == 1 ? SetOf(levels[level][i]) : null;
                replaced[levels[level][i]] = single is not null
                    ? $"{aliases[level]}.{SqlText.Quoted(single.Table.Columns[0].Name)}"
                    : $"{aliases[level]}.v{i + 1}";
            }
        }

        void WriteSets(bool follows)
        {
            var saved = _replaced;
            _replaced = replaced;
            for (var level = 0; level < levels.Count; level++)
            {
                _sql.Add(follows ? " CROSS JOIN " : " FROM ");
                follows = true;
                WriteSetsOfLevel(levels[level]);
                _sql.Add(" AS ").Add(aliases[level]);
            }

            _replaced = saved;
        }

        if (!staged)
        {
            WriteCore(
                query,
                () =>
                {
                    _replaced = replaced;
                    WriteTargets(query, outputs, marker);
                    _replaced = outer;
                },
                WriteSets);
        }
        else
        {
            _sql.Add(query.Distinct.Count > 0 && !query.DistinctOn ? "SELECT DISTINCT " : "SELECT ");
            _replaced = replaced;
            WriteTargets(query, outputs, marker);
            _replaced = outer;
            _sql.Add(" FROM (");
            WriteCore(query with { Distinct = [] }, () => WriteBelow(below), null);
            _sql.Add(") AS ").Add(inner);
            WriteSets(follows: true);
        }

        // ORDER BY may name what the sets compute.
        _replaced = replaced;
    }

    private void WriteBelow(List<BoundExpression> below)
    {
        for (var i = 0; i < below.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            WriteRoot(below[i]);
            _sql.Add($" AS b{i + 1}");
        }

        _sql.Add(below.Count == 0 ? "1" : "");
    }

    private void WriteSetsOfLevel(List<FuncExpr> calls)
    {
        if (calls.Count == 1 && SetOf(calls[0]) is { } set)
        {
            WriteSetCall(set, calls[0]);
            return;
        }

        _sql.Add("pg_rows(");
        for (var i = 0; i < calls.Count; i++)
        {
            _sql.Add(i > 0 ? ", 1, " : "1, ");
            WritePackedSet(calls[i], 1);
        }

        _sql.Add(")");
    }

    /// <summary>The rows of a function as one packed value.</summary>
    private void WritePackedSet(FuncExpr call, int columns)
    {
        var set = SetOf(call) ?? throw Refused(call.Function, call.Location);
        var alias = NextAlias();
        _sql.Add("(SELECT pg_pack(");
        for (var i = 0; i < columns; i++)
        {
            _sql.Add(i > 0 ? ", " : "").Add($"{alias}.{SqlText.Quoted(set.Table.Columns[i].Name)}");
        }

        _sql.Add(") FROM ");
        WriteSetCall(set, call);
        _sql.Add(" AS ").Add(alias).Add(")");
    }

    private void WriteSetCall(RuntimeSet set, FuncExpr call)
    {
        _sql.Name(set.Table.Name).Add("(");
        WriteArguments(call.Function, call.Arguments, call.Variadic, carriesTypes: true);
        _sql.Add(")");
    }

    /// <summary>The set-returning calls of the select list, innermost first.</summary>
    private static List<List<FuncExpr>> SetLevels(BoundQuery query)
    {
        var levels = new List<List<FuncExpr>>();
        foreach (var target in query.Targets)
        {
            _ = LevelOf(target.Value, levels);
        }

        return levels;
    }

    private static int LevelOf(BoundExpression expression, List<List<FuncExpr>> levels)
    {
        var level = 0;
        if (!Trees.ReturnsSet(expression))
        {
            return level;
        }

        foreach (var child in Trees.Children(expression))
        {
            level = Math.Max(level, LevelOf(child, levels));
        }

        if (expression is FuncExpr { ReturnsSet: true } call)
        {
            while (levels.Count <= level)
            {
                levels.Add([]);
            }

            levels[level].Add(call);
            level++;
        }

        return level;
    }

    /// <summary>The largest parts of the select list without sets, which the query below the sets computes.</summary>
    private static void CollectBelowSets(BoundQuery query, List<BoundExpression> below)
    {
        var open = new Stack<BoundExpression>(query.Targets.Select(target => target.Value).Reverse());
        while (open.TryPop(out var expression))
        {
            if (!Trees.ReturnsSet(expression))
            {
                if (expression is not (Const or Param or CaseTestExpr))
                {
                    below.Add(expression);
                }

                continue;
            }

            foreach (var child in Trees.Children(expression))
            {
                open.Push(child);
            }
        }
    }
}
