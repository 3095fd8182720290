using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>
/// Which literals of one statement become parameters. A literal on which the form of SQLite's text depends, or that stands in it as well, is fixed: the
/// statement with another one has another text.
/// </summary>
internal sealed class LiteralLifting(LiteralTokens literals, ISchema schema)
{
    private readonly HashSet<int> _fixed = [];

    public bool MayLift(Const constant) => constant is { Lift: >= 0, Text: { } text, Type.Oid: not PgTypes.Unknown } && !_fixed.Contains(constant.Lift)
        && LiftedLiteral.With(constant, literals.Tokens[constant.Lift].Class, literals.ValueOf(constant.Lift), schema)?.Text == text;

    public void Fix(Const constant)
    {
        if (constant.Lift >= 0)
        {
            _fixed.Add(constant.Lift);
        }
    }

    /// <summary>The steps once all are written: literals that were fixed after they had become parameters cannot be replaced.</summary>
    public IReadOnlyList<Step> Settle(IReadOnlyList<Step> steps) => steps.Any(step => step.Parameters.Any(IsFixed))
        ? [.. steps.Select(step => step with
        {
            Parameters = [.. step.Parameters.Select(p => IsFixed(p) ? p with { Literal = p.Literal! with { Lift = -1 } } : p)],
        })]
        : steps;

    private bool IsFixed(StepParameter parameter) => parameter.Literal is { } literal && _fixed.Contains(literal.Lift);
}
