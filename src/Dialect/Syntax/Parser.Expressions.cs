namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>Expressions by PostgreSQL's table of precedences.</summary>
public sealed partial class Parser
{
    private static readonly Func<Parser, Expression> s_expression = static p => p.ParseExpression();

    /// <summary>An expression whose operators bind at least as tightly as a precedence.</summary>
    /// <param name="restricted">PostgreSQL's b_expr: without the operators that are words, except IS DISTINCT FROM and IS DOCUMENT.</param>
    private Expression ParseExpression(int precedence = 0, bool restricted = false)
    {
        Enter();
        var outer = _deepest;
        _deepest = _level;
        var left = ParsePrefix(restricted);
        if (ContinuesExpression())
        {
            left = ParseInfix(left, precedence, restricted);
        }

        _deepest = Math.Max(_deepest, outer);
        Leave();
        return left;
    }

    private bool ContinuesExpression() => _token.Kind is TokenKind.Operator or TokenKind.Cast or TokenKind.Word;

    private Expression ParsePrefix(bool restricted)
    {
        if (At(TokenKind.Operator))
        {
            return ParsePrefixOperator(restricted);
        }

        if (_token.Kind == TokenKind.Word && _token.Keyword is Keyword.Not or Keyword.Operator or Keyword.Unique or Keyword.Default)
        {
            return ParsePrefixWord(restricted) ?? ParsePrimary();
        }

        return ParsePrimary();
    }

    private Expression ParsePrefixOperator(bool restricted)
    {
        var location = Here;
        if (AcceptOperator("-"))
        {
            return Negate(ParseExpression(Precedence.UnaryMinus, restricted), location);
        }

        if (AcceptOperator("+"))
        {
            return new OperatorExpression(location, ["+"], null, ParseExpression(Precedence.UnaryMinus, restricted));
        }

        if (Precedence.OfOperator(_text.AsSpan(_token.Start, _token.Length)) != Precedence.OtherOperator)
        {
            throw Unexpected();
        }

        var name = TakeOperator();
        return new OperatorExpression(location, [name], null, ParseExpression(Precedence.OtherOperator + 1, restricted));
    }

    private Expression? ParsePrefixWord(bool restricted)
    {
        var location = Here;
        switch (_token.Keyword)
        {
            case Keyword.Operator when AtQualifiedOperator():
                var name = ParseQualifiedOperator();
                return new OperatorExpression(location, name, null, ParseExpression(Precedence.OtherOperator + 1, restricted));
            case Keyword.Not when !restricted:
                Advance();
                return new NotExpression(location, ParseExpression(Precedence.Not));
            case Keyword.Default when !restricted:
                Advance();
                return new DefaultValue(location);
            case Keyword.Unique when !restricted:
                Advance();
                _ = ParseNullsNotDistinct();
                _ = ParseParenthesizedQuery();
                throw Error("UNIQUE predicate is not yet implemented", location, state: "0A000");
            default:
                return null;
        }
    }

    /// <summary>A minus sign goes into a constant.</summary>
    private static Expression Negate(Expression operand, Location location) => operand is Constant { Kind: ConstantKind.Integer
        or ConstantKind.Decimal } c
        ? Negate(c, location)
        : new OperatorExpression(location, ["-"], null, operand);

    private static Constant Negate(Constant constant, Location location) => constant with
    {
        Location = location,
        Text = constant.Text[0] == '-' ? constant.Text[1..]
            : constant.Kind == ConstantKind.Integer && constant.Text.AsSpan().TrimStart('0').IsEmpty ? constant.Text
            : "-" + constant.Text,
    };

    /// <summary>The operators behind an operand.</summary>
    private Expression ParseInfix(Expression left, int precedence, bool restricted)
    {
        while (true)
        {
            Expression? next;
            if (At(TokenKind.Operator))
            {
                var own = Precedence.OfOperator(_text.AsSpan(_token.Start, _token.Length));
                next = own < precedence || own == Precedence.None ? null : ParseBinary(left, own, restricted);
            }
            else if (At(TokenKind.Cast))
            {
                next = ParseCastOperator(left);
            }
            else
            {
                next = At(TokenKind.Word) ? ParseInfixWord(left, precedence, restricted) : null;
            }

            if (next is null)
            {
                return left;
            }

            left = next;
        }
    }

    private TypeCast ParseCastOperator(Expression left)
    {
        var location = Here;
        Advance();
        PushDown();
        return new TypeCast(location, left, ParseTypeName());
    }

    private Expression ParseBinary(Expression left, int precedence, bool restricted)
    {
        var location = Here;
        var name = ParseQualifiedOperator();
        PushDown();
        if (!restricted && AtQuantifier())
        {
            return ParseQuantified(location, name, left);
        }

        var right = ParseExpression(precedence + 1, restricted);
        if (precedence == Precedence.Comparison && AtOperatorOf(precedence))
        {
            throw Unexpected();
        }

        return new OperatorExpression(location, name, left, right);
    }

