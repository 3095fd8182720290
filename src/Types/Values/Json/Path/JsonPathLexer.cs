using System.Buffers;
using System.Text;

namespace Rqlite.Pg.Types.Values;

internal enum JsonPathToken : byte
{
    End,

    /// <summary>A single character or an operator; <see cref="JsonPathLexer.Symbol"/> says which.</summary>
    Symbol,
    Identifier,
    String,
    Variable,
    Integer,
    Number,
}

/// <summary>Splits a jsonpath into tokens.</summary>
internal ref struct JsonPathLexer(ReadOnlySpan<byte> text)
{
    private const string Special = "?%$.[]{}()|&!=<>@#,*:-+/";

    private readonly ReadOnlySpan<byte> _text = text;
    private int _start;
    private int _at;

    public JsonPathToken Token { get; private set; }

    /// <summary>The operator, or the word of an unquoted identifier if it is a keyword.</summary>
    public string Symbol { get; private set; } = "";

    /// <summary>The characters of a name or string, the digits of a number.</summary>
    public byte[] Value { get; private set; } = [];

    public void Read()
    {
        SkipBlanks();
        _start = _at;
        Symbol = "";
        if (_at == _text.Length)
        {
            Token = JsonPathToken.End;
            return;
        }

        var c = _text[_at];
        if (c == '"')
        {
            _at++;
            Value = ReadQuoted();
            Token = JsonPathToken.String;
        }
        else if (c == '$' && _at + 1 < _text.Length && (_text[_at + 1] == '"' || IsOther(_text[_at + 1])))
        {
            ReadVariable();
        }
        else if (AsciiText.IsDigit(c) || (c == '.' && _at + 1 < _text.Length && AsciiText.IsDigit(_text[_at + 1])))
        {
            ReadNumber();
        }
        else if (c == '\\' || IsOther(c))
        {
            ReadIdentifier();
        }
        else
        {
            ReadSymbol();
        }
    }

    /// <summary>The error for a token that may not stand here.</summary>
    public readonly TypeException Unexpected() => Error("syntax error");

    private static bool IsBlank(byte c) => c is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f';

    private static bool IsOther(byte c) => !IsBlank(c) && c is not ((byte)'\\' or (byte)'"') && !Special.Contains((char)c, StringComparison.Ordinal);

    private readonly TypeException Error(string message) => Error(message, _start, _at);

    private readonly TypeException Error(string message, int start, int end) => new(
        SqlState.SyntaxError, start == _text.Length
            ? $"{message} at end of jsonpath input"
            : $"{message} at or near \"{TypeErrors.Show(_text[start..end])}\" of jsonpath input");

    private void SkipBlanks()
    {
        while (_at < _text.Length)
        {
            if (IsBlank(_text[_at]))
            {
                _at++;
            }
            else if (_text[_at..].StartsWith("/*"u8))
            {
                SkipComment();
            }
            else
            {
                break;
            }
        }
    }

    private void SkipComment()
    {
        var length = _text[(_at + 2)..].IndexOf("*/"u8);
        if (length < 0)
        {
            throw Error("unexpected end of comment", _text.Length, _text.Length);
        }

        _at += length + 4;
    }

    private void ReadSymbol()
    {
        var rest = _text[_at..];
        Symbol = rest.StartsWith("&&"u8) ? "&&" : rest.StartsWith("||"u8) ? "||" : rest.StartsWith("**"u8) ? "**"
            : rest.StartsWith("=="u8) ? "==" : rest.StartsWith("<="u8) ? "<=" : rest.StartsWith(">="u8) ? ">="
            : rest.StartsWith("<>"u8) || rest.StartsWith("!="u8) ? "!="
            : ((char)rest[0]).ToString();
        _at += Math.Max(Symbol.Length, 1);
        Token = JsonPathToken.Symbol;
    }

    private void ReadVariable()
    {
        _at++;
        if (_text[_at] == '"')
        {
            _at++;
            Value = ReadQuoted();
        }
        else
        {
            var start = _at;
            while (_at < _text.Length && IsOther(_text[_at]))
            {
                _at++;
            }

            Value = _text[start.._at].ToArray();
        }

        Token = JsonPathToken.Variable;
    }

    private void ReadNumber()
    {
        var whole = SkipDigits();
        var integer = whole > 0;

        // A number does not begin with a zero, unless it is one.
        if (whole > 1 && _text[_start] == '0')
        {
            _at = _start + 2;
            throw Error("trailing junk after numeric literal");
        }

        if (_at < _text.Length && _text[_at] == '.')
        {
            integer = false;
            _at++;
            SkipDigits();
        }

        if (_at < _text.Length && (_text[_at] | 0x20) == 'e')
        {
            var before = _at;
            _at++;
            var signed = _at < _text.Length && _text[_at] is (byte)'+' or (byte)'-';
            _at += signed ? 1 : 0;
            if (SkipDigits() > 0)
            {
                integer = false;
            }
            else if (signed)
            {
                throw Error("invalid numeric literal");
            }
            else
            {
                _at = before;
            }
        }

        if (_at < _text.Length && IsOther(_text[_at]))
        {
            _ = Rune.DecodeFromUtf8(_text[_at..], out _, out _);
            _at++;
            throw Error("trailing junk after numeric literal");
        }

        Value = _text[_start.._at].ToArray();
        Token = integer ? JsonPathToken.Integer : JsonPathToken.Number;
    }

    private int SkipDigits()
    {
        var start = _at;
        while (_at < _text.Length && AsciiText.IsDigit(_text[_at]))
        {
            _at++;
        }

        return _at - start;
    }

    private void ReadIdentifier()
    {
        var output = new ArrayBufferWriter<byte>();
        while (_at < _text.Length)
        {
            if (_text[_at] == '\\')
            {
                ReadEscapes(output);
            }
            else if (IsOther(_text[_at]))
            {
                output.Write(_text.Slice(_at++, 1));
            }
            else
            {
                break;
            }
        }

        Value = output.WrittenSpan.ToArray();
        Symbol = Keyword(Encoding.UTF8.GetString(Value));
        Token = JsonPathToken.Identifier;
    }

    private static string Keyword(string word) => word.ToLowerInvariant() switch
    {
        // The literals of JSON have to be written as in JSON.
        "null" or "true" or "false" => word is "null" or "true" or "false" ? word : "",
        var lower and ("is" or "to" or "abs" or "lax" or "flag" or "last" or "size" or "type" or "with" or "floor" or "double" or "exists"
            or "starts" or "strict" or "ceiling" or "unknown" or "datetime" or "keyvalue" or "like_regex") => lower,
        _ => "",
    };

    private byte[] ReadQuoted()
    {
        var output = new ArrayBufferWriter<byte>();
        while (true)
        {
            if (_at == _text.Length)
            {
                throw Error("unexpected end of quoted string", _text.Length, _text.Length);
            }

            if (_text[_at] == '"')
            {
                _at++;
                return output.WrittenSpan.ToArray();
            }

            if (_text[_at] == '\\')
            {
                ReadEscapes(output);
            }
            else
            {
                output.Write(_text.Slice(_at++, 1));
            }
        }
    }

    /// <summary>Reads an escape; escapes of Unicode that follow each other may be halves of a character.</summary>
    private void ReadEscapes(ArrayBufferWriter<byte> output)
    {
        var start = _at++;
        if (_at == _text.Length)
        {
            throw Error("unexpected end after backslash", start, _at);
        }

        switch (_text[_at])
        {
            case (byte)'b':
                output.Write("\b"u8);
                break;
            case (byte)'f':
                output.Write("\f"u8);
                break;
            case (byte)'n':
                output.Write("\n"u8);
                break;
            case (byte)'r':
                output.Write("\r"u8);
                break;
            case (byte)'t':
                output.Write("\t"u8);
                break;
            case (byte)'v':
                output.Write("\v"u8);
                break;
            case (byte)'x':
                ReadHex(start, output);
                return;
            case (byte)'u':
                ReadUnicode(start, output);
                return;
            default:
                output.Write(_text.Slice(_at, 1));
                break;
        }

        _at++;
    }

    private void ReadHex(int start, ArrayBufferWriter<byte> output)
    {
        var code = Digits(_at + 1, 2, 2, out var length);
        if (length != 2)
        {
            throw Error("invalid hex character sequence", start, _at + 1 + length);
        }

        _at += 3;
        Append(code, output);
    }

    private void ReadUnicode(int start, ArrayBufferWriter<byte> output)
    {
        var high = 0;
        while (true)
        {
            var code = ReadUnicodeCode(start);
            if (code is >= 0xD800 and <= 0xDBFF)
            {
                high = high == 0 ? code : throw Invalid("Unicode high surrogate must not follow a high surrogate.");
            }
            else
            {
                if (code is >= 0xDC00 and <= 0xDFFF)
                {
                    code = high != 0 ? 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 : throw LowMissing();
                    high = 0;
                }

                Append(high == 0 ? code : throw LowMissing(), output);
            }

            if (!_text[_at..].StartsWith("\\u"u8))
            {
                break;
            }

            start = _at++;
        }

        if (high != 0)
        {
            throw LowMissing();
        }
    }

    /// <summary>Reads the digits behind <c>\u</c>: four, or up to six in braces.</summary>
    private int ReadUnicodeCode(int start)
    {
        if (_at + 1 < _text.Length && _text[_at + 1] == '{')
        {
            var code = Digits(_at + 2, 1, 6, out var length);
            var end = _at + 2 + length;
            if (length == 0 || end >= _text.Length || _text[end] != '}')
            {
                throw Error("invalid unicode sequence", start, end);
            }

            _at = end + 1;
            return code;
        }

        var four = Digits(_at + 1, 4, 4, out var digits);
        if (digits != 4)
        {
            throw Error("invalid unicode sequence", start, _at + 1 + digits);
        }

        _at += 5;
        return four;
    }

    private readonly int Digits(int at, int min, int max, out int length)
    {
        var value = 0;
        for (length = 0; length < max && at + length < _text.Length && AsciiText.HexValue(_text[at + length]) is >= 0 and var digit; length++)
        {
            value = (value << 4) | digit;
        }

        return length >= min ? value : 0;
    }

    private static void Append(int code, ArrayBufferWriter<byte> output)
    {
        if (code == 0)
        {
            throw new TypeException(
                SqlState.UntranslatableCharacter, "unsupported Unicode escape sequence", "\\u0000 cannot be converted to text.");
        }

        if (!Rune.TryCreate(code, out var rune))
        {
            throw new TypeException(SqlState.SyntaxError, "invalid Unicode code point");
        }

        output.Advance(rune.EncodeToUtf8(output.GetSpan(4)));
    }

    private static TypeException Invalid(string detail) =>
        new(SqlState.InvalidTextRepresentation, "invalid input syntax for type jsonpath", detail);

    private static TypeException LowMissing() => Invalid("Unicode low surrogate must follow a high surrogate.");
}
