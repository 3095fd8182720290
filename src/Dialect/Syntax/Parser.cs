namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>PostgreSQL 15's grammar: a text becomes the trees of its statements.</summary>
public sealed partial class Parser
{
    /// <summary>How deep a tree may be. A query counts as several levels, since it takes as much stack as those.</summary>
    public const int LevelsMax = 1000;

    private const int QueryLevels = 5;

    private readonly string _text;
    private readonly Token[] _ahead = new Token[4];
    private Token _token;
    private int _aheadStart;
    private int _aheadCount;
    private int _lexed;

    // An error of a token that was only looked at; it is thrown once the token is reached.
    private DialectException? _lexicalError;

    /// <summary>The end of the last token that was taken.</summary>
    private int _end;
    private int _level;

    // The deepest level that the expression being read has reached. Each operator that takes what stands before it pushes that down by one.
    private int _deepest;
    private int _brackets;

    // How many brackets are open where a column's label without AS may stand; -1 where none may.
    private int _labelBrackets = -1;

    private Parser(string text)
    {
        _text = text;
        _token = Lex();
    }

    /// <summary>The statements of a text; none if it holds only blanks, comments and semicolons.</summary>
    /// <exception cref="DialectException">The text is no SQL, or nests too deep (54001).</exception>
    public static IReadOnlyList<Node> Parse(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        if (sql.Length > SqlParser.LengthMax)
        {
            throw new DialectException("54000", $"statement is longer than {SqlParser.LengthMax} characters");
        }

        var parser = new Parser(sql);
        var statements = new List<Node>();
        var start = 0;
        while (true)
        {
            if (!parser.At(TokenKind.Semicolon) && !parser.At(TokenKind.End))
            {
                var statement = parser.ParseStatement();
                if (!parser.At(TokenKind.Semicolon) && !parser.At(TokenKind.End))
                {
                    throw parser.Unexpected();
                }

                statements.Add(statement with { Extent = new Extent(start, parser._token.Start - start) });
            }

            if (parser.At(TokenKind.End))
            {
                return statements;
            }

            start = parser._token.End;
            parser.Advance();
        }
    }

    /// <summary>A single expression, as in the text of a default or a check.</summary>
    /// <exception cref="DialectException">The text is no expression.</exception>
    public static Expression ParseExpression(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        var parser = new Parser(sql);
        var expression = parser.ParseExpression();
        return parser.At(TokenKind.End) ? expression : throw parser.Unexpected();
    }

    private Location Here => new(_token.Start);

    private Token Lex()
    {
        var lexer = new Lexer(_text, _lexed);
        var token = lexer.ReadPostgres();
        _lexed = token.End;
        return token;
    }

    private void Advance()
    {
        _end = _token.End;
        if (_token.Kind is TokenKind.OpenParen or TokenKind.OpenBracket)
        {
            _brackets++;
        }
        else if (_token.Kind is TokenKind.CloseParen or TokenKind.CloseBracket)
        {
            _brackets--;
        }

        if (_aheadCount > 0)
        {
            _token = _ahead[_aheadStart];
            _aheadStart = (_aheadStart + 1) & 3;
            _aheadCount--;
        }
        else if (_lexicalError is { } error)
        {
            throw error;
        }
        else
        {
            _token = Lex();
        }
    }

    /// <summary>A token behind the current one, up to the fourth.</summary>
    private Token Peek(int distance = 1)
    {
        while (_aheadCount < distance)
        {
            if (_lexicalError is not null)
            {
                return new Token(TokenKind.End, Keyword.NoKeyword, _text.Length, _text.Length);
            }

            try
            {
                _ahead[(_aheadStart + _aheadCount) & 3] = Lex();
                _aheadCount++;
            }
            catch (DialectException e)
            {
                _lexicalError = e;
            }
        }

        return _ahead[(_aheadStart + distance - 1) & 3];
    }

    private bool At(TokenKind kind) => _token.Kind == kind;

