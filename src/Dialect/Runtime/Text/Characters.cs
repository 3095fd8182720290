using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>Positions of characters in UTF-8, and the limit of results.</summary>
internal static class Characters
{
    /// <summary>The longest text that the database holds.</summary>
    public const int BytesMax = 64 << 20;

    public static bool Begins(byte value) => (value & 0xC0) != 0x80;

    /// <summary>The bytes before a number of characters; all of them if there are fewer.</summary>
    public static int OffsetOf(ReadOnlySpan<byte> text, int characters)
    {
        if (characters >= text.Length)
        {
            return text.Length;
        }

        var at = 0;
        while (at < text.Length)
        {
            if (Begins(text[at]) && characters-- == 0)
            {
                return at;
            }

            at++;
        }

        return at;
    }

    /// <summary>The bytes before the last so many characters; 0 if there are fewer.</summary>
    public static int OffsetFromEnd(ReadOnlySpan<byte> text, int characters)
    {
        var at = text.Length;
        while (at > 0 && characters > 0)
        {
            if (Begins(text[--at]))
            {
                characters--;
            }
        }

        return at;
    }

    /// <summary>The length in bytes of the character at the beginning.</summary>
    public static int LengthOfFirst(ReadOnlySpan<byte> text)
    {
        var length = 1;
        while (length < text.Length && !Begins(text[length]))
        {
            length++;
        }

        return length;
    }

    /// <summary>Refuses a result before memory is taken for it.</summary>
    public static int RequireLength(long bytes) => bytes <= BytesMax
        ? (int)bytes
        : throw new TypeException(SqlState.ProgramLimitExceeded, "requested length too large");
}
