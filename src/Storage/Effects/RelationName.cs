using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>The name of a relation as PostgreSQL's functions take it in a text: folded unless it is quoted, perhaps with a schema.</summary>
internal static class RelationName
{
    private const int PartsMax = 3;

    /// <summary>The name without its schema; a name with a schema that does not exist here is returned as a whole, and no relation has it.</summary>
    /// <exception cref="SqlFunctionException">The text is no name.</exception>
    public static string Parse(string text)
    {
        var parts = Split(text);
        return parts.Count switch
        {
            1 => parts[0],
            2 when parts[0] is "public" or "main" => parts[1],
            <= PartsMax => string.Join('.', parts),
            _ => throw new SqlFunctionException("42601", $"improper relation name (too many dotted names): {text}"),
        };
    }

    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var rest = text.AsSpan().Trim();
        while (true)
        {
            parts.Add(ReadPart(ref rest));
            rest = rest.TrimStart();
            if (rest.IsEmpty)
            {
                return parts;
            }

            if (rest[0] != '.')
            {
                throw Invalid();
            }

            rest = rest[1..].TrimStart();
        }
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

        var part = rest[..length].ToString().ToLowerInvariant();
        rest = rest[length..];
        return part;
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
            else if (name.Length > 0)
            {
                rest = rest[(i + 1)..];
                return name.ToString();
            }
            else
            {
                break;
            }
        }

        throw Invalid();
    }

    private static SqlFunctionException Invalid() => new("42602", "invalid name syntax");
}
