using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The expressions of which nodes and queries consist.</summary>
internal static class BoundParts
{
    /// <summary>Adds the parts of an expression, without the query of a <see cref="SubLink"/>.</summary>
    public static void Add(BoundExpression node, List<BoundExpression> parts)
    {
        switch (node)
        {
            case FuncExpr e:
                AddAll(e.Arguments, parts);
                break;
            case OpExpr e:
                AddAll(e.Arguments, parts);
                break;
            case DistinctExpr e:
                Add(e.Left, e.Right, parts);
                break;
            case NullIfExpr e:
                Add(e.Left, e.Right, parts);
                break;
            case ScalarArrayOpExpr e:
                Add(e.Scalar, e.Array, parts);
                break;
            case BoolExpr e:
                AddAll(e.Arguments, parts);
                break;
            case RelabelExpr e:
                parts.Add(e.Argument);
                break;
            case CoerceViaIOExpr e:
                parts.Add(e.Argument);
                break;
            case ArrayCoerceExpr e:
                Add(e.Argument, e.Element, parts);
                break;
            case CoerceToDomainExpr e:
                parts.Add(e.Argument);
                break;
            case CollateExpr e:
                parts.Add(e.Argument);
                break;
            case FieldSelectExpr e:
                parts.Add(e.Argument);
                break;
            case NullTestExpr e:
                parts.Add(e.Argument);
                break;
            case BooleanTestExpr e:
                parts.Add(e.Argument);
                break;
            case CaseExpr e:
                AddCase(e, parts);
                break;
            case CoalesceExpr e:
                AddAll(e.Arguments, parts);
                break;
            case MinMaxExpr e:
                AddAll(e.Arguments, parts);
                break;
            case ArrayExpr e:
                AddAll(e.Items, parts);
                break;
            case RowExpr e:
                AddAll(e.Items, parts);
                break;
            default:
                AddRare(node, parts);
                break;
        }
    }

    /// <summary>Adds the expressions of a query's own level, and the queries within it with their levels.</summary>
    public static void Add(BoundQuery query, int levels, List<BoundExpression> parts, List<(BoundQuery Query, int Levels)> queries)
    {
        foreach (var table in query.CommonTables)
        {
            queries.Add((table.Query, levels + 1));
        }

        AddTargets(query.Targets, parts);
        AddFrom(query.From, parts);
        AddSome(query.Where, parts);
        AddSome(query.Having, parts);
        foreach (var window in query.Windows)
        {
            AddSome(window.StartOffset, parts);
            AddSome(window.EndOffset, parts);
        }

        AddSome(query.Offset, parts);
        AddSome(query.Limit, parts);
        if (query.OnConflict is { } conflict)
        {
            AddTargets(conflict.Set ?? [], parts);
            AddSome(conflict.Where, parts);
        }

        AddTargets(query.Returning, parts);
        foreach (var relation in query.Relations)
        {
            switch (relation)
            {
                case SubqueryEntry subquery:
                    queries.Add((subquery.Query, levels + 1));
                    break;
                case FunctionEntry function:
                    parts.AddRange(function.Functions.Select(f => f.Call));
                    break;
                case ValuesEntry values:
                    foreach (var row in values.Rows)
                    {
                        AddAll(row, parts);
                    }

                    break;
                case JoinEntry join:
                    AddAll(join.Values, parts);
                    break;
            }
        }
    }

    private static void AddRare(BoundExpression node, List<BoundExpression> parts)
    {
        switch (node)
        {
            case RowCompareExpr e:
                AddAll(e.Left, parts);
                AddAll(e.Right, parts);
                break;
            case SubscriptingExpr e:
                parts.Add(e.Container);
                AddAny(e.Lower ?? [], parts);
                AddAny(e.Upper, parts);
                break;
            case SubscriptAssignExpr e:
                parts.Add(e.Container);
                AddAny(e.Lower ?? [], parts);
                AddAny(e.Upper, parts);
                parts.Add(e.Value);
                break;
            case SubLink e:
                AddAll(e.Left, parts);
                AddAll(e.Columns, parts);
                break;
            case Aggref e:
                AddAll(e.Direct, parts);
                AddTargets(e.Arguments, parts);
                AddSome(e.Filter, parts);
                break;
            case WindowFunc e:
                AddAll(e.Arguments, parts);
                AddSome(e.Filter, parts);
                break;
        }
    }

    private static void AddCase(CaseExpr node, List<BoundExpression> parts)
    {
        AddSome(node.Operand, parts);
        foreach (var arm in node.Arms)
        {
            parts.Add(arm.Condition);
            parts.Add(arm.Result);
        }

        parts.Add(node.Default);
    }

    private static void AddFrom(IEnumerable<FromItem> items, List<BoundExpression> parts)
    {
        var pending = new Stack<FromItem>(items.Reverse());
        while (pending.TryPop(out var item))
        {
            if (item is FromJoin join)
            {
                AddSome(join.On, parts);
                pending.Push(join.Right);
                pending.Push(join.Left);
            }
        }
    }

    private static void AddTargets(NodeList<TargetEntry> targets, List<BoundExpression> parts)
    {
        foreach (var target in targets.Span)
        {
            parts.Add(target.Value);
        }
    }

    private static void AddAll(NodeList<BoundExpression> nodes, List<BoundExpression> parts)
    {
        foreach (var node in nodes.Span)
        {
            parts.Add(node);
        }
    }

    private static void AddAny(NodeList<BoundExpression?> nodes, List<BoundExpression> parts)
    {
        foreach (var node in nodes.Span)
        {
            AddSome(node, parts);
        }
    }

    private static void AddSome(BoundExpression? node, List<BoundExpression> parts)
    {
        if (node is not null)
        {
            parts.Add(node);
        }
    }

    private static void Add(BoundExpression left, BoundExpression right, List<BoundExpression> parts)
    {
        parts.Add(left);
        parts.Add(right);
    }
}
