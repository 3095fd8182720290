using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>The character sets that texts can be converted from and to.</summary>
internal enum CharacterSet : byte
{
    Utf8,
    Latin1,
    SqlAscii,
}

/// <summary>Conversions between character sets: UTF8, LATIN1 and SQL_ASCII; others that PostgreSQL knows are refused.</summary>
internal static class CharacterSets
{
    private static readonly HashSet<string> s_others =
    [
        "big5", "euccn", "eucjis2004", "eucjp", "euckr", "euctw", "gb18030", "gbk", "iso88592", "iso88593", "iso88594", "iso88595", "iso88596", "iso88597",
        "iso88598", "iso88599", "iso885910", "iso885913", "iso885914", "iso885915", "iso885916", "johab", "koi8", "koi8r", "koi8u", "latin2", "latin3",
        "latin4", "latin5", "latin6", "latin7", "latin8", "latin9", "latin10", "mskanji", "muleinternal", "shiftjis", "shiftjis2004", "sjis", "tcvn",
        "tcvn5712", "uhc", "vscii", "win", "win1250", "win1251", "win1252", "win1253", "win1254", "win1255", "win1256", "win1257", "win1258", "win866",
        "win874", "win932", "win936", "win949", "win950", "windows1250", "windows1251", "windows1252", "windows1253", "windows1254", "windows1255",
        "windows1256", "windows1257", "windows1258", "windows866", "windows874", "windows932", "windows936", "windows949", "windows950", "alt", "abc",
    ];

    /// <param name="role">source or destination, for the message; null for neither.</param>
    public static CharacterSet Find(string name, string? role)
    {
        // Only letters and digits of a name count.
        var key = string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        return key switch
        {
            "utf8" or "unicode" => CharacterSet.Utf8,
            "latin1" or "iso88591" => CharacterSet.Latin1,
            "sqlascii" => CharacterSet.SqlAscii,
            _ when s_others.Contains(key) => throw TypeErrors.NotSupported($"encoding \"{name}\" is not supported"),
            _ => throw new TypeException(SqlState.InvalidParameterValue, $"invalid {(role is null ? "" : role + " ")}encoding name \"{name}\""),
        };
    }

    public static ReadOnlySpan<byte> ToUtf8(ReadOnlySpan<byte> data, CharacterSet source)
    {
        if (data.IndexOf((byte)0) is >= 0)
        {
            throw InvalidBytes(data[data.IndexOf((byte)0)..], source, 1);
        }

        return source == CharacterSet.Latin1
            ? Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(data))
            : TypeErrors.RequireText(data);
    }

    public static ReadOnlySpan<byte> FromUtf8(ReadOnlySpan<byte> text, CharacterSet destination)
    {
        if (destination != CharacterSet.Latin1)
        {
            return text;
        }

        var output = new byte[text.Length];
        var count = 0;
        while (!text.IsEmpty)
        {
            _ = Rune.DecodeFromUtf8(text, out var rune, out var length);
            output[count++] = rune.Value <= 0xFF ? (byte)rune.Value : throw Untranslatable(text[..length]);
            text = text[length..];
        }

        return output.AsSpan(0, count);
    }

    public static ReadOnlySpan<byte> Convert(ReadOnlySpan<byte> data, CharacterSet source, CharacterSet destination)
    {
        if (source == destination || source == CharacterSet.SqlAscii || destination == CharacterSet.SqlAscii)
        {
            return source == CharacterSet.Utf8 ? Verify(data) : data;
        }

        return FromUtf8(ToUtf8(data, source), destination);
    }

    private static ReadOnlySpan<byte> Verify(ReadOnlySpan<byte> data) => Utf8.IsValid(data) ? data : TypeErrors.RequireText(data);

    private static TypeException InvalidBytes(ReadOnlySpan<byte> data, CharacterSet set, int count) => new(
        SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"{NameOf(set)}\": {Show(data[..count])}");

    private static TypeException Untranslatable(ReadOnlySpan<byte> character) => new(
        SqlState.UntranslatableCharacter,
        $"character with byte sequence {Show(character)} in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\"");

    private static string Show(ReadOnlySpan<byte> data)
    {
        var shown = new StringBuilder();
        foreach (var value in data)
        {
            shown.Append(shown.Length == 0 ? "" : " ").Append(CultureInfo.InvariantCulture, $"0x{value:x2}");
        }

        return shown.ToString();
    }

    private static string NameOf(CharacterSet set) => set switch
    {
        CharacterSet.Utf8 => "UTF8",
        CharacterSet.Latin1 => "LATIN1",
        _ => "SQL_ASCII",
    };
}
