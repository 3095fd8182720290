using Rqlite.Pg.Dialect.Binding;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>
/// Takes the conditions that all arms of an OR share out of it: <c>(a AND x) OR (a AND y)</c> is <c>a AND (x OR y)</c>. SQLite finds a join's
/// condition only there.
/// </summary>
internal static class CommonFactors
{
    private const int ArmsMax = 64;

    /// <summary>Null where the arms share nothing.</summary>
    /// <param name="lifting">The literals of the statement; those by which conditions are equal are fixed.</param>
    public static BoundExpression? Of(BoolExpr disjunction, LiteralLifting? lifting)
    {
        if (disjunction.Arguments.Count > ArmsMax || !disjunction.Arguments.All(arm => arm is BoolExpr { Operator: BoolOperator.And }))
        {
            return null;
        }

        var arms = disjunction.Arguments.Select(arm => ((BoolExpr)arm).Arguments.ToList()).ToList();
        var common = arms[0].Where(term => arms.Skip(1).All(arm => arm.Contains(term)) && !Trees.IsVolatile(term)).Distinct().ToList();
        if (common.Count == 0)
        {
            return null;
        }

        foreach (var term in arms.SelectMany(arm => arm.Where(common.Contains)))
        {
            BoundWalk.Visit(term, (node, _) =>
            {
                if (node is Const constant)
                {
                    lifting?.Fix(constant);
                }

                return true;
            });
        }

        var rest = arms.ConvertAll(arm => arm.Where(term => !common.Contains(term)).ToList());

        // An arm that holds nothing else makes the OR true where the common conditions are.
        if (rest.All(arm => arm.Count > 0))
        {
            common.Add(new BoolExpr(BoolOperator.Or, [.. rest.Select(Conjunction)], disjunction.Location));
        }

        return Conjunction(common);
    }

    private static BoundExpression Conjunction(List<BoundExpression> terms) =>
        terms.Count == 1 ? terms[0] : new BoolExpr(BoolOperator.And, [.. terms], terms[0].Location);
}
