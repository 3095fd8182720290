using System.Globalization;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect;

/// <summary>
/// Types of parameters that nobody has declared, by what stands beside them. SQLite compares a text with a number by their classes alone,
/// unless one side is a column: so a parameter that is compared with a number must be one.
/// </summary>
internal static class ParameterInference
{
    /// <summary>For <c>$n</c> at index n - 1 what its surroundings say; null where they say nothing, so that text serves.</summary>
    /// <exception cref="DialectException">42P18: it is compared with something that may be a number or not.</exception>
    public static PgType?[] Infer(ParsedStatement statement, Func<int, bool> isOpen)
    {
        var types = new PgType?[statement.ParameterCount];
        var text = statement.Original;
        var tokens = SelectList.Tokenize(text);
        var walk = new Walk(statement, new ExpressionTypes(text, tokens), tokens);
        for (var i = 0; i < tokens.Count; i++)
        {
            walk.Pass(i);
            if (tokens[i].Kind == TokenKind.Parameter
                && int.TryParse(text.AsSpan(tokens[i].Start + 1, tokens[i].Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number >= 1 && number <= types.Length && types[number - 1] is null && isOpen(number - 1))
            {
                types[number - 1] = walk.TypeAt(i);
            }
        }

        return types;
    }

    /// <summary>Goes over a statement once, and knows within which list or BETWEEN it is.</summary>
    private sealed class Walk(ParsedStatement statement, ExpressionTypes expressions, List<Token> tokens)
    {
        // For each parenthesis that is open, and the text around them: its index, and a BETWEEN within it whose AND is to come.
        private readonly Stack<(int Open, int Between)> _levels = new([(-1, -1)]);
        private readonly Dictionary<int, PgType?> _ofOwner = [];
        private (int And, int Between) _lastAnd = (-1, -1);

        public void Pass(int at)
        {
            var token = tokens[at];
            if (token.Kind == TokenKind.OpenParen)
            {
                _levels.Push((at, -1));
            }
            else if (token.Kind == TokenKind.CloseParen && _levels.Count > 1)
            {
                _levels.Pop();
            }
            else if (token.Is(Keyword.Between))
            {
                _levels.Push(_levels.Pop() with { Between = at });
            }
            else if (token.Is(Keyword.And) && _levels.Peek() is { Between: >= 0 and var between } level)
            {
                _lastAnd = (at, between);
                _levels.Pop();
                _levels.Push(level with { Between = -1 });
            }
        }

        public PgType? TypeAt(int at)
        {
            var (before, after) = (at - 1, at + 1);
            while (IsAt(before, TokenKind.OpenParen) && IsAt(after, TokenKind.CloseParen) && !IsAt(before - 1, TokenKind.Word)
                && !IsAt(before - 1, TokenKind.QuotedIdentifier))
            {
                (before, after) = (before - 1, after + 1);
            }

            if (before >= 0 && (tokens[before].Is(Keyword.Limit) || tokens[before].Is(Keyword.Offset)))
            {
                return new PgType(PgTypes.Int8);
            }

            if (IsArithmetic(before) || IsArithmetic(after))
            {
                return new PgType(PgTypes.Numeric);
            }

            if (IsComparison(before))
            {
                return Compared(statement, expressions, tokens, expressions.OperandStart(before), before, at);
            }

            if (IsComparison(after))
            {
                return Compared(statement, expressions, tokens, after + 1, expressions.OperandEnd(after + 1), at);
            }

            return OwnerOf(before, after) is >= 0 and var owner ? OfOwner(owner, at) : null;
        }

        /// <summary>The IN or BETWEEN whose left operand the parameter is compared with; -1 for none.</summary>
        private int OwnerOf(int before, int after)
        {
            if (before >= 0 && tokens[before].Is(Keyword.Between))
            {
                return before;
            }

            if (before >= 0 && before == _lastAnd.And)
            {
                return _lastAnd.Between;
            }

            var (open, _) = _levels.Peek();
            return open > 0 && tokens[open - 1].Is(Keyword.In) && (before == open || IsAt(before, TokenKind.Comma))
                && (IsAt(after, TokenKind.Comma) || IsAt(after, TokenKind.CloseParen))
                ? open - 1 : -1;
        }

        private PgType? OfOwner(int owner, int at)
        {
            if (!_ofOwner.TryGetValue(owner, out var type))
            {
                var end = owner > 0 && tokens[owner - 1].Is(Keyword.Not) ? owner - 1 : owner;
                type = Compared(statement, expressions, tokens, expressions.OperandStart(end), end, at);
                _ofOwner.Add(owner, type);
            }

            return type;
        }

        private bool IsAt(int at, TokenKind kind) => at >= 0 && at < tokens.Count && tokens[at].Kind == kind;

        private bool IsArithmetic(int at) => IsAt(at, TokenKind.Operator) && expressions.IsArithmetic(at);

        private bool IsComparison(int at) => IsAt(at, TokenKind.Operator) && expressions.IsComparison(at);
    }

    private static PgType? Compared(
        ParsedStatement statement, ExpressionTypes expressions, List<Token> tokens, int from, int to, int parameter)
    {
        if (from >= to || IsColumn(tokens, from, to))
        {
            // The column's affinity makes a number of the text where it must be one.
            return null;
        }

        return expressions.Comparable(from, to) switch
        {
            Comparison.Number => new PgType(PgTypes.Numeric),
            Comparison.Truth => new PgType(PgTypes.Bool),
            Comparison.Open => throw new DialectException(
                "42P18", $"could not determine data type of parameter {Text(statement, tokens[parameter])}",
                Lexer.CharacterPosition(statement.Source, statement.Start + tokens[parameter].Start),
                $"Declare it, or write {Text(statement, tokens[parameter])}::text or another type."),
            _ => null,
        };
    }

    private static string Text(ParsedStatement statement, Token token) => statement.Original[token.Start..token.End];

    /// <summary>A name, perhaps with those of its table and schema, perhaps in parentheses.</summary>
    private static bool IsColumn(List<Token> tokens, int from, int to)
    {
        while (to - from >= 3 && tokens[from].Kind == TokenKind.OpenParen && tokens[to - 1].Kind == TokenKind.CloseParen)
        {
            (from, to) = (from + 1, to - 1);
        }

        for (var i = from; i < to; i++)
        {
            var expected = (i - from) % 2 == 0
                ? tokens[i].Kind == TokenKind.QuotedIdentifier
                    || (tokens[i].Kind == TokenKind.Word && Keywords.ClassOf(tokens[i].Keyword) != KeywordClass.Reserved)
                : tokens[i].Kind == TokenKind.Dot;
            if (!expected)
            {
                return false;
            }
        }

        return (to - from) % 2 == 1;
    }
}

/// <summary>The kind of an expression that a parameter is compared with.</summary>
internal enum Comparison
{
    Text,
    Number,
    Truth,

    /// <summary>Only its values tell.</summary>
    Open,
}
