namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>SET, RESET, SHOW and DISCARD.</summary>
public sealed partial class Parser
{
    private Statement ParseSet()
    {
        var location = Here;
        Advance();
        if (At(Keyword.Constraints) && !AheadIsAssignment())
        {
            Advance();
            NodeList<QualifiedName> names = Accept(Keyword.All) ? [] : ParseList(s_qualifiedName);
            var deferred = Accept(Keyword.Deferred);
            if (!deferred)
            {
                Expect(Keyword.Immediate);
            }

            return new SetConstraintsStatement(location, names, deferred);
        }

        var scope = SettingScope.Default;
        if (!AheadIsAssignment())
        {
            if (Accept(Keyword.Local))
            {
                scope = SettingScope.Local;
            }
            else if (At(Keyword.Session) && !Peek().Is(Keyword.Authorization) && !Peek().Is(Keyword.Characteristics))
            {
                Advance();
                scope = SettingScope.Session;
            }
        }

        return ParseSetRest(location, scope);
    }

    /// <summary>True if the word at hand is a setting's name, whatever else it may mean.</summary>
    private bool AheadIsAssignment() =>
        Peek() is var next && (next.Is(Keyword.To) || next.Kind == TokenKind.Dot || IsOperator(next, "=") || (next.Is(Keyword.From)
            && Peek(2).Is(Keyword.Current)));

    private SetStatement ParseSetRest(Location location, SettingScope scope)
    {
        if (!AheadIsAssignment())
        {
            if (At(Keyword.Transaction) && !Peek().Is(Keyword.Snapshot))
            {
                Advance();
                return new SetStatement(location, scope, "TRANSACTION", []) { Modes = ParseTransactionModes() };
            }

            if (At(Keyword.Session) && Peek().Is(Keyword.Characteristics))
            {
                Advance();
                Advance();
                Expect(Keyword.As, Keyword.Transaction);
                return new SetStatement(location, scope, "SESSION CHARACTERISTICS", []) { Modes = ParseTransactionModes() };
            }
        }

        return ParseSetting(location, scope);
    }

    /// <summary>A setting of a session, a function or a role.</summary>
    private SetStatement ParseSetting(Location location, SettingScope scope)
    {
        var special = AheadIsAssignment() ? null : ParseSpecialSetting(location, scope);
        if (special is not null)
        {
            return special;
        }

        var name = ParseSettingName();
        if (Accept(Keyword.From))
        {
            Expect(Keyword.Current);
            return new SetStatement(location, scope, name, []) { FromCurrent = true };
        }

        if (!Accept(Keyword.To))
        {
            ExpectOperator("=");
        }

        return new SetStatement(location, scope, name, Accept(Keyword.Default) ? [] : ParseList(static p => (Expression)p.ParseSettingValue()));
    }

    private string ParseSettingName()
    {
        var name = ParseColumnId();
        while (Accept(TokenKind.Dot))
        {
            name += "." + ParseColumnId();
        }

        return name;
    }

    private Constant ParseSettingValue() => AtBooleanOrString() ? ParseBooleanOrString() : ParseNumber();

    private SetStatement? ParseSpecialSetting(Location location, SettingScope scope)
    {
        SetStatement Set(string name, params Expression[] values) => new(location, scope, name, new NodeList<Expression>(values));

        Constant Text(Func<string> read)
        {
            var at = Here;
            return new Constant(at, ConstantKind.String, read());
        }

        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.Time:
                Advance();
                Expect(Keyword.Zone);
                return ParseZone() is { } zone ? Set("timezone", zone) : Set("timezone");
            case Keyword.Catalog:
                Advance();
                var catalog = Here;
                ParseString();
                throw Error("current database cannot be changed", catalog, state: "0A000");
            case Keyword.Schema:
                Advance();
                return Set("search_path", Text(ParseString));
            case Keyword.Names:
                Advance();
                if (At(TokenKind.String))
                {
                    return Set("client_encoding", Text(ParseString));
                }

                Accept(Keyword.Default);
                return Set("client_encoding");
            case Keyword.Role:
                Advance();
                return Set("role", Text(ParseWordOrString));
            case Keyword.Session when Peek().Is(Keyword.Authorization):
                Advance();
                Advance();
                return Accept(Keyword.Default) ? Set("session_authorization") : Set("session_authorization", Text(ParseWordOrString));
            case Keyword.Xml:
                Advance();
                Expect(Keyword.Option);
                var option = Here;
                return Set("xmloption", new Constant(option, ConstantKind.String, ParseDocumentOrContent() ? "DOCUMENT" : "CONTENT"));
            case Keyword.Transaction:
                Advance();
                Expect(Keyword.Snapshot);
                return Set("TRANSACTION SNAPSHOT", Text(ParseString));
            default:
                return null;
        }
    }

    /// <summary>The value of TIME ZONE; null for DEFAULT and LOCAL.</summary>
    private Expression? ParseZone()
    {
        var location = Here;
        if (Accept(Keyword.Default) || Accept(Keyword.Local))
        {
            return null;
        }

        if (At(Keyword.Interval))
        {
            var interval = ParseTypedLiteral();
            return interval.Type.Modifiers is [Constant mask, ..] && int.Parse(mask.Text) is var fields
                && fields is not (IntervalFields.Hour or (IntervalFields.Hour | IntervalFields.Minute) or IntervalFields.All)
                ? throw Error("time zone interval must be HOUR or HOUR TO MINUTE", mask.Location)
                : interval;
        }

        return At(TokenKind.String) ? new Constant(location, ConstantKind.String, ParseString())
            : IsIdentifier(_token) ? new Constant(location, ConstantKind.String, TakeName())
            : ParseNumber();
    }

    private SetStatement ParseReset()
    {
        var location = Here;
        Advance();
        return new SetStatement(location, SettingScope.Default, ParseShownName(), []) { Reset = true };
    }

    private ShowStatement ParseShow()
    {
        var location = Here;
        Advance();
        return new ShowStatement(location, ParseShownName());
    }

    private string? ParseShownName()
    {
        if (Accept(Keyword.All))
        {
            return null;
        }

        if (Accept(Keyword.Time, Keyword.Zone))
        {
            return "timezone";
        }

        if (Accept(Keyword.Session, Keyword.Authorization))
        {
            return "session_authorization";
        }

        if (At(Keyword.Transaction, Keyword.Isolation))
        {
            Advance();
            Advance();
            Expect(Keyword.Level);
            return "transaction_isolation";
        }

        return ParseSettingName();
    }

    private DiscardStatement ParseDiscard()
    {
        var location = Here;
        Advance();
        return new DiscardStatement(
            location,
            Accept(Keyword.All) ? DiscardKind.All
            : Accept(Keyword.Plans) ? DiscardKind.Plans
            : Accept(Keyword.Sequences) ? DiscardKind.Sequences
            : Accept(Keyword.Temp) || Accept(Keyword.Temporary) ? DiscardKind.Temporary : throw Unexpected());
    }
}
