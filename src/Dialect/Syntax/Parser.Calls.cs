namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>Calls of functions, and the functions that SQL gives words of their own.</summary>
public sealed partial class Parser
{
    // Where ORDER BY of the last call stands.
    private Location _orderLocation;

    /// <summary>A call in an expression: with FILTER, OVER and the like, or a literal of the type that the name stands for.</summary>
    private Expression ParseCall(Location location, NodeList<string> name)
    {
        Enter();
        var call = ParseApplication(location, name);
        Leave();
        if (At(TokenKind.String))
        {
            return ParseModifiedLiteral(call);
        }

        if (At(Keyword.Within))
        {
            call = ParseWithinGroup(call);
        }

        if (Accept(Keyword.Filter))
        {
            Expect(TokenKind.OpenParen);
            Expect(Keyword.Where);
            call = call with { Filter = ParseExpression() };
            Expect(TokenKind.CloseParen);
        }

        return Accept(Keyword.Over) ? call with { Over = ParseOver() } : call;
    }

    private TypeCast ParseModifiedLiteral(FunctionCall call)
    {
        if (call.Star || call.Variadic || call.Distinct || call.Arguments.Count == 0)
        {
            throw Unexpected();
        }

        foreach (var argument in call.Arguments)
        {
            if (argument is NamedArgument)
            {
                throw Error("type modifier cannot have parameter name", argument.Location);
            }
        }

        if (call.OrderBy.Count > 0)
        {
            throw Error("type modifier cannot have ORDER BY", _orderLocation);
        }

        return new TypeCast(call.Location, ParseConstant(), new TypeName(call.Location, call.Name, call.Arguments, []));
    }

    private FunctionCall ParseWithinGroup(FunctionCall call)
    {
        var location = Here;
        Advance();
        Expect(Keyword.Group);
        Expect(TokenKind.OpenParen);
        var order = ParseOrderBy();
        Expect(TokenKind.CloseParen);
        return call.OrderBy.Count > 0 ? throw Error("cannot use multiple ORDER BY clauses with WITHIN GROUP", location)
            : call.Distinct ? throw Error("cannot use DISTINCT with WITHIN GROUP", location)
            : call.Variadic ? throw Error("cannot use VARIADIC with WITHIN GROUP", location)
            : call with { OrderBy = order, WithinGroup = true };
    }

    /// <summary>A name and its arguments in parentheses, without what may follow in an expression.</summary>
    private FunctionCall ParseApplication(Location location, NodeList<string> name)
    {
        Expect(TokenKind.OpenParen);
        var call = new FunctionCall(location, name, []);
        if (Accept(TokenKind.CloseParen))
        {
            return call;
        }

        if (AcceptOperator("*"))
        {
            Expect(TokenKind.CloseParen);
            return call with { Star = true };
        }

        var distinct = Accept(Keyword.Distinct);
        var quantified = distinct || Accept(Keyword.All);
        var arguments = new List<Expression>();
        var variadic = false;
        do
        {
            variadic = !quantified && Accept(Keyword.Variadic);
            arguments.Add(ParseArgument());
        }
        while (!variadic && Accept(TokenKind.Comma));
        var orderLocation = Here;
        var order = At(Keyword.Order) ? ParseOrderBy() : [];
        Expect(TokenKind.CloseParen);
        _orderLocation = orderLocation;
        return new FunctionCall(location, name, ListOf(arguments)) { Distinct = distinct, Variadic = variadic, OrderBy = order };
    }

    private Expression ParseArgument()
    {
        if (IsTypeFunctionName(_token) && (Peek().Kind == TokenKind.ColonEquals || IsOperator(Peek(), "=>")))
        {
            var location = Here;
            var name = TakeName();
            Advance();
            return new NamedArgument(location, name, ParseExpression());
        }

        return ParseExpression();
    }

    /// <summary>A function where no window may follow: in FROM and in indexes. Null if it is no call.</summary>
    private Expression? TryParseFunction()
    {
        var location = Here;
        if (At(TokenKind.Word) && Keywords.ClassOf(_token.Keyword) is not (KeywordClass.NotKeyword or KeywordClass.Unreserved)
            && TryParseWordFunction() is { } function)
        {
            return function;
        }

        if (IsTypeFunctionName(_token) && Peek().Kind == TokenKind.OpenParen)
        {
            return ParseApplication(location, [TakeName()]);
        }

        return null;
    }

