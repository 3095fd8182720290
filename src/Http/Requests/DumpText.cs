using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>
/// A dump as SQLite's shell writes it, made fit for one entry of the log: BEGIN and COMMIT are left out, since an entry is a transaction of its
/// own, and so is what only a connection of the shell's may do. One pass, whatever the text.
/// </summary>
internal sealed class DumpText
{
    private DumpText(byte[] sql, bool foreignKeysOff)
    {
        Sql = sql;
        ForeignKeysOff = foreignKeysOff;
    }

    public byte[] Sql { get; }

    /// <summary>The text turns foreign keys off before it writes.</summary>
    public bool ForeignKeysOff { get; }

    private enum Role
    {
        Runs,
        LeftOut,
        ForeignKeysOff,
        Statistics,
        WritesSchema,
    }

    /// <exception cref="RequestException">400: the text writes SQLite's schema table.</exception>
    public static DumpText Read(byte[] text)
    {
        var tokens = new SqlTokens(text);
        var (off, statistics) = (false, false);
        while (tokens.Next())
        {
            if (tokens.Is((byte)';'))
            {
                continue;
            }

            var start = tokens.Offset;
            var role = RoleOf(tokens);
            SkipStatement(ref tokens);
            switch (role)
            {
                case Role.WritesSchema:
                    throw RequestException.BadRequest(
                        "the dump writes SQLite's schema table, as dumps with virtual tables do: load the database as a SQLite file instead");
                case Role.Runs:
                    continue;
                case Role.ForeignKeysOff:
                    off = true;
                    break;
                case Role.Statistics:
                    statistics = true;
                    break;
            }

            // Blanks, so that errors tell places of the text that was sent.
            var end = tokens.Is((byte)';') ? tokens.Offset + 1 : text.Length;
            text.AsSpan(start, end - start).Fill((byte)' ');
        }

        // ANALYZE alone may write statistics: what the dump has of them is made anew.
        return new DumpText(statistics ? [.. text, .. "\n;ANALYZE"u8] : text, off);
    }

    /// <param name="tokens">At the first token of a statement.</param>
    private static Role RoleOf(SqlTokens tokens)
    {
        if (tokens.IsWord("BEGIN"u8) || tokens.IsWord("COMMIT"u8) || tokens.IsWord("END"u8))
        {
            return Role.LeftOut;
        }

        if (tokens.IsWord("ANALYZE"u8))
        {
            return tokens.Next() && IsSchema(tokens) ? Role.LeftOut : Role.Runs;
        }

        if (tokens.IsWord("PRAGMA"u8))
        {
            return !tokens.Next() ? Role.Runs
                : tokens.IsWord("writable_schema"u8) ? Role.WritesSchema
                : tokens.IsWord("foreign_keys"u8) ? ForeignKeys(tokens)
                : Role.Runs;
        }

        if (tokens.IsWord("INSERT"u8) && tokens.Next() && tokens.IsWord("INTO"u8) && tokens.Next())
        {
            return IsSchema(tokens) ? Role.WritesSchema : tokens.NameBegins("sqlite_stat"u8) ? Role.Statistics : Role.Runs;
        }

        return Role.Runs;
    }

    private static Role ForeignKeys(SqlTokens tokens) =>
        tokens.Next() && (tokens.Is((byte)'=') || tokens.Is((byte)'(')) && tokens.Next()
            ? tokens.IsWord("OFF"u8) || tokens.IsWord("0"u8) || tokens.IsWord("NO"u8) || tokens.IsWord("FALSE"u8) ? Role.ForeignKeysOff : Role.LeftOut
            : Role.Runs;

    private static bool IsSchema(SqlTokens tokens) => tokens.NameBegins("sqlite_schema"u8) || tokens.NameBegins("sqlite_master"u8);

    /// <summary>Goes on to the semicolon that ends a statement; those within the body of a trigger do not.</summary>
    private static void SkipStatement(ref SqlTokens tokens)
    {
        var trigger = false;
        if (tokens.IsWord("CREATE"u8) && tokens.Next())
        {
            if (tokens.IsWord("TEMP"u8) || tokens.IsWord("TEMPORARY"u8))
            {
                tokens.Next();
            }

            trigger = tokens.IsWord("TRIGGER"u8);
        }

        tokens.SkipStatement();
        while (trigger && tokens.Is((byte)';') && tokens.Next())
        {
            if (tokens.IsWord("END"u8))
            {
                trigger = false;
            }

            tokens.SkipStatement();
        }
    }
}
