using System.Buffers;
using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>SQLite's tokens of a text, as far as words, quoted names and strings, comments and single characters.</summary>
public ref struct SqlTokens(ReadOnlySpan<byte> sql)
{
    // Where a statement may end, or where a quoted token or a comment begins, in which it may not.
    private static readonly SearchValues<byte> s_notable = SearchValues.Create("\"'`[;-/"u8);

    private readonly int _length = sql.Length;
    private ReadOnlySpan<byte> _rest = sql;
    private ReadOnlySpan<byte> _token;

    /// <summary>False at the end of the text.</summary>
    public bool Next()
    {
        SkipSpace();
        var length = _rest.IsEmpty ? 0 : TokenLength();
        _token = _rest[..length];
        _rest = _rest[length..];
        return length > 0;
    }

    public readonly bool Is(byte character) => _token.Length == 1 && _token[0] == character;

    public readonly bool IsWord(ReadOnlySpan<byte> word) => Ascii.EqualsIgnoreCase(_token, word);

    /// <summary>True if the token is a name, perhaps in quotes, with this prefix.</summary>
    public readonly bool NameBegins(ReadOnlySpan<byte> prefix)
    {
        var name = _token is [(byte)'"' or (byte)'\'' or (byte)'`' or (byte)'[', ..] ? _token[1..] : _token;
        return name.Length >= prefix.Length && Ascii.EqualsIgnoreCase(name[..prefix.Length], prefix);
    }

    /// <summary>The token's place in the text.</summary>
    public readonly int Offset => _length - _rest.Length - _token.Length;

    /// <summary>True for a token in double quotes, backticks or brackets, which is a name or, in double quotes, perhaps a text.</summary>
    public readonly bool IsQuotedName => _token is [(byte)'"' or (byte)'`' or (byte)'[', ..];

    /// <summary>The token as a name, in lower case and without its quotes.</summary>
    public readonly string Name() => Encoding.UTF8.GetString(_token.Trim("\"'`[]"u8)).ToLowerInvariant();

    /// <summary>Goes on to the token after EXPLAIN or EXPLAIN QUERY PLAN, if the token is EXPLAIN.</summary>
    public void SkipExplain()
    {
        if (IsWord("EXPLAIN"u8))
        {
            Next();
            if (IsWord("QUERY"u8))
            {
                Next();
                Next();
            }
        }
    }

    /// <summary>Goes on to the semicolon that ends the statement, or to the end of the text.</summary>
    public void SkipStatement()
    {
        while (!Is((byte)';'))
        {
            var skip = _rest.IndexOfAny(s_notable);
            _rest = skip < 0 ? default : _rest[skip..];
            if (!Next())
            {
                return;
            }
        }
    }

    private void SkipSpace()
    {
        while (true)
        {
            _rest = _rest.TrimStart(" \t\r\n\f"u8);
            int end;
            if (_rest.StartsWith("--"u8))
            {
                end = _rest.IndexOf((byte)'\n');
            }
            else if (_rest.StartsWith("/*"u8))
            {
                end = _rest[2..].IndexOf("*/"u8);
                end = end < 0 ? end : end + 3;
            }
            else if (_rest.StartsWith("\uFEFF"u8))
            {
                end = 2;
            }
            else
            {
                return;
            }

            _rest = end < 0 ? default : _rest[(end + 1)..];
        }
    }

    private readonly int TokenLength()
    {
        var close = _rest[0] switch
        {
            (byte)'[' => (byte)']',
            (byte)'"' or (byte)'\'' or (byte)'`' => _rest[0],
            _ => (byte)0,
        };
        if (close != 0)
        {
            return QuotedLength(close);
        }

        var length = 0;
        while (length < _rest.Length && (char.IsAsciiLetterOrDigit((char)_rest[length]) || _rest[length] is (byte)'_' or (byte)'$' or >= 0x80))
        {
            length++;
        }

        return Math.Max(length, 1);
    }

    private readonly int QuotedLength(byte close)
    {
        for (var i = 1; i < _rest.Length; i++)
        {
            if (_rest[i] == close)
            {
                if (close == (byte)']' || i + 1 == _rest.Length || _rest[i + 1] != close)
                {
                    return i + 1;
                }

                i++;
            }
        }

        return _rest.Length;
    }
}
