using System.Buffers;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Which constants are literals whose values may be given to the statement when it runs.</summary>
internal sealed partial class StatementBinder
{
    private static readonly SearchValues<char> s_signs = SearchValues.Create("- \t\r\n\f\v");

    /// <summary>
    /// The number of the literal that a constant is, if nothing about the bound statement depends on its value: it has the class that its type follows
    /// from, and stands where expressions are not compared with each other.
    /// </summary>
    private int LiftOf(Constant constant, LiteralClass literalClass, Scope scope)
    {
        if (_context.Literals is not { } literals || constant.Location.Offset < 0 || !Lifts(scope))
        {
            return -1;
        }

        // The number of a negative one stands after its signs; what the parser has made of words has no literal.
        var index = literals.FindFrom(constant.Location.Offset);
        return index >= 0 && literals.Tokens[index].Class == literalClass && IsValue(constant, literals, index, literalClass) ? index : -1;
    }

    private bool IsValue(Constant constant, LiteralTokens literals, int index, LiteralClass literalClass)
    {
        var (start, value) = (literals.Tokens[index].Start, literals.ValueOf(index));
        if (start == constant.Location.Offset || literalClass == LiteralClass.String)
        {
            return start == constant.Location.Offset && value == constant.Text;
        }

        // Zero hides its sign, which would be that of another number in its place.
        var between = _context.Text.AsSpan(constant.Location.Offset, start - constant.Location.Offset);
        return !between.ContainsAnyExcept(s_signs) && value.AsSpan().ContainsAnyInRange('1', '9')
            && constant.Text == (between.Count('-') % 2 == 0 ? value : "-" + value);
    }

    /// <summary>
    /// In WHERE and ON, VALUES, SET, LIMIT and OFFSET, also of subqueries that stand there or in FROM and WITH. In select lists, groups and orders,
    /// and in all that stands within those, equal expressions are found by comparing them.
    /// </summary>
    private static bool Lifts(Scope scope)
    {
        if (!LiftsIn(scope.Kind))
        {
            return false;
        }

        for (var outer = scope.Parent; outer is not null; outer = outer.Parent)
        {
            if (outer.Kind is not (ExpressionKind.None or ExpressionKind.FromSubselect) && !LiftsIn(outer.Kind))
            {
                return false;
            }
        }

        return true;
    }

    private static bool LiftsIn(ExpressionKind kind) => kind is ExpressionKind.Where or ExpressionKind.JoinOn or ExpressionKind.Values
        or ExpressionKind.ValuesSingle or ExpressionKind.UpdateSource or ExpressionKind.Limit or ExpressionKind.Offset;
}
