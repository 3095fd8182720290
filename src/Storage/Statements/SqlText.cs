namespace Rqlite.Pg.Storage;

/// <summary>The few questions that are asked of SQL text without SQLite, since SQLite tells nobody.</summary>
internal static class SqlText
{
    /// <summary>True for white space, semicolons and comments only.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> sql)
    {
        while (!sql.IsEmpty)
        {
            if (sql[0] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f' or (byte)';')
            {
                sql = sql[1..];
            }
            else if (sql.StartsWith("--"u8))
            {
                var end = sql.IndexOf((byte)'\n');
                sql = end < 0 ? default : sql[(end + 1)..];
            }
            else if (sql.StartsWith("/*"u8))
            {
                var end = sql[2..].IndexOf("*/"u8);
                sql = end < 0 ? default : sql[(end + 4)..];
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True for an ANALYZE, also behind EXPLAIN.</summary>
    public static bool IsAnalyze(ReadOnlySpan<byte> sql)
    {
        var tokens = new SqlTokens(sql);
        tokens.Next();
        if (tokens.IsWord("EXPLAIN"u8))
        {
            tokens.Next();
            if (tokens.IsWord("QUERY"u8))
            {
                tokens.Next();
                tokens.Next();
            }
        }

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
