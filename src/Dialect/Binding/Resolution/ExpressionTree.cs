using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Questions about whole expressions.</summary>
internal static class ExpressionTree
{
    /// <summary>
    /// The place that an error about an expression points to: its leftmost part that has one (exprLocation), since the location of an
    /// operator is that of its symbol.
    /// </summary>
    public static Location LocationOf(BoundExpression expression) => expression switch
    {
        FuncExpr e => Leftmost(e.Location, FirstOf(e.Arguments)),
        OpExpr e => Leftmost(e.Location, FirstOf(e.Arguments)),
        DistinctExpr e => Leftmost(e.Location, FirstOf(e.Left, e.Right)),
        NullIfExpr e => Leftmost(e.Location, FirstOf(e.Left, e.Right)),
        ScalarArrayOpExpr e => Leftmost(e.Location, FirstOf(e.Scalar, e.Array)),
        BoolExpr e => Leftmost(e.Location, FirstOf(e.Arguments)),
        SubLink e => Leftmost(FirstOf(e.Left), e.Location),
        FieldSelectExpr e => LocationOf(e.Argument),
        SubscriptingExpr e => LocationOf(e.Container),
        RelabelExpr e => Leftmost(e.Location, LocationOf(e.Argument)),
        CoerceViaIOExpr e => Leftmost(e.Location, LocationOf(e.Argument)),
        ArrayCoerceExpr e => Leftmost(e.Location, LocationOf(e.Argument)),
        CoerceToDomainExpr e => Leftmost(e.Location, LocationOf(e.Argument)),
        CollateExpr e => LocationOf(e.Argument),
        RowCompareExpr e => FirstOf(e.Left),
        NullTestExpr e => Leftmost(e.Location, LocationOf(e.Argument)),
        BooleanTestExpr e => Leftmost(e.Location, LocationOf(e.Argument)),
        _ => expression.Location,
    };

    /// <summary>The location of a list: that of its first item that has one.</summary>
    public static Location FirstOf(IReadOnlyList<BoundExpression> expressions)
    {
        foreach (var expression in expressions)
        {
            if (LocationOf(expression) is { Offset: >= 0 } location)
            {
                return location;
            }
        }

        return Location.None;
    }

    /// <summary>True if a function or operator in the expression returns a set (expression_returns_set).</summary>
    public static bool ReturnsSet(BoundExpression? expression) => expression switch
    {
        null or Aggref or WindowFunc => false,
        FuncExpr e => e.ReturnsSet || Any(e.Arguments),
        OpExpr e => Any(e.Arguments),
        DistinctExpr e => ReturnsSet(e.Left) || ReturnsSet(e.Right),
        NullIfExpr e => ReturnsSet(e.Left) || ReturnsSet(e.Right),
        ScalarArrayOpExpr e => ReturnsSet(e.Scalar) || ReturnsSet(e.Array),
        BoolExpr e => Any(e.Arguments),
        SubLink e => Any(e.Left),
        FieldSelectExpr e => ReturnsSet(e.Argument),
        SubscriptingExpr e => ReturnsSet(e.Container) || Any(e.Upper) || (e.Lower is { } lower && Any(lower)),
        RelabelExpr e => ReturnsSet(e.Argument),
        CoerceViaIOExpr e => ReturnsSet(e.Argument),
        ArrayCoerceExpr e => ReturnsSet(e.Argument),
        CoerceToDomainExpr e => ReturnsSet(e.Argument),
        CollateExpr e => ReturnsSet(e.Argument),
        RowCompareExpr e => Any(e.Left) || Any(e.Right),
        NullTestExpr e => ReturnsSet(e.Argument),
        BooleanTestExpr e => ReturnsSet(e.Argument),
        CaseExpr e => ReturnsSet(e.Operand) || ReturnsSet(e.Default) || AnyArm(e.Arms),
        CoalesceExpr e => Any(e.Arguments),
        MinMaxExpr e => Any(e.Arguments),
        ArrayExpr e => Any(e.Items),
        RowExpr e => Any(e.Items),
        _ => false,
    };

    private static bool Any(IReadOnlyList<BoundExpression?> expressions)
    {
        foreach (var expression in expressions)
        {
            if (ReturnsSet(expression))
            {
                return true;
            }
        }

        return false;
    }

    private static bool AnyArm(NodeList<CaseArm> arms)
    {
        foreach (var arm in arms)
        {
            if (ReturnsSet(arm.Condition) || ReturnsSet(arm.Result))
            {
                return true;
            }
        }

        return false;
    }

    private static Location FirstOf(BoundExpression left, BoundExpression right) =>
        LocationOf(left) is { Offset: >= 0 } location ? location : LocationOf(right);

    private static Location Leftmost(Location one, Location other) => one.Offset < 0 ? other
        : other.Offset < 0 || one.Offset <= other.Offset ? one
        : other;
}
