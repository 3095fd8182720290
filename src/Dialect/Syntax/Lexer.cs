using System.Buffers;

namespace Rqlite.Pg.Dialect;

/// <summary>
/// Cuts a text into tokens by PostgreSQL's lexical rules (manual, section 4.1), with SQLite's own quotes and parameters beside them.
/// It is a value: a copy of it is a mark to come back to.
/// </summary>
internal ref partial struct Lexer
{
    private static readonly SearchValues<char> OperatorCharacters = SearchValues.Create("~!@#^&|?+-*/%<>=");
    private static readonly SearchValues<char> ForeignOperatorCharacters = SearchValues.Create("~!@#%^&|?");
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n");

    private readonly ReadOnlySpan<char> _text;
    private int _next;
    private int _previousEnd;
    private bool _previousIsOperand;
    private bool _previousIsWord;

    // The place of the text's last ], once somebody has looked; -1 for none.
    private int? _lastCloseBracket;

    public Lexer(ReadOnlySpan<char> text, int start = 0)
    {
        _text = text;
        _next = start;
        _previousEnd = start;
    }

    public readonly ReadOnlySpan<char> Text => _text;

    /// <summary>Set once a comment within a comment was passed, which SQLite does not understand.</summary>
    public bool SawNestedComment { get; private set; }

    /// <summary>The end of the last token.</summary>
    public readonly int Offset => _previousEnd;

    /// <exception cref="DialectException">42601: a quote or comment does not end, or a character belongs to no token.</exception>
    public Token Read()
    {
        SkipBlanks();
        if (_next >= _text.Length)
        {
            return new Token(TokenKind.End, Keyword.NoKeyword, _text.Length, _text.Length);
        }

        var start = _next;
        var token = ReadToken(start);
        _previousIsOperand = token.Kind switch
        {
            TokenKind.Word => Keywords.ClassOf(token.Keyword) != KeywordClass.Reserved || EndsOperand(token.Keyword),
            TokenKind.QuotedIdentifier or TokenKind.String or TokenKind.Integer or TokenKind.Decimal or TokenKind.BitString
                or TokenKind.HexString or TokenKind.Parameter or TokenKind.SqliteParameter or TokenKind.CloseParen
                or TokenKind.CloseBracket => true,
            _ => false,
        };
        _previousIsWord = token.Kind == TokenKind.Word;
        _previousEnd = token.End;
        _next = token.End;
        return token;
    }

    private static bool EndsOperand(Keyword keyword) => keyword is Keyword.Null or Keyword.True or Keyword.False or Keyword.End
        or Keyword.Array or Keyword.Default or Keyword.CurrentDate or Keyword.CurrentTime or Keyword.CurrentTimestamp
        or Keyword.CurrentUser or Keyword.User or Keyword.SessionUser or Keyword.Localtime or Keyword.Localtimestamp;

    private Token ReadToken(int start)
    {
        var first = _text[start];
        var second = start + 1 < _text.Length ? _text[start + 1] : '\0';
        switch (first)
        {
            case ',':
                return new Token(TokenKind.Comma, Keyword.NoKeyword, start, start + 1);
            case ';':
                return new Token(TokenKind.Semicolon, Keyword.NoKeyword, start, start + 1);
            case '(':
                return new Token(TokenKind.OpenParen, Keyword.NoKeyword, start, start + 1);
            case ')':
                return new Token(TokenKind.CloseParen, Keyword.NoKeyword, start, start + 1);
            case '[':
                return ReadBracket(start);
            case ']':
                return new Token(TokenKind.CloseBracket, Keyword.NoKeyword, start, start + 1);
            case '\'':
                return new Token(TokenKind.String, Keyword.NoKeyword, start, EndOfString(start, start, escapes: false));
            case '"':
                return new Token(TokenKind.QuotedIdentifier, Keyword.NoKeyword, start, EndOfQuotedIdentifier(start, start, '"'));
            case '`':
                return new Token(TokenKind.QuotedIdentifier, Keyword.NoKeyword, start, EndOfQuotedIdentifier(start, start, '`'));
            case '.':
                return second == '.' ? new Token(TokenKind.DotDot, Keyword.NoKeyword, start, start + 2)
                    : char.IsAsciiDigit(second) ? ReadNumber(start)
                    : new Token(TokenKind.Dot, Keyword.NoKeyword, start, start + 1);
            case ':':
                return ReadColon(start, second);
            case '$':
                return ReadDollar(start, second);
        }

        if (IsIdentifierStart(first))
        {
            return second is '\'' or '"' or '&' ? ReadPrefixed(start, first, second) : ReadWord(start);
        }

        return char.IsAsciiDigit(first) ? ReadNumber(start)
            : OperatorCharacters.Contains(first) ? ReadOperator(start, first, second)
            : throw SyntaxError(start, start + 1);
    }

    private readonly Token ReadWord(int start)
    {
        var end = EndOfWord(start + 1);
        return new Token(TokenKind.Word, Keywords.Find(_text[start..end]), start, end);
    }

    /// <summary>After a word that touches it a bracket is a subscript; where an operand must begin it is SQLite's quote.</summary>
    private Token ReadBracket(int start)
    {
        var quote = !_previousIsOperand || (_previousIsWord && _previousEnd < start);
        if (quote && start + 1 < _text.Length && (IsIdentifierStart(_text[start + 1]) || _text[start + 1] == ' ')
            && (_lastCloseBracket ??= _text.LastIndexOf(']')) > start)
        {
            var length = _text[start..].IndexOf(']');
            if (length > 0)
            {
                return new Token(TokenKind.QuotedIdentifier, Keyword.NoKeyword, start, start + length + 1);
            }
        }

        return new Token(TokenKind.OpenBracket, Keyword.NoKeyword, start, start + 1);
    }

    private readonly Token ReadColon(int start, char second) => second switch
    {
        ':' => new Token(TokenKind.Cast, Keyword.NoKeyword, start, start + 2),
        '=' => new Token(TokenKind.ColonEquals, Keyword.NoKeyword, start, start + 2),
        _ when !_previousIsOperand && IsIdentifierPart(second) =>
            new Token(TokenKind.SqliteParameter, Keyword.NoKeyword, start, EndOfWord(start + 1)),
        _ => new Token(TokenKind.Colon, Keyword.NoKeyword, start, start + 1),
    };

    private readonly Token ReadDollar(int start, char second)
    {
        if (char.IsAsciiDigit(second))
        {
            var end = start + 1;
            while (end < _text.Length && char.IsAsciiDigit(_text[end]))
            {
                end++;
            }

            return end < _text.Length && IsIdentifierStart(_text[end])
                ? throw LexicalError("trailing junk after parameter", start, end + 1)
                : new Token(TokenKind.Parameter, Keyword.NoKeyword, start, end);
        }

        if (second == '$')
        {
            return ReadDollarQuoted(start, start + 2);
        }

        if (!IsIdentifierStart(second))
        {
            throw SyntaxError(start, start + 1);
        }

        var tag = start + 2;
        while (tag < _text.Length && (IsIdentifierStart(_text[tag]) || char.IsAsciiDigit(_text[tag])))
        {
            tag++;
        }

        return tag < _text.Length && _text[tag] == '$'
            ? ReadDollarQuoted(start, tag + 1)
            : new Token(TokenKind.SqliteParameter, Keyword.NoKeyword, start, EndOfWord(start + 1));
    }

    private readonly Token ReadDollarQuoted(int start, int body)
    {
        var length = _text[body..].IndexOf(_text[start..body], StringComparison.Ordinal);
        return length < 0
            ? throw LexicalError("unterminated dollar-quoted string", start, _text.Length)
            : new Token(TokenKind.String, Keyword.NoKeyword, start, body + length + (body - start));
    }

    /// <summary>E'', B'', X'', N'', U&amp;'' and U&amp;"", or a word that only begins like one.</summary>
    private readonly Token ReadPrefixed(int start, char first, char second)
    {
        if (second == '\'')
        {
            switch (first)
            {
                case 'e' or 'E':
                    return new Token(TokenKind.String, Keyword.NoKeyword, start, EndOfString(start, start + 1, escapes: true));
                case 'n' or 'N':
                    return new Token(TokenKind.String, Keyword.NoKeyword, start, EndOfString(start, start + 1, escapes: false));
                case 'b' or 'B':
                    return new Token(TokenKind.BitString, Keyword.NoKeyword, start, EndOfString(start, start + 1, escapes: false, "bit string literal"));
                case 'x' or 'X':
                    return new Token(
                        TokenKind.HexString, Keyword.NoKeyword, start, EndOfString(start, start + 1, escapes: false, "hexadecimal string literal"));
            }
        }
        else if (second == '&' && first is 'u' or 'U' && start + 2 < _text.Length)
        {
            if (_text[start + 2] == '\'')
            {
                return new Token(TokenKind.String, Keyword.NoKeyword, start, EndOfString(start, start + 2, escapes: false));
            }

            if (_text[start + 2] == '"')
            {
                return new Token(TokenKind.QuotedIdentifier, Keyword.NoKeyword, start, EndOfQuotedIdentifier(start, start + 2, '"'));
            }
        }

        return ReadWord(start);
    }

    private readonly Token ReadNumber(int start)
    {
        var end = start;
        var kind = TokenKind.Integer;
        if (_text[start] == '0' && start + 2 < _text.Length && _text[start + 1] is 'x' or 'X' && char.IsAsciiHexDigit(_text[start + 2]))
        {
            end = start + 2;
            while (end < _text.Length && char.IsAsciiHexDigit(_text[end]))
            {
                end++;
            }
        }
        else
        {
            end = EndOfDigits(end);
            if (end < _text.Length && _text[end] == '.' && !(end + 1 < _text.Length && _text[end + 1] == '.'))
            {
                kind = TokenKind.Decimal;
                end = EndOfDigits(end + 1);
            }

            if (end < _text.Length && _text[end] is 'e' or 'E')
            {
                var digits = end + 1;
                if (digits < _text.Length && _text[digits] is '+' or '-')
                {
                    digits++;
                }

                if (digits < _text.Length && char.IsAsciiDigit(_text[digits]))
                {
                    kind = TokenKind.Decimal;
                    end = EndOfDigits(digits);
                }
                else if (digits == end + 2)
                {
                    throw LexicalError("trailing junk after numeric literal", start, digits);
                }
            }
        }

        return end < _text.Length && IsIdentifierStart(_text[end])
            ? throw LexicalError("trailing junk after numeric literal", start, EndOfWord(end))
            : new Token(kind, Keyword.NoKeyword, start, end);
    }

    private readonly int EndOfDigits(int end)
    {
        while (end < _text.Length && (char.IsAsciiDigit(_text[end])
            || (_text[end] == '_' && end > 0 && char.IsAsciiDigit(_text[end - 1])
                && end + 1 < _text.Length && char.IsAsciiDigit(_text[end + 1]))))
        {
            end++;
        }

        return end;
    }

    private readonly Token ReadOperator(int start, char first, char second)
    {
        if (!_previousIsOperand)
        {
            if (first == '?')
            {
                var digits = start + 1;
                while (digits < _text.Length && char.IsAsciiDigit(_text[digits]))
                {
                    digits++;
                }

                return new Token(TokenKind.SqliteParameter, Keyword.NoKeyword, start, digits);
            }

            if (first == '@' && IsIdentifierStart(second))
            {
                return new Token(TokenKind.SqliteParameter, Keyword.NoKeyword, start, EndOfWord(start + 1));
            }
        }

        var rest = _text[start..];
        var length = 1;
        while (length < rest.Length && OperatorCharacters.Contains(rest[length])
            && !rest[length..].StartsWith("--") && !rest[length..].StartsWith("/*"))
        {
            length++;
        }

        // A longer operator may end in + or - only if it holds a character that SQL's own operators lack.
        while (length > 1 && rest[length - 1] is '+' or '-' && rest[..length].IndexOfAny(ForeignOperatorCharacters) < 0)
        {
            length--;
        }

        // SQLite's placeholder right behind an operator, as in "a=?", or "a=@b" and "a=-?".
        for (var i = 1; i < length; i++)
        {
            if ((rest[i] == '?' && rest[0] is '=' or '<' or '>' or '+' or '*' or '/' or '%' or '-')
                || (rest[i] == '@' && i + 1 == length && length < rest.Length && IsIdentifierStart(rest[length])))
            {
                length = i;
            }
        }

        return new Token(TokenKind.Operator, Keyword.NoKeyword, start, start + length);
    }
}
