namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>The operators that are words.</summary>
public sealed partial class Parser
{
    private Expression? ParseInfixWord(Expression left, int precedence, bool restricted)
    {
        var own = PrecedenceOfWord(restricted);
        if (own < Math.Max(precedence, 0) || IsLabelHere())
        {
            return null;
        }

        switch (_token.Keyword)
        {
            case Keyword.And:
                return ParseBoolean(left, BooleanOperator.And, Keyword.And, Precedence.And);
            case Keyword.Or:
                return ParseBoolean(left, BooleanOperator.Or, Keyword.Or, Precedence.Or);
            case Keyword.Is:
                return ParseIs(left, restricted);
            case Keyword.Isnull or Keyword.Notnull:
                var test = new NullTest(Here, left, At(Keyword.Notnull));
                Advance();
                PushDown();
                return test;
            case Keyword.Collate:
                var collate = Here;
                Advance();
                PushDown();
                return new CollateExpression(collate, left, ParseAnyName());
            case Keyword.At:
                return ParseAtTimeZone(left);
            case Keyword.Operator:
                return ParseBinary(left, Precedence.OtherOperator, restricted);
            default:
                return ParseMatch(left);
        }
    }

    private int PrecedenceOfWord(bool restricted) => _token.Keyword switch
    {
        Keyword.Is => Precedence.Is,
        Keyword.Operator when Peek().Kind == TokenKind.OpenParen => Precedence.OtherOperator,
        _ when restricted => Precedence.None,
        Keyword.And => Precedence.And,
        Keyword.Or => Precedence.Or,
        Keyword.Isnull or Keyword.Notnull => Precedence.Is,
        Keyword.Between or Keyword.In or Keyword.Like or Keyword.Ilike => Precedence.Match,
        Keyword.Similar when Peek().Is(Keyword.To) => Precedence.Match,
        Keyword.Not when Peek() is { Kind: TokenKind.Word, Keyword: Keyword.Between or Keyword.In or Keyword.Like or Keyword.Ilike
            or Keyword.Similar } =>
            Precedence.Match,
        Keyword.Collate => Precedence.Collate,
        Keyword.At => Precedence.AtTimeZone,
        _ => Precedence.None,
    };

    /// <summary>True for a token that no expression begins or continues with, but that may stand behind a select list.</summary>
    private static bool FollowsTarget(Token token) => token.Kind switch
    {
        TokenKind.Comma or TokenKind.Semicolon or TokenKind.End or TokenKind.CloseParen => true,
        TokenKind.Word => token.Keyword is Keyword.From or Keyword.Where or Keyword.Group or Keyword.Having or Keyword.Window or Keyword.Union
            or Keyword.Intersect or Keyword.Except or Keyword.Order or Keyword.Limit or Keyword.Offset or Keyword.Fetch or Keyword.For or Keyword.Into
            or Keyword.With or Keyword.On or Keyword.Returning,
        _ => false,
    };

    /// <summary>True if the operator at hand is a column's label, as in <c>SELECT 1 and FROM t</c>.</summary>
    private bool IsLabelHere() => _labelBrackets == _brackets && Keywords.IsBareLabel(_token.Keyword) && FollowsTarget(Peek());

    private BooleanExpression ParseBoolean(Expression left, BooleanOperator symbol, Keyword keyword, int precedence)
    {
        var location = Here;
        var operands = new List<Expression>();
        if (left is BooleanExpression inner && inner.Operator == symbol)
        {
            operands.AddRange(inner.Operands);
        }
        else
        {
            operands.Add(left);
            PushDown();
        }

        do
        {
            Advance();
            operands.Add(ParseExpression(precedence + 1));
        }
        while (At(keyword) && !IsLabelHere());
        return new BooleanExpression(location, symbol, ListOf(operands));
    }