    private bool AtOperatorOf(int precedence) =>
        At(TokenKind.Operator) && Precedence.OfOperator(_text.AsSpan(_token.Start, _token.Length)) == precedence;

    private bool AtQuantifier() => _token.Kind == TokenKind.Word && _token.Keyword is Keyword.Any or Keyword.Some or Keyword.All;

    private Expression ParseQuantified(Location location, NodeList<string> name, Expression left)
    {
        var all = At(Keyword.All);
        Advance();
        if (ParseParentheses(out var items) is { } query)
        {
            return new SubqueryExpression(location, all ? SubqueryKind.All : SubqueryKind.Any, query, left, name);
        }

        return new ArrayComparison(location, name, left, all, Only(items));
    }

    /// <summary>The one expression of parentheses that may not hold more.</summary>
    private Expression Only(NodeList<Expression> items) => items.Count == 1
        ? items[0]
        : throw new Lexer(_text).SyntaxError(TokenAt(_secondItem));

    private Token TokenAt(int start)
    {
        var lexer = new Lexer(_text, start);
        return lexer.ReadPostgres();
    }

    // Where the comma behind the first item of the last parentheses stands.
    private int _secondItem;

    /// <summary>Parentheses that hold a query, which is returned, or expressions.</summary>
    private Query? ParseParentheses(out NodeList<Expression> items)
    {
        Expect(TokenKind.OpenParen);
        Enter();
        var outer = _deepest;
        _deepest = _level;
        items = [];
        Expression first;
        Query? query = null;
        if (AtQueryStart())
        {
            query = ParseQuery();
            first = null!;
        }
        else
        {
            first = At(TokenKind.OpenParen) ? ParseNestedParentheses(out query)! : ParseExpression();
        }

        if (query is null)
        {
            items = At(TokenKind.Comma) ? ParseFurtherItems(first) : [first];
        }

        Expect(TokenKind.CloseParen);
        _deepest = Math.Max(_deepest, outer);
        Leave();
        return query;
    }

    /// <summary>A query or an expression that begins with parentheses within parentheses, and continues behind them.</summary>
    private Expression? ParseNestedParentheses(out Query? query)
    {
        var location = Here;
        query = ParseParentheses(out var items);
        if (query is not null)
        {
            if (At(TokenKind.CloseParen))
            {
                return null;
            }

            if (AtQueryContinuation())
            {
                query = ParseQueryRest(query);
                return null;
            }
        }

        var inner = query is not null ? new SubqueryExpression(location, SubqueryKind.Scalar, query) : FromParentheses(location, items);
        query = null;
        return ParseInfix(ParseAfterParentheses(inner, items.Count), 0, false);
    }

    private NodeList<Expression> ParseFurtherItems(Expression first)
    {
        var second = _token.Start;
        var items = new List<Expression> { first };
        while (Accept(TokenKind.Comma))
        {
            items.Add(ParseExpression());
        }

        _secondItem = second;
        return ListOf(items);
    }

    private static Expression FromParentheses(Location location, NodeList<Expression> items) =>
        items.Count == 1 ? items[0] : new RowConstructor(location, items, Explicit: false);

    private Expression ParseAfterParentheses(Expression inner, int items)
    {
        if (items > 1)
        {
            return At(Keyword.Overlaps) ? ParseOverlaps((RowConstructor)inner) : inner;
        }

        return At(TokenKind.Dot) || At(TokenKind.OpenBracket) ? ParseIndirection(inner) : inner;
    }

    private Expression ParseParenthesizedPrimary()
    {
        var location = Here;
        return ParseParentheses(out var items) is { } query
            ? ParseAfterParentheses(new SubqueryExpression(location, SubqueryKind.Scalar, query), 1)
            : ParseAfterParentheses(FromParentheses(location, items), items.Count);
    }

    private FunctionCall ParseOverlaps(RowConstructor left)
    {
        var location = Here;
        Advance();
        var rightLocation = Here;
        NodeList<Expression> right;
        if (At(Keyword.Row) && Peek().Kind == TokenKind.OpenParen)
        {
            right = ParseRow().Items;
        }
        else if (!At(TokenKind.OpenParen))
        {
            throw Unexpected();
        }
        else if (ParseParentheses(out right) is not null || right.Count < 2)
        {
            throw new Lexer(_text).SyntaxError(TokenAt(_end - 1));
        }

        if (left.Items.Count != 2)
        {
            throw Error("wrong number of parameters on left side of OVERLAPS expression", left.Location);
        }

        if (right.Count != 2)
        {
            throw Error("wrong number of parameters on right side of OVERLAPS expression", rightLocation);
        }

        return new FunctionCall(location, ["pg_catalog", "overlaps"], [.. left.Items, .. right]) { Syntax = CallSyntax.Overlaps };
    }
}
