using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect;

/// <summary>Tells the types of a result's columns as far as the text alone does.</summary>
internal static class SelectList
{
    /// <summary>Null if the number of columns cannot be told.</summary>
    public static IReadOnlyList<PgType?>? Types(ParsedStatement statement)
    {
        var text = statement.Original;
        var tokens = Tokenize(text);
        var expressions = new ExpressionTypes(text, tokens);
        if (statement.Verb != StatementVerb.Select)
        {
            var returning = FindAtTop(tokens, 0, Keyword.Returning);
            return returning < 0 ? [] : Items(expressions, tokens, returning + 1, tokens.Count, wholeTail: true);
        }

        return Query(expressions, tokens, 0, tokens.Count);
    }

    public static List<Token> Tokenize(string text)
    {
        var tokens = new List<Token>();
        var lexer = new Lexer(text);
        for (var token = lexer.Read(); token.Kind != TokenKind.End; token = lexer.Read())
        {
            tokens.Add(token);
        }

        return tokens;
    }

    /// <summary>All arms of a compound select must agree, else a column may hold either type.</summary>
    private static PgType?[]? Query(ExpressionTypes expressions, List<Token> tokens, int from, int to)
    {
        while (from < to && tokens[from].Kind == TokenKind.OpenParen && expressions.Closing(from) == to - 1)
        {
            (from, to) = (from + 1, to - 1);
        }

        PgType?[]? result = null;
        for (var arm = FindSelect(tokens, from, to); arm >= 0; arm = FindSelect(tokens, arm + 1, to))
        {
            var types = tokens[arm].Is(Keyword.Values)
                ? Rows(expressions, tokens, arm + 1, to)
                : Items(expressions, tokens, AfterDistinct(expressions, tokens, arm + 1, to), to, wholeTail: false);
            if (types is null || (result is not null && result.Length != types.Length))
            {
                return null;
            }

            result = Merge(result, types);
        }

        return result;
    }

    private static PgType?[] Merge(PgType?[]? left, PgType?[] right)
    {
        if (left is null)
        {
            return right;
        }

        for (var i = 0; i < left.Length; i++)
        {
            left[i] = left[i] == right[i] ? left[i] : null;
        }

        return left;
    }

    private static int FindSelect(List<Token> tokens, int from, int to)
    {
        var depth = 0;
        for (var i = from; i < to; i++)
        {
            depth += DepthOf(tokens[i]);
            if (depth == 0 && (tokens[i].Is(Keyword.Select) || tokens[i].Is(Keyword.Values)))
            {
                return i;
            }
        }

        return -1;
    }

    private static int FindAtTop(List<Token> tokens, int from, Keyword keyword)
    {
        var depth = 0;
        for (var i = from; i < tokens.Count; i++)
        {
            depth += DepthOf(tokens[i]);
            if (depth == 0 && tokens[i].Is(keyword))
            {
                return i;
            }
        }

        return -1;
    }

    private static int AfterDistinct(ExpressionTypes expressions, List<Token> tokens, int from, int to)
    {
        if (from < to && tokens[from].Is(Keyword.All))
        {
            return from + 1;
        }

        if (from >= to || !tokens[from].Is(Keyword.Distinct))
        {
            return from;
        }

        var on = from + 1 < to && tokens[from + 1].Is(Keyword.On) && from + 2 < to && tokens[from + 2].Kind == TokenKind.OpenParen;
        return on ? expressions.Closing(from + 2) + 1 : from + 1;
    }

    private static PgType?[]? Rows(ExpressionTypes expressions, List<Token> tokens, int from, int to)
    {
        PgType?[]? result = null;
        for (var i = from; i < to && tokens[i].Kind == TokenKind.OpenParen;)
        {
            var close = expressions.Closing(i);
            if (close < 0)
            {
                return null;
            }

            var row = Items(expressions, tokens, i + 1, close, wholeTail: true);
            if (row is null || (result is not null && result.Length != row.Length))
            {
                return null;
            }

            result = Merge(result, row);
            i = close + 1;
            if (i >= to || tokens[i].Kind != TokenKind.Comma)
            {
                break;
            }

            i++;
        }

        return result;
    }

    private static PgType?[]? Items(ExpressionTypes expressions, List<Token> tokens, int from, int to, bool wholeTail)
    {
        var types = new List<PgType?>();
        var start = from;
        var depth = 0;
        for (var i = from; i <= to; i++)
        {
            var ends = i == to || (depth == 0 && (tokens[i].Kind == TokenKind.Comma || (!wholeTail && EndsList(tokens[i]))));
            if (ends)
            {
                if (start >= i || IsStar(expressions, tokens, start, i))
                {
                    return null;
                }

                types.Add(expressions.TypeOfItem(start, i));
                start = i + 1;
                if (i == to || tokens[i].Kind != TokenKind.Comma)
                {
                    break;
                }
            }
            else
            {
                depth += DepthOf(tokens[i]);
            }
        }

        return types.ToArray();
    }

    private static int DepthOf(Token token) => token.Kind switch
    {
        TokenKind.OpenParen or TokenKind.OpenBracket => 1,
        TokenKind.CloseParen or TokenKind.CloseBracket => -1,
        _ => 0,
    };

    private static bool IsStar(ExpressionTypes expressions, List<Token> tokens, int from, int to) =>
        expressions.IsOperator(to - 1, "*") && (to - from == 1 || tokens[to - 2].Kind == TokenKind.Dot);

    // SELECT cannot follow; it ends the list so that each token is looked at for one arm, whatever the text.
    private static bool EndsList(Token token) => token.Kind == TokenKind.Word && token.Keyword is Keyword.From or Keyword.Select or Keyword.Where
        or Keyword.Group or Keyword.Having or Keyword.Window or Keyword.Union or Keyword.Except or Keyword.Intersect or Keyword.Order
        or Keyword.Limit or Keyword.Offset or Keyword.Fetch or Keyword.For or Keyword.Into;
}
