using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Functions that return sets in a select list.</content>
internal sealed partial class QueryLowering
{
    /// <summary>The SQL that stands for an expression which another part of the statement computes; by the node itself.</summary>
    private Dictionary<BoundExpression, string>? _replaced;

    /// <summary>The columns of sets in a select list that return rows.</summary>
    private Dictionary<BoundExpression, string[]>? _replacedFields;

    /// <summary>
    /// The functions become relations behind FROM: each row is joined with the rows of the sets. Several functions of one level run side by side
    /// until the longest ends, as PostgreSQL's ProjectSet does; a function whose arguments hold another one runs for each row of that.
    /// </summary>
    private void WriteWithTargetSets(BoundQuery query, IReadOnlyList<TargetEntry> outputs, string? marker)
    {
        RefuseDraws(outputs);
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
        var fields = new Dictionary<BoundExpression, string[]>(ReferenceEqualityComparer.Instance);
        var taken = CallsInFields(query);
        for (var level = 0; level < levels.Count; level++)
        {
            NameSets(levels[level], aliases[level], taken, replaced, fields);
        }

        var outerFields = _replacedFields;

        void WriteSets(bool follows)
        {
            var saved = _replaced;
            _replaced = replaced;
            if (staged)
            {
                // The relations of FROM are within the query below.
                (Current.Anchor, Current.IsHidden) = (below.Count > 0 ? $"{inner}.b1" : null, true);
            }

            for (var level = 0; level < levels.Count; level++)
            {
                _sql.Add(follows ? " CROSS JOIN " : " FROM ");
                follows = true;
                WriteSetsOfLevel(levels[level], taken);
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
                    (_replaced, _replacedFields) = (replaced, fields);
                    WriteTargets(query, outputs, marker);
                    (_replaced, _replacedFields) = (outer, outerFields);
                },
                WriteSets);
        }
        else
        {
            _sql.Add(query.Distinct.Count > 0 && !query.DistinctOn ? "SELECT DISTINCT " : "SELECT ");
            (_replaced, _replacedFields) = (replaced, fields);
            (Current.Anchor, Current.IsHidden) = (below.Count > 0 ? $"{inner}.b1" : null, true);
            WriteTargets(query, outputs, marker);
            (Current.Anchor, Current.IsHidden) = (null, false);
            (_replaced, _replacedFields) = (outer, outerFields);
            _sql.Add(" FROM (");
            WriteCore(query with { Distinct = [] }, () => WriteBelow(below), null);
            _sql.Add(") AS ").Add(inner);
            WriteSets(follows: true);
        }

