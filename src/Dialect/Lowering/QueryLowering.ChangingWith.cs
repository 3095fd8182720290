using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>
/// WITH whose tables change data. SQLite cannot change data within a query, so each common table is a statement of its own that runs before, and
/// keeps its rows for those behind it. PostgreSQL lets all of them see the data as they were before the statement; what would read a table that an
/// earlier one has changed is refused.
/// </content>
internal sealed partial class QueryLowering
{
    /// <summary>The numbers under which the rows of common tables are kept.</summary>
    private Dictionary<string, int>? _kept;

    /// <summary>The scope around the statement of a common table.</summary>
    private Scope? _root;

    /// <summary>The number under which RETURNING keeps its rows; -1 where they are the answer.</summary>
    private int _keepAs = -1;

    private static bool ChangesInWith(BoundQuery query) => query.CommonTables.Any(table => table.Query.Kind != QueryKind.Select);

    private static LoweredQuery LowerInSteps(BoundQuery query, LoweringContext context)
    {
        var kept = new Dictionary<string, int>(StringComparer.Ordinal);
        var steps = new List<Step> { new("SELECT pg_forget()", []) };
        var changed = new HashSet<uint>();
        var asks = false;
        var root = new Scope(query, null, []) { Kept = kept };
        foreach (var table in InOrder(query))
        {
            RefuseReads(table.Query, changed, context);
            var lowering = new QueryLowering(context) { _kept = kept, _root = root };
            lowering.WriteKeeping(table, kept.Count);
            kept[table.Name] = kept.Count;
            steps.Add(lowering.ToStep());
            asks |= lowering._asksSession;
            if (TargetOid(table.Query) is { } target)
            {
                changed.Add(target);
            }
        }

        RefuseReads(query with { CommonTables = [] }, changed, context);
        var main = new QueryLowering(context) { _kept = kept };
        main.WriteStatement(query with { CommonTables = [] });
        steps.Add(main.ToStep());
        return new LoweredQuery(steps, steps.Count - 1) { AsksSession = asks || main._asksSession };
    }

    private Step ToStep() => new(_sql.ToString(), [.. _parameters]);

    /// <summary>Queries that depend on no change come first, so that they see the data as they were.</summary>
    private static IEnumerable<BoundCommonTable> InOrder(BoundQuery query)
    {
        var late = new HashSet<string>(StringComparer.Ordinal);
        var first = new List<BoundCommonTable>();
        var then = new List<BoundCommonTable>();
        foreach (var table in query.CommonTables)
        {
            var isLate = table.Query.Kind != QueryKind.Select || ReadsKept(table.Query, late);
            if (isLate)
            {
                late.Add(table.Name);
            }

            (isLate ? then : first).Add(table);
        }

        return first.Concat(then);
    }

    private static bool ReadsKept(BoundQuery query, HashSet<string> names) =>
        Entries(query).Any(entry => entry is CommonTableEntry table && names.Contains(table.Table));

    private static uint? TargetOid(BoundQuery query) =>
        query.Result > 0 ? ((RelationEntry)query.Relations[query.Result - 1]).Relation.Oid : null;

    private static void RefuseReads(BoundQuery query, HashSet<uint> changed, LoweringContext context)
    {
        if (changed.Count == 0)
        {
            return;
        }

        var excluded = query.OnConflict?.Excluded ?? 0;
        var own = Entries(query).OfType<RelationEntry>()
            .Where(entry => excluded == 0 || !ReferenceEquals(entry, query.Relations[excluded - 1]));
        if (own.Any(entry => changed.Contains(entry.Relation.Oid) || entry.Relation.Kind == RelationKind.View))
        {
            throw new DialectException(
                Types.SqlState.FeatureNotSupported, "reading or changing a table that WITH changes in the same statement is not supported",
                context.Position(Location.None));
        }
    }

    /// <summary>All relations of a query and the queries within it.</summary>
    internal static List<RangeTableEntry> Entries(BoundQuery root)
    {
        var entries = new List<RangeTableEntry>();
        var open = new Stack<BoundQuery>([root]);
        while (open.TryPop(out var query))
        {
            entries.AddRange(query.Relations);
            foreach (var inner in Trees.Queries(query))
            {
                open.Push(inner);
            }

            foreach (var expression in Trees.Expressions(query))
            {
                _ = Trees.Any(expression, (e, _) =>
                {
                    if (e is SubLink link)
                    {
                        open.Push(link.Query);
                    }

                    return false;
                });
            }
        }

        return entries;
    }

    private void WriteKeeping(BoundCommonTable table, int number)
    {
        if (table.Query.Kind != QueryKind.Select)
        {
            _keepAs = number;
            WriteStatement(table.Query);
            return;
        }

        _scope = _root;
        var alias = NextAlias();
        _sql.Add("SELECT pg_keep(").Add(number);
        for (var i = 1; i <= table.Types.Count; i++)
        {
            _sql.Add($", {alias}.c{i}");
        }

        _sql.Add(") FROM (");
        if (table.Recursive)
        {
            WriteRecursiveAsQuery(table);
        }
        else
        {
            WriteQuery(table.Query, _root);
        }

        _sql.Add(") AS ").Add(alias);
    }

    private void WriteRecursiveAsQuery(BoundCommonTable table)
    {
        var name = NextAlias();
        Current.CommonTables[table.Name] = name;
        var columns = string.Join(", ", Enumerable.Range(1, Math.Max(table.Names.Count, 1)).Select(i => $"c{i}"));
        _sql.Add($"WITH RECURSIVE {name}({columns}) AS (");
        WriteRecursive(table);
        _sql.Add($") SELECT {columns} FROM {name}");
        Current.CommonTables.Remove(table.Name);
    }
}
