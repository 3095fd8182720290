using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>
/// Splits queries with volatile functions into queries in each other, so that SQLite calls the functions as often, and in the order, as PostgreSQL:
/// the inner one is a fence (<see cref="SubqueryEntry.Fence"/>), whose columns are computed once a row, before what is around it.
/// </summary>
internal sealed class VolatileStages(LoweringContext context)
{
    /// <summary>Puts the queries of views in the place of those with volatile functions, into which conditions may be moved.</summary>
    public static BoundQuery WithViews(BoundQuery query, LoweringContext context)
    {
        if (context.VolatileView is not { } find
            || !QueryLowering.Entries(query).Any(entry => entry is RelationEntry { Relation: { Kind: RelationKind.View } view } && find(view) is not null))
        {
            return query;
        }

        var mapper = new TreeMapper((_, _) => null)
        {
            Relation = (entry, _) => entry is RelationEntry { Relation: { Kind: RelationKind.View } view } relation && find(view) is { } definition
                ? new SubqueryEntry(relation.Alias, relation.Name, relation.Columns, definition) { Lateral = relation.Lateral }
                : entry,
        };
        return mapper.Map(query, 0);
    }

    /// <summary>A query as SQLite may run it; the same one where there is nothing to do.</summary>
    public BoundQuery Of(BoundQuery query)
    {
        query = VolatileConditions.Push(query);
        if (query.Kind != QueryKind.Select)
        {
            return query;
        }

        if (query.SetOperations is null)
        {
            query = StageKeys(StageConditions(query));
            query = StageLateTargets(StageOrder(query));
        }

        return StageLimit(query);
    }

    /// <summary>Columns of the query's result hold volatile functions: PostgreSQL merges such a query with none around it.</summary>
    public static bool HasVolatileOutputs(BoundQuery query)
    {
        var open = new Stack<BoundQuery>([query]);
        while (open.TryPop(out var next))
        {
            if (next.SetOperations is null)
            {
                if (next.Visible.Any(target => Trees.IsVolatile(target.Value)))
                {
                    return true;
                }

                continue;
            }

            foreach (var operand in Trees.Queries(next))
            {
                open.Push(operand);
            }
        }

        return false;
    }

    /// <summary>
    /// Volatile conditions of a join are looked at for the rows that it has left, those about one table for its rows; and all of them before the rows are
    /// grouped or ordered.
    /// </summary>
    private BoundQuery StageConditions(BoundQuery query)
    {
        var joins = query.From.Count > 1 || query.From is [FromJoin];
        if (joins && HasVolatileInner(query))
        {
            query = StageJoin(query);
        }

        if (query.Where is null || query.From.Count == 0 || !Trees.IsVolatile(query.Where)
            || !(query.GroupBy.Count > 0 || query.HasAggregates || query.OrderBy.Count > 0 || query.Distinct.Count > 0 || query.HasWindows))
        {
            return query;
        }

        var stage = new Stage(this, []);
        var above = stage.Above(query with { Where = null });
        return stage.Join(above, query with { Targets = [] });
    }

    private static bool HasVolatileInner(BoundQuery query) => (query.Where is not null && Trees.IsVolatile(query.Where))
        || Trees.Joins(query.From).Any(join => join is { Kind: JoinKind.Inner, On: { } on } && Trees.IsVolatile(on));

    private BoundQuery StageJoin(BoundQuery query)
    {
        var late = new List<BoundExpression>();
        var early = new List<BoundExpression>();
        foreach (var term in VolatileConditions.Terms(query.Where))
        {
            (Trees.IsVolatile(term) ? late : early).Add(term);
        }

        // Conditions of inner joins are conditions of the query unless an outer join is around them.
        var from = query.From.Select(item => TakeVolatile(item, late)).ToArray();
        query = query with { From = [.. from], Where = VolatileConditions.Junction(early) };
        foreach (var term in late.ToArray())
        {
            if (RelationOf(term) is var number and > 0 && VolatileConditions.IsFree(query.From, number) && query.Relations[number - 1] is RelationEntry or SubqueryEntry or CommonTableEntry
                && !query.Relations[number - 1].Lateral && !HasOtherThanColumns(query, number))
            {
                query = Filtered(query, number, term);
                late.Remove(term);
            }
        }

        if (late.Count == 0)
        {
            return query;
        }

        var stage = new Stage(this, []);
        var above = stage.Above(query with { Where = VolatileConditions.Junction(late) });
        return stage.Join(above, query with { Targets = [] });
    }

