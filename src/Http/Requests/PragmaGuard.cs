using System.Buffers;
using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>
/// Finds the pragmas that rqlite refuses before anything is run, at the start of any statement of a text and whatever comments
/// surround it. It only keeps rqlite's answer: what may truly be done is decided by the authorizer in Storage.
/// </summary>
internal static class PragmaGuard
{
    // Where a statement may end, or where text begins in which it may not.
    private static readonly SearchValues<byte> s_notable = SearchValues.Create("\"'`[;-/"u8);

    public static bool Refuses(List<Statement> statements)
    {
        foreach (var statement in statements)
        {
            if (Refuses(statement.Sql.Span))
            {
                return true;
            }
        }

        return false;
    }

    public static bool Refuses(ReadOnlySpan<byte> sql)
    {
        var lexer = new Lexer(sql);
        while (lexer.Next())
        {
            if (lexer.IsWord("EXPLAIN"u8))
            {
                lexer.Next();
                if (lexer.IsWord("QUERY"u8))
                {
                    lexer.Next();
                    lexer.Next();
                }
            }

            if (lexer.IsWord("PRAGMA"u8) && IsRefused(ref lexer))
            {
                return true;
            }

            lexer.SkipStatement();
        }

        return false;
    }

    private static bool IsRefused(ref Lexer lexer)
    {
        lexer.Next();
        var name = lexer.Name();
        lexer.Next();
        if (lexer.Is((byte)'.'))
        {
            lexer.Next();
            name = lexer.Name();
            lexer.Next();
        }

        var sets = lexer.Is((byte)'=') || lexer.Is((byte)'(');
        return name switch
        {
            "wal_checkpoint" => true,
            "journal_mode" or "wal_autocheckpoint" or "synchronous" or "query_only" => sets,
            _ => false,
        };
    }

    /// <summary>SQLite's tokens, as far as comments, quotes, words and single characters.</summary>
    private ref struct Lexer(ReadOnlySpan<byte> sql)
    {
        private ReadOnlySpan<byte> _rest = sql;
        private ReadOnlySpan<byte> _token;

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

        /// <summary>The token as an identifier, in lower case and without its quotes.</summary>
        public readonly string Name() => Encoding.UTF8.GetString(_token.Trim("\"'`[]"u8)).ToLowerInvariant();

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
                // A doubled quote is taken for two tokens: neither can begin a statement.
                var end = _rest[1..].IndexOf(close);
                return end < 0 ? _rest.Length : end + 2;
            }

            var length = 0;
            while (length < _rest.Length && (char.IsAsciiLetterOrDigit((char)_rest[length]) || _rest[length] is (byte)'_' or (byte)'$' or >= 0x80))
            {
                length++;
            }

            return Math.Max(length, 1);
        }
    }
}
