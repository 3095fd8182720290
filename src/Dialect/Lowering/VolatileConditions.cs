using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>
/// The terms of conditions that call volatile functions: the order in which PostgreSQL looks at them, and the subqueries into which it moves them.
/// </summary>
internal static class VolatileConditions
{
    /// <summary>The terms of a condition in the order in which PostgreSQL looks at them: those that cost less first.</summary>
    public static List<BoundExpression> Terms(BoundExpression? condition)
    {
        var terms = new List<BoundExpression>();
        AddTerms(condition, terms);
        return [.. terms.OrderBy(Cost).ThenBy(IsEquality)];
    }

    private static void AddTerms(BoundExpression? condition, List<BoundExpression> terms)
    {
        if (condition is BoolExpr { Operator: BoolOperator.And } all)
        {
            foreach (var argument in all.Arguments)
            {
                AddTerms(argument, terms);
            }
        }
        else if (condition is not null)
        {
            terms.Add(condition);
        }
    }

    /// <summary>PostgreSQL takes equalities out of the condition and adds them at its end.</summary>
    private static bool IsEquality(BoundExpression term) => term is OpExpr { Operator.Name: "=" } && !Trees.IsVolatile(term);

    /// <summary>What an evaluation costs, in calls of usual functions; queries cost more than any of them.</summary>
    private static float Cost(BoundExpression term)
    {
        var cost = 0f;
        _ = Trees.Any(term, (e, _) =>
        {
            cost += e switch
            {
                SubLink => 1000,
                FuncExpr f => FunctionDetails.Of(f.Function.Oid).Cost,
                OpExpr o => FunctionDetails.Of(o.Operator.Code).Cost,
                DistinctExpr or NullIfExpr => 1,
                RowCompareExpr row => row.Operators.Count,
                CoerceViaIOExpr { Argument: not Const } => 2,
                ScalarArrayOpExpr { Array: ArrayExpr list } => list.Items.Count / 2f,
                ScalarArrayOpExpr => 5,
                _ => 0,
            };
            return false;
        });
        return cost;
    }

    public static BoundExpression? Junction(List<BoundExpression> terms) => terms.Count switch
    {
        0 => null,
        1 => terms[0],
        _ => new BoolExpr(BoolOperator.And, [.. terms], terms[0].Location),
    };

    /// <summary>
    /// A condition about columns of one subquery that are not volatile is one of the subquery, as in PostgreSQL: its volatile functions are not called for
    /// the rows that the condition leaves out.
    /// </summary>
    public static BoundQuery Push(BoundQuery query)
    {
        if (query.Where is null && !Trees.Joins(query.From).Any(join => join.On is not null))
        {
            return query;
        }

        for (var number = 1; number <= query.Relations.Count; number++)
        {
            if (query.Relations[number - 1] is SubqueryEntry { Fence: false } entry && Trees.IsVolatile(entry.Query))
            {
                query = PushInto(query, number, entry, IsFree(query.From, number));
            }
        }

        return query;
    }

