namespace Rqlite.Pg.Storage;

/// <summary>The one question asked of SQL text without SQLite: is there anything in it at all?</summary>
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
}
