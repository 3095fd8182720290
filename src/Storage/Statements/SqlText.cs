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
}