    private static FromItem TakeVolatile(FromItem item, List<BoundExpression> late)
    {
        if (item is not FromJoin { Kind: JoinKind.Inner } join)
        {
            return item;
        }

        var terms = VolatileConditions.Terms(join.On);
        late.AddRange(terms.Where(Trees.IsVolatile));
        return join with
        {
            Left = TakeVolatile(join.Left, late), Right = TakeVolatile(join.Right, late),
            On = VolatileConditions.Junction([.. terms.Where(term => !Trees.IsVolatile(term))]),
        };
    }

    /// <summary>The only relation whose columns a term names; 0 if there are none or several.</summary>
    private static int RelationOf(BoundExpression term)
    {
        var number = 0;
        return Trees.Any(term, (e, level) =>
        {
            if (e is not Var v || v.LevelsUp != level)
            {
                return false;
            }

            var other = number != 0 && number != v.Relation;
            number = v.Relation;
            return other;
        })
            ? 0
            : number;
    }

    private static bool HasOtherThanColumns(BoundQuery query, int number) =>
        Trees.Any(query, (e, level) => e is Var { Attribute: <= 0 } v && v.LevelsUp == level - 1 && v.Relation == number);

    /// <summary>A relation with a condition of its own.</summary>
    private BoundQuery Filtered(BoundQuery query, int number, BoundExpression term)
    {
        var entry = query.Relations[number - 1];
        NodeList<TargetEntry> targets = entry switch
        {
            RelationEntry e => [.. e.Relation.Attributes.Select(a => new TargetEntry(
                a.Dropped ? new Const(null, new PgType(PgTypes.Text), 0, Location.None) : new Var(1, a.Number, 0, a.Type, a.Collation, Location.None),
                a.Number, a.Name))],
            SubqueryEntry e => [.. e.Query.Visible.Select((target, i) => new TargetEntry(
                new Var(1, (short)(i + 1), 0, target.Value.Type, target.Value.Collation, Location.None), (short)(i + 1), target.Name))],
            _ => [.. ((CommonTableEntry)entry).Types.Select((type, i) => new TargetEntry(
                new Var(1, (short)(i + 1), 0, type, ((CommonTableEntry)entry).Collations[i], Location.None), (short)(i + 1), null))],
        };
        var inner = Lowered(new BoundQuery(QueryKind.Select) { Relations = [entry], From = [new FromRelation(1)] });
        var where = new TreeMapper((e, level) => e is Var v
            ? v.LevelsUp == level ? v with { Relation = 1 } : v.LevelsUp > level ? v with { LevelsUp = v.LevelsUp + 1 } : null
            : null)
        {
            Relation = ShiftTable,
        }.Map(term);
        var filtered = new SubqueryEntry(entry.Alias, entry.Name, entry.Columns, inner with { Targets = targets, Where = where }) { Fence = true };
        return query with { Relations = [.. query.Relations.Select((other, i) => i == number - 1 ? filtered : other)] };
    }

    /// <summary>
    /// Keys of groups, windows and aggregates that are volatile are computed once a row, for the key and for all that is equal to it.
    /// </summary>
    private BoundQuery StageKeys(BoundQuery query)
    {
        var keys = new List<BoundExpression>();
        AddKeys(query, query.GroupBy, keys);
        var grouped = query.GroupBy.Count > 0 || query.HasAggregates;
        var aggregates = VolatileAggregates(query);
        var below = aggregates.Count > 0 && ((query.GroupBy.Count > 0 && keys.Count == 0)
            || aggregates.Any(aggregate => aggregate.OrderBy.Count > 0 || aggregate.Distinct.Count > 0));
        if (below && aggregates.FirstOrDefault(a => a.Filter is not null && Trees.IsVolatile(a.Filter)
            && a.Arguments.Any(argument => Trees.IsVolatile(argument.Value))) is { } filtered)
        {
            throw NotSupported("volatile functions both in FILTER and in arguments", filtered.Location);
        }

        foreach (var window in query.Windows)
        {
            var before = keys.Count;
            AddKeys(query, window.PartitionBy, keys);
            AddKeys(query, window.OrderBy, keys);
            if (grouped && keys.Count > before)
            {
                throw NotSupported("volatile keys of windows over groups", keys[^1].Location);
            }
        }

        if (keys.Count > 0)
        {
            query = below && query.GroupBy.Count > 0
                ? throw NotSupported("volatile arguments of aggregates with keys beside volatile keys of groups", aggregates[0].Location)
                : StageValues(query, keys);
        }

        return below ? StageValues(query, [], aggregated: true) : query;
    }

