namespace Rqlite.Pg.Dialect;

internal ref partial struct SessionParser
{
    private SessionCommand ParseSet()
    {
        if (_token.Is(Keyword.Constraints))
        {
            return ParseConstraints();
        }

        var local = false;
        if (_token.Is(Keyword.Local))
        {
            local = true;
            Next();
        }
        else if (_token.Is(Keyword.Session) && !Peek().Is(Keyword.Authorization))
        {
            Next();
            if (Take(Keyword.Characteristics))
            {
                Expect(Keyword.As);
                Expect(Keyword.Transaction);
                return new SetTransaction(ParseModes(required: true), SessionDefault: true);
            }
        }

        return ParseAssignment(local);
    }

    private SessionCommand ParseAssignment(bool local)
    {
        var following = Peek();
        switch (_token.Keyword)
        {
            case Keyword.Transaction:
                Next();
                if (Take(Keyword.Snapshot))
                {
                    String();
                    return new UnsupportedStatement("SET TRANSACTION SNAPSHOT");
                }

                return new SetTransaction(ParseModes(required: true), SessionDefault: false);
            case Keyword.Session when following.Is(Keyword.Authorization):
                Next();
                Next();
                return new SetSessionAuthorization(Take(Keyword.Default) ? null : NameOrString(), local);
            case Keyword.Role when !IsAssignment(following):
                Next();
                return ParseRole(local);
            case Keyword.Time when following.Is(Keyword.Zone):
                Next();
                Next();
                return ParseTimeZone(local);
            case Keyword.Names when !IsAssignment(following):
                Next();
                return new SetSetting(
                    "client_encoding", _token.Kind == TokenKind.String ? [String()] : TakeDefaultOrNothing(), local);
            case Keyword.Schema when following.Kind == TokenKind.String:
                Next();
                return new SetSetting("search_path", [String()], local);
            case Keyword.Catalog when following.Kind == TokenKind.String:
                throw new DialectException("0A000", "current database cannot be changed", Lexer.CharacterPosition(_sql, following.Start));
            case Keyword.Xml when following.Is(Keyword.Option):
                Next();
                Next();
                return new SetSetting("xmloption", [Take(Keyword.Document) ? "document" : Take(Keyword.Content) ? "content" : throw Unexpected()], local);
        }

        var name = SettingName();
        if (!Take(Keyword.To) && !TakeOperator('='))
        {
            throw Unexpected();
        }

        return new SetSetting(name, Take(Keyword.Default) ? null : ParseValues(), local);
    }

    private readonly bool IsAssignment(Token token) => token.Is(Keyword.To) || token.Kind == TokenKind.Dot
        || (token.Kind == TokenKind.Operator && token.Length == 1 && _sql[token.Start] == '=');

    private List<string>? TakeDefaultOrNothing() =>
        Take(Keyword.Default) || _token.Kind is TokenKind.End or TokenKind.Semicolon ? null : throw Unexpected();

    private SetRole ParseRole(bool local)
    {
        if (Take(Keyword.None))
        {
            return new SetRole(null, local);
        }

        return new SetRole(NameOrString(), local);
    }

    private string NameOrString() => _token.Kind == TokenKind.String ? String() : Name();

    private List<string> ParseValues()
    {
        var values = new List<string>();
        do
        {
            values.Add(ParseValue());
        }
        while (TakeKind(TokenKind.Comma));
        return values;
    }

    private string ParseValue()
    {
        switch (_token.Kind)
        {
            case TokenKind.String:
                return String();
            case TokenKind.Integer or TokenKind.Decimal:
                return Number("");
            case TokenKind.Operator when IsOperator('-') || IsOperator('+'):
                var sign = IsOperator('-') ? "-" : "";
                Next();
                return _token.Kind is TokenKind.Integer or TokenKind.Decimal ? Number(sign) : throw Unexpected();
            case TokenKind.Word when _token.Keyword is Keyword.True or Keyword.False or Keyword.On:
                return ColumnLabel();
            case TokenKind.Word when Keywords.ClassOf(_token.Keyword) != KeywordClass.Reserved:
            case TokenKind.QuotedIdentifier:
                return ColumnLabel();
            default:
                throw Unexpected();
        }
    }

    private string Number(string sign)
    {
        var value = string.Concat(sign, _sql.AsSpan(_token.Start, _token.Length));
        Next();
        return value;
    }

    private SetSetting ParseTimeZone(bool local)
    {
        if (Take(Keyword.Default) || Take(Keyword.Local))
        {
            return new SetSetting("timezone", null, local);
        }

        if (Take(Keyword.Interval))
        {
            if (TakeKind(TokenKind.OpenParen))
            {
                ExpectKind(TokenKind.Integer);
                ExpectKind(TokenKind.CloseParen);
            }

            var value = String();
            while (_token.Keyword is Keyword.Hour or Keyword.To or Keyword.Minute or Keyword.Second && _token.Kind == TokenKind.Word)
            {
                Next();
            }

            return new SetSetting("timezone", [$"INTERVAL '{value}'"], local);
        }

        return new SetSetting("timezone", [ParseValue()], local);
    }

    private SetConstraints ParseConstraints()
    {
        _lastSetTag = "SET CONSTRAINTS";
        Next();
        List<string>? names = null;
        if (!Take(Keyword.All))
        {
            names = [];
            do
            {
                names.Add(SettingName());
            }
            while (TakeKind(TokenKind.Comma));
        }

        return new SetConstraints(names, Take(Keyword.Deferred) || (Take(Keyword.Immediate) ? false : throw Unexpected()));
    }
}
