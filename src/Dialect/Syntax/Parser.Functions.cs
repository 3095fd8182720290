namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>CREATE FUNCTION, PROCEDURE, AGGREGATE, TRIGGER, RULE and POLICY.</summary>
public sealed partial class Parser
{
    private CreateFunctionStatement ParseCreateFunction(Location location, bool replace)
    {
        var procedure = At(Keyword.Procedure);
        Advance();
        var name = ParseFunctionName();
        Expect(TokenKind.OpenParen);
        var parameters = At(TokenKind.CloseParen) ? [] : ParseList(static p => p.ParseParameter(defaults: true));
        Expect(TokenKind.CloseParen);
        TypeName? returns = null;
        NodeList<FunctionParameter>? table = null;
        if (!procedure && At(Keyword.Returns) && !Peek().Is(Keyword.Null))
        {
            Advance();
            if (Accept(Keyword.Table))
            {
                table = ParseParenthesizedList(static p =>
                {
                    var at = p.Here;
                    return new FunctionParameter(at, ParameterMode.Default, p.ParseTypeFunctionName(), p.ParseFunctionType());
                });
            }
            else
            {
                returns = ParseFunctionType();
            }
        }

        var options = new List<Option>();
        while (TryParseFunctionOption(create: true) is { } option)
        {
            options.Add(option);
        }

        var function = new CreateFunctionStatement(location, procedure, replace, name, parameters, returns, table, ListOf(options));
        if (Accept(Keyword.Return))
        {
            return function with { Return = ParseExpression() };
        }

        return At(Keyword.Begin) ? function with { Body = ParseRoutineBody() } : function;
    }

    private NodeList<Statement> ParseRoutineBody()
    {
        Advance();
        Expect(Keyword.Atomic);
        Enter(QueryLevels);
        var statements = new List<Statement>();
        while (!Accept(Keyword.End))
        {
            if (Accept(TokenKind.Semicolon))
            {
                continue;
            }

            var location = Here;
            statements.Add(Accept(Keyword.Return) ? new ReturnStatement(location, ParseExpression()) : ParseStatement());
            Expect(TokenKind.Semicolon);
        }

        Leave(QueryLevels);
        return ListOf(statements);
    }

    private bool AtTypeStart(Token token) => token.Kind switch
    {
        TokenKind.QuotedIdentifier => true,
        TokenKind.Word => IsTypeFunctionName(token) || token.Keyword is Keyword.Bigint or Keyword.Bit or Keyword.Boolean or Keyword.Char
            or Keyword.Character or Keyword.Dec or Keyword.Decimal or Keyword.Float or Keyword.Int or Keyword.Integer or Keyword.Interval
            or Keyword.National or Keyword.Nchar or Keyword.Numeric or Keyword.Real or Keyword.Smallint or Keyword.Time or Keyword.Timestamp
            or Keyword.Varchar or Keyword.Setof,
        _ => false,
    };

    private ParameterMode? TryParseMode()
    {
        if (Accept(Keyword.In))
        {
            return Accept(Keyword.Out) ? ParameterMode.InOut : ParameterMode.In;
        }

        return Accept(Keyword.Out) ? ParameterMode.Out
            : Accept(Keyword.Inout) ? ParameterMode.InOut
            : Accept(Keyword.Variadic) ? ParameterMode.Variadic : null;
    }

    private FunctionParameter ParseParameter(bool defaults)
    {
        var location = Here;
        var mode = TryParseMode();
        string? name = null;
        var next = Peek();
        var nextIsMode = mode is null && next.Kind == TokenKind.Word && next.Keyword is Keyword.In or Keyword.Out or Keyword.Inout
            or Keyword.Variadic;
        if (IsTypeFunctionName(_token) && (nextIsMode || AtTypeStart(next)))
        {
            name = TakeName();
            mode ??= TryParseMode();
        }

        var parameter = new FunctionParameter(location, mode ?? ParameterMode.Default, name, ParseFunctionType());
        return defaults && (Accept(Keyword.Default) || AcceptOperator("=")) ? parameter with { Default = ParseExpression() } : parameter;
    }

    private static Constant Truth(Location location, bool value) => new(location, ConstantKind.Boolean, value ? "true" : "false");

