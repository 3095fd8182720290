using System.Text;

namespace Rqlite.Pg.Dialect;

internal ref partial struct Lexer
{
    public static bool IsIdentifierStart(char character) => char.IsAsciiLetter(character) || character == '_' || character >= '\u0080';

    public static bool IsIdentifierPart(char character) => IsIdentifierStart(character) || char.IsAsciiDigit(character) || character == '$';

    /// <summary>PostgreSQL's wording for a token that the grammar does not expect.</summary>
    public readonly DialectException SyntaxError(Token token) => token.Kind == TokenKind.End
        ? new DialectException("42601", "syntax error at end of input", CharacterPosition(_text, token.Start))
        : SyntaxError(token.Start, token.End);

    /// <summary>A message of the grammar that PostgreSQL completes with the token at hand.</summary>
    public readonly DialectException SyntaxErrorOf(string message, Token token) => token.Kind == TokenKind.End
        ? new DialectException("42601", message + " at end of input", CharacterPosition(_text, token.Start))
        : LexicalError(message, token.Start, token.End);

    public readonly DialectException SyntaxError(int start, int end) => LexicalError("syntax error", start, end);

    /// <summary>The 1-based position in characters, as clients count them, of an offset in UTF-16 units.</summary>
    public static int CharacterPosition(ReadOnlySpan<char> text, int offset)
    {
        var position = 1;
        for (var i = 0; i < offset && i < text.Length; i++)
        {
            if (!char.IsLowSurrogate(text[i]))
            {
                position++;
            }
        }

        return position;
    }

    private readonly DialectException LexicalError(string message, int start, int end) =>
        new("42601", $"{message} at or near \"{_text[start..Math.Min(end, _text.Length)]}\"", CharacterPosition(_text, start));

    private readonly int EndOfWord(int end)
    {
        while (end < _text.Length && IsIdentifierPart(_text[end]))
        {
            end++;
        }

        return end;
    }

    private readonly int EndOfQuotedIdentifier(int start, int quoteAt, char quote)
    {
        for (var i = quoteAt + 1; i < _text.Length; i++)
        {
            var length = _text[i..].IndexOf(quote);
            if (length < 0)
            {
                break;
            }

            i += length;
            if (i + 1 < _text.Length && _text[i + 1] == quote)
            {
                i++;
                continue;
            }

            return i == quoteAt + 1
                ? throw LexicalError("zero-length delimited identifier", start, i + 1)
                : i + 1;
        }

        throw LexicalError("unterminated quoted identifier", start, _text.Length);
    }

    /// <summary>Strings that only white space with a line break parts are one.</summary>
    private readonly int EndOfString(int start, int quoteAt, bool escapes, string what = "quoted string")
    {
        while (true)
        {
            var end = EndOfStringPart(start, quoteAt, escapes, what);
            var next = end;
            var newLine = false;
            while (next < _text.Length)
            {
                if (IsBlank(_text[next]))
                {
                    newLine |= _text[next] is '\r' or '\n';
                    next++;
                }
                else if (_text[next..].StartsWith("--"))
                {
                    next = EndOfLine(next);
                }
                else
                {
                    break;
                }
            }

            if (!newLine || next >= _text.Length || _text[next] != '\'')
            {
                return end;
            }

            quoteAt = next;
        }
    }

    private readonly int EndOfStringPart(int start, int quoteAt, bool escapes, string what)
    {
        for (var i = quoteAt + 1; i < _text.Length; i++)
        {
            var length = escapes ? _text[i..].IndexOfAny('\'', '\\') : _text[i..].IndexOf('\'');
            if (length < 0)
            {
                break;
            }

            i += length;
            if (_text[i] == '\\' || (i + 1 < _text.Length && _text[i + 1] == '\''))
            {
                i++;
                continue;
            }

            return i + 1;
        }

        throw LexicalError("unterminated " + what, start, _text.Length);
    }

    private readonly int EndOfLine(int start)
    {
        var length = _text[start..].IndexOfAny(LineEnds);
        return length < 0 ? _text.Length : start + length;
    }

    private static bool IsBlank(char character) => character is ' ' or '\t' or '\n' or '\r' or '\f' or '\v' or '\uFEFF';

    /// <param name="postgres">Only the blanks of PostgreSQL.</param>
    private void SkipBlanks(bool postgres = false)
    {
        while (_next < _text.Length)
        {
            var character = _text[_next];
            if (postgres ? character is ' ' or '\t' or '\n' or '\r' or '\f' : IsBlank(character))
            {
                _next++;
            }
            else if (character == '-' && _next + 1 < _text.Length && _text[_next + 1] == '-')
            {
                _next = EndOfLine(_next);
            }
            else if (character == '/' && _next + 1 < _text.Length && _text[_next + 1] == '*')
            {
                _next = EndOfComment(_next);
            }
            else
            {
                return;
            }
        }
    }

    private int EndOfComment(int start)
    {
        var depth = 1;
        for (var i = start + 2; i + 1 < _text.Length; i++)
        {
            var length = _text[i..].IndexOfAny('*', '/');
            if (length < 0 || i + length + 1 >= _text.Length)
            {
                break;
            }

            i += length;
            if (_text[i] == '/' && _text[i + 1] == '*')
            {
                depth++;
                SawNestedComment = true;
                i++;
            }
            else if (_text[i] == '*' && _text[i + 1] == '/')
            {
                i++;
                if (--depth == 0)
                {
                    return i + 1;
                }
            }
        }

        throw LexicalError("unterminated /* comment", start, _text.Length);
    }

    /// <summary>The name that an identifier token stands for: folded unless quoted.</summary>
    public readonly string NameOf(Token token)
    {
        var raw = _text[token.Start..token.End];
        if (token.Kind == TokenKind.Word)
        {
            return Fold(raw);
        }

        switch (raw[0])
        {
            case '[':
                return raw[1..^1].ToString();
            case '"' or '`':
                var quote = raw[0];
                var body = raw[1..^1];
                return body.Contains(quote) ? body.ToString().Replace($"{quote}{quote}", $"{quote}", StringComparison.Ordinal) : body.ToString();
            default:
                return DecodeUnicode(token, raw[3..^1].ToString().Replace("\"\"", "\"", StringComparison.Ordinal));
        }
    }

    /// <summary>The text that a string token stands for.</summary>
    public readonly string StringOf(Token token)
    {
        var raw = _text[token.Start..token.End];
        if (raw[0] == '$')
        {
            var tag = raw[1..].IndexOf('$') + 2;
            return raw[tag..^tag].ToString();
        }

        var open = raw.IndexOf('\'');
        if (open == 0 && raw.IndexOfAny('\r', '\n') < 0 && !raw[1..^1].Contains('\''))
        {
            return raw[1..^1].ToString();
        }

        var result = new StringBuilder(raw.Length);
        for (var i = open; i < raw.Length;)
        {
            i = AppendPart(result, raw, i + 1, open == 1 && raw[0] is 'e' or 'E');
            while (i < raw.Length && raw[i] != '\'')
            {
                i = raw[i] == '-' ? i + raw[i..].IndexOfAny(LineEnds) : i + 1;
            }
        }

        return open switch
        {
            1 when raw[0] is 'e' or 'E' => DecodeEscapes(token, result.ToString()),
            2 => DecodeUnicode(token, result.ToString()),
            _ => result.ToString(),
        };
    }

    // The position is counted only for an error: counting it for each literal would be quadratic.
    private readonly string DecodeEscapes(Token token, string body)
    {
        try
        {
            return StringEscapes.DecodeEscapes(body, 0);
        }
        catch (DialectException e)
        {
            throw At(token, e);
        }
    }

    private readonly string DecodeUnicode(Token token, string body, char escape = '\\', int before = 0)
    {
        try
        {
            return StringEscapes.DecodeUnicode(body, 0, escape, before);
        }
        catch (DialectException e)
        {
            throw At(token, e);
        }
    }

    private readonly DialectException At(Token token, DialectException e) =>
        new(e.SqlState, e.Message, CharacterPosition(_text, token.Start) + e.Position, e.Hint, e.Detail);

    public static string Fold(ReadOnlySpan<char> name) => name.IndexOfAnyInRange('A', 'Z') < 0
        ? name.ToString()
        : string.Create(name.Length, name, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                target[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
            }
        });

    private static int AppendPart(StringBuilder result, ReadOnlySpan<char> raw, int i, bool escapes)
    {
        for (; i < raw.Length; i++)
        {
            if (raw[i] == '\'')
            {
                if (i + 1 >= raw.Length || raw[i + 1] != '\'')
                {
                    return i + 1;
                }

                i++;
            }
            else if (raw[i] == '\\' && escapes)
            {
                result.Append(raw[i++]);
            }

            result.Append(raw[i]);
        }

        return i;
    }
}
