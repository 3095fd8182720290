namespace Rqlite.Pg.Dialect;

/// <summary>
/// How one statement wants to be read: a comment before its first word, <c>/* rqlite: name=value, … */</c>. A name is of letters and
/// underscores; a value is of letters, digits, <c>_ . + -</c>, or stands in single quotes, which it does not contain.
/// </summary>
internal static class StatementHint
{
    private const string Mark = "rqlite:";

    /// <summary>The settings of the hint among the blanks and comments from <paramref name="start"/> to <paramref name="end"/>; null if none is there.</summary>
    /// <exception cref="DialectException">22023: it is malformed, or there are two.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>>? Find(string sql, int start, int end)
    {
        List<KeyValuePair<string, string>>? settings = null;
        for (var at = start; at < end;)
        {
            if (At(sql, at, end, "--"))
            {
                var length = sql.AsSpan(at, end - at).IndexOfAny('\r', '\n');
                at = length < 0 ? end : at + length;
            }
            else if (At(sql, at, end, "/*"))
            {
                var close = EndOfComment(sql, at, end);
                var body = at + 2;
                while (body < close && char.IsWhiteSpace(sql[body]))
                {
                    body++;
                }

                if (sql.AsSpan(body, close - body).StartsWith(Mark, StringComparison.OrdinalIgnoreCase))
                {
                    settings = settings is null
                        ? Read(sql, body + Mark.Length, close - 2)
                        : throw Malformed(sql, body, "a statement takes one hint");
                }

                at = close;
            }
            else
            {
                at++;
            }
        }

        return settings;
    }

    private static List<KeyValuePair<string, string>> Read(string sql, int at, int end)
    {
        var settings = new List<KeyValuePair<string, string>>();
        while (true)
        {
            var name = Take(sql, ref at, end, static c => char.IsAsciiLetter(c) || c == '_').ToLowerInvariant();
            if (name.Length == 0 || at >= end || sql[at] != '=')
            {
                throw Malformed(sql, at, "a name and = are needed");
            }

            at++;
            var value = TakeValue(sql, ref at, end);
            if (settings.Exists(setting => setting.Key == name))
            {
                throw Malformed(sql, at, $"\"{name}\" is there twice");
            }

            settings.Add(new(name, value));
            if (at >= end)
            {
                return settings;
            }

            if (sql[at++] != ',')
            {
                throw Malformed(sql, at - 1, "a comma is needed between settings");
            }
        }
    }

    private static string TakeValue(string sql, ref int at, int end)
    {
        SkipBlanks(sql, ref at, end);
        string value;
        if (at < end && sql[at] == '\'')
        {
            var length = sql.AsSpan(at + 1, end - at - 1).IndexOf('\'');
            if (length < 0)
            {
                throw Malformed(sql, at, "a quote does not end");
            }

            value = sql.Substring(at + 1, length);
            at += length + 2;
            SkipBlanks(sql, ref at, end);
            return value;
        }

        value = Take(sql, ref at, end, static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '+' or '-');
        return value.Length > 0 ? value : throw Malformed(sql, at, "a value is needed");
    }

    /// <summary>The characters of a kind, and the blanks around them.</summary>
    private static string Take(string sql, ref int at, int end, Func<char, bool> belongs)
    {
        SkipBlanks(sql, ref at, end);
        var start = at;
        while (at < end && belongs(sql[at]))
        {
            at++;
        }

        var taken = sql[start..at];
        SkipBlanks(sql, ref at, end);
        return taken;
    }

    private static void SkipBlanks(string sql, ref int at, int end)
    {
        while (at < end && char.IsWhiteSpace(sql[at]))
        {
            at++;
        }
    }

    /// <summary>Behind the end of a comment, which may hold others, as the lexer has found it.</summary>
    private static int EndOfComment(string sql, int at, int end)
    {
        var depth = 0;
        while (at < end)
        {
            if (At(sql, at, end, "/*"))
            {
                depth++;
                at += 2;
            }
            else if (At(sql, at, end, "*/"))
            {
                at += 2;
                if (--depth == 0)
                {
                    return at;
                }
            }
            else
            {
                at++;
            }
        }

        return end;
    }

    private static bool At(string sql, int at, int end, string text) => string.CompareOrdinal(sql, at, text, 0, text.Length) == 0 && at + text.Length <= end;

    private static DialectException Malformed(string sql, int at, string why) => new(
        "22023", $"malformed hint: {why}", Lexer.CharacterPosition(sql, at),
        hint: "A hint is written /* rqlite: consistency=strong, freshness=5s, freshness_strict=on, min_index=42 */.");
}
