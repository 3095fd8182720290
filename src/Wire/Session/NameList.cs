using System.Text;

namespace Rqlite.Pg.Wire.Session;

/// <summary>Lists of names in the values of settings: folded unless they are quoted, with commas between.</summary>
internal static class NameList
{
    private const int NameBytesMax = 63;

    /// <summary>Splits a list; false if it is malformed.</summary>
    public static bool TrySplit(string text, out List<string> names)
    {
        names = [];
        var at = 0;
        SkipBlanks(text, ref at);
        if (at == text.Length)
        {
            return true;
        }

        while (true)
        {
            if (!TryName(text, ref at, out var name))
            {
                return false;
            }

            names.Add(Truncate(name));
            SkipBlanks(text, ref at);
            if (at == text.Length)
            {
                return true;
            }

            if (text[at++] != ',')
            {
                return false;
            }

            SkipBlanks(text, ref at);
        }
    }

    /// <summary>Quotes a name unless it is folded and of plain characters.</summary>
    public static string Quote(string name)
    {
        var plain = name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_')
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
        return plain ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>Cuts a name at the bytes that an identifier may have.</summary>
    public static string Truncate(string name)
    {
        if (name.Length * 3 <= NameBytesMax || Encoding.UTF8.GetByteCount(name) <= NameBytesMax)
        {
            return name;
        }

        var bytes = 0;
        var length = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > NameBytesMax)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return name[..length];
    }

    private static bool TryName(string text, ref int at, out string name)
    {
        if (at < text.Length && text[at] == '"')
        {
            return TryQuoted(text, ref at, out name);
        }

        var start = at;
        while (at < text.Length && text[at] != ',' && !IsBlank(text[at]))
        {
            at++;
        }

        name = string.Concat(text[start..at].Select(c => char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c));
        return at > start;
    }

    private static bool TryQuoted(string text, ref int at, out string name)
    {
        var quoted = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
            {
                quoted.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '"')
            {
                quoted.Append('"');
                at++;
            }
            else
            {
                at++;
                name = quoted.ToString();
                return true;
            }
        }

        name = "";
        return false;
    }

    private static void SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && IsBlank(text[at]))
        {
            at++;
        }
    }

    private static bool IsBlank(char c) => c is ' ' or '\t' or '\n' or '\r' or '\f';
}
