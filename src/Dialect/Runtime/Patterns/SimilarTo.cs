using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Turns SQL's own regular expressions (SIMILAR TO) into advanced ones.</summary>
internal static class SimilarTo
{
    /// <param name="escape">The escape character; empty for none.</param>
    /// <exception cref="TypeException">22025: more than one character; 2200C: more than two separators.</exception>
    public static byte[] ToRegular(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> escape)
    {
        if (!escape.IsEmpty && LikePattern.CharacterLength(escape, 0) != escape.Length)
        {
            throw LikePattern.InvalidEscape();
        }

        var result = new List<byte>(pattern.Length + 16);
        result.AddRange("^(?:"u8);
        var (separators, escaped, bracket) = (0, false, false);
        while (!pattern.IsEmpty)
        {
            var character = pattern[..LikePattern.CharacterLength(pattern, 0)];
            pattern = pattern[character.Length..];
            if (escaped)
            {
                escaped = false;
                if (character[0] == '"' && !bracket)
                {
                    result.AddRange(Separator(separators++));
                }
                else
                {
                    // Whatever follows is escaped, so that classes like \d are within reach.
                    result.Add((byte)'\\');
                    result.AddRange(character);
                }
            }
            else if (!escape.IsEmpty && character.SequenceEqual(escape))
            {
                escaped = true;
            }
            else if (bracket)
            {
                if (character[0] == '\\')
                {
                    result.Add((byte)'\\');
                }

                result.AddRange(character);
                bracket = character[0] != ']';
            }
            else
            {
                bracket = character[0] == '[';
                Translate(character, result);
            }
        }

        result.AddRange(")$"u8);
        return [.. result];
    }

    private static void Translate(ReadOnlySpan<byte> character, List<byte> result)
    {
        switch (character[0])
        {
            case (byte)'%':
                result.AddRange(".*"u8);
                break;
            case (byte)'_':
                result.Add((byte)'.');
                break;
            case (byte)'(':
                result.AddRange("(?:"u8);
                break;
            case (byte)'\\' or (byte)'.' or (byte)'^' or (byte)'$':
                result.Add((byte)'\\');
                result.Add(character[0]);
                break;
            default:
                result.AddRange(character);
                break;
        }
    }

    /// <summary>
    /// The parts around a pair of separators: the first one takes as little as it can, the second is what substring answers with. The bounds {1,1} set
    /// how greedy a part is as a whole.
    /// </summary>
    private static ReadOnlySpan<byte> Separator(int number) => number switch
    {
        0 => "){1,1}?("u8,
        1 => "){1,1}(?:"u8,
        _ => throw new TypeException(
            SqlState.InvalidUseOfEscapeCharacter, "SQL regular expression may not contain more than two escape-double-quote separators"),
    };
}
