using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>
/// Queries that become several in each other: DISTINCT ON, WITH TIES, limits that refer to an outer query, volatile functions above an order.
/// </content>
internal sealed partial class QueryLowering
{
    private void WriteDistinctOn(BoundQuery query, string? marker)
    {
        // The rows are numbered within each group of equal keys, in the order of ORDER BY, and the first of each stays. The numbering stands around
        // the rest of the query, so that its keys may be windows and sets.
        var all = query.Targets.ToList();
        var (rows, numbered) = (NextAlias(), NextAlias());
        if (query.WithTies)
        {
            throw NotSupported("WITH TIES with DISTINCT ON", Syntax.Location.None);
        }

        _sql.Add("SELECT ");
        WriteStageColumns(all, numbered, marker);
        _sql.Add(" FROM (SELECT ").Add(rows).Add(".*, row_number() OVER (PARTITION BY ");
        var separator = "";
        foreach (var clause in query.Distinct)
        {
            var target = TargetOf(query, clause);
            RequireOrder(target.Value, "DISTINCT ON");
            _sql.Add(separator).Add($"{rows}.c{all.IndexOf(target) + 1}");
            AddCollation(CollationOf(target.Value));
            separator = ", ";
        }

        WriteStageOrder(query, query.OrderBy, all, rows);
        _sql.Add(") AS number FROM (");
        WriteCore(query, all);
        _sql.Add($") AS {rows}) AS {numbered} WHERE {numbered}.number = 1");
        WriteStageOrder(query, query.OrderBy, all, numbered);
        WriteLimit(query);
    }

    /// <summary>SQLite's LIMIT may not refer to an outer query.</summary>
    private static bool HasOuterLimit(BoundQuery query) => RefersOut(query.Limit) || RefersOut(query.Offset);

    private static bool RefersOut(BoundExpression? count) => count is not null && Trees.Any(count, (e, level) => e is Var v && v.LevelsUp > level);

    private void WriteRanked(BoundQuery query, string? marker)
    {
        // A row belongs to the result if it is among the first ones or ties with the last of them: then its rank is no higher than their number.
        var all = query.Targets.ToList();
        var (rows, ranked) = (NextAlias(), NextAlias());
        _sql.Add("SELECT ");
        WriteStageColumns(all, ranked, marker);
        _sql.Add($" FROM (SELECT {rows}.*, row_number() OVER w AS number, rank() OVER w AS rank FROM (");
        WriteCore(query, all);
        _sql.Add($") AS {rows} WINDOW w AS (");
        WriteStageOrder(query, query.OrderBy, all, rows);
        _sql.Add($")) AS {ranked}");
        var limited = query.Limit is not (null or Const { Text: null });
        if (limited)
        {
            _sql.Add($" WHERE {ranked}.{(query.WithTies ? "rank" : "number")} <= pg_limit_ties(");
            WriteRoot(query.Limit!);
            _sql.Add(", ");
            WriteOffsetOrZero(query);
            _sql.Add(")");
        }

        if (query.Offset is not null)
        {
            _sql.Add($" {(limited ? "AND" : "WHERE")} {ranked}.number > ");
            WriteOffsetOrZero(query);
        }

        _sql.Add($" ORDER BY {ranked}.number").Add(_keptApart.Contains(query) ? " LIMIT -1" : "");
    }

    /// <summary>The subqueries that SQLite may not merge into the queries around them, since volatile functions would be called before they are ordered.</summary>
    private readonly HashSet<BoundQuery> _keptApart = new(ReferenceEqualityComparer.Instance);

    /// <summary>
    /// Tells whether a query calls volatile functions on the rows of an ordered subquery, and notes that: SQLite keeps two queries apart that both
    /// have a LIMIT.
    /// </summary>
    private bool OrderedSource(BoundQuery query, IReadOnlyList<TargetEntry> outputs)
    {
        if (query.From is not [FromRelation { Relation: var number }] || query.Relations[number - 1] is not SubqueryEntry { Query: { OrderBy.Count: > 0 } source }
            || !outputs.Any(target => Trees.IsVolatile(target.Value)))
        {
            return false;
        }

        _keptApart.Add(source);
        return true;
    }

    /// <summary>
    /// Volatile functions of a select list are called for the rows of the result, in its order: the numbers of a sequence follow ORDER BY, and none are
    /// drawn for rows beyond LIMIT.
    /// </summary>
    /// <returns>False where there is nothing of the kind.</returns>
    private bool WriteVolatileLast(BoundQuery query, List<TargetEntry> outputs, string? marker)
    {
        if (query.OrderBy.Count == 0 || query.Distinct.Count > 0 || query.HasTargetSets || AggregatesOutsideOfList(query, outputs)
            || !outputs.Exists(IsLate) || outputs.Exists(target => IsLate(target) && Trees.Any(target.Value, (e, _) => e is SubLink)))
        {
            return false;
        }

        var below = new List<BoundExpression>();
        foreach (var target in outputs)
        {
            CollectBelow(target.Value, below, IsLate(target) ? static e => Trees.IsVolatile(e) : static _ => false);
        }

        var inner = NextAlias();
        var outer = _replaced;
        _sql.Add("SELECT ");
        _replaced = new Dictionary<BoundExpression, string>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < below.Count; i++)
        {
            _replaced[below[i]] = $"{inner}.b{i + 1}";
        }

        WriteTargets(query, outputs, marker);
        _replaced = outer;
        _sql.Add(" FROM (");
        WriteCore(query, () => WriteBelow(below), null);
        WriteOrderBy(query.OrderBy, _ => 0);
        WriteLimit(query, always: true);
        _sql.Add(") AS ").Add(inner).Add(" LIMIT -1");
        return true;

        bool IsLate(TargetEntry target) =>
            !query.OrderBy.Any(clause => clause.Reference == target.SortReference) && Trees.IsVolatile(target.Value);
    }

    private void WriteOffsetOrZero(BoundQuery query)
    {
        if (query.Offset is null or Const { Text: null })
        {
            _sql.Add("0");
        }
        else
        {
            WriteRowCount(query.Offset, "pg_offset");
        }
    }

    /// <summary>The visible columns of the query within, renumbered.</summary>
    private void WriteStageColumns(List<TargetEntry> all, string alias, string? marker)
    {
        var number = 0;
        for (var i = 0; i < all.Count; i++)
        {
            if (!all[i].Junk)
            {
                _sql.Add(number > 0 ? ", " : "").Add($"{alias}.c{i + 1}");
                AddCollation(CollationOf(all[i].Value));
                _sql.Add($" AS c{++number}");
            }
        }

        if (marker is not null)
        {
            _sql.Add(number > 0 ? ", 1 AS " : "1 AS ").Add(marker);
        }
        else if (number == 0)
        {
            _sql.Add("NULL");
        }
    }

    private void WriteStageOrder(BoundQuery query, NodeList<SortClause> clauses, List<TargetEntry> all, string alias)
    {
        for (var i = 0; i < clauses.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : " ORDER BY ");
            var target = TargetOf(query, clauses[i]);
            WriteSortKey(
                new Fragment($"{alias}.c{all.IndexOf(target) + 1}", target.Value.Type), clauses[i]);
        }
    }
}
