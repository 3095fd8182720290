using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect;

/// <summary>Walks once over a statement for the database: finds its end, its tag and the types that casts give to parameters.</summary>
internal ref struct StatementScan
{
    private readonly Token _head;
    private Token _beforeLast;
    private Token _last;
    private PgType?[]? _casts;
    private List<Range>? _blanks;

    public StatementScan(Lexer lexer, Token head)
    {
        Lexer = lexer;
        _head = head;
        End = head.End;
        Tag = "";
    }

    public Lexer Lexer;

    public int End { get; private set; }

    public StatementVerb Verb { get; private set; }

    public string Tag { get; private set; }

    public bool Unsupported { get; private set; }

    public int ParameterCount { get; private set; }

    public readonly IReadOnlyList<PgType?> Casts => _casts ?? [];

    /// <summary>The first FOR UPDATE, or one of its kin.</summary>
    public LockingClause? Locking { get; private set; }

    /// <summary>
    /// Text that SQLite cannot read and need not: a <c>::type</c> behind a parameter, which to it would be part of the parameter's name, and
    /// locking clauses.
    /// </summary>
    public readonly IReadOnlyList<Range>? Blanks => _blanks;

    public void Run()
    {
        if (_head.Kind != TokenKind.Word && _head.Kind != TokenKind.OpenParen)
        {
            throw Lexer.SyntaxError(_head);
        }

        var body = Classify();
        var depth = 0;
        var cases = 0;
        var inBody = false;
        var mainVerb = Tag.Length > 0;
        for (var token = _head; ; token = Lexer.Read())
        {
            switch (token.Kind)
            {
                case TokenKind.End:
                    Finish(token, inBody);
                    return;
                case TokenKind.Semicolon when !inBody:
                    Finish(token, inBody);
                    return;
                case TokenKind.OpenParen:
                    depth = SqlParser.Deeper(ref Lexer, token, depth);
                    break;
                case TokenKind.CloseParen:
                    depth--;
                    break;
                case TokenKind.Parameter:
                    TakeParameter(token);
                    break;
                case TokenKind.Word when !mainVerb && depth == 0 && _last.Kind == TokenKind.CloseParen:
                    mainVerb = TryMainVerb(token.Keyword);
                    break;
                case TokenKind.Word when token.Is(Keyword.For):
                    TakeLocking(token);
                    break;
                case TokenKind.Word when body:
                    Follow(token, depth, ref inBody, ref cases);
                    break;
            }

            End = token.End;
            (_beforeLast, _last) = (_last, token);
        }
    }

    private void Finish(Token token, bool inBody)
    {
        if (inBody)
        {
            throw Lexer.SyntaxError(token);
        }

        if (Tag.Length == 0)
        {
            // A WITH without a main statement: SQLite words the error.
            (Tag, Verb) = ("SELECT", StatementVerb.Select);
        }
    }

    /// <summary>Follows the body of a trigger or of an SQL function, whose statements end in semicolons of their own.</summary>
    private readonly void Follow(Token token, int depth, ref bool inBody, ref int cases)
    {
        if (!inBody)
        {
            inBody = depth == 0 && token.Is(Keyword.Begin) && !_last.Is(Keyword.Trigger);
        }
        else if (token.Is(Keyword.Case))
        {
            cases++;
        }
        else if (token.Is(Keyword.End))
        {
            inBody = cases > 0;
            cases = Math.Max(0, cases - 1);
        }
    }

    private void TakeParameter(Token token)
    {
        var number = SqlParser.ReadParameterNumber(ref Lexer, token);
        ParameterCount = Math.Max(ParameterCount, number);
        var mark = Lexer;
        var next = Lexer.Read();
        var named = next.Kind == TokenKind.Cast
            || (next.Is(Keyword.As) && _last.Kind == TokenKind.OpenParen && _beforeLast.Is(Keyword.Cast));
        if (named && TypeNameReader.TryRead(ref Lexer, Lexer.Read(), out var type, out var behind))
        {
            // A cast of a cast is a conversion, which a type for the parameter does not stand for.
            if (next.Kind == TokenKind.Cast && behind.Kind != TokenKind.Cast)
            {
                (_blanks ??= []).Add(next.Start..behind.Start);
            }

            if ((_casts?.Length ?? 0) < number)
            {
                Array.Resize(ref _casts, number);
            }

            // The first cast that gives a type wins, as in PostgreSQL.
            _casts![number - 1] ??= type;
        }

        Lexer = mark;
    }

    /// <summary>FOR strength [OF table, …] [NOWAIT | SKIP LOCKED]; anything else behind FOR is left to SQLite.</summary>
    private void TakeLocking(Token token)
    {
        var lexer = Lexer;
        if (ReadStrength(ref lexer) is not { } strength)
        {
            return;
        }

        var next = lexer.Read();
        if (next.Is(Keyword.Of))
        {
            do
            {
                lexer.Read();
                next = lexer.Read();
            }
            while (next.Kind is TokenKind.Comma or TokenKind.Dot);
        }

        var noWait = next.Is(Keyword.Nowait);
        if (noWait || next.Is(Keyword.Skip) && lexer.Read().Is(Keyword.Locked))
        {
            next = lexer.Read();
        }

        // The FOR of substring() can look like the beginning of one, but never like all of it.
        if (next.Kind is TokenKind.End or TokenKind.Semicolon or TokenKind.CloseParen
            || next.Keyword is Keyword.For or Keyword.Limit or Keyword.Offset or Keyword.Fetch)
        {
            (_blanks ??= []).Add(token.Start..next.Start);
            Locking ??= new LockingClause(strength, noWait);
        }
    }

    private static string? ReadStrength(ref Lexer lexer)
    {
        switch (lexer.Read().Keyword)
        {
            case Keyword.Update:
                return "UPDATE";
            case Keyword.Share:
                return "SHARE";
            case Keyword.No:
                return lexer.Read().Is(Keyword.Key) && lexer.Read().Is(Keyword.Update) ? "NO KEY UPDATE" : null;
            case Keyword.Key:
                return lexer.Read().Is(Keyword.Share) ? "KEY SHARE" : null;
            default:
                return null;
        }
    }

    private bool TryMainVerb(Keyword keyword)
    {
        (Tag, Verb) = keyword switch
        {
            Keyword.Select or Keyword.Values => ("SELECT", StatementVerb.Select),
            Keyword.Insert or Keyword.Replace => ("INSERT", StatementVerb.Insert),
            Keyword.Update => ("UPDATE", StatementVerb.Update),
            Keyword.Delete => ("DELETE", StatementVerb.Delete),
            _ => ("", StatementVerb.Other),
        };
        return Tag.Length > 0;
    }

    /// <summary>Sets tag and verb by the first words; true if a body with semicolons may follow.</summary>
    private bool Classify()
    {
        if (_head.Kind == TokenKind.OpenParen)
        {
            (Tag, Verb) = ("SELECT", StatementVerb.Select);
            return false;
        }

        switch (_head.Keyword)
        {
            case Keyword.Select or Keyword.Values or Keyword.Insert or Keyword.Replace or Keyword.Update or Keyword.Delete:
                TryMainVerb(_head.Keyword);
                return false;
            case Keyword.With:
                return false;
            case Keyword.Explain:
                (Tag, Verb) = ("EXPLAIN", StatementVerb.Explain);
                return false;
            case Keyword.Pragma:
                (Tag, Verb) = ("PRAGMA", StatementVerb.Pragma);
                return false;
            case Keyword.Create or Keyword.Alter or Keyword.Drop:
                return ClassifyDefinition();
            case Keyword.Analyze or Keyword.Analyse:
                Tag = "ANALYZE";
                return false;
            case Keyword.Vacuum or Keyword.Reindex or Keyword.Attach or Keyword.Detach:
                Tag = Upper(_head);
                return false;
            case Keyword.Table or Keyword.Truncate or Keyword.Copy or Keyword.Do
                or Keyword.Call or Keyword.Grant or Keyword.Revoke or Keyword.Comment or Keyword.Merge or Keyword.Refresh or Keyword.Cluster
                or Keyword.Checkpoint or Keyword.Load or Keyword.Security or Keyword.Reassign or Keyword.Import:
                Tag = _head.Keyword switch
                {
                    Keyword.Truncate => "TRUNCATE TABLE",
                    Keyword.Refresh => "REFRESH MATERIALIZED VIEW",
                    _ => Upper(_head),
                };
                Unsupported = true;
                return false;
            default:
                throw Lexer.SyntaxError(_head);
        }
    }

    private bool ClassifyDefinition()
    {
        var lexer = Lexer;
        var token = lexer.Read();
        var materialized = false;
        while (token.Kind == TokenKind.Word && token.Keyword is Keyword.Or or Keyword.Replace or Keyword.Temp or Keyword.Temporary
            or Keyword.Unique or Keyword.Global or Keyword.Local or Keyword.Unlogged or Keyword.Virtual or Keyword.Recursive
            or Keyword.Materialized or Keyword.Constraint or Keyword.Foreign or Keyword.Event or Keyword.Trusted or Keyword.Procedural
            or Keyword.Default)
        {
            materialized |= token.Keyword is Keyword.Materialized or Keyword.Foreign or Keyword.Event or Keyword.Default;
            token = lexer.Read();
        }

        if (token.Kind != TokenKind.Word)
        {
            throw lexer.SyntaxError(token);
        }

        var verb = Upper(_head);
        var plain = token.Keyword is Keyword.Table or Keyword.Index or Keyword.View or Keyword.Trigger && !materialized;
        Unsupported = !plain;
        if (!plain)
        {
            Tag = $"{verb} {(token.Is(Keyword.User) ? "ROLE" : Upper(token))}";
            return token.Keyword is Keyword.Function or Keyword.Procedure;
        }

        Tag = token.Keyword switch
        {
            Keyword.Table => _head.Is(Keyword.Create) ? (FillsTable(lexer) ? "CREATE TABLE AS" : "CREATE TABLE")
                : _head.Is(Keyword.Drop) ? "DROP TABLE" : "ALTER TABLE",
            _ => $"{verb} {Upper(token)}",
        };
        return _head.Is(Keyword.Create) && token.Is(Keyword.Trigger);
    }

    /// <summary>CREATE TABLE name [(…)] AS.</summary>
    private static bool FillsTable(Lexer lexer)
    {
        var depth = 0;
        for (var token = lexer.Read(); token.Kind is not (TokenKind.End or TokenKind.Semicolon); token = lexer.Read())
        {
            depth += token.Kind == TokenKind.OpenParen ? 1 : token.Kind == TokenKind.CloseParen ? -1 : 0;
            if (depth == 0 && token.Is(Keyword.As))
            {
                return true;
            }
        }

        return false;
    }

    private readonly string Upper(Token token) => Lexer.Text[token.Start..token.End].ToString().ToUpperInvariant();
}
