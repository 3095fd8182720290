using Rqlite.Pg.Dialect.Binding;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>
/// Aggregates and window functions, which must not move into a subquery that lowering makes: SQLite would compute an aggregate without columns, such as
/// count(*), over the subquery's one row, and knows no window there.
/// </content>
internal sealed partial class QueryLowering
{
    // Each level of expressions that are written several times in one another multiplies the text.
    private const int RepeatedMax = 4;

    private int _repeated;

    /// <summary>Writes a body that names a value several times, with the value itself in each place.</summary>
    private void WriteRepeated(IEnumerable<BoundExpression> values, Action writeBody)
    {
        foreach (var value in values)
        {
            if (_repeated == RepeatedMax || Trees.IsVolatile(value) || Trees.Any(value, static (e, level) => level == 0 && e is CaseTestExpr))
            {
                throw AreNotSupported("aggregates and window functions in such an expression", value.Location);
            }
        }

        _repeated++;
        writeBody();
        _repeated--;
    }

    /// <summary>An aggregate of the present query, or one of its window functions, is a part of the expression.</summary>
    private static bool StaysInPlace(BoundExpression value) => Trees.Any(value, IsOfQuery);

    /// <summary>Refuses to put an expression into a subquery if SQLite would not take its aggregates for those of the query around it.</summary>
    /// <param name="intoAggregate">The subquery aggregates the expression itself.</param>
    private void RequireMovable(BoundExpression value, bool intoAggregate)
    {
        if (Trees.Any(value, (e, level) => IsOfQuery(e, level) && (intoAggregate || !(e is Aggref aggregate && HasColumn(aggregate, level)))))
        {
            throw AreNotSupported("aggregates and window functions in such a comparison", value.Location);
        }
    }

    private static bool IsOfQuery(BoundExpression e, int level) => (e is WindowFunc && level == 0) || (e is Aggref aggregate && aggregate.LevelsUp == level);

    private static bool HasColumn(Aggref aggregate, int level) =>
        aggregate.Arguments.Any(argument => Trees.Any(argument.Value, (e, deeper) => e is Var v && v.LevelsUp == level + deeper));
}
