using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// Where expressions begin in the text. A node's own location may be that of its operator; an error's position is that of the leftmost part,
/// which PostgreSQL finds by the same rules (exprLocation).
/// </summary>
internal static class Locations
{
    public static Location Of(BoundExpression? expression) => expression is null ? Location.None : ExpressionTree.LocationOf(expression);

    /// <summary>The location of the first item that has one.</summary>
    public static Location Of(IReadOnlyList<BoundExpression> expressions) => ExpressionTree.FirstOf(expressions);

    public static Location Of(Expression? expression)
    {
        var least = -1;
        while (expression is not null)
        {
            var (own, next) = Step(expression);
            least = Leftmost(least, own.Offset);
            expression = next;
        }

        return new Location(least);
    }

    public static Location Of(Node node) => node is Expression expression ? Of(expression) : node.Location;

    /// <summary>The location to report for a conversion: its own, or that of what is converted.</summary>
    public static Location OfCoercion(Location coercion, BoundExpression value) => coercion.Offset >= 0 ? coercion : Of(value);

    private static int Leftmost(int left, int right) => left < 0 ? right : right < 0 ? left : Math.Min(left, right);

    private static (Location Own, Expression? Next) Step(Expression expression) => expression switch
    {
        OperatorExpression e => (e.Location, e.Left),
        BooleanExpression e => (e.Location, e.Operands[0]),
        NotExpression e => (e.Location, e.Operand),
        NullTest e => (e.Location, e.Operand),
        BooleanTest e => (e.Location, e.Operand),
        DistinctTest e => (e.Location, e.Left),
        InList e => (e.Location, e.Operand),
        LikeExpression e => (e.Location, e.Operand),
        BetweenExpression e => (e.Location, e.Operand),
        ArrayComparison e => (e.Location, e.Left),
        SubqueryExpression e => (e.Location, e.Operand),
        FunctionCall e => (e.Location, e.Arguments.Count == 0 ? null : e.Arguments[0]),
        NamedArgument e => (e.Location, e.Value),
        TypeCast e => (new Location(Leftmost(e.Location.Offset, e.Type.Location.Offset)), e.Operand),
        CollateExpression e => (Location.None, e.Operand),
        Indirection e => (Location.None, e.Operand),
        _ => (expression.Location, null),
    };
}
