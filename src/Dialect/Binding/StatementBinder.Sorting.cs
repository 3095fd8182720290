using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>ORDER BY, GROUP BY, DISTINCT and LIMIT (PostgreSQL's parse_clause.c).</summary>
internal sealed partial class StatementBinder
{
    /// <param name="byExpression">SQL99's rules alone: names are columns of FROM, numbers are numbers.</param>
    private List<SortClause> BindOrderBy(
        NodeList<SortItem> items, List<TargetEntry> targets, Scope scope, ExpressionKind kind, bool byExpression)
    {
        var order = new List<SortClause>();
        foreach (var item in items)
        {
            AddToSort(targets, FindTarget(item.Value, targets, scope, kind, byExpression), order, item);
        }

        return order;
    }

    /// <summary>The index of the entry that an item of ORDER BY and its kin means; a new one is added if there is none.</summary>
    private int FindTarget(Expression expression, List<TargetEntry> targets, Scope scope, ExpressionKind kind, bool byExpression)
    {
        if (!byExpression && expression is ColumnReference { Star: false, Names: [var name] }
            && !(kind == ExpressionKind.GroupBy && FindColumn(scope, name, expression.Location, localOnly: true) is not null)
            && FindTargetNamed(name, targets, scope, kind, expression.Location) is >= 0 and var named)
        {
            return named;
        }

        if (!byExpression && expression is Constant constant)
        {
            return FindTargetAt(constant, targets, scope, kind);
        }

        var value = BindExpression(expression, scope, kind);
        for (var i = 0; i < targets.Count; i++)
        {
            if (value.Equals(WithoutImplicitCasts(targets[i].Value)))
            {
                return i;
            }
        }

        targets.Add(new TargetEntry(value, (short)scope.NextNumber++, null) { Junk = true });
        return targets.Count - 1;
    }

    private int FindTargetNamed(string name, List<TargetEntry> targets, Scope scope, ExpressionKind kind, Location location)
    {
        var found = -1;
        for (var i = 0; i < targets.Count; i++)
        {
            if (targets[i].Junk || targets[i].Name != name)
            {
                continue;
            }

            if (found >= 0 && !targets[found].Value.Equals(targets[i].Value))
            {
                throw Error(SqlState.AmbiguousColumn, $"{ExpressionKinds.NameOf(kind)} \"{name}\" is ambiguous", location);
            }

            found = found < 0 ? i : found;
        }

        if (found >= 0)
        {
            CheckGroupTarget(targets[found], scope, kind);
        }

        return found;
    }

    private int FindTargetAt(Constant constant, List<TargetEntry> targets, Scope scope, ExpressionKind kind)
    {
        if (constant.Kind != ConstantKind.Integer)
        {
            throw Error(SqlState.SyntaxError, $"non-integer constant in {ExpressionKinds.NameOf(kind)}", constant.Location);
        }

        var remaining = int.Parse(constant.Text, System.Globalization.CultureInfo.InvariantCulture);
        for (var i = 0; i < targets.Count; i++)
        {
            if (!targets[i].Junk && --remaining == 0)
            {
                CheckGroupTarget(targets[i], scope, kind);
                return i;
            }
        }

        throw Error(
            SqlState.InvalidColumnReference, $"{ExpressionKinds.NameOf(kind)} position {constant.Text} is not in select list", constant.Location);
    }

    /// <summary>GROUP BY may not name an output column that holds an aggregate.</summary>
    private void CheckGroupTarget(TargetEntry target, Scope scope, ExpressionKind kind)
    {
        if (kind != ExpressionKind.GroupBy)
        {
            return;
        }

        if (scope.HasAggregates && BoundWalk.FindAggregate(target.Value) is { } aggregate)
        {
            throw Error(SqlState.GroupingError, "aggregate functions are not allowed in GROUP BY", aggregate.Location);
        }

        if (scope.HasWindows && BoundWalk.FindWindowFunction(target.Value) is { } window)
        {
            throw Error(SqlState.WindowingError, "window functions are not allowed in GROUP BY", window.Location);
        }
    }

    private static BoundExpression WithoutImplicitCasts(BoundExpression value)
    {
        while (true)
        {
            switch (value)
            {
                case FuncExpr { Form: CallForm.ImplicitCast, Arguments: [var argument, ..] }:
                    value = argument;
                    break;
                case RelabelExpr { Form: CallForm.ImplicitCast } e:
                    value = e.Argument;
                    break;
                case CoerceViaIOExpr { Form: CallForm.ImplicitCast } e:
                    value = e.Argument;
                    break;
                case ArrayCoerceExpr { Form: CallForm.ImplicitCast } e:
                    value = e.Argument;
                    break;
                case CoerceToDomainExpr { Form: CallForm.ImplicitCast } e:
                    value = e.Argument;
                    break;
                default:
                    return value;
            }
        }
    }

    private void AddToSort(List<TargetEntry> targets, int index, List<SortClause> order, SortItem item)
    {
        var type = ResolveUnknown(targets, index);
        var location = item.OperatorLocation.Offset >= 0 ? item.OperatorLocation : Locations.Of(item.Value);
        PgOperator sort;
        PgOperator equal;
        var descending = false;
        if (item.Direction == SortDirection.Using)
        {
            (sort, equal) = _resolver.OrderingOperator(item.Operator!, type, location, out descending);
        }
        else
        {
            descending = item.Direction == SortDirection.Descending;
            var operators = _resolver.SortOperators(type, needLess: true, needEqual: true, location);
            (sort, equal) = (descending ? operators.Greater! : operators.Less!, operators.Equal!);
        }

        if (!IsIn(order, targets[index], sort))
        {
            var nullsFirst = item.Nulls == NullsOrder.Default ? descending : item.Nulls == NullsOrder.First;
            order.Add(new SortClause(ReferTo(targets, index), equal, sort, nullsFirst, descending));
        }
    }

    private void AddToGroup(List<TargetEntry> targets, int index, List<SortClause> group, Location location)
    {
        var type = ResolveUnknown(targets, index);
        if (!IsIn(group, targets[index], null))
        {
            var operators = _resolver.SortOperators(type, needLess: false, needEqual: true, location);
            group.Add(new SortClause(ReferTo(targets, index), operators.Equal, operators.Less, NullsFirst: false, Descending: false));
        }
    }

    private uint ResolveUnknown(List<TargetEntry> targets, int index)
    {
        if (targets[index].Value.Type.Oid == PgTypes.Unknown)
        {
            targets[index] = targets[index] with { Value = ToText(targets[index].Value) };
        }

        return targets[index].Value.Type.Oid;
    }

    /// <summary>The number by which clauses refer to an entry.</summary>
    private static int ReferTo(List<TargetEntry> targets, int index)
    {
        if (targets[index].SortReference == 0)
        {
            targets[index] = targets[index] with { SortReference = targets.Max(t => t.SortReference) + 1 };
        }

        return targets[index].SortReference;
    }

    /// <param name="order">The operator that the clause must have, or its commutator; null for any.</param>
    private static bool IsIn(List<SortClause> clauses, TargetEntry target, PgOperator? order) => target.SortReference != 0
        && clauses.Exists(c => c.Reference == target.SortReference
            && (order is null || c.Order == order || (c.Order is { } other && other.Commutator == order.Oid)));

    private List<SortClause> BindGroupBy(
        NodeList<Node> items, List<TargetEntry> targets, List<SortClause> order, Scope scope, ExpressionKind kind, bool byExpression)
    {
        var group = new List<SortClause>();
        var pending = new Stack<Node>(items.Reverse());
        while (pending.TryPop(out var item))
        {
            switch (item)
            {
                case GroupingSet set:
                    throw Unsupported(NameOf(set.Kind), set.Location);
                case RowConstructor { Explicit: false } row:
                    foreach (var inner in row.Items.Reverse())
                    {
                        pending.Push(inner);
                    }

                    break;
                default:
                    AddGroupItem((Expression)item, targets, group, order, scope, kind, byExpression);
                    break;
            }
        }

        return group;
    }

    private void AddGroupItem(
        Expression item, List<TargetEntry> targets, List<SortClause> group, List<SortClause> order, Scope scope, ExpressionKind kind,
        bool byExpression)
    {
        var index = FindTarget(item, targets, scope, kind, byExpression);
        if (IsIn(group, targets[index], null))
        {
            return;
        }

        // GROUP BY takes over the operators of ORDER BY, so that one sort serves both.
        var reference = targets[index].SortReference;
        if (reference != 0 && order.Find(c => c.Reference == reference) is { } same)
        {
            group.Add(same);
        }
        else
        {
            AddToGroup(targets, index, group, Locations.Of(item));
        }
    }

    private static string NameOf(GroupingSetKind kind) => kind switch
    {
        GroupingSetKind.Rollup => "ROLLUP",
        GroupingSetKind.Cube => "CUBE",
        GroupingSetKind.Sets => "GROUPING SETS",
        _ => "GROUP BY ()",
    };
}