        // ORDER BY may name what the sets compute.
        (_replaced, _replacedFields) = (replaced, fields);
    }

    /// <summary>
    /// PostgreSQL computes what stands beside sets for each of their rows, and once more when the sets have ended: that shows only where a function changes
    /// something.
    /// </summary>
    private void RefuseDraws(IReadOnlyList<TargetEntry> outputs)
    {
        foreach (var target in outputs)
        {
            if (_context.Volatile && !Trees.ReturnsSet(target.Value)
                && BoundWalk.Find(target.Value, static (e, _) => e is FuncExpr f && Trees.IsVolatileItself(f) && !s_unseen.Contains(f.Function.Name)) is { } call)
            {
                throw AreNotSupported("functions with effects beside set-returning functions in a select list", call.Location);
            }
        }
    }

    private static readonly HashSet<string> s_unseen = new(StringComparer.Ordinal)
    {
        "random", "gen_random_uuid", "clock_timestamp", "timeofday", "currval", "lastval",
    };

    /// <summary>The types of the columns of a function that returns rows; none for one that returns values.</summary>
    private List<PgType> RowOf(FuncExpr call)
    {
        if (call.Type.Oid != PgTypes.Record)
        {
            return [];
        }

        var resolver = new Resolver(new BindContext(Schema, [], new ParameterTypes([])));
        return
        [
            .. call.Function.AllTypes.Where((_, i) => call.Function.Modes[i] is 'o' or 'b' or 't').Select(type => new PgType(resolver.OutputType(call, type))),
        ];
    }

    private string RecordOf(string alias, RuntimeSet set, List<PgType> types)
    {
        var saved = _sql;
        _sql = new SqlText();
        WriteRecord([.. types.Select((type, i) =>
            ((BoundExpression)new Fragment("", type), $"{alias}.{SqlText.Quoted(set.Table.Columns[i].Name)}"))]);
        var written = _sql.ToString();
        _sql = saved;
        return written;
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

    /// <summary>The sets of which single fields are taken, rather than rows as values.</summary>
    private HashSet<BoundExpression> CallsInFields(BoundQuery query)
    {
        var calls = new HashSet<BoundExpression>(ReferenceEqualityComparer.Instance);
        foreach (var target in query.Targets)
        {
            _ = Trees.Any(target.Value, (e, level) =>
            {
                if (level == 0 && e is FieldSelectExpr { Argument: FuncExpr { ReturnsSet: true } call } && RowOf(call).Count > 1)
                {
                    calls.Add(call);
                }

                return false;
            });
        }

        return calls;
    }

    /// <summary>The SQL that stands for the sets of one level: a column of the only one, or columns of the packed rows of several.</summary>
    private void NameSets(
        List<FuncExpr> calls, string alias, HashSet<BoundExpression> taken, Dictionary<BoundExpression, string> replaced,
        Dictionary<BoundExpression, string[]> fields)
    {
        var single = calls.Count == 1 ? SetOf(calls[0]) : null;
        var next = 1;
        foreach (var call in calls)
        {
            var row = RowOf(call);
            if (taken.Contains(call))
            {
                fields[call] = [.. row.Select((_, i) => single is null ? $"{alias}.v{next + i}" : $"{alias}.{SqlText.Quoted(single.Table.Columns[i].Name)}")];
                next += row.Count;
                continue;
            }

            replaced[call] = single is null ? $"{alias}.v{next}"
                : row.Count > 1 ? RecordOf(alias, single, row)
                : $"{alias}.{SqlText.Quoted(single.Table.Columns[0].Name)}";
            next++;
        }
    }

    private void WriteSetsOfLevel(List<FuncExpr> calls, HashSet<BoundExpression> taken)
    {
        if (calls.Count == 1 && SetOf(calls[0]) is { } set)
        {
            WriteSetCall(set, calls[0]);
            return;
        }

        _sql.Add("pg_rows(");
        for (var i = 0; i < calls.Count; i++)
        {
            var columns = taken.Contains(calls[i]) ? RowOf(calls[i]).Count : 1;
            _sql.Add(i > 0 ? ", " : "").Add(columns).Add(", ");
            WritePackedSet(calls[i], columns);
        }

        _sql.Add(")");
    }

    /// <summary>The rows of a function as one packed value.</summary>
    private void WritePackedSet(FuncExpr call, int columns)
    {
        var set = SetOf(call) ?? throw Refused(call.Function, call.Location);
        var alias = NextAlias();
        _sql.Add("(SELECT pg_pack(");
        if (columns == 1 && RowOf(call) is { Count: > 1 } types)
        {
            _sql.Add(RecordOf(alias, set, types));
        }
        else
        {
            for (var i = 0; i < columns; i++)
            {
                _sql.Add(i > 0 ? ", " : "").Add($"{alias}.{SqlText.Quoted(set.Table.Columns[i].Name)}");
            }
        }

        _sql.Add(") FROM ");
        WriteSetCall(set, call);
        _sql.Add(" AS ").Add(alias);
        WriteAnchorCondition(_context.Volatile && Trees.IsVolatile(call));
        _sql.Add(")");
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
        foreach (var target in query.Targets)
        {
            CollectBelow(target.Value, below, Trees.ReturnsSet);
        }
    }

    /// <summary>The largest parts of an expression for which a condition does not hold.</summary>
    private static void CollectBelow(BoundExpression root, List<BoundExpression> below, Func<BoundExpression, bool> isAbove)
    {
        var open = new Stack<BoundExpression>([root]);
        while (open.TryPop(out var expression))
        {
            if (!isAbove(expression))
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