    /// <summary>A function with a syntax of its own; null if the word is something else here.</summary>
    private Expression? TryParseWordFunction()
    {
        var called = Peek().Kind == TokenKind.OpenParen;
        switch (_token.Keyword)
        {
            case Keyword.CurrentDate or Keyword.CurrentTime or Keyword.CurrentTimestamp or Keyword.Localtime or Keyword.Localtimestamp
                or Keyword.CurrentRole or Keyword.CurrentUser or Keyword.User or Keyword.SessionUser or Keyword.CurrentCatalog:
                return ParseSqlValue();
            case Keyword.CurrentSchema when !called:
                return ParseSqlValue();
            case Keyword.Collation when Peek().Is(Keyword.For):
                return ParseCollationFor();
        }

        if (!called)
        {
            return null;
        }

        Func<Parser, Location, Expression>? parse = _token.Keyword switch
        {
            Keyword.Cast => static (p, l) => p.ParseCast(l),
            Keyword.Coalesce => static (p, l) => new CoalesceExpression(l, p.ParseList(s_expression)),
            Keyword.Greatest => static (p, l) => new ExtremeExpression(l, true, p.ParseList(s_expression)),
            Keyword.Least => static (p, l) => new ExtremeExpression(l, false, p.ParseList(s_expression)),
            Keyword.Nullif => static (p, l) => p.ParseNullIf(l),
            Keyword.Extract => static (p, l) => p.ParseExtract(l),
            Keyword.Normalize => static (p, l) => p.ParseNormalize(l),
            Keyword.Overlay => static (p, l) => p.ParseOverlay(l),
            Keyword.Position => static (p, l) => p.ParsePosition(l),
            Keyword.Substring => static (p, l) => p.ParseSubstring(l),
            Keyword.Treat => static (p, l) => p.ParseTreat(l),
            Keyword.Trim => static (p, l) => p.ParseTrim(l),
            Keyword.Xmlconcat => static (p, l) => new XmlExpression(l, XmlKind.Concat, null, [], p.ParseList(s_expression)),
            Keyword.Xmlelement => static (p, l) => p.ParseXmlElement(l),
            Keyword.Xmlexists => static (p, l) => p.ParseXmlExists(l),
            Keyword.Xmlforest => static (p, l) => new XmlExpression(l, XmlKind.Forest, null, p.ParseList(s_xmlAttribute), []),
            Keyword.Xmlparse => static (p, l) => p.ParseXmlParse(l),
            Keyword.Xmlpi => static (p, l) => p.ParseXmlPi(l),
            Keyword.Xmlroot => static (p, l) => p.ParseXmlRoot(l),
            Keyword.Xmlserialize => static (p, l) => p.ParseXmlSerialize(l),
            _ => null,
        };
        if (parse is null)
        {
            return null;
        }

        var location = Here;
        Advance();
        Advance();
        Enter();
        var result = parse(this, location);
        Expect(TokenKind.CloseParen);
        Leave();
        return result;
    }

    private SqlValueFunction ParseSqlValue()
    {
        var location = Here;
        var kind = _token.Keyword switch
        {
            Keyword.CurrentDate => SqlValueKind.CurrentDate,
            Keyword.CurrentTime => SqlValueKind.CurrentTime,
            Keyword.CurrentTimestamp => SqlValueKind.CurrentTimestamp,
            Keyword.Localtime => SqlValueKind.Localtime,
            Keyword.Localtimestamp => SqlValueKind.Localtimestamp,
            Keyword.CurrentRole => SqlValueKind.CurrentRole,
            Keyword.CurrentUser => SqlValueKind.CurrentUser,
            Keyword.User => SqlValueKind.User,
            Keyword.SessionUser => SqlValueKind.SessionUser,
            Keyword.CurrentCatalog => SqlValueKind.CurrentCatalog,
            _ => SqlValueKind.CurrentSchema,
        };
        Advance();
        if (kind is SqlValueKind.CurrentTime or SqlValueKind.CurrentTimestamp or SqlValueKind.Localtime or SqlValueKind.Localtimestamp
            && Accept(TokenKind.OpenParen))
        {
            var precision = ParseInteger();
            Expect(TokenKind.CloseParen);
            return new SqlValueFunction(location, kind, precision);
        }

        return new SqlValueFunction(location, kind);
    }

    private FunctionCall ParseCollationFor()
    {
        var location = Here;
        Advance();
        Advance();
        Expect(TokenKind.OpenParen);
        var call = SystemCall(location, "pg_collation_for", CallSyntax.CollationFor, [ParseExpression()]);
        Expect(TokenKind.CloseParen);
        return call;
    }

    private static FunctionCall SystemCall(Location location, string name, CallSyntax syntax, NodeList<Expression> arguments) =>
        new(location, ["pg_catalog", name], arguments) { Syntax = syntax };

