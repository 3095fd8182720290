using System.Buffers;
using System.Text;

namespace Rqlite.Pg.Types.Values;

internal enum JsonToken
{
    End,
    String,
    Number,
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Comma,
    Colon,
    True,
    False,
    Null,
}

/// <summary>Splits JSON into tokens, with PostgreSQL's messages for what is none.</summary>
internal ref struct JsonLexer(ReadOnlySpan<byte> text, bool decode)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _start;
    private int _end;
    private int _previousEnd;
    private int _line = 1;
    private int _lineStart;

    public JsonToken Token { get; private set; }

    /// <summary>The token as it was written.</summary>
    public readonly ReadOnlySpan<byte> TokenText => _text[_start.._end];

    /// <summary>The characters of a string, if strings are decoded.</summary>
    public byte[] Value { get; private set; } = [];

    public void Read()
    {
        _start = _previousEnd = _end;
        while (_start < _text.Length && _text[_start] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
        {
            if (_text[_start++] == '\n')
            {
                (_line, _lineStart) = (_line + 1, _start);
            }
        }

        if (_start == _text.Length)
        {
            _end = _start;
            Token = JsonToken.End;
            return;
        }

        _end = _start + 1;
        switch (_text[_start])
        {
            case (byte)'{':
                Token = JsonToken.ObjectStart;
                break;
            case (byte)'}':
                Token = JsonToken.ObjectEnd;
                break;
            case (byte)'[':
                Token = JsonToken.ArrayStart;
                break;
            case (byte)']':
                Token = JsonToken.ArrayEnd;
                break;
            case (byte)',':
                Token = JsonToken.Comma;
                break;
            case (byte)':':
                Token = JsonToken.Colon;
                break;
            case (byte)'"':
                Token = JsonToken.String;
                ReadString();
                break;
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                Token = JsonToken.Number;
                ReadNumber();
                break;
            default:
                ReadWord();
                break;
        }
    }

    /// <summary>The error for a token that may not stand here.</summary>
    public readonly TypeException Unexpected(string expected) => Token == JsonToken.End
        ? Error("The input string ended unexpectedly.", _end, more: false)
        : Error($"{expected}, but found \"{Strings.Decode(TokenText)}\".", _end);

    /// <param name="end">The place up to which the text is shown.</param>
    private readonly TypeException Error(string detail, int end, bool more = true) =>
        new(SqlState.InvalidTextRepresentation, "invalid input syntax for type json", detail) { Context = ContextTo(end, more) };

    /// <summary>The end of the line up to a place, of which at most 50 bytes are shown.</summary>
    private readonly string ContextTo(int end, bool more)
    {
        const int shownMax = 50;
        const int leftOutMin = 3;
        var start = Math.Min(_lineStart, end);
        while (end - start >= shownMax)
        {
            start++;
            while (start < end && (_text[start] & 0xC0) == 0x80)
            {
                start++;
            }
        }

        start = start - _lineStart <= leftOutMin ? Math.Min(_lineStart, end) : start;
        return $"JSON data, line {_line}: {(start > _lineStart ? "..." : "")}{Strings.Decode(_text[start..end])}"
            + (more && end < _text.Length && _text[end] is not ((byte)'\n' or (byte)'\r') ? "..." : "");
    }

    private static bool IsWord(byte c) => AsciiText.IsLetter(c) || AsciiText.IsDigit(c) || c == '_' || c >= 0x80;

    private readonly TypeException Invalid() => Error($"Token \"{Strings.Decode(TokenText)}\" is invalid.", _end);

    private void ReadWord()
    {
        _end = _start;
        while (_end < _text.Length && IsWord(_text[_end]))
        {
            _end++;
        }

        if (_end == _start)
        {
            _end++;
            throw Invalid();
        }

        Token = TokenText.SequenceEqual("true"u8) ? JsonToken.True
            : TokenText.SequenceEqual("false"u8) ? JsonToken.False
            : TokenText.SequenceEqual("null"u8) ? JsonToken.Null
            : throw Invalid();
    }

    private void ReadNumber()
    {
        var at = _text[_start] == '-' ? _start + 1 : _start;
        var valid = true;
        if (at < _text.Length && _text[at] == '0')
        {
            at++;
        }
        else
        {
            valid = SkipDigits(ref at);
        }

        if (at < _text.Length && _text[at] == '.')
        {
            at++;
            valid &= SkipDigits(ref at);
        }

        if (at < _text.Length && (_text[at] | 0x20) == 'e')
        {
            at++;
            if (at < _text.Length && _text[at] is (byte)'+' or (byte)'-')
            {
                at++;
            }

            valid &= SkipDigits(ref at);
        }

        var end = at;
        while (end < _text.Length && IsWord(_text[end]))
        {
            end++;
        }

        _end = end;
        if (!valid || end != at)
        {
            throw Invalid();
        }
    }

    private readonly bool SkipDigits(ref int at)
    {
        var first = at;
        while (at < _text.Length && AsciiText.IsDigit(_text[at]))
        {
            at++;
        }

        return at > first;
    }

    private void ReadString()
    {
        var value = decode ? new ArrayBufferWriter<byte>() : null;
        var at = _start + 1;
        var high = 0;
        while (true)
        {
            if (at >= _text.Length)
            {
                _end = _text.Length;
                throw Invalid();
            }

            var c = _text[at];
            if (c == '"')
            {
                _end = at + 1;
                RequireNoHigh(high);
                Value = value?.WrittenSpan.ToArray() ?? [];
                return;
            }

            if (c < 0x20)
            {
                throw Error($"Character with value 0x{c:x2} must be escaped.", at);
            }

            if (c == '\\')
            {
                at++;
                if (at >= _text.Length)
                {
                    _end = _text.Length;
                    throw Invalid();
                }

                if (_text[at] == 'u')
                {
                    ReadUnicode(ref at, ref high, value);
                    continue;
                }

                RequireNoHigh(high);
                Append(value, Escaped(at));
                at++;
                continue;
            }

            RequireNoHigh(high);
            Append(value, c);
            at++;
        }
    }

    private readonly byte Escaped(int at) => _text[at] switch
    {
        (byte)'"' or (byte)'\\' or (byte)'/' => _text[at],
        (byte)'b' => 8,
        (byte)'f' => 12,
        (byte)'n' => 10,
        (byte)'r' => 13,
        (byte)'t' => 9,
        _ => throw InvalidEscape(at),
    };

    private readonly TypeException InvalidEscape(int at)
    {
        _ = Rune.DecodeFromUtf8(_text[at..], out var rune, out var length);
        return Error($"Escape sequence \"\\{rune}\" is invalid.", at + length);
    }

    private readonly void ReadUnicode(ref int at, ref int high, ArrayBufferWriter<byte>? value)
    {
        var code = 0;
        for (var i = 1; i <= 4; i++)
        {
            var digit = at + i < _text.Length ? AsciiText.HexValue(_text[at + i]) : -1;
            code = digit >= 0
                ? (code << 4) | digit
                : throw Error("\"\\u\" must be followed by four hexadecimal digits.", Math.Min(at + i + 1, _text.Length));
        }

        at += 5;
        if (value is null)
        {
            return;
        }

        if (code is >= 0xD800 and <= 0xDBFF)
        {
            high = high == 0 ? code : throw Error("Unicode high surrogate must not follow a high surrogate.", _previousEnd);
            return;
        }

        if (code is >= 0xDC00 and <= 0xDFFF)
        {
            code = high != 0 ? 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 : throw Error("Unicode low surrogate must follow a high surrogate.", _previousEnd);
            high = 0;
        }

        RequireNoHigh(high);
        if (code == 0)
        {
            throw new TypeException(
                SqlState.UntranslatableCharacter, "unsupported Unicode escape sequence", "\\u0000 cannot be converted to text.")
            {
                Context = ContextTo(_previousEnd, more: true),
            };
        }

        value.Advance(new Rune(code).EncodeToUtf8(value.GetSpan(4)));
    }

    private readonly void RequireNoHigh(int high)
    {
        if (high != 0)
        {
            throw Error("Unicode low surrogate must follow a high surrogate.", _previousEnd);
        }
    }

    private static void Append(ArrayBufferWriter<byte>? value, byte c)
    {
        if (value is not null)
        {
            value.GetSpan(1)[0] = c;
            value.Advance(1);
        }
    }
}
