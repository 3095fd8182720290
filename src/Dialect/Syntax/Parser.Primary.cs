namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>Operands: constants, names, calls and what stands in words of its own.</summary>
public sealed partial class Parser
{
    private Expression ParsePrimary()
    {
        switch (_token.Kind)
        {
            case TokenKind.OpenParen:
                return ParseParenthesizedPrimary();
            case TokenKind.Word:
                return (Keywords.ClassOf(_token.Keyword) is KeywordClass.NotKeyword or KeywordClass.Unreserved ? null : ParseKeywordPrimary())
                    ?? ParseNamePrimary();
            case TokenKind.QuotedIdentifier:
                return ParseNamePrimary();
            case TokenKind.Parameter:
                return ParseParameter();
            default:
                return ParseConstant();
        }
    }

    private Constant ParseConstant()
    {
        var location = Here;
        switch (_token.Kind)
        {
            case TokenKind.Integer or TokenKind.Decimal:
                var kind = At(TokenKind.Integer) ? ConstantKind.Integer : ConstantKind.Decimal;
                var number = new Constant(location, kind, _text[_token.Start.._token.End]);
                Advance();
                return number.Kind == ConstantKind.Integer ? WithoutLeadingZeros(number) : number;
            case TokenKind.String:
                return new Constant(location, ConstantKind.String, ParseString());
            case TokenKind.BitString or TokenKind.HexString:
                var bits = At(TokenKind.BitString) ? ConstantKind.BitString : ConstantKind.HexString;
                var digits = new Lexer(_text).StringOf(_token);
                Advance();
                return new Constant(location, bits, digits);
            default:
                throw Unexpected();
        }
    }

    private static Constant WithoutLeadingZeros(Constant number)
    {
        var digits = number.Text.AsSpan().TrimStart('0');
        return digits.Length == number.Text.Length ? number : number with { Text = digits.IsEmpty ? "0" : digits.ToString() };
    }

    private Expression ParseParameter()
    {
        var location = Here;
        var lexer = new Lexer(_text);
        if (!int.TryParse(_text.AsSpan(_token.Start + 1, _token.Length - 1), out var number))
        {
            throw new DialectException(
                "42P02", $"there is no parameter {_text[_token.Start.._token.End]}", Lexer.CharacterPosition(lexer.Text, _token.Start));
        }

        Advance();
        Expression parameter = new Parameter(location, number);
        return At(TokenKind.Dot) || At(TokenKind.OpenBracket) ? ParseIndirection(parameter) : parameter;
    }

    /// <summary>An expression that begins with a word that is reserved or has a syntax of its own; null if the word is a name here.</summary>
    private Expression? ParseKeywordPrimary()
    {
        var location = Here;
        switch (_token.Keyword)
        {
            case Keyword.Null:
                Advance();
                return new Constant(location, ConstantKind.Null, "NULL");
            case Keyword.True:
                Advance();
                return new Constant(location, ConstantKind.Boolean, "true");
            case Keyword.False:
                Advance();
                return new Constant(location, ConstantKind.Boolean, "false");
            case Keyword.Case:
                return ParseCase();
            case Keyword.Array:
                return ParseArray();
            case Keyword.Exists when Peek().Kind == TokenKind.OpenParen:
                Advance();
                return new SubqueryExpression(location, SubqueryKind.Exists, ParseParenthesizedQuery());
            case Keyword.Row when Peek().Kind == TokenKind.OpenParen:
                var row = ParseRow();
                return At(Keyword.Overlaps) ? ParseOverlaps(row) : row;
            case Keyword.Grouping when Peek().Kind == TokenKind.OpenParen:
                Advance();
                return new GroupingCall(location, ParseParenthesizedList(s_expression));
            default:
                return TryParseWordFunction() ?? (AtTypedLiteral() ? ParseTypedLiteral() : null);
        }
    }

    private CaseExpression ParseCase()
    {
        var location = Here;
        Advance();
        var operand = At(Keyword.When) ? null : ParseExpression();
        var whens = new List<CaseWhen>();
        while (At(Keyword.When))
        {
            var when = Here;
            Advance();
            var condition = ParseExpression();
            Expect(Keyword.Then);
            whens.Add(new CaseWhen(when, condition, ParseExpression()));
        }

        if (whens.Count == 0)
        {
            throw Unexpected();
        }

        var otherwise = Accept(Keyword.Else) ? ParseExpression() : null;
        Expect(Keyword.End);
        return new CaseExpression(location, operand, ListOf(whens), otherwise);
    }

    private Expression ParseArray()
    {
        var location = Here;
        Advance();
        return At(TokenKind.OpenParen)
            ? new SubqueryExpression(location, SubqueryKind.Array, ParseParenthesizedQuery())
            : ParseArrayItems(location);
    }

    private ArrayConstructor ParseArrayItems(Location location)
    {
        Expect(TokenKind.OpenBracket);
        Enter();
        NodeList<Expression> items = At(TokenKind.CloseBracket) ? []
            : At(TokenKind.OpenBracket) ? ParseList(static p => (Expression)p.ParseArrayItems(p.Here))
            : ParseList(s_expression);
        Expect(TokenKind.CloseBracket);
        Leave();
        return new ArrayConstructor(location, items);
    }