    /// <summary>An option of CREATE or ALTER FUNCTION, by its name in PostgreSQL's catalog; null if there is none.</summary>
    private Option? TryParseFunctionOption(bool create)
    {
        var location = Here;
        Option Flag(string name, bool value) => new(location, null, name, Truth(location, value));

        Option Word(string name, string value) => new(location, null, name, new Constant(location, ConstantKind.String, value));

        var keyword = _token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword;
        switch (keyword)
        {
            case Keyword.Called:
                Advance();
                Expect(Keyword.On, Keyword.Null);
                Expect(Keyword.Input);
                return Flag("strict", false);
            case Keyword.Returns:
                Advance();
                Expect(Keyword.Null, Keyword.On);
                Expect(Keyword.Null, Keyword.Input);
                return Flag("strict", true);
            case Keyword.Strict:
                Advance();
                return Flag("strict", true);
            case Keyword.Immutable or Keyword.Stable or Keyword.Volatile:
                return Word("volatility", TakeName());
            case Keyword.External or Keyword.Security:
                Accept(Keyword.External);
                Expect(Keyword.Security);
                return Accept(Keyword.Definer) ? Flag("security", true) : Accept(Keyword.Invoker) ? Flag("security", false) : throw Unexpected();
            case Keyword.Leakproof:
                Advance();
                return Flag("leakproof", true);
            case Keyword.Not:
                Advance();
                Expect(Keyword.Leakproof);
                return Flag("leakproof", false);
            case Keyword.Cost or Keyword.Rows:
                var amount = TakeName();
                return new Option(location, null, amount, ParseNumber());
            case Keyword.Support:
                Advance();
                return new Option(location, null, "support", new NameValue(Here, ParseAnyName()));
            case Keyword.Set or Keyword.Reset:
                return new Option(location, null, "set", ParseSetClause());
            case Keyword.Parallel:
                Advance();
                return Word("parallel", ParseColumnId());
            default:
                return create ? TryParseCreateFunctionOption(location) : null;
        }
    }

    private Option? TryParseCreateFunctionOption(Location location)
    {
        if (Accept(Keyword.As))
        {
            return new Option(location, null, "as", new ValueList(Here, ParseAtMostTwoStrings()));
        }

        if (Accept(Keyword.Language))
        {
            return new Option(location, null, "language", new Constant(Here, ConstantKind.String, ParseWordOrString()));
        }

        if (Accept(Keyword.Window))
        {
            return new Option(location, null, "window", Truth(location, true));
        }

        if (!Accept(Keyword.Transform))
        {
            return null;
        }

        return new Option(location, null, "transform", new ValueList(Here, ParseList(static p =>
        {
            p.Expect(Keyword.For, Keyword.Type);
            return (Node)p.ParseTypeName();
        })));
    }

    private NodeList<Node> ParseAtMostTwoStrings()
    {
        var first = StringValue();
        return Accept(TokenKind.Comma) ? [first, StringValue()] : [first];
    }

    /// <summary>SET or RESET within a function's or role's definition.</summary>
    private SetStatement ParseSetClause()
    {
        if (At(Keyword.Reset))
        {
            return ParseReset();
        }

        var location = Here;
        Expect(Keyword.Set);
        return ParseSetting(location, SettingScope.Default);
    }

    private CreateObjectStatement ParseCreateAggregate(Location location, bool replace)
    {
        Advance();
        var nameLocation = Here;
        var name = ParseFunctionName();
        if (At(TokenKind.OpenParen) && IsOperator(Peek(2), "="))
        {
            var old = ParseParenthesizedList(static p =>
            {
                var at = p.Here;
                var word = IsIdentifier(p._token) ? p.TakeName() : throw p.Unexpected();
                p.ExpectOperator("=");
                return new Option(at, null, word, p.ParseOptionValue());
            });
            return new CreateObjectStatement(location, ObjectKind.Aggregate, new ObjectName(nameLocation, name), old, replace);
        }

        var aggregate = ParseAggregateArguments(nameLocation, name);
        return new CreateObjectStatement(location, ObjectKind.Aggregate, aggregate, ParseDefinition(), replace);
    }
}
