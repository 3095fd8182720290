namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>CREATE, except of tables and functions.</summary>
public sealed partial class Parser
{
    private static readonly Func<Parser, IndexElement> s_indexElement = static p => p.ParseIndexElement();

    private Statement ParseCreate()
    {
        var location = Here;
        var start = _token.Start;
        Advance();
        if (Accept(Keyword.Or))
        {
            Expect(Keyword.Replace);
            return ParseCreateOrReplace(location, start);
        }

        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.Temporary or Keyword.Temp or Keyword.Local or Keyword.Global or Keyword.Unlogged:
                return ParseCreatePersistence(location, false);
            case Keyword.Table:
                return ParseCreateTable(location, Persistence.Permanent);
            case Keyword.Sequence:
                return ParseCreateSequence(location, Persistence.Permanent);
            case Keyword.View or Keyword.Recursive:
                return ParseCreateView(location, Persistence.Permanent, false);
            case Keyword.Materialized:
                return ParseCreateMaterializedView(location, Persistence.Permanent);
            case Keyword.Foreign when Peek().Is(Keyword.Table):
                return ParseCreateForeignTable(location);
            case Keyword.Unique or Keyword.Index:
                return ParseCreateIndex(location);
            case Keyword.Schema:
                return ParseCreateSchema(location);
            case Keyword.Domain:
                return ParseCreateDomain(location);
            case Keyword.Type:
                return ParseCreateType(location);
            case Keyword.Extension:
                return ParseCreateExtension(location);
            case Keyword.Role or Keyword.User or Keyword.Group when !Peek().Is(Keyword.Mapping):
                return ParseCreateRole(location);
            case Keyword.Policy:
                return ParseCreatePolicy(location);
            case Keyword.Collation or Keyword.Text:
                return ParseCreateNamedObject(location);
            case Keyword.Operator when !Peek().Is(Keyword.Class) && !Peek().Is(Keyword.Family):
                return ParseCreateNamedObject(location);
            case Keyword.Constraint:
            case Keyword.Aggregate or Keyword.Function or Keyword.Procedure or Keyword.Rule or Keyword.Trigger:
                return ParseCreateReplaceable(location, false);
            default:
                Rewind(start);
                return ParseGeneric();
        }
    }

    private Statement ParseCreateOrReplace(Location location, int start)
    {
        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.Temporary or Keyword.Temp or Keyword.Local or Keyword.Global or Keyword.Unlogged:
                return ParseCreatePersistence(location, true);
            case Keyword.View or Keyword.Recursive:
                return ParseCreateView(location, Persistence.Permanent, true);
            case Keyword.Constraint:
            case Keyword.Aggregate or Keyword.Function or Keyword.Procedure or Keyword.Rule or Keyword.Trigger:
                return ParseCreateReplaceable(location, true);
            default:
                Rewind(start);
                return ParseGeneric();
        }
    }

    private Statement ParseCreateReplaceable(Location location, bool replace) => _token.Keyword switch
    {
        Keyword.Function or Keyword.Procedure => ParseCreateFunction(location, replace),
        Keyword.Rule => ParseCreateRule(location, replace),
        Keyword.Aggregate => ParseCreateAggregate(location, replace),
        _ => ParseCreateTrigger(location, replace),
    };

    private Statement ParseCreatePersistence(Location location, bool replace)
    {
        var persistence = ParsePersistence();
        if (At(Keyword.View) || At(Keyword.Recursive))
        {
            return ParseCreateView(location, persistence, replace);
        }

        return replace || persistence == Persistence.Permanent ? throw Unexpected()
            : At(Keyword.Sequence) ? ParseCreateSequence(location, persistence)
            : At(Keyword.Materialized) && persistence == Persistence.Unlogged ? ParseCreateMaterializedView(location, persistence)
            : ParseCreateTable(location, persistence);
    }

    private CreateViewStatement ParseCreateView(Location location, Persistence persistence, bool replace)
    {
        var recursive = Accept(Keyword.Recursive);
        Expect(Keyword.View);
        var name = ParseQualifiedName();
        var columns = recursive ? ParseParenthesizedNames() : ParseOptionalColumns();
        var options = ParseOptionalReloptions();
        Expect(Keyword.As);
        var query = ParseQuery();
        var check = ViewCheck.None;
        var checkLocation = Here;
        if (Accept(Keyword.With))
        {
            check = Accept(Keyword.Local) ? ViewCheck.Local : ViewCheck.Cascaded;
            if (check == ViewCheck.Cascaded)
            {
                Accept(Keyword.Cascaded);
            }

            Expect(Keyword.Check, Keyword.Option);
            if (recursive)
            {
                throw Error("WITH CHECK OPTION not supported on recursive views", checkLocation, state: "0A000");
            }
        }

        return new CreateViewStatement(location, name, persistence, replace, recursive, columns, options, query, check);
    }

    private CreateIndexStatement ParseCreateIndex(Location location)
    {
        var unique = Accept(Keyword.Unique);
        Expect(Keyword.Index);
        var concurrently = Accept(Keyword.Concurrently);
        var ifNotExists = At(Keyword.If, Keyword.Not) && AcceptIfNotExists();
        var name = ifNotExists || !At(Keyword.On) ? ParseColumnId() : null;
        Expect(Keyword.On);
        var table = ParseRelation();
        var method = Accept(Keyword.Using) ? ParseColumnId() : null;
        var elements = ParseParenthesizedList(s_indexElement);
        return new CreateIndexStatement(location, name, table, unique, concurrently, ifNotExists, elements)
        {
            AccessMethod = method,
            Include = Accept(Keyword.Include) ? ParseParenthesizedList(s_indexElement) : [],
            NullsNotDistinct = ParseNullsNotDistinct(),
            Options = ParseOptionalReloptions(),
            Tablespace = ParseTablespace(),
            Where = Accept(Keyword.Where) ? ParseExpression() : null,
        };
    }

    private IndexElement ParseIndexElement(bool partition = false)
    {
        var location = Here;
        var value = At(TokenKind.OpenParen) ? ParseParenthesizedExpression() : TryParseFunction();
        string? column = null;
        if (value is null)
        {
            var nameLocation = Here;
            if (IsColumnId(_token) && Peek().Kind == TokenKind.Dot)
            {
                value = ParseApplication(nameLocation, ParseAnyName());
            }
            else
            {
                column = ParseColumnId();
            }
        }

        var element = new IndexElement(location, column, value) { Collation = Accept(Keyword.Collate) ? ParseAnyName() : null };
        if (IsColumnId(_token) && !At(Keyword.Nulls, Keyword.First) && !At(Keyword.Nulls, Keyword.Last))
        {
            element = element with { OperatorClass = ParseAnyName() };
            if (!partition && At(TokenKind.OpenParen))
            {
                element = element with { OperatorClassOptions = ParseReloptions() };
            }
        }

        return partition ? element : element with { Direction = ParseDirection(), Nulls = ParseNulls() };
    }

    private CreateSequenceStatement ParseCreateSequence(Location location, Persistence persistence)
    {
        Expect(Keyword.Sequence);
        var ifNotExists = AcceptIfNotExists();
        return new CreateSequenceStatement(location, ParseQualifiedName(), persistence, ifNotExists, ParseSequenceOptions());
    }

    private NodeList<SequenceOption> ParseSequenceOptions()
    {
        var options = new List<SequenceOption>();
        while (TryParseSequenceOption() is { } option)
        {
            options.Add(option);
        }

        return ListOf(options);
    }

    private SequenceOption? TryParseSequenceOption()
    {
        var location = Here;
        SequenceOption Valued(SequenceOptionKind kind, Keyword noise = Keyword.NoKeyword)
        {
            if (noise != Keyword.NoKeyword)
            {
                Accept(noise);
            }

            return new SequenceOption(location, kind, ParseNumber().Text);
        }

        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.As:
                Advance();
                return new SequenceOption(location, SequenceOptionKind.As, Type: ParseSimpleType(constant: false));
            case Keyword.Cache:
                Advance();
                return Valued(SequenceOptionKind.Cache);
            case Keyword.Cycle:
                Advance();
                return new SequenceOption(location, SequenceOptionKind.Cycle);
            case Keyword.No:
                Advance();
                return new SequenceOption(
                    location,
                    Accept(Keyword.Cycle) ? SequenceOptionKind.NoCycle
                    : Accept(Keyword.Maxvalue) ? SequenceOptionKind.NoMaxValue
                    : Accept(Keyword.Minvalue) ? SequenceOptionKind.NoMinValue : throw Unexpected());
            case Keyword.Increment:
                Advance();
                return Valued(SequenceOptionKind.Increment, Keyword.By);
            case Keyword.Maxvalue:
                Advance();
                return Valued(SequenceOptionKind.MaxValue);
            case Keyword.Minvalue:
                Advance();
                return Valued(SequenceOptionKind.MinValue);
            case Keyword.Owned:
                Advance();
                Expect(Keyword.By);
                return new SequenceOption(location, SequenceOptionKind.OwnedBy, Name: ParseAnyName());
            case Keyword.Sequence:
                Advance();
                Expect(Keyword.Name);
                return new SequenceOption(location, SequenceOptionKind.SequenceName, Name: ParseAnyName());
            case Keyword.Start:
                Advance();
                return Valued(SequenceOptionKind.Start, Keyword.With);
            case Keyword.Restart:
                Advance();
                return At(Keyword.With) || AtNumber()
                    ? Valued(SequenceOptionKind.Restart, Keyword.With)
                    : new SequenceOption(location, SequenceOptionKind.Restart);
            default:
                return null;
        }
    }

    private CreateSchemaStatement ParseCreateSchema(Location location)
    {
        Advance();
        var ifNotExists = AcceptIfNotExists();
        var name = At(Keyword.Authorization) ? null : ParseColumnId();
        RoleName? owner = null;
        if (name is null || At(Keyword.Authorization))
        {
            Expect(Keyword.Authorization);
            owner = ParseRole();
        }

        var elements = new List<Statement>();
        var first = Here;
        while (!AtEnd())
        {
            elements.Add(ParseSchemaElement());
        }

        return ifNotExists && elements.Count > 0
            ? throw Error("CREATE SCHEMA IF NOT EXISTS cannot include schema elements", first, state: "0A000")
            : new CreateSchemaStatement(location, name, owner, ifNotExists, ListOf(elements));
    }

    private Statement ParseSchemaElement()
    {
        Enter(QueryLevels);
        var start = _token;
        if (At(Keyword.Create) && Peek() is not { Kind: TokenKind.Word, Keyword: Keyword.Table or Keyword.Index or Keyword.Unique or Keyword.Sequence
            or Keyword.Trigger or Keyword.Constraint or Keyword.View or Keyword.Recursive or Keyword.Temporary or Keyword.Temp or Keyword.Local
            or Keyword.Global or Keyword.Unlogged or Keyword.Or })
        {
            throw Unexpected(Peek());
        }

        var statement = At(Keyword.Grant) ? ParseGrant() : At(Keyword.Create) ? ParseCreate() : throw Unexpected();
        Leave(QueryLevels);
        return statement is CreateTableStatement or CreateIndexStatement or CreateSequenceStatement or CreateTriggerStatement or CreateViewStatement
            or GrantStatement ? statement : throw new Lexer(_text).SyntaxError(start);
    }

    private CreateDomainStatement ParseCreateDomain(Location location)
    {
        Advance();
        var nameLocation = Here;
        var name = new QualifiedName(nameLocation, ParseAnyName());
        Accept(Keyword.As);
        var type = ParseTypeName();
        var constraints = ParseColumnConstraints(out var collation);
        return new CreateDomainStatement(location, name, type, collation, constraints);
    }

    private Statement ParseCreateType(Location location)
    {
        Advance();
        var nameLocation = Here;
        var parts = ParseAnyName();
        var name = new QualifiedName(nameLocation, parts);
        if (!Accept(Keyword.As))
        {
            var options = At(TokenKind.OpenParen) ? ParseDefinition() : null;
            return new CreateObjectStatement(location, ObjectKind.Type, new ObjectName(nameLocation, parts), options);
        }

        if (Accept(Keyword.Enum))
        {
            Expect(TokenKind.OpenParen);
            var labels = At(TokenKind.CloseParen) ? [] : ParseList(s_string);
            Expect(TokenKind.CloseParen);
            return new CreateEnumStatement(location, name, labels);
        }

        if (Accept(Keyword.Range))
        {
            return new CreateRangeTypeStatement(location, name, ParseDefinition());
        }

        Expect(TokenKind.OpenParen);
        var attributes = At(TokenKind.CloseParen) ? [] : ParseList(s_functionColumn);
        Expect(TokenKind.CloseParen);
        return new CreateCompositeTypeStatement(location, name, attributes);
    }
}
