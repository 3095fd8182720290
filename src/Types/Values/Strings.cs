using System.Text;

namespace Rqlite.Pg.Types.Values;

/// <summary>Lengths of texts: in characters for varchar and char, in bytes for name.</summary>
public static class Strings
{
    /// <summary>The bytes of a name.</summary>
    public const int NameBytes = 63;

    public static int CountCharacters(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var b in utf8)
        {
            count += (b & 0xC0) != 0x80 ? 1 : 0;
        }

        return count;
    }

    /// <summary>Checks the length of varchar(n) and char(n) on assignment; only blanks beyond it are cut off.</summary>
    /// <exception cref="TypeException">22001: other characters lie beyond it.</exception>
    public static ReadOnlySpan<byte> Limit(ReadOnlySpan<byte> utf8, PgType type)
    {
        var limit = Modifiers.Length(type.Modifier);
        if (limit < 0 || type.Oid is not (PgTypes.VarChar or PgTypes.BpChar) || utf8.Length <= limit)
        {
            return utf8;
        }

        var cut = Cut(utf8, limit);
        return utf8[cut.Length..].ContainsAnyExcept((byte)' ')
            ? throw new TypeException(
                SqlState.StringDataRightTruncation, $"value too long for type {PgTypes.SqlNameOf(type.Oid)}({limit})")
            : cut;
    }

    /// <summary>The first characters of a text, as an explicit cast to varchar(n) or char(n) cuts it.</summary>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> utf8, int characters)
    {
        var at = 0;
        while (at < utf8.Length)
        {
            if ((utf8[at] & 0xC0) != 0x80 && characters-- == 0)
            {
                return utf8[..at];
            }

            at++;
        }

        return utf8;
    }

    /// <summary>The first bytes of a text, cut at a character.</summary>
    public static ReadOnlySpan<byte> CutBytes(ReadOnlySpan<byte> utf8, int bytes)
    {
        if (utf8.Length <= bytes)
        {
            return utf8;
        }

        while (bytes > 0 && (utf8[bytes] & 0xC0) == 0x80)
        {
            bytes--;
        }

        return utf8[..bytes];
    }

    internal static string Decode(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
