using System.Globalization;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect;

/// <summary>Reads statements that concern the session, by PostgreSQL's grammar.</summary>
internal ref partial struct SessionParser
{
    private static readonly string[] s_lockModes =
    [
        "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE",
    ];

    private readonly string _sql;
    private readonly Token _head;
    private readonly bool _translated;
    private Token _token;
    private string _lastSetTag;

    public SessionParser(string sql, Lexer lexer, Token head, bool translated)
    {
        _sql = sql;
        _translated = translated;
        Lexer = lexer;
        _head = head;
        _lastSetTag = "SET";
        End = head.End;
    }

    public Lexer Lexer;

    /// <summary>The end of the statement's last token.</summary>
    public int End { get; private set; }

    /// <summary>False if the statement is the database's; the lexer is then where it was.</summary>
    public bool TryParse(out SessionCommand? command, out string tag)
    {
        (command, tag) = (null, "");
        if (_head.Kind != TokenKind.Word)
        {
            return false;
        }

        switch (_head.Keyword)
        {
            case Keyword.Set or Keyword.Show or Keyword.Reset or Keyword.Begin or Keyword.Start or Keyword.Commit or Keyword.End
                or Keyword.Rollback or Keyword.Abort or Keyword.Savepoint or Keyword.Release or Keyword.Discard or Keyword.Prepare
                or Keyword.Execute or Keyword.Deallocate or Keyword.Declare or Keyword.Fetch or Keyword.Move or Keyword.Close
                or Keyword.Listen or Keyword.Unlisten or Keyword.Notify or Keyword.Lock:
                break;
            default:
                return false;
        }

        Next();
        (command, tag) = ParseCommand();
        if (_token.Kind is not (TokenKind.End or TokenKind.Semicolon))
        {
            throw Unexpected();
        }

        return true;
    }

    private (SessionCommand Command, string Tag) ParseCommand()
    {
        switch (_head.Keyword)
        {
            case Keyword.Set:
                return (ParseSet(), _lastSetTag);
            case Keyword.Show:
                return (new ShowSetting(ParseShownName()), "SHOW");
            case Keyword.Reset:
                return (ParseReset(), "RESET");
            case Keyword.Discard:
                return ParseDiscard();
            case Keyword.Prepare:
                return ParsePrepare();
            case Keyword.Execute:
                return (ParseExecute(), "EXECUTE");
            case Keyword.Deallocate:
                Take(Keyword.Prepare);
                return Take(Keyword.All) ? (new DeallocateStatement(null), "DEALLOCATE ALL") : (new DeallocateStatement(Name()), "DEALLOCATE");
            case Keyword.Declare:
                return (ParseDeclare(), "DECLARE CURSOR");
            case Keyword.Fetch:
                return (ParseFetch(moves: false), "FETCH");
            case Keyword.Move:
                return (ParseFetch(moves: true), "MOVE");
            case Keyword.Close:
                return Take(Keyword.All) ? (new CloseCursor(null), "CLOSE CURSOR ALL") : (new CloseCursor(Name()), "CLOSE CURSOR");
            case Keyword.Listen:
                return (new ListenChannel(Identifier()), "LISTEN");
            case Keyword.Unlisten:
                return (TakeOperator('*') ? new UnlistenChannel(null) : new UnlistenChannel(Identifier()), "UNLISTEN");
            case Keyword.Notify:
                var channel = Identifier();
                return (Call("pg_notify", channel, TakeKind(TokenKind.Comma) ? String() : ""), "NOTIFY");
            case Keyword.Lock:
                return (ParseLock(), "LOCK TABLE");
            default:
                return ParseTransaction();
        }
    }

    private string? ParseShownName()
    {
        if (Take(Keyword.All))
        {
            return null;
        }

        if (Take(Keyword.Time))
        {
            Expect(Keyword.Zone);
            return "timezone";
        }

        if (Take(Keyword.Transaction))
        {
            Expect(Keyword.Isolation);
            Expect(Keyword.Level);
            return "transaction_isolation";
        }

        if (_token.Is(Keyword.Session) && Peek().Is(Keyword.Authorization))
        {
            Next();
            Next();
            return "session_authorization";
        }

        return SettingName();
    }

    private SessionCommand ParseReset()
    {
        if (_token.Is(Keyword.Session) && Peek().Is(Keyword.Authorization))
        {
            Next();
            Next();
            return new SetSessionAuthorization(null, Local: false);
        }

        if (_token.Is(Keyword.Role))
        {
            Next();
            return new SetRole(null, Local: false);
        }

        return new ResetSetting(ParseShownName());
    }

    private (SessionCommand Command, string Tag) ParseDiscard()
    {
        if (Take(Keyword.All))
        {
            return (new DiscardState(DiscardTarget.All), "DISCARD ALL");
        }

        if (Take(Keyword.Plans))
        {
            return (new DiscardState(DiscardTarget.Plans), "DISCARD PLANS");
        }

        if (Take(Keyword.Sequences))
        {
            return (new DiscardState(DiscardTarget.Sequences), "DISCARD SEQUENCES");
        }

        return Take(Keyword.Temp) || Take(Keyword.Temporary)
            ? (new DiscardState(DiscardTarget.Temporary), "DISCARD TEMP")
            : throw Unexpected();
    }

    private (SessionCommand Command, string Tag) ParsePrepare()
    {
        if (_token.Is(Keyword.Transaction) && Peek().Kind == TokenKind.String)
        {
            Next();
            Next();
            return (new UnsupportedStatement("PREPARE TRANSACTION"), "PREPARE TRANSACTION");
        }

        var name = Name();
        var types = new List<PreparedType>();
        if (TakeKind(TokenKind.OpenParen))
        {
            do
            {
                types.Add(ParsePreparedType());
            }
            while (TakeKind(TokenKind.Comma));
            ExpectKind(TokenKind.CloseParen);
        }

        if (!_token.Is(Keyword.As))
        {
            throw Unexpected();
        }

        return (new PrepareStatement(name, types, ParseBody()), "PREPARE");
    }

    private PreparedType ParsePreparedType()
    {
        var start = _token;
        var lexer = Lexer;
        if (TypeNameReader.TryRead(ref lexer, start, out var type, out var next) && next.Kind is TokenKind.Comma or TokenKind.CloseParen)
        {
            Lexer = lexer;
            _token = next;
            return new PreparedType(type.Oid == PgTypes.Unknown ? default : type);
        }

        if (start.Kind is not (TokenKind.Word or TokenKind.QuotedIdentifier))
        {
            throw Lexer.SyntaxError(start);
        }

        var position = Lexer.CharacterPosition(_sql, start.Start);
        if (!_translated)
        {
            throw new DialectException("42704", $"type \"{Lexer.NameOf(start)}\" does not exist", position);
        }

        // An array, or a type that only the schema knows. A modifier of it counts for nothing, as in PostgreSQL.
        var (end, modifier) = (start.End, false);
        while (_token.Kind is TokenKind.Word or TokenKind.QuotedIdentifier or TokenKind.Dot or TokenKind.OpenBracket or TokenKind.CloseBracket
            or TokenKind.Integer or TokenKind.OpenParen || (modifier && _token.Kind is TokenKind.Comma or TokenKind.CloseParen))
        {
            modifier = _token.Kind == TokenKind.OpenParen || (modifier && _token.Kind != TokenKind.CloseParen);
            end = _token.End;
            Next();
        }

        return _token.Kind is TokenKind.Comma or TokenKind.CloseParen ? new PreparedType(default, _sql[start.Start..end], position) : throw Unexpected();
    }

    /// <summary>The statement behind the present token, up to the end of its own.</summary>
    private ParsedStatement ParseBody()
    {
        // The statement is read by the splitter itself, which begins at its first token.
        End = _token.End;
        var head = Lexer.Read();
        if (head.Kind is TokenKind.End or TokenKind.Semicolon)
        {
            throw Lexer.SyntaxError(head);
        }

        var body = SqlParser.ParseNested(_sql, ref Lexer, head, _translated);
        if (body.Kind != StatementKind.Run || body.Copy is not null || body.Lowered)
        {
            throw Lexer.SyntaxError(head);
        }

        End = body.End;
        _token = new Token(TokenKind.Semicolon, Keyword.NoKeyword, body.End, body.End);
        return body;
    }

    private ExecuteStatement ParseExecute()
    {
        var name = Name();
        var arguments = new List<ExecuteArgument>();
        if (TakeKind(TokenKind.OpenParen))
        {
            do
            {
                arguments.Add(ParseArgument());
            }
            while (TakeKind(TokenKind.Comma));
            ExpectKind(TokenKind.CloseParen);
        }

        return new ExecuteStatement(name, arguments);
    }

    private ExecuteArgument ParseArgument()
    {
        var first = _token;
        var depth = 0;
        var count = 0;
        var end = first.Start;
        var sign = TokenKind.End;
        var last = default(Token);
        while (depth > 0 || _token.Kind is not (TokenKind.Comma or TokenKind.CloseParen))
        {
            if (_token.Kind is TokenKind.End or TokenKind.Semicolon)
            {
                throw Unexpected();
            }

            depth = _token.Kind == TokenKind.OpenParen ? SqlParser.Deeper(ref Lexer, _token, depth)
                : _token.Kind == TokenKind.CloseParen ? depth - 1 : depth;
            sign = count == 0 ? _token.Kind : sign;
            (last, end) = (_token, _token.End);
            count++;
            Next();
        }

        if (count == 0)
        {
            throw Unexpected();
        }

        var text = _sql[first.Start..end];
        var position = Lexer.CharacterPosition(_sql, first.Start);
        var signed = count == 2 && sign == TokenKind.Operator && first.Length == 1 && _sql[first.Start] is '-' or '+'
            && last.Kind is TokenKind.Integer or TokenKind.Decimal;
        return last.Kind switch
        {
            TokenKind.String when count == 1 => new ExecuteArgument(text, true, Lexer.StringOf(last)) { Position = position },
            TokenKind.Integer or TokenKind.Decimal when count == 1 => Number(text),
            TokenKind.Integer or TokenKind.Decimal when signed =>
                Number(string.Concat(_sql.AsSpan(first.Start, 1), _sql.AsSpan(last.Start, last.Length))),
            TokenKind.Word when count == 1 && last.Is(Keyword.Null) => new ExecuteArgument(text, true, null) { Position = position },
            TokenKind.Word when count == 1 && last.Keyword is Keyword.True or Keyword.False =>
                new ExecuteArgument(text, true, last.Is(Keyword.True) ? "true" : "false") { Type = PgTypes.Bool, Position = position },
            _ => new ExecuteArgument(text, false, null) { Position = position },
        };

        ExecuteArgument Number(string value) => new(text, true, value)
        {
            Type = int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? PgTypes.Int4
                : long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? PgTypes.Int8
                : PgTypes.Numeric,
            Position = position,
        };
    }

    private LockTable ParseLock()
    {
        Take(Keyword.Table);
        var tables = new List<string>();
        do
        {
            Take(Keyword.Only);
            var name = Name();
            while (TakeKind(TokenKind.Dot))
            {
                name = ColumnLabel();
            }

            TakeOperator('*');
            tables.Add(name);
        }
        while (TakeKind(TokenKind.Comma));
        var mode = "ACCESS EXCLUSIVE";
        if (Take(Keyword.In))
        {
            mode = ParseLockMode();
        }

        return new LockTable(tables, mode, Take(Keyword.Nowait));
    }

    private string ParseLockMode()
    {
        var mode = "";
        while (!_token.Is(Keyword.Mode) || !s_lockModes.Contains(mode))
        {
            mode += (mode.Length > 0 ? " " : "") + (_token.Kind == TokenKind.Word ? Lexer.NameOf(_token).ToUpperInvariant() : "?");
            if (!s_lockModes.Any(known => known.StartsWith(mode, StringComparison.Ordinal)))
            {
                throw Unexpected();
            }

            Next();
        }

        Next();
        return mode;
    }
}
