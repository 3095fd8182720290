using System.Runtime.CompilerServices;

namespace Rqlite.Pg.Types.Values;

internal enum TokenKind : byte
{
    Number,
    Text,
    Date,
    Time,
    Zone,
    Special,
}

/// <summary>The result of reading the fields of a date or interval.</summary>
internal enum DecodeResult
{
    Done,

    /// <summary>A time without a date.</summary>
    TimeOnly,
    BadFormat,
    FieldOverflow,

    /// <summary>A month or day out of range, for which another order of fields may be right.</summary>
    MonthDayOverflow,
    ZoneOverflow,
}

/// <summary>Splits a date, time or interval into fields by PostgreSQL's rules: what a field is depends on its characters alone.</summary>
internal ref struct DateTimeTokens
{
    public const int FieldsMax = 25;

    /// <summary>The characters that the fields of a date may have together, each with one for its end.</summary>
    public const int DateBytes = 153;

    /// <summary>The same for intervals.</summary>
    public const int IntervalBytes = 256;

    private readonly Span<byte> _buffer;
    private TokenArray _tokens;
    private int _used;
    private int _start;

    /// <param name="buffer">As large as the fields may be together.</param>
    public DateTimeTokens(Span<byte> buffer) => _buffer = buffer;

    public int Count { get; private set; }

    public readonly ReadOnlySpan<byte> this[int index] => _buffer.Slice(_tokens[index].Start, _tokens[index].Length);

    public readonly TokenKind KindOf(int index) => _tokens[index].Kind;

    public void SetKind(int index, TokenKind kind) => _tokens[index].Kind = kind;

    public bool TryRead(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length)
        {
            var c = text[at];
            if (AsciiText.IsSpace(c))
            {
                at++;
                continue;
            }

            if (Count >= FieldsMax)
            {
                return false;
            }

            _start = _used;
            TokenKind kind;
            if (AsciiText.IsDigit(c))
            {
                if (!ReadNumber(text, ref at, out kind))
                {
                    return false;
                }
            }
            else if (c == '.')
            {
                kind = TokenKind.Number;
                if (!Take(text, ref at) || !TakeDigits(text, ref at))
                {
                    return false;
                }
            }
            else if (AsciiText.IsLetter(c))
            {
                if (!ReadWord(text, ref at, out kind))
                {
                    return false;
                }
            }
            else if (c is (byte)'+' or (byte)'-')
            {
                if (!ReadSigned(text, ref at, out kind))
                {
                    return false;
                }
            }
            else if (c is > 0x20 and < 0x7f)
            {
                // Other punctuation separates fields.
                at++;
                continue;
            }
            else
            {
                return false;
            }

            _tokens[Count] = new Token { Start = _start, Length = _used - _start, Kind = kind };
            Count++;

            // PostgreSQL ends every field with a NUL, which counts.
            if (_used + 1 >= _buffer.Length)
            {
                return false;
            }

            _used++;
        }

        return true;
    }

    private bool ReadNumber(ReadOnlySpan<byte> text, ref int at, out TokenKind kind)
    {
        kind = TokenKind.Number;
        if (!TakeDigits(text, ref at))
        {
            return false;
        }

        if (at < text.Length && text[at] == ':')
        {
            kind = TokenKind.Time;
            return TakeWhile(text, ref at, static c => AsciiText.IsDigit(c) || c is (byte)':' or (byte)'.');
        }

        if (at >= text.Length || text[at] is not ((byte)'-' or (byte)'/' or (byte)'.'))
        {
            return true;
        }

        var delimiter = text[at];
        if (!Take(text, ref at))
        {
            return false;
        }

        if (at < text.Length && AsciiText.IsDigit(text[at]))
        {
            // A date with two fields cannot be told from a number with a fraction; three fields with the same delimiter can.
            kind = delimiter == '.' ? TokenKind.Number : TokenKind.Date;
            if (!TakeDigits(text, ref at))
            {
                return false;
            }

            if (at < text.Length && text[at] == delimiter)
            {
                kind = TokenKind.Date;
                while (at < text.Length && (AsciiText.IsDigit(text[at]) || text[at] == delimiter))
                {
                    if (!Take(text, ref at))
                    {
                        return false;
                    }
                }
            }

            return true;
        }

        kind = TokenKind.Date;
        while (at < text.Length && (AsciiText.IsDigit(text[at]) || AsciiText.IsLetter(text[at]) || text[at] == delimiter))
        {
            if (!Take(text, ref at))
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadWord(ReadOnlySpan<byte> text, ref int at, out TokenKind kind)
    {
        kind = TokenKind.Text;
        if (!TakeWhile(text, ref at, AsciiText.IsLetter))
        {
            return false;
        }

        // Dates can have - / . inside; so have names of zones, which may go on with + and digits unless the word is one of dates.
        var isDate = at < text.Length && (text[at] is (byte)'-' or (byte)'/' or (byte)'.'
            || ((text[at] == '+' || AsciiText.IsDigit(text[at]))
                && DateTimeWords.FindDateWord(_buffer[_start.._used]).Kind == DateTimeWord.Unknown));
        if (!isDate)
        {
            return true;
        }

        kind = TokenKind.Date;
        return TakeWhile(text, ref at, static c => AsciiText.IsLetter(c) || AsciiText.IsDigit(c)
            || c is (byte)'+' or (byte)'-' or (byte)'/' or (byte)'_' or (byte)'.' or (byte)':');
    }

    private bool ReadSigned(ReadOnlySpan<byte> text, ref int at, out TokenKind kind)
    {
        kind = TokenKind.Zone;
        if (!Take(text, ref at))
        {
            return false;
        }

        while (at < text.Length && AsciiText.IsSpace(text[at]))
        {
            at++;
        }

        if (at < text.Length && AsciiText.IsDigit(text[at]))
        {
            return TakeWhile(text, ref at, static c => AsciiText.IsDigit(c) || c is (byte)':' or (byte)'.' or (byte)'-');
        }

        kind = TokenKind.Special;
        return at < text.Length && AsciiText.IsLetter(text[at]) && TakeWhile(text, ref at, AsciiText.IsLetter);
    }

    private bool TakeDigits(ReadOnlySpan<byte> text, ref int at) => TakeWhile(text, ref at, AsciiText.IsDigit);

    private bool TakeWhile(ReadOnlySpan<byte> text, ref int at, Func<byte, bool> belongs)
    {
        while (at < text.Length && belongs(text[at]))
        {
            if (!Take(text, ref at))
            {
                return false;
            }
        }

        return true;
    }

    private bool Take(ReadOnlySpan<byte> text, ref int at)
    {
        if (_used + 1 >= _buffer.Length)
        {
            return false;
        }

        var c = text[at++];
        _buffer[_used++] = c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;
        return true;
    }

    private struct Token
    {
        public int Start;
        public int Length;
        public TokenKind Kind;
    }

    [InlineArray(FieldsMax)]
    private struct TokenArray
    {
        private Token _first;
    }
}