    private static List<Aggref> VolatileAggregates(BoundQuery query)
    {
        var aggregates = new List<Aggref>();
        foreach (var value in query.Targets.Select(target => target.Value).Concat(query.Having is null ? [] : [query.Having]))
        {
            _ = Trees.Any(value, (e, level) =>
            {
                if (level == 0 && e is Aggref { LevelsUp: 0 } aggregate && Trees.IsVolatile(aggregate))
                {
                    aggregates.Add(aggregate);
                }

                return false;
            });
        }

        return aggregates;
    }

    private static void AddKeys(BoundQuery query, IEnumerable<SortClause> clauses, List<BoundExpression> keys) => keys.AddRange(
        clauses.Select(clause => query.Targets.First(target => target.SortReference == clause.Reference).Value).Where(Trees.IsVolatile));

    /// <summary>The query over one that computes values for its rows.</summary>
    /// <param name="aggregated">The volatile arguments of aggregates are among the values, which each aggregate has for itself.</param>
    private BoundQuery StageValues(BoundQuery query, List<BoundExpression> values, bool aggregated = false)
    {
        foreach (var value in values)
        {
            Fix(value);
        }

        var stage = new Stage(this, values) { Aggregated = aggregated };
        var above = stage.Above(query with { Where = null });
        return stage.Join(above, query with { Targets = [] });
    }

    /// <summary>Keys of ORDER BY and DISTINCT ON that are volatile are computed before, once.</summary>
    private BoundQuery StageOrder(BoundQuery query)
    {
        if (query.HasTargetSets)
        {
            return query;
        }

        var keys = new List<BoundExpression>();
        AddKeys(query, query.OrderBy, keys);
        if (query.DistinctOn)
        {
            AddKeys(query, query.Distinct, keys);
        }

        if (keys.Count == 0 || query.From.Count == 0)
        {
            return query;
        }

        if (!query.HasAggregates && query.GroupBy.Count == 0 && !query.HasWindows && query.Having is null)
        {
            return StageValues(query, keys);
        }

        keys.ForEach(Fix);
        var stage = new Stage(this, keys) { Grouped = true };
        var above = stage.Above(new BoundQuery(QueryKind.Select)
        {
            CommonTables = query.CommonTables, Recursive = query.Recursive, Targets = query.Targets, OrderBy = query.OrderBy, Distinct = query.Distinct,
            DistinctOn = query.DistinctOn, Limit = query.Limit, Offset = query.Offset, WithTies = query.WithTies, Locking = query.Locking,
        });
        return stage.Join(above, query with { OrderBy = [], Distinct = [], DistinctOn = false, Limit = null, Offset = null, WithTies = false });
    }

    /// <summary>
    /// Volatile functions of a select list are called for the rows of the result, in its order: the numbers of a sequence follow ORDER BY, and none are
    /// drawn for rows beyond LIMIT.
    /// </summary>
    private BoundQuery StageLateTargets(BoundQuery query)
    {
        if (query.OrderBy.Count == 0 || query.HasTargetSets || (query.Distinct.Count > 0 && !query.DistinctOn)
            || (query.HasAggregates && query.GroupBy.Count == 0) || !query.Targets.Any(target => !target.Junk && IsLate(target.Value)))
        {
            return query;
        }

        if (query.WithTies)
        {
            // PostgreSQL computes the row after the last one as well.
            throw NotSupported("volatile functions in the select list of a query WITH TIES", Location.None);
        }

        var stage = new Stage(this, [.. query.Targets.Select(target => target.Value).Where(value => !IsLate(value))]) { Grouped = true };
        var offset = query.Offset is not null;
        var above = stage.Above(new BoundQuery(QueryKind.Select)
        {
            CommonTables = query.CommonTables, Recursive = query.Recursive,
            Targets = [.. query.Targets.Where(target => !target.Junk).Select(target => target with { SortReference = 0 })],
            Limit = offset ? query.Limit : null, Offset = query.Offset, Locking = query.Locking,
        });
        return stage.Join(above, offset ? query with { Limit = null, Offset = null } : query);
    }

