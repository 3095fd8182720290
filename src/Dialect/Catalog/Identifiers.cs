using System.Text;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>Names as PostgreSQL writes them in what it prints, and reads them in texts that are given to functions.</summary>
internal static class Identifiers
{
    /// <summary>quote_ident: in quotes unless it is a plain word in lower case that is no keyword, or one that may be any name.</summary>
    public static string Quote(string name) => IsPlain(name) ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Qualify(string schema, string name) => $"{Quote(schema)}.{Quote(name)}";

    /// <summary>Splits a qualified name as textToQualifiedNameList does: folded unless quoted, with dots and blanks between.</summary>
    /// <exception cref="TypeException">22023 or 42602 for what is no name.</exception>
    public static List<string> Split(string text)
    {
        var names = new List<string>();
        var rest = text.AsSpan().Trim();
        while (true)
        {
            names.Add(ReadPart(ref rest));
            rest = rest.TrimStart();
            if (rest.IsEmpty)
            {
                return names;
            }

            rest = rest[0] == '.' ? rest[1..].TrimStart() : throw Invalid();
        }
    }

    private static bool IsPlain(string name)
    {
        if (name.Length == 0 || !(char.IsAsciiLetterLower(name[0]) || name[0] == '_'))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_')
            {
                return false;
            }
        }

        var keyword = Keywords.Find(name);
        return Keywords.IsSqliteOnly(keyword) || Keywords.ClassOf(keyword) is KeywordClass.NotKeyword or KeywordClass.Unreserved;
    }

    private static string ReadPart(ref ReadOnlySpan<char> rest)
    {
        if (!rest.IsEmpty && rest[0] == '"')
        {
            return ReadQuoted(ref rest);
        }

        var length = 0;
        while (length < rest.Length && rest[length] is not ('.' or '"') && !char.IsWhiteSpace(rest[length]))
        {
            length++;
        }

        if (length == 0)
        {
            throw Invalid();
        }

        var part = rest[..length];
        rest = rest[length..];
        return ObjectNames.Clip(Fold(part), ObjectNames.BytesMax);
    }

    private static string ReadQuoted(ref ReadOnlySpan<char> rest)
    {
        var name = new StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] != '"')
            {
                name.Append(rest[i]);
            }
            else if (i + 1 < rest.Length && rest[i + 1] == '"')
            {
                name.Append('"');
                i++;
            }
            else
            {
                rest = rest[(i + 1)..];
                return name.Length == 0 ? throw Invalid() : ObjectNames.Clip(name.ToString(), ObjectNames.BytesMax);
            }
        }

        throw Invalid();
    }

    // Only ASCII is folded, as in PostgreSQL with a multi-byte encoding.
    private static string Fold(ReadOnlySpan<char> text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            folded.Append(char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c);
        }

        return folded.ToString();
    }

    private static TypeException Invalid() => new(SqlState.InvalidName, "invalid name syntax");
}
