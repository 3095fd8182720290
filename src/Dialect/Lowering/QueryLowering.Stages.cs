using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>
/// Queries that become several in each other: DISTINCT ON, WITH TIES, limits that refer to an outer query, fences.
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

    /// <summary>A query in the stages that its volatile functions ask for.</summary>
    private BoundQuery Staged(BoundQuery query)
    {
        if (!_context.Volatile)
        {
            return query;
        }

        var staged = _stages.Of(query);
        if (_keptApart.Contains(query))
        {
            _keptApart.Add(staged);
        }

        return staged;
    }

    /// <summary>How a fence gives its rows: as they are read, or all of them before the first one.</summary>
    private enum Fence : byte
    {
        Lazy,
        Whole,
    }

    /// <summary>
    /// SQLite may run the query of a relation again for each row of another relation, unless it keeps the rows. Of a relation that is the only one no more
    /// rows are computed than are read.
    /// </summary>
    private Fence FenceHere => Current.Query is { Kind: not (QueryKind.Update or QueryKind.Delete), From: [FromRelation] } ? Fence.Lazy : Fence.Whole;

    /// <summary>
    /// A query as a relation that SQLite merges with no other, and into which it moves no conditions: OFFSET and MATERIALIZED keep it apart. It is a common
    /// table, since of other queries SQLite leaves out the columns that nothing reads.
    /// </summary>
    private void WriteFenced(Fence fence, Action writeQuery)
    {
        var name = "_rqlite" + NextAlias();
        if (fence == Fence.Whole)
        {
            _sql.Add($"WITH {name} AS MATERIALIZED (");
            writeQuery();
            _sql.Add($") SELECT * FROM {name}");
            return;
        }

        _sql.Add($"WITH {name} AS NOT MATERIALIZED (SELECT * FROM (");
        writeQuery();
        _sql.Add($") LIMIT -1 OFFSET 0) SELECT * FROM {name}");
    }

    internal static string Fenced(string query) =>
        $"WITH _rqlite_view AS NOT MATERIALIZED (SELECT * FROM ({query}) LIMIT -1 OFFSET 0) SELECT * FROM _rqlite_view";

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
