using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>
/// LIKE over UTF-8: <c>%</c> for any characters, <c>_</c> for one, a backslash before a character that stands for itself. After a mismatch only the last
/// <c>%</c> takes more, which is enough, so that the time is at most the product of both lengths and nothing is allocated.
/// </summary>
internal static class LikePattern
{
    private const byte Escape = (byte)'\\';

    /// <exception cref="TypeException">22025: the pattern ends with an escape character, and the match came so far.</exception>
    public static bool Matches(ReadOnlySpan<byte> text, ReadOnlySpan<byte> pattern, bool ignoreCase = false, bool bytes = false)
    {
        var (at, next) = (0, 0);

        // Where to go on after a mismatch: behind the last % and the text that it has taken.
        var (resumeText, resumePattern) = (0, -1);
        while (at < text.Length)
        {
            if (next == pattern.Length)
            {
                if (!Resume(text, bytes, ref resumeText, resumePattern, ref at, ref next))
                {
                    return false;
                }

                continue;
            }

            switch (pattern[next])
            {
                case (byte)'%':
                    if (!SkipWildcards(text, pattern, bytes, ref at, ref next))
                    {
                        return false;
                    }

                    if (next == pattern.Length)
                    {
                        return true;
                    }

                    RequireCharacter(pattern, next);
                    (resumeText, resumePattern) = (at, next);
                    continue;
                case (byte)'_':
                    next++;
                    at += bytes ? 1 : CharacterLength(text, at);
                    continue;
            }

            RequireCharacter(pattern, next);
            var literal = pattern[next] == Escape ? next + 1 : next;
            if (pattern[literal] == text[at] || (ignoreCase && Lower(pattern[literal]) == Lower(text[at])))
            {
                next = literal + 1;
                at++;
            }
            else if (!Resume(text, bytes, ref resumeText, resumePattern, ref at, ref next))
            {
                return false;
            }
        }

        return !pattern[next..].ContainsAnyExcept((byte)'%');
    }

    /// <summary>Turns a pattern with its own escape character into one with a backslash (LIKE … ESCAPE).</summary>
    public static byte[] WithEscape(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> escape)
    {
        var result = new List<byte>(pattern.Length + 8);
        if (escape.IsEmpty)
        {
            foreach (var b in pattern)
            {
                if (b == Escape)
                {
                    result.Add(Escape);
                }

                result.Add(b);
            }

            return [.. result];
        }

        if (CharacterLength(escape, 0) != escape.Length)
        {
            throw InvalidEscape();
        }

        if (escape is [Escape])
        {
            return pattern.ToArray();
        }

        var escaped = false;
        while (!pattern.IsEmpty)
        {
            if (!escaped && pattern.StartsWith(escape))
            {
                result.Add(Escape);
                escaped = true;
                pattern = pattern[escape.Length..];
                continue;
            }

            if (!escaped && pattern[0] == Escape)
            {
                result.Add(Escape);
            }

            var length = CharacterLength(pattern, 0);
            result.AddRange(pattern[..length]);
            pattern = pattern[length..];
            escaped = false;
        }

        return [.. result];
    }

    public static TypeException InvalidEscape() => new(
        SqlState.InvalidEscapeSequence, "invalid escape string", hint: "Escape string must be empty or one character.");

    /// <summary>The bytes of the character at a place.</summary>
    internal static int CharacterLength(ReadOnlySpan<byte> text, int at)
    {
        var end = at + 1;
        while (end < text.Length && (text[end] & 0xC0) == 0x80)
        {
            end++;
        }

        return end - at;
    }

    /// <summary>Passes a run of wildcards; false if the text has fewer characters than the run asks for.</summary>
    private static bool SkipWildcards(ReadOnlySpan<byte> text, ReadOnlySpan<byte> pattern, bool bytes, ref int at, ref int next)
    {
        for (; next < pattern.Length && pattern[next] is (byte)'%' or (byte)'_'; next++)
        {
            if (pattern[next] == '_')
            {
                if (at == text.Length)
                {
                    return false;
                }

                at += bytes ? 1 : CharacterLength(text, at);
            }
        }

        return true;
    }

    private static void RequireCharacter(ReadOnlySpan<byte> pattern, int next)
    {
        if (pattern[next] == Escape && next + 1 == pattern.Length)
        {
            throw new TypeException(SqlState.InvalidEscapeSequence, "LIKE pattern must not end with escape character");
        }
    }

    private static bool Resume(ReadOnlySpan<byte> text, bool bytes, ref int resumeText, int resumePattern, ref int at, ref int next)
    {
        if (resumePattern < 0)
        {
            return false;
        }

        resumeText += bytes ? 1 : CharacterLength(text, resumeText);
        (at, next) = (resumeText, resumePattern);
        return true;
    }

    private static byte Lower(byte c) => c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;
}