    private bool At(Keyword keyword) => _token.Is(keyword);

    private bool At(Keyword first, Keyword second) => _token.Is(first) && Peek().Is(second);

    private bool AtOperator(string symbol) => IsOperator(_token, symbol);

    private bool IsOperator(Token token, string symbol) =>
        token.Kind == TokenKind.Operator && token.Length == symbol.Length && _text.AsSpan(token.Start, token.Length).SequenceEqual(symbol);

    private bool Accept(TokenKind kind)
    {
        if (_token.Kind != kind)
        {
            return false;
        }

        Advance();
        return true;
    }

    private bool Accept(Keyword keyword)
    {
        if (!_token.Is(keyword))
        {
            return false;
        }

        Advance();
        return true;
    }

    private bool Accept(Keyword first, Keyword second)
    {
        if (!At(first, second))
        {
            return false;
        }

        Advance();
        Advance();
        return true;
    }

    private bool AcceptOperator(string symbol)
    {
        if (!AtOperator(symbol))
        {
            return false;
        }

        Advance();
        return true;
    }

    private void Expect(TokenKind kind)
    {
        if (!Accept(kind))
        {
            throw Unexpected();
        }
    }

    private void Expect(Keyword keyword)
    {
        if (!Accept(keyword))
        {
            throw Unexpected();
        }
    }

    private void Expect(Keyword first, Keyword second)
    {
        Expect(first);
        Expect(second);
    }

    private void ExpectOperator(string symbol)
    {
        if (!AcceptOperator(symbol))
        {
            throw Unexpected();
        }
    }

    private bool AcceptIfExists()
    {
        if (!Accept(Keyword.If))
        {
            return false;
        }

        Expect(Keyword.Exists);
        return true;
    }

    private bool AcceptIfNotExists()
    {
        if (!Accept(Keyword.If))
        {
            return false;
        }

        Expect(Keyword.Not, Keyword.Exists);
        return true;
    }

    private DialectException Unexpected() => new Lexer(_text).SyntaxError(_token);

    private int Position(Location location) => Lexer.CharacterPosition(_text, Math.Max(location.Offset, 0));

    private DialectException Error(string message, Location location, string? hint = null, string state = "42601") =>
        new(state, message, Position(location), hint);

    private void Enter(int levels = 1)
    {
        _level += levels;
        if (_level > _deepest)
        {
            _deepest = _level;
            if (_level > LevelsMax)
            {
                throw TooDeep();
            }
        }
    }

    private void Leave(int levels = 1) => _level -= levels;

    /// <summary>Counts a level for a node that takes the tree read so far as its operand.</summary>
    private void PushDown(int levels = 1)
    {
        _deepest += levels;
        if (_deepest > LevelsMax)
        {
            throw TooDeep();
        }
    }

    private DialectException TooDeep() => new(
        "54001", "stack depth limit exceeded", Lexer.CharacterPosition(_text, _token.Start), $"The statement nests more than {LevelsMax} levels.");

    private static NodeList<T> ListOf<T>(List<T> items) => items.Count == 0 ? NodeList<T>.Empty : new NodeList<T>([.. items]);

    /// <summary>One or more items with commas between them.</summary>
    private NodeList<T> ParseList<T>(Func<Parser, T> parse)
    {
        var first = parse(this);
        if (!At(TokenKind.Comma))
        {
            return [first];
        }

        var items = new List<T> { first };
        while (Accept(TokenKind.Comma))
        {
            items.Add(parse(this));
        }

        return ListOf(items);
    }

    private NodeList<T> ParseParenthesizedList<T>(Func<Parser, T> parse)
    {
        Expect(TokenKind.OpenParen);
        var items = ParseList(parse);
        Expect(TokenKind.CloseParen);
        return items;
    }

    private NodeList<T> ParseOptionalParenthesizedList<T>(Func<Parser, T> parse) => At(TokenKind.OpenParen) ? ParseParenthesizedList(parse) : [];
}