    private Expression ParseIs(Expression left, bool restricted)
    {
        var location = Here;
        Advance();
        PushDown();
        var not = Accept(Keyword.Not);
        if (Accept(Keyword.Distinct))
        {
            Expect(Keyword.From);
            var right = ParseExpression(Precedence.Is + 1, restricted);
            if (At(Keyword.Is) || (!restricted && (At(Keyword.Isnull) || At(Keyword.Notnull))))
            {
                throw Unexpected();
            }

            return new DistinctTest(location, left, right, not);
        }

        if (Accept(Keyword.Document))
        {
            return Negated(location, not, new XmlExpression(location, XmlKind.IsDocument, null, [], [left]));
        }

        if (restricted)
        {
            throw Unexpected();
        }

        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.Null:
                Advance();
                return new NullTest(location, left, not);
            case Keyword.True:
                Advance();
                return new BooleanTest(location, left, BooleanTestKind.True, not);
            case Keyword.False:
                Advance();
                return new BooleanTest(location, left, BooleanTestKind.False, not);
            case Keyword.Unknown:
                Advance();
                return new BooleanTest(location, left, BooleanTestKind.Unknown, not);
            case Keyword.Normalized or Keyword.Nfc or Keyword.Nfd or Keyword.Nfkc or Keyword.Nfkd:
                var form = TryParseNormalForm();
                Expect(Keyword.Normalized);
                var call = new FunctionCall(location, ["pg_catalog", "is_normalized"], form is null ? [left] : [left, form])
                {
                    Syntax = CallSyntax.IsNormalized,
                };
                return Negated(location, not, call);
            default:
                throw Unexpected();
        }
    }

    private Constant? TryParseNormalForm()
    {
        if (_token.Kind != TokenKind.Word || _token.Keyword is not (Keyword.Nfc or Keyword.Nfd or Keyword.Nfkc or Keyword.Nfkd))
        {
            return null;
        }

        var location = Here;
        return new Constant(location, ConstantKind.String, TakeName().ToUpperInvariant());
    }

    private static Expression Negated(Location location, bool not, Expression test) => not ? new NotExpression(location, test) : test;

    private FunctionCall ParseAtTimeZone(Expression left)
    {
        var location = Here;
        Advance();
        Expect(Keyword.Time, Keyword.Zone);
        PushDown(2);
        var zone = ParseExpression(Precedence.AtTimeZone + 1);
        return new FunctionCall(location, ["pg_catalog", "timezone"], [zone, left]) { Syntax = CallSyntax.AtTimeZone };
    }

    /// <summary>BETWEEN, IN, LIKE, ILIKE and SIMILAR TO.</summary>
    private Expression ParseMatch(Expression left)
    {
        var location = Here;
        var not = Accept(Keyword.Not);
        PushDown();
        switch (_token.Keyword)
        {
            case Keyword.Between:
                Advance();
                return ParseBetween(location, left, not);
            case Keyword.In:
                Advance();
                return ParseParentheses(out var items) is { } query
                    ? Negated(location, not, new SubqueryExpression(location, SubqueryKind.Any, query, left))
                    : new InList(location, left, items, not);
            case Keyword.Like:
                Advance();
                return ParseLike(location, LikeKind.Like, left, not, not ? "!~~" : "~~");
            case Keyword.Ilike:
                Advance();
                return ParseLike(location, LikeKind.Ilike, left, not, not ? "!~~*" : "~~*");
            default:
                Expect(Keyword.Similar, Keyword.To);
                return ParseLike(location, LikeKind.SimilarTo, left, not, null);
        }
    }

    private BetweenExpression ParseBetween(Location location, Expression left, bool not)
    {
        var symmetric = Accept(Keyword.Symmetric);
        if (!symmetric)
        {
            Accept(Keyword.Asymmetric);
        }

        var low = ParseExpression(restricted: true);
        Expect(Keyword.And);
        var high = ParseExpression(Precedence.Match + 1);
        RefuseMatch();
        return new BetweenExpression(location, left, low, high, symmetric, not);
    }

    private Expression ParseLike(Location location, LikeKind kind, Expression left, bool not, string? symbol)
    {
        if (symbol is not null && AtQuantifier())
        {
            return ParseQuantified(location, [symbol], left);
        }

        var pattern = ParseExpression(Precedence.Match + 1);
        var escape = Accept(Keyword.Escape) ? ParseExpression(Precedence.Match + 1) : null;
        RefuseMatch();
        return new LikeExpression(location, kind, left, pattern, escape, not);
    }

    /// <summary>These operators do not associate: a second one behind the operand of the first is an error.</summary>
    private void RefuseMatch()
    {
        if (At(TokenKind.Word) && PrecedenceOfWord(false) == Precedence.Match && !IsLabelHere())
        {
            throw Unexpected();
        }
    }
}