    /// <summary>
    /// A value with volatile functions that are none of an aggregate's or a window function's arguments. Queries are computed before the order.
    /// </summary>
    private static bool IsLate(BoundExpression value)
    {
        var open = new Stack<BoundExpression>([value]);
        while (open.TryPop(out var next))
        {
            if (next is Aggref { LevelsUp: 0 } or WindowFunc)
            {
                continue;
            }

            if (Trees.IsVolatileItself(next))
            {
                return true;
            }

            foreach (var child in Trees.Children(next))
            {
                open.Push(child);
            }
        }

        return false;
    }

    /// <summary>
    /// Volatile functions are called also for the rows that OFFSET skips, and DISTINCT calls them for all rows before LIMIT.
    /// </summary>
    private BoundQuery StageLimit(BoundQuery query)
    {
        var distinct = query.Distinct.Count > 0 && !query.DistinctOn && query.Limit is not null;
        if ((query.Offset is null && !distinct) || query.WithTies || !HasVolatileOutputs(query))
        {
            return query;
        }

        var outputs = query.Targets.Where(target => !target.Junk).ToList();
        var above = new BoundQuery(QueryKind.Select)
        {
            CommonTables = query.CommonTables, Recursive = query.Recursive, Limit = query.Limit, Offset = query.Offset, Locking = query.Locking,
            Targets = [.. outputs.Select((target, i) => target with
            {
                Value = new Var(1, (short)(i + 1), 0, target.Value.Type, target.Value.Collation, target.Value.Location), SortReference = 0,
            })],
            From = [new FromRelation(1)],
        };
        var inner = Lowered(query with { Limit = null, Offset = null, CommonTables = [], Recursive = false, Locking = [] });
        return above with { Relations = [new SubqueryEntry(null, "", [], inner) { Fence = true, Whole = distinct }] };
    }

    /// <summary>A query, whose WITH stays where it is, one level further down.</summary>
    private static BoundQuery Lowered(BoundQuery query) => new TreeMapper(Shift) { Relation = ShiftTable }.Map(query, 0);

    private static BoundExpression? Shift(BoundExpression e, int level) => e is Var v && v.LevelsUp > level ? v with { LevelsUp = v.LevelsUp + 1 } : null;

    private static RangeTableEntry ShiftTable(RangeTableEntry entry, int level) =>
        entry is CommonTableEntry table && table.LevelsUp >= level ? table with { LevelsUp = table.LevelsUp + 1 } : entry;

    /// <summary>Equal literals are found by their values, which another text of the same shape may not have.</summary>
    private void Fix(BoundExpression value)
    {
        if (context.Lifting is { } lifting)
        {
            _ = Trees.Any(value, (e, _) =>
            {
                if (e is Const { Lift: >= 0 } constant)
                {
                    lifting.Fix(constant);
                }

                return false;
            });
        }
    }

    private DialectException NotSupported(string what, Location location) =>
        new(SqlState.FeatureNotSupported, $"{what} are not supported", context.Position(location));

    /// <summary>A query that is split in two, and the columns that the outer one takes from the inner one.</summary>
    /// <param name="values">Values that the inner query computes, wherever they stand.</param>
    private sealed class Stage(VolatileStages stages, List<BoundExpression> values)
    {
        private readonly List<BoundExpression> _columns = [];

        /// <summary>The inner query groups its rows, and computes all that is not volatile.</summary>
        public bool Grouped { get; init; }

        /// <summary>The inner query computes the volatile arguments of aggregates.</summary>
        public bool Aggregated { get; init; }

        /// <summary>The outer query's expressions over the inner one's columns. Its relations are none yet.</summary>
        public BoundQuery Above(BoundQuery query)
        {
            var mapper = new TreeMapper(Replace);
            return query with
            {
                Where = query.Where is null ? null : mapper.Map(query.Where),
                Targets = mapper.Map(query.Targets, 0),
                Having = query.Having is null ? null : mapper.Map(query.Having),
                Windows = [.. query.Windows.Select(window => window with
                {
                    StartOffset = window.StartOffset is null ? null : mapper.Map(window.StartOffset),
                    EndOffset = window.EndOffset is null ? null : mapper.Map(window.EndOffset),
                })],
            };
        }

