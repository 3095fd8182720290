namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The keys and the condition of a CREATE INDEX in SQLite's dialect, as they are written.</summary>
internal sealed record SqliteIndexText(IReadOnlyList<string> Keys, string? Predicate)
{
    private static readonly SqliteIndexText s_empty = new([], null);

    public static SqliteIndexText Parse(string? sql)
    {
        try
        {
            return sql is null ? s_empty : Read(sql);
        }
        catch (DialectException)
        {
            return s_empty;
        }
    }

    private static SqliteIndexText Read(string sql)
    {
        var lexer = new Lexer(sql);
        var keys = new List<string>();
        var depth = 0;
        var (start, end) = (0, 0);
        var ended = false;
        for (var token = lexer.Read(); token.Kind != TokenKind.End; token = lexer.Read())
        {
            depth -= token.Kind == TokenKind.CloseParen ? 1 : 0;
            if (depth == 0 && token.Is(Keyword.Where))
            {
                return new SqliteIndexText(keys, sql[token.End..].Trim().TrimEnd(';').Trim());
            }

            if ((depth == 0 && token.Kind == TokenKind.CloseParen) || (depth == 1 && token.Kind == TokenKind.Comma))
            {
                keys.Add(sql[start..end].Trim());
                (start, end, ended) = (token.End, token.End, false);
            }
            else if (depth == 0 && token.Kind == TokenKind.OpenParen)
            {
                (start, end) = (token.End, token.End);
            }
            else if (depth > 0 && !ended)
            {
                ended = depth == 1 && EndsKey(token);
                end = ended ? end : token.End;
            }

            depth += token.Kind == TokenKind.OpenParen ? 1 : 0;
        }

        return new SqliteIndexText(keys, null);
    }

    // The order and the collation behind a key are not part of it.
    private static bool EndsKey(Token token) => token.Is(Keyword.Asc) || token.Is(Keyword.Desc) || token.Is(Keyword.Collate);
}
