using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>
/// Finds the pragmas that rqlite refuses before anything is run, at the start of any statement of a text and whatever comments
/// surround it. It only keeps rqlite's answer: what may truly be done is decided by the authorizer in Storage.
/// </summary>
internal static class PragmaGuard
{
    public static bool Refuses(List<Statement> statements)
    {
        foreach (var statement in statements)
        {
            if (Refuses(statement.Sql.Span))
            {
                return true;
            }
        }

        return false;
    }

    public static bool Refuses(ReadOnlySpan<byte> sql)
    {
        var tokens = new SqlTokens(sql);
        while (tokens.Next())
        {
            tokens.SkipExplain();
            if (tokens.IsWord("PRAGMA"u8) && IsRefused(ref tokens))
            {
                return true;
            }

            tokens.SkipStatement();
        }

        return false;
    }

    private static bool IsRefused(ref SqlTokens tokens)
    {
        tokens.Next();
        var name = tokens.Name();
        tokens.Next();
        if (tokens.Is((byte)'.'))
        {
            tokens.Next();
            name = tokens.Name();
            tokens.Next();
        }

        var sets = tokens.Is((byte)'=') || tokens.Is((byte)'(');
        return name switch
        {
            "wal_checkpoint" => true,
            "journal_mode" or "wal_autocheckpoint" or "synchronous" or "query_only" => sets,
            _ => false,
        };
    }
}