        /// <param name="inner">The query whose FROM, WHERE and, if it groups, keys are those of the inner one.</param>
        public BoundQuery Join(BoundQuery above, BoundQuery inner)
        {
            var targets = _columns.Select((value, i) => new TargetEntry(value, (short)(i + 1), null)).ToList();
            var keys = inner.Targets.Where(target => target.SortReference != 0).ToList();
            if (!Grouped)
            {
                inner = new BoundQuery(QueryKind.Select) { Relations = inner.Relations, From = inner.From, Where = inner.Where };
            }
            else
            {
                foreach (var key in keys)
                {
                    var index = targets.FindIndex(target => target.SortReference == 0 && target.Value.Equals(key.Value));
                    if (index >= 0)
                    {
                        targets[index] = targets[index] with { SortReference = key.SortReference };
                    }
                    else
                    {
                        targets.Add(key with { Junk = true, Number = (short)(targets.Count + 1) });
                    }
                }
            }

            inner = Lowered(inner with { Targets = [.. targets], CommonTables = [], Recursive = false, Locking = [] });
            return above with
            {
                Relations = [new SubqueryEntry(null, "", [], inner) { Fence = true }],
                From = [new FromRelation(1)],
            };
        }

        private BoundExpression? Replace(BoundExpression expression, int level)
        {
            if (expression is Var v)
            {
                if (v.LevelsUp != level)
                {
                    return v;
                }

                return v.Attribute != 0 || (Grouped && level == 0)
                    ? Column(v with { LevelsUp = 0 }, level)
                    : throw stages.NotSupported("whole rows beside volatile keys and conditions", v.Location);
            }

            if (level == 0 && values.Contains(expression))
            {
                return Column(expression, 0);
            }

            if (Aggregated && level == 0 && expression is Aggref { LevelsUp: 0 } own && Trees.IsVolatile(own))
            {
                return WithOwnArguments(own);
            }

            if (!Grouped)
            {
                return null;
            }

            if (expression is Aggref aggregate && aggregate.LevelsUp == level)
            {
                return Column(level == 0 ? aggregate : Raised(aggregate, level), level);
            }

            return level == 0 && (expression is WindowFunc || (expression is not (Const or Param or CaseTestExpr) && !Trees.IsVolatile(expression)
                && !Trees.Any(expression, (e, _) => e is CaseTestExpr)))
                ? Column(expression, 0)
                : null;
        }

        private Aggref WithOwnArguments(Aggref aggregate)
        {
            var own = new List<(BoundExpression Value, BoundExpression Column)>();
            BoundExpression Of(BoundExpression value)
            {
                if (!Trees.IsVolatile(value))
                {
                    return new TreeMapper(Replace).Map(value);
                }

                if (own.Find(known => known.Value.Equals(value)) is { Column: { } column })
                {
                    return column;
                }

                stages.Fix(value);
                _columns.Add(aggregate.Filter is not { } filter || ReferenceEquals(value, filter) ? value : new CaseExpr(
                    null, [new CaseArm(filter, value, value.Location)], new Const(null, value.Type, value.Collation, Location.None),
                    value.Type, value.Collation, value.Location));
                column = new Var(1, (short)_columns.Count, 0, value.Type, value.Collation, value.Location);
                own.Add((value, column));
                return column;
            }

            return aggregate with
            {
                Direct = [.. aggregate.Direct.Select(new TreeMapper(Replace).MapRoot)],
                Arguments = [.. aggregate.Arguments.Select(argument => argument with { Value = Of(argument.Value) })],
                Filter = aggregate.Filter is null ? null : Trees.IsVolatile(aggregate.Filter) ? Of(aggregate.Filter) : new TreeMapper(Replace).Map(aggregate.Filter),
            };
        }

        /// <summary>An aggregate of the query around a subquery, as it stands in that query.</summary>
        private static BoundExpression Raised(Aggref aggregate, int levels) => new TreeMapper((e, level) => e switch
        {
            Var v when v.LevelsUp >= level + levels => v with { LevelsUp = v.LevelsUp - levels },
            _ => null,
        }).Map(aggregate with { LevelsUp = 0 });

        private Var Column(BoundExpression value, int level)
        {
            var index = _columns.FindIndex(value.Equals);
            if (index < 0)
            {
                index = _columns.Count;
                _columns.Add(value);
            }

            return new Var(1, (short)(index + 1), level, value.Type, value.Collation, value.Location);
        }
    }
}