    private RowConstructor ParseRow()
    {
        var location = Here;
        Advance();
        Expect(TokenKind.OpenParen);
        NodeList<Expression> items = At(TokenKind.CloseParen) ? [] : ParseList(s_expression);
        Expect(TokenKind.CloseParen);
        return new RowConstructor(location, items, Explicit: true);
    }

    /// <summary>A column, a call or a typed literal.</summary>
    private Expression ParseNamePrimary()
    {
        var token = _token;
        if (token.Is(Keyword.Double) && Peek().Is(Keyword.Precision))
        {
            return ParseTypedLiteral();
        }

        var column = IsColumnId(token);
        if (!column && !IsTypeFunctionName(token))
        {
            throw Unexpected();
        }

        var location = Here;
        var first = TakeName();
        if (column && (At(TokenKind.Dot) || At(TokenKind.OpenBracket)))
        {
            return ParseQualifiedPrimary(location, first);
        }

        if (IsTypeFunctionName(token))
        {
            if (At(TokenKind.OpenParen))
            {
                return ParseCall(location, [first]);
            }

            if (At(TokenKind.String))
            {
                return new TypeCast(location, ParseConstant(), new TypeName(location, [first], [], []));
            }
        }

        return column ? new ColumnReference(location, [first]) : throw Unexpected();
    }

    private Expression ParseQualifiedPrimary(Location location, string first)
    {
        var names = new List<string> { first };
        while (At(TokenKind.Dot) && !IsOperator(Peek(), "*"))
        {
            Advance();
            names.Add(ParseLabel());
        }

        if (At(TokenKind.Dot))
        {
            Advance();
            Advance();
            if (At(TokenKind.Dot) || At(TokenKind.OpenBracket))
            {
                ParseIndirectionSteps();
                throw ImproperStar();
            }

            return At(TokenKind.OpenParen) ? throw Unexpected() : new ColumnReference(location, ListOf(names), Star: true);
        }

        if (At(TokenKind.OpenBracket))
        {
            return ParseIndirection(new ColumnReference(location, ListOf(names)));
        }

        if (At(TokenKind.OpenParen))
        {
            return ParseCall(location, ListOf(names));
        }

        return At(TokenKind.String)
            ? new TypeCast(location, ParseConstant(), new TypeName(location, ListOf(names), [], []))
            : new ColumnReference(location, ListOf(names));
    }

    private DialectException ImproperStar() => new Lexer(_text).SyntaxErrorOf("improper use of \"*\"", _token);

    private Indirection ParseIndirection(Expression operand)
    {
        var steps = ParseIndirectionSteps();
        if (steps.Span[..^1].Contains(new StarStep(Location.None)))
        {
            throw ImproperStar();
        }

        PushDown();
        return new Indirection(operand.Location, operand, steps);
    }

    private NodeList<IndirectionStep> ParseIndirectionSteps()
    {
        var steps = new List<IndirectionStep>();
        while (true)
        {
            var location = Here;
            if (Accept(TokenKind.Dot))
            {
                steps.Add(AcceptOperator("*") ? new StarStep(location) : new FieldStep(location, ParseLabel()));
            }
            else if (Accept(TokenKind.OpenBracket))
            {
                Enter();
                steps.Add(ParseSubscript(location));
                Expect(TokenKind.CloseBracket);
                Leave();
            }
            else
            {
                return ListOf(steps);
            }
        }
    }

    private IndirectionStep ParseSubscript(Location location)
    {
        var lower = At(TokenKind.Colon) ? null : ParseExpression();
        if (!Accept(TokenKind.Colon))
        {
            return new SubscriptStep(location, lower ?? throw Unexpected());
        }

        return new SliceStep(location, lower, At(TokenKind.CloseBracket) ? null : ParseExpression());
    }

    private TypeCast ParseTypedLiteral()
    {
        var location = Here;
        var type = ParseSimpleType(constant: true);
        var value = At(TokenKind.String) ? ParseConstant() : throw Unexpected();
        if (type.Names is ["pg_catalog", "interval"] && type.Modifiers.Count == 0)
        {
            type = type with { Modifiers = ParseIntervalFields() };
        }

        return new TypeCast(location, value, type);
    }

    /// <summary>True for a type of SQL's own words with a literal behind it; such a word alone is the name of a column.</summary>
    private bool AtTypedLiteral()
    {
        var next = Peek();
        var literal = next.Kind is TokenKind.String or TokenKind.OpenParen;
        return _token.Keyword switch
        {
            Keyword.Bigint or Keyword.Boolean or Keyword.Int or Keyword.Integer or Keyword.Real or Keyword.Smallint => next.Kind == TokenKind.String,
            Keyword.Dec or Keyword.Decimal or Keyword.Float or Keyword.Interval or Keyword.Numeric or Keyword.Varchar => literal,
            Keyword.Bit or Keyword.Char or Keyword.Character or Keyword.Nchar => literal || next.Is(Keyword.Varying),
            Keyword.National => next.Is(Keyword.Char) || next.Is(Keyword.Character),
            Keyword.Time or Keyword.Timestamp => literal || next.Is(Keyword.Without) || (next.Is(Keyword.With) && Peek(2).Is(Keyword.Time)),
            _ => false,
        };
    }
}