    /// <summary>The relation stands where no outer join adds nulls to its rows.</summary>
    public static bool IsFree(IEnumerable<FromItem> items, int number)
    {
        foreach (var item in items)
        {
            var next = item;
            while (next is FromJoin join)
            {
                if (join.Kind is not (JoinKind.Full or JoinKind.Left) && IsFree([join.Right], number))
                {
                    return true;
                }

                if (join.Kind is JoinKind.Full or JoinKind.Right)
                {
                    next = null!;
                    break;
                }

                next = join.Left;
            }

            if (next is FromRelation relation && relation.Relation == number)
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="free">No outer join adds nulls to the relation's rows, so that also conditions behind all joins are about these.</param>
    private static BoundQuery PushInto(BoundQuery query, int number, SubqueryEntry entry, bool free)
    {
        var inner = entry.Query;
        BoundExpression? Rest(BoundExpression? condition)
        {
            var terms = new List<BoundExpression>();
            AddTerms(condition, terms);
            return Junction(terms.FindAll(term =>
            {
                if (!IsOnlyOf(term, number) || Trees.IsVolatile(term) || Pushed(inner, term) is not { } changed)
                {
                    return true;
                }

                inner = changed;
                return false;
            }));
        }

        FromItem RestOf(FromItem item) => item switch
        {
            FromJoin { Kind: JoinKind.Inner } join => join with { Left = RestOf(join.Left), Right = RestOf(join.Right), On = free ? Rest(join.On) : join.On },
            FromJoin { Kind: JoinKind.Left, Right: FromRelation right } join =>
                join with { Left = RestOf(join.Left), On = right.Relation == number ? Rest(join.On) : join.On },
            _ => item,
        };

        var from = query.From.Select(RestOf).ToArray();
        var where = free ? Rest(query.Where) : query.Where;
        return ReferenceEquals(inner, entry.Query) ? query : query with
        {
            From = [.. from],
            Where = where,
            Relations = [.. query.Relations.Select((other, i) => i == number - 1 ? entry with { Query = inner } : other)],
        };
    }

    private static bool IsOnlyOf(BoundExpression term, int number)
    {
        return !Trees.Any(term, (e, level) => level == 0 && (e is CaseTestExpr or Aggref or WindowFunc || (e is SubLink link && !IsAlone(link))
            || (e is Var { LevelsUp: 0 } other && (other.Relation != number || other.Attribute <= 0))));
    }

    /// <summary>A query that runs once a statement, whatever is around it.</summary>
    private static bool IsAlone(SubLink link) => link.Kind is SubLinkKind.Expression or SubLinkKind.Exists
        && !Trees.Any(link.Query, static (e, level) => (e is Var v && v.LevelsUp >= level) || (e is Aggref a && a.LevelsUp >= level))
        && !QueryLowering.Entries(link.Query).Exists(static entry => entry is CommonTableEntry);

    /// <summary>The subquery with a condition over its columns; null if the condition has to stay outside.</summary>
    private static BoundQuery? Pushed(BoundQuery query, BoundExpression term)
    {
        if (query.Limit is not null || query.Offset is not null || query.HasWindows || query.DistinctOn)
        {
            return null;
        }

        if (query.SetOperations is { } tree)
        {
            return PushedIntoOperands(query, tree, term);
        }

        var outputs = query.Visible.ToList();
        if (Trees.Any(term, (e, level) => level == 0 && e is Var { LevelsUp: 0 } v
            && (Trees.IsVolatile(outputs[v.Attribute - 1].Value) || Trees.ReturnsSet(outputs[v.Attribute - 1].Value))))
        {
            return null;
        }

        var moved = new TreeMapper((e, level) => level == 0 && e is Var v
            ? v.LevelsUp == 0 ? outputs[v.Attribute - 1].Value : v with { LevelsUp = v.LevelsUp + 1 }
            : null).Map(term);
        return query.HasAggregates || query.GroupBy.Count > 0 || query.Having is not null
            ? query with { Having = And(query.Having, moved) }
            : query with { Where = And(query.Where, moved) };
    }

    private static BoundExpression And(BoundExpression? condition, BoundExpression term)
    {
        var terms = new List<BoundExpression>();
        AddTerms(condition, terms);
        return Junction([.. terms, term])!;
    }

    private static BoundQuery? PushedIntoOperands(BoundQuery query, SetOperationTree tree, BoundExpression term)
    {
        var leaves = new List<int>();
        var open = new Stack<SetOperationTree>([tree]);
        while (open.TryPop(out var next))
        {
            if (next.Operator == SetOperator.Except)
            {
                return null;
            }

            foreach (var operand in (SetOperand[])[next.Left, next.Right])
            {
                if (operand.Operation is { } inner)
                {
                    open.Push(inner);
                }
                else
                {
                    leaves.Add(operand.Relation);
                }
            }
        }

        var relations = query.Relations.ToArray();
        foreach (var leaf in leaves)
        {
            // Columns that are converted to the common type by the operation are none of the operand's own.
            if (relations[leaf - 1] is not SubqueryEntry entry
                || Trees.Any(term, (e, level) => level == 0 && e is Var { LevelsUp: 0 } v && OutputType(entry.Query, v.Attribute).Oid != tree.Types[v.Attribute - 1].Oid)
                || Pushed(entry.Query, Deeper(term)) is not { } changed)
            {
                return null;
            }

            relations[leaf - 1] = entry with { Query = changed };
        }

        return query with { Relations = [.. relations] };
    }

    private static PgType OutputType(BoundQuery query, int column) => query.Visible.ElementAt(column - 1).Value.Type;

    /// <summary>A term over columns of a query, as one over those of a query directly within it.</summary>
    private static BoundExpression Deeper(BoundExpression term) =>
        new TreeMapper((e, level) => level == 0 && e is Var { LevelsUp: > 0 } v ? v with { LevelsUp = v.LevelsUp + 1 } : null).Map(term);
}
