using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>WITH.</content>
internal sealed partial class QueryLowering
{
    private void WriteWith(BoundQuery query)
    {
        if (query.CommonTables.Count == 0)
        {
            return;
        }

        // Names first: with RECURSIVE a table may be read by one before it.
        foreach (var table in query.CommonTables)
        {
            Current.CommonTables[table.Name] = NextAlias();
        }

        _sql.Add(query.Recursive ? "WITH RECURSIVE " : "WITH ");
        for (var i = 0; i < query.CommonTables.Count; i++)
        {
            var table = query.CommonTables[i];
            _sql.Add(i > 0 ? ", " : "").Add(Current.CommonTables[table.Name]).Add("(");
            for (var column = 1; column <= Math.Max(table.Names.Count, 1); column++)
            {
                _sql.Add(column > 1 ? ", c" : "c").Add(column);
            }

            _sql.Add(") AS ");
            // PostgreSQL runs a common table once unless it is named once and has no side effects.
            var isVolatile = !table.Recursive && _context.Volatile && Trees.IsVolatile(table.Query);
            var isReadAsNeeded = isVolatile && IsReadOnce(query, table);
            if (!table.Recursive)
            {
                _sql.Add(isReadAsNeeded ? "NOT MATERIALIZED " : isVolatile ? "MATERIALIZED " : table.Materialized switch
                {
                    true => "MATERIALIZED ",
                    false => "NOT MATERIALIZED ",
                    _ => "",
                });
            }

            _sql.Add("(");
            if (table.Recursive)
            {
                WriteRecursive(table);
            }
            else if (isReadAsNeeded)
            {
                _sql.Add("SELECT * FROM (");
                WriteQuery(table.Query, Current);
                _sql.Add(") LIMIT -1 OFFSET 0");
            }
            else
            {
                WriteQuery(table.Query, Current);
            }

            _sql.Add(")");
        }

        _sql.Add(" ");
    }

    /// <summary>The table is named by the FROM of its own query alone, which reads no more rows than it needs.</summary>
    private static bool IsReadOnce(BoundQuery query, BoundCommonTable table) => table.References == 1
        && query is { Kind: QueryKind.Select, From: [FromRelation] } && query.Relations.Any(entry => entry is CommonTableEntry { LevelsUp: 0 } read && read.Table == table.Name);

    private string CommonTableName(CommonTableEntry entry)
    {
        var scope = Current.Up(entry.LevelsUp);
        if (scope.Kept?.TryGetValue(entry.Table, out var number) == true)
        {
            return $"pg_kept({number}, {entry.Types.Count})";
        }

        return scope.CommonTables.GetValueOrDefault(entry.Table)
            ?? throw new InvalidOperationException($"There is no common table {entry.Table}.");
    }

    /// <summary>
    /// A recursive common table. SQLite takes the rows one by one where PostgreSQL takes all that are new at once, so the recursive part may not look
    /// at several of them together.
    /// </summary>
    private void WriteRecursive(BoundCommonTable table)
    {
        var query = table.Query;
        if (query.SetOperations is not { Operator: SetOperator.Union } union || query.CommonTables.Count > 0 || query.OrderBy.Count > 0
            || query.Limit is not null || query.Offset is not null || union.Right.Operation is not null)
        {
            throw NotSupported("this form of a recursive query", Location.None);
        }

        var step = ((SubqueryEntry)query.Relations[union.Right.Relation - 1]).Query;
        if (step.HasWindows || step.HasAggregates || step.WithTies || step.DistinctOn || (step.Distinct.Count > 0 && union.All)
            || step.Limit is not null || step.Offset is not null || step.OrderBy.Count > 0 || step.SetOperations is not null
            || step.CommonTables.Count > 0)
        {
            throw NotSupported("this form of a recursive term", Location.None);
        }

        if (!union.All && union.Types.Any(type => IsRowType(type, Schema)))
        {
            throw AreNotSupported("distinct rows as values", Location.None);
        }

        if (step.Relations.OfType<SubqueryEntry>().Any(entry => HoldsSelfReference(entry.Query)))
        {
            throw AreNotSupported("recursive references within subqueries", Location.None);
        }

        var scope = NewScope(query, Current);
        var saved = (_scope, _replaced, _lifted);
        (_scope, _replaced, _lifted) = (scope, null, LiftingMode.None);
        WriteOperand(union.Left, union.Types);
        _sql.Add(union.All ? " UNION ALL " : " UNION ");
        WriteRecursiveStep(step, union);
        (_scope, _replaced, _lifted) = saved;
    }

    private void WriteRecursiveStep(BoundQuery step, SetOperationTree union)
    {
        if (Staged(step) is { Relations: var relations } && !relations.Equals(step.Relations))
        {
            throw AreNotSupported("volatile functions in such a recursive term", Location.None);
        }

        var scope = NewScope(step, Current);
        var saved = (_scope, _replaced, _lifted);
        (_scope, _replaced, _lifted) = (scope, null, LiftingMode.None);
        var outputs = OutputsOf(step);
        WriteCore(step, [.. outputs.Select((target, i) => target with { Value = Converted(target.Value, union.Types[i]) })]);
        (_scope, _replaced, _lifted) = saved;
    }

    private static bool HoldsSelfReference(BoundQuery query)
    {
        var open = new Stack<BoundQuery>([query]);
        while (open.TryPop(out var next))
        {
            if (next.Relations.Any(entry => entry is CommonTableEntry { SelfReference: true }))
            {
                return true;
            }

            foreach (var inner in Trees.Queries(next))
            {
                open.Push(inner);
            }
        }

        return false;
    }
}
