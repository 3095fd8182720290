namespace Rqlite.Pg.Storage;

/// <summary>The few properties of SQL text that this project reads itself, since SQLite does not report them.</summary>
internal static class SqlText
{
    /// <summary>True for white space, semicolons and comments only.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> sql)
    {
        var tokens = new SqlTokens(sql);
        while (tokens.Next())
        {
            if (!tokens.Is((byte)';'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True for an ANALYZE, also after EXPLAIN.</summary>
    public static bool IsAnalyze(ReadOnlySpan<byte> sql)
    {
        var tokens = new SqlTokens(sql);
        tokens.Next();
        tokens.SkipExplain();
        return tokens.IsWord("ANALYZE"u8);
    }

    /// <summary>
    /// True for a CREATE TABLE or ALTER TABLE that gives a table a name with this prefix, by RENAME TO, or lets a foreign key refer to one.
    /// SQLite shows the authorizer neither.
    /// </summary>
    /// <param name="sql">A text whose first statement SQLite can read.</param>
    public static bool RefersTo(ReadOnlySpan<byte> sql, ReadOnlySpan<byte> prefix)
    {
        var tokens = new SqlTokens(sql);
        var renames = false;
        var tableFollows = false;
        while (tokens.Next() && !tokens.Is((byte)';'))
        {
            if (tableFollows && tokens.NameBegins(prefix))
            {
                return true;
            }

            tableFollows = tokens.IsWord("REFERENCES"u8) || (renames && tokens.IsWord("TO"u8));
            renames = tokens.IsWord("RENAME"u8);
        }

        return false;
    }

    /// <summary>The new name of an ALTER TABLE … RENAME TO, in lower case; null for another statement.</summary>
    public static string? RenamedTo(ReadOnlySpan<byte> sql)
    {
        var tokens = new SqlTokens(sql);
        var (renames, nameFollows) = (false, false);
        while (tokens.Next() && !tokens.Is((byte)';'))
        {
            if (nameFollows)
            {
                return tokens.Name();
            }

            nameFollows = renames && tokens.IsWord("TO"u8);
            renames = tokens.IsWord("RENAME"u8);
        }

        return null;
    }

    /// <summary>
    /// A query with views in place of SQLite's schema table (<c>_qlite_master</c> and <c>_qlite_schema</c>, of the same length), unless a
    /// schema is named in front of it; null if it does not name the table, or is no query. SQLite lets no view take the table's own name.
    /// </summary>
    public static byte[]? HidingOwnTables(ReadOnlySpan<byte> sql)
    {
        byte[]? hiding = null;
        var tokens = new SqlTokens(sql);
        tokens.Next();
        tokens.SkipExplain();
        if (!tokens.IsWord("SELECT"u8) && !tokens.IsWord("WITH"u8))
        {
            return null;
        }

        var (qualified, tableFollows) = (false, false);
        while (tokens.Next())
        {
            var quoted = tokens.IsQuotedName;
            if (!qualified && (tokens.IsWord("sqlite_master"u8) || tokens.IsWord("sqlite_schema"u8)
                || (quoted && (tableFollows || IsQualifier(tokens)) && tokens.Name() is "sqlite_master" or "sqlite_schema")))
            {
                hiding ??= sql.ToArray();
                hiding[tokens.Offset + (quoted ? 1 : 0)] = (byte)'_';
            }

            qualified = tokens.Is((byte)'.');
            tableFollows = tokens.IsWord("FROM"u8) || tokens.IsWord("JOIN"u8) || tokens.Is((byte)',');
        }

        return hiding;
    }

    private static bool IsQualifier(SqlTokens tokens) => tokens.Next() && tokens.Is((byte)'.');
}
