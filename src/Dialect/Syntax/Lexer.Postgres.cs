using System.Buffers;

namespace Rqlite.Pg.Dialect;

/// <summary>PostgreSQL 15's tokens alone: without SQLite's quotes, parameters and numbers, and without a memory of earlier tokens.</summary>
internal ref partial struct Lexer
{
    private const int NameBytesMax = 63;

    private static readonly SearchValues<char> PostgresOperatorCharacters = SearchValues.Create("~!@#^&|`?+-*/%<>=");
    private static readonly SearchValues<char> PostgresForeignOperatorCharacters = SearchValues.Create("~!@#^&|`?%");

    /// <summary>Reads the next token by PostgreSQL's rules. Reading may begin at the start of any token.</summary>
    /// <exception cref="DialectException">42601: a quote or comment does not end, or a character belongs to no token.</exception>
    public Token ReadPostgres()
    {
        SkipBlanks(postgres: true);
        var start = _next;
        var token = start >= _text.Length ? new Token(TokenKind.End, Keyword.NoKeyword, _text.Length, _text.Length) : ReadPostgresToken(start);
        _next = token.End;
        _previousEnd = token.End;
        return token;
    }

    private Token ReadPostgresToken(int start)
    {
        var first = _text[start];
        var second = start + 1 < _text.Length ? _text[start + 1] : '\0';
        if (IsIdentifierStart(first))
        {
            return second is '\'' or '&' ? ReadPostgresPrefixed(start, first, second) : ReadPostgresWord(start);
        }

        if (char.IsAsciiDigit(first) || (first == '.' && char.IsAsciiDigit(second)))
        {
            return ReadPostgresNumber(start);
        }

        var kind = first switch
        {
            ',' => TokenKind.Comma,
            ';' => TokenKind.Semicolon,
            '(' => TokenKind.OpenParen,
            ')' => TokenKind.CloseParen,
            '[' => TokenKind.OpenBracket,
            ']' => TokenKind.CloseBracket,
            '.' => second == '.' ? TokenKind.DotDot : TokenKind.Dot,
            ':' => second == ':' ? TokenKind.Cast : second == '=' ? TokenKind.ColonEquals : TokenKind.Colon,
            _ => TokenKind.End,
        };
        if (kind != TokenKind.End)
        {
            var length = kind is TokenKind.DotDot or TokenKind.Cast or TokenKind.ColonEquals ? 2 : 1;
            return new Token(kind, Keyword.NoKeyword, start, start + length);
        }

        return first switch
        {
            '\'' => new Token(TokenKind.String, Keyword.NoKeyword, start, EndOfString(start, start, escapes: false)),
            '"' => new Token(TokenKind.QuotedIdentifier, Keyword.NoKeyword, start, EndOfQuotedIdentifier(start, start, '"')),
            '$' => ReadPostgresDollar(start, second),
            _ => PostgresOperatorCharacters.Contains(first) ? ReadPostgresOperator(start) : throw SyntaxError(start, EndOfCharacter(start)),
        };
    }

    private readonly Token ReadPostgresWord(int start)
    {
        var end = EndOfWord(start + 1);
        var keyword = Keywords.Find(_text[start..end]);
        return new Token(TokenKind.Word, Keywords.IsSqliteOnly(keyword) ? Keyword.NoKeyword : keyword, start, end);
    }

    private readonly Token ReadPostgresPrefixed(int start, char first, char second)
    {
        if (second == '\'')
        {
            switch (first)
            {
                case 'e' or 'E':
                    return new Token(TokenKind.String, Keyword.NoKeyword, start, EndOfString(start, start + 1, escapes: true));
                case 'n' or 'N':
                    // N'x' is the keyword NCHAR and the string 'x'.
                    return new Token(TokenKind.Word, Keyword.Nchar, start, start + 1);
                case 'b' or 'B':
                    return new Token(TokenKind.BitString, Keyword.NoKeyword, start, EndOfString(start, start + 1, escapes: false,
                        "bit string literal"));
                case 'x' or 'X':
                    return new Token(
                        TokenKind.HexString, Keyword.NoKeyword, start, EndOfString(start, start + 1, escapes: false, "hexadecimal string literal"));
            }
        }
        else if (first is 'u' or 'U' && start + 2 < _text.Length)
        {
            if (_text[start + 2] == '\'')
            {
                return WithUescape(new Token(TokenKind.String, Keyword.NoKeyword, start, EndOfString(start, start + 2, escapes: false)));
            }

            if (_text[start + 2] == '"')
            {
                return WithUescape(new Token(TokenKind.QuotedIdentifier, Keyword.NoKeyword, start, EndOfQuotedIdentifier(start, start + 2, '"')));
            }
        }

        return ReadPostgresWord(start);
    }

    /// <summary>Extends a U&amp; token over its UESCAPE clause.</summary>
    private readonly Token WithUescape(Token token)
    {
        var ahead = new Lexer(_text, token.End);
        ahead.SkipBlanks(postgres: true);
        var at = ahead._next;
        if (at >= _text.Length || !IsIdentifierStart(_text[at]) || !ReadPostgresWord(at).Is(Keyword.Uescape))
        {
            return token;
        }

        ahead._next = EndOfWord(at);
        var escape = ahead.ReadPostgres();
        if (escape.Kind != TokenKind.String || _text[escape.Start] is 'u' or 'U')
        {
            throw escape.Kind == TokenKind.End
                ? new DialectException("42601", "UESCAPE must be followed by a simple string literal at end of input", CharacterPosition(_text,
                    escape.Start))
                : LexicalError("UESCAPE must be followed by a simple string literal", escape.Start, escape.End);
        }

        var value = ahead.StringOf(escape);
        return value.Length != 1 || char.IsAsciiHexDigit(value[0]) || value[0] is '+' or '\'' or '"' or ' ' or '\t' or '\n' or '\r' or '\f'
            ? throw LexicalError("invalid Unicode escape character", escape.Start, escape.End)
            : token with { End = escape.End };
    }

    private readonly Token ReadPostgresNumber(int start)
    {
        var end = EndOfPlainDigits(start);
        var kind = TokenKind.Integer;
        if (end < _text.Length && _text[end] == '.' && !(end + 1 < _text.Length && _text[end + 1] == '.'))
        {
            kind = TokenKind.Decimal;
            end = EndOfPlainDigits(end + 1);
        }

        if (end < _text.Length && _text[end] is 'e' or 'E')
        {
            var digits = end + 1;
            var signed = digits < _text.Length && _text[digits] is '+' or '-';
            digits += signed ? 1 : 0;
            if (digits < _text.Length && char.IsAsciiDigit(_text[digits]))
            {
                kind = TokenKind.Decimal;
                end = EndOfPlainDigits(digits);
            }
            else if (signed)
            {
                throw LexicalError("trailing junk after numeric literal", start, digits);
            }
        }

        if (end < _text.Length && IsIdentifierStart(_text[end]))
        {
            throw LexicalError("trailing junk after numeric literal", start, EndOfWord(end));
        }

        return kind == TokenKind.Integer && !int.TryParse(_text[start..end], out _)
            ? new Token(TokenKind.Decimal, Keyword.NoKeyword, start, end)
            : new Token(kind, Keyword.NoKeyword, start, end);
    }

    private readonly int EndOfPlainDigits(int end)
    {
        while (end < _text.Length && char.IsAsciiDigit(_text[end]))
        {
            end++;
        }

        return end;
    }

    private readonly Token ReadPostgresDollar(int start, char second)
    {
        if (char.IsAsciiDigit(second))
        {
            var end = EndOfPlainDigits(start + 1);
            return end < _text.Length && IsIdentifierStart(_text[end])
                ? throw LexicalError("trailing junk after parameter", start, EndOfWord(end))
                : new Token(TokenKind.Parameter, Keyword.NoKeyword, start, end);
        }

        var tag = start + 1;
        while (tag < _text.Length && (IsIdentifierStart(_text[tag]) || (tag > start + 1 && char.IsAsciiDigit(_text[tag]))))
        {
            tag++;
        }

        return tag < _text.Length && _text[tag] == '$' ? ReadDollarQuoted(start, tag + 1) : throw SyntaxError(start, start + 1);
    }

    private readonly Token ReadPostgresOperator(int start)
    {
        var rest = _text[start..];
        var length = rest.IndexOfAnyExcept(PostgresOperatorCharacters);
        rest = length < 0 ? rest : rest[..length];
        for (var i = 1; i + 1 < rest.Length; i++)
        {
            if ((rest[i] == '-' && rest[i + 1] == '-') || (rest[i] == '/' && rest[i + 1] == '*'))
            {
                rest = rest[..i];
            }
        }

        // A longer operator may end in + or - only if it holds a character that SQL's own operators lack.
        while (rest.Length > 1 && rest[^1] is '+' or '-' && rest[..^1].IndexOfAny(PostgresForeignOperatorCharacters) < 0)
        {
            rest = rest[..^1];
        }

        return rest.Length > NameBytesMax
            ? throw LexicalError("operator too long", start, start + rest.Length)
            : new Token(TokenKind.Operator, Keyword.NoKeyword, start, start + rest.Length);
    }

    private readonly int EndOfCharacter(int start) =>
        char.IsHighSurrogate(_text[start]) && start + 1 < _text.Length && char.IsLowSurrogate(_text[start + 1]) ? start + 2 : start + 1;

    /// <summary>The name of an identifier or keyword token: folded unless quoted, escapes replaced, cut to 63 bytes as PostgreSQL does.</summary>
    public readonly string PostgresNameOf(Token token)
    {
        var name = PostgresWholeNameOf(token);
        return name.Length * 3 <= NameBytesMax ? name : CutName(name);
    }

    /// <summary>The name before it is cut.</summary>
    internal readonly string PostgresWholeNameOf(Token token)
    {
        var raw = _text[token.Start..token.End];
        return token.Kind == TokenKind.Word ? Fold(raw)
            : raw[0] == '"' ? NameOf(token)
            : DecodeUescape(token, '"');
    }

    /// <summary>The value of a string token.</summary>
    public readonly string PostgresStringOf(Token token) =>
        _text[token.Start] is 'u' or 'U' ? DecodeUescape(token, '\'') : StringOf(token);

    private readonly string DecodeUescape(Token token, char quote)
    {
        var lexer = new Lexer(_text, token.Start);
        var bodyEnd = quote == '"' ? EndOfQuotedIdentifier(token.Start, token.Start + 2, '"') : EndOfString(token.Start, token.Start + 2,
            escapes: false);
        var escape = '\\';
        if (bodyEnd < token.End)
        {
            lexer._next = bodyEnd;
            lexer.SkipBlanks(postgres: true);
            lexer._next = EndOfWord(lexer._next);
            escape = StringOf(lexer.ReadPostgres())[0];
        }

        var body = quote == '"'
            ? _text[(token.Start + 3)..(bodyEnd - 1)].ToString().Replace("\"\"", "\"", StringComparison.Ordinal)
            : StringOf(new Token(TokenKind.String, Keyword.NoKeyword, token.Start + 2, bodyEnd));
        return DecodeUnicode(token, body, escape, 3);
    }

    private static string CutName(string name)
    {
        var bytes = 0;
        for (var i = 0; i < name.Length; i++)
        {
            var pair = char.IsHighSurrogate(name[i]) && i + 1 < name.Length && char.IsLowSurrogate(name[i + 1]);
            bytes += pair ? 4 : name[i] < 0x80 ? 1 : name[i] < 0x800 ? 2 : 3;
            if (bytes > NameBytesMax)
            {
                return name[..i];
            }

            i += pair ? 1 : 0;
        }

        return name;
    }
}
