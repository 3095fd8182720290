using Rqlite.Pg.Dialect.Binding;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>Looks through bound trees without recursion.</summary>
internal static class Trees
{
    /// <summary>
    /// Tells whether a node of an expression or query fulfils the condition, which also gets the number of queries around the node within the
    /// root: 0 for an expression's own nodes, 1 for those of a query that is the root or stands in a root expression.
    /// </summary>
    public static bool Any(object root, Func<BoundExpression, int, bool> test)
    {
        var open = new Stack<(object Node, int Level)>();
        open.Push((root, root is BoundQuery ? 1 : 0));
        while (open.TryPop(out var top))
        {
            var (node, level) = top;
            if (node is BoundQuery query)
            {
                foreach (var expression in Expressions(query))
                {
                    open.Push((expression, level));
                }

                foreach (var inner in Queries(query))
                {
                    open.Push((inner, level + 1));
                }

                continue;
            }

            var value = (BoundExpression)node;
            if (test(value, level))
            {
                return true;
            }

            foreach (var child in Children(value))
            {
                open.Push((child, level));
            }

            if (value is SubLink link)
            {
                open.Push((link.Query, level + 1));
            }
        }

        return false;
    }

    /// <summary>The expressions directly within one, without those of queries.</summary>
    public static IEnumerable<BoundExpression> Children(BoundExpression expression) => expression switch
    {
        FuncExpr e => e.Arguments,
        OpExpr e => e.Arguments,
        DistinctExpr e => [e.Left, e.Right],
        NullIfExpr e => [e.Left, e.Right],
        ScalarArrayOpExpr e => [e.Scalar, e.Array],
        BoolExpr e => e.Arguments,
        RelabelExpr e => [e.Argument],
        CoerceViaIOExpr e => [e.Argument],
        ArrayCoerceExpr e => [e.Argument, e.Element],
        CoerceToDomainExpr e => [e.Argument],
        CollateExpr e => [e.Argument],
        CaseExpr e => [.. Optional(e.Operand), .. e.Arms.SelectMany(arm => new[] { arm.Condition, arm.Result }), e.Default],
        CoalesceExpr e => e.Arguments,
        MinMaxExpr e => e.Arguments,
        NullTestExpr e => [e.Argument],
        BooleanTestExpr e => [e.Argument],
        ArrayExpr e => e.Items,
        RowExpr e => e.Items,
        RowCompareExpr e => [.. e.Left, .. e.Right],
        FieldSelectExpr e => [e.Argument],
        SubscriptingExpr e => [e.Container, .. e.Upper.OfType<BoundExpression>(), .. (e.Lower ?? []).OfType<BoundExpression>()],
        SubscriptAssignExpr e =>
            [e.Container, .. e.Upper.OfType<BoundExpression>(), .. (e.Lower ?? []).OfType<BoundExpression>(), e.Value],
        SubLink e => [.. e.Left, .. e.Columns],
        Aggref e => [.. e.Direct, .. e.Arguments.Select(argument => argument.Value), .. Optional(e.Filter)],
        WindowFunc e => [.. e.Arguments, .. Optional(e.Filter)],
        _ => [],
    };

    /// <summary>The expressions of a query's own clauses.</summary>
    public static IEnumerable<BoundExpression> Expressions(BoundQuery query)
    {
        IEnumerable<BoundExpression> clauses =
        [
            .. query.Targets.Select(target => target.Value), .. Optional(query.Where), .. Optional(query.Having), .. Optional(query.Offset),
            .. Optional(query.Limit), .. query.Returning.Select(target => target.Value),
            .. (query.OnConflict?.Set ?? []).Select(target => target.Value), .. Optional(query.OnConflict?.Where),
        ];
        return clauses
            .Concat(query.Windows.SelectMany(window => Optional(window.StartOffset).Concat(Optional(window.EndOffset))))
            .Concat(Joins(query.From).SelectMany(join => Optional(join.On)))
            .Concat(query.Relations.SelectMany(Expressions));
    }

    /// <summary>The queries that stand directly within one: common tables and relations.</summary>
    public static IEnumerable<BoundQuery> Queries(BoundQuery query) =>
        query.CommonTables.Select(table => table.Query).Concat(query.Relations.OfType<SubqueryEntry>().Select(entry => entry.Query));

    public static IEnumerable<BoundExpression> Expressions(RangeTableEntry entry) => entry switch
    {
        FunctionEntry e => e.Functions.Select(function => function.Call),
        ValuesEntry e => e.Rows.SelectMany(row => row),
        _ => [],
    };

    public static IEnumerable<FromJoin> Joins(IEnumerable<FromItem> items)
    {
        var open = new Stack<FromItem>(items);
        while (open.TryPop(out var item))
        {
            if (item is FromJoin join)
            {
                yield return join;
                open.Push(join.Left);
                open.Push(join.Right);
            }
        }
    }

    /// <summary>The expression calls a volatile function, so that it may not be written twice or moved.</summary>
    public static bool IsVolatile(object root) => Any(root, static (e, _) => IsVolatileItself(e));

    /// <summary>The node itself, without its parts, is a call of a volatile function.</summary>
    public static bool IsVolatileItself(BoundExpression expression) => expression switch
    {
        FuncExpr f => f.Function.Volatility == Data.Volatility.Volatile,
        OpExpr o => Data.Builtins.FindFunction(o.Operator.Code)?.Volatility == Data.Volatility.Volatile,
        _ => false,
    };

    public static bool ReturnsSet(BoundExpression expression) => Any(expression, (e, level) => level == 0 && e is FuncExpr { ReturnsSet: true });

    private static BoundExpression[] Optional(BoundExpression? expression) => expression is null ? [] : [expression];
}