    private TypeCast ParseCast(Location location)
    {
        var operand = ParseExpression();
        Expect(Keyword.As);
        return new TypeCast(location, operand, ParseTypeName());
    }

    private FunctionCall ParseTreat(Location location)
    {
        var operand = ParseExpression();
        Expect(Keyword.As);
        return SystemCall(location, ParseTypeName().Names[^1], CallSyntax.Call, [operand]);
    }

    private NullIfExpression ParseNullIf(Location location)
    {
        var left = ParseExpression();
        Expect(TokenKind.Comma);
        return new NullIfExpression(location, left, ParseExpression());
    }

    private FunctionCall ParseExtract(Location location)
    {
        var field = Here;
        var name = IsIdentifier(_token) || IntervalFields.Find(_token) != 0 ? TakeName() : ParseString();
        Expect(Keyword.From);
        return SystemCall(location, "extract", CallSyntax.Extract, [new Constant(field, ConstantKind.String, name), ParseExpression()]);
    }

    private FunctionCall ParseNormalize(Location location)
    {
        var operand = ParseExpression();
        return Accept(TokenKind.Comma)
            ? SystemCall(location, "normalize", CallSyntax.Normalize, [operand, TryParseNormalForm() ?? throw Unexpected()])
            : SystemCall(location, "normalize", CallSyntax.Normalize, [operand]);
    }

    private FunctionCall ParseOverlay(Location location)
    {
        if (At(TokenKind.CloseParen))
        {
            return new FunctionCall(location, ["overlay"], []);
        }

        var first = ParseArgument();
        if (first is NamedArgument || !Accept(Keyword.Placing))
        {
            return PlainCall(location, "overlay", first);
        }

        var replacement = ParseExpression();
        Expect(Keyword.From);
        var from = ParseExpression();
        return SystemCall(
            location, "overlay", CallSyntax.Overlay,
            Accept(Keyword.For) ? [first, replacement, from, ParseExpression()] : [first, replacement, from]);
    }

    /// <summary>The ordinary call of a function that also has a syntax of its own.</summary>
    private FunctionCall PlainCall(Location location, string name, Expression first)
    {
        var arguments = new List<Expression> { first };
        while (Accept(TokenKind.Comma))
        {
            arguments.Add(ParseArgument());
        }

        return new FunctionCall(location, [name], ListOf(arguments));
    }

    private FunctionCall ParsePosition(Location location)
    {
        var part = ParseExpression(restricted: true);
        Expect(Keyword.In);
        return SystemCall(location, "position", CallSyntax.Position, [ParseExpression(restricted: true), part]);
    }

    private FunctionCall ParseSubstring(Location location)
    {
        if (At(TokenKind.CloseParen))
        {
            return new FunctionCall(location, ["substring"], []);
        }

        var text = ParseArgument();
        if (text is NamedArgument)
        {
            return PlainCall(location, "substring", text);
        }

        if (Accept(Keyword.From))
        {
            var from = ParseExpression();
            return SystemCall(location, "substring", CallSyntax.Substring, Accept(Keyword.For) ? [text, from, ParseExpression()] : [text, from]);
        }

        if (Accept(Keyword.For))
        {
            var length = ParseExpression();
            return SystemCall(
                location, "substring", CallSyntax.Substring,
                Accept(Keyword.From) ? [text, ParseExpression(), length]
                    : [text, Number(1), new TypeCast(Location.None, length, SystemType(Location.None, "int4", []))]);
        }

        if (Accept(Keyword.Similar))
        {
            var pattern = ParseExpression();
            Expect(Keyword.Escape);
            return SystemCall(location, "substring", CallSyntax.SubstringSimilar, [text, pattern, ParseExpression()]);
        }

        return PlainCall(location, "substring", text);
    }

    private FunctionCall ParseTrim(Location location)
    {
        var (name, syntax) = Accept(Keyword.Leading) ? ("ltrim", CallSyntax.TrimLeading)
            : Accept(Keyword.Trailing) ? ("rtrim", CallSyntax.TrimTrailing)
            : Accept(Keyword.Both) ? ("btrim", CallSyntax.TrimBoth) : ("btrim", CallSyntax.TrimBoth);
        if (Accept(Keyword.From))
        {
            return SystemCall(location, name, syntax, ParseList(s_expression));
        }

        var first = ParseExpression();
        if (Accept(Keyword.From))
        {
            return SystemCall(location, name, syntax, [.. ParseList(s_expression), first]);
        }

        return SystemCall(location, name, syntax, Accept(TokenKind.Comma) ? [first, .. ParseList(s_expression)] : [first]);
    }
}
