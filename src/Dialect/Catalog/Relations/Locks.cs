using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// pg_locks: the advisory locks of the whole cluster. The process is known of the session's own locks alone, since others may be on other nodes.
/// </summary>
internal static class Locks
{
    private const long Exclusive = 2;

    private static readonly Statement s_read =
        Statement.Ours("SELECT space, key, node, session, mode, granted FROM _rqlite_locks ORDER BY ticket"u8.ToArray());

    public static SqlTable Create() => new CatalogTableBuilder<LockRow>("pg_catalog", "pg_locks")
        .Same("advisory", "locktype")
        .Same(ClassOids.Database, "database")
        .Column("classid", row => row.Key >>> 32)
        .Column("objid", row => row.Key & uint.MaxValue)
        .Column("objsubid", row => row.Space)
        .Column("pid", row => row.Process is { } process ? process : Cell.Null)
        .Column("mode", row => row.Mode == Exclusive ? "ExclusiveLock" : "ShareLock")
        .Column("granted", row => row.Granted)
        .Same(false, "fastpath")
        .Null("relation", "page", "tuple", "virtualxid", "transactionid", "virtualtransaction", "waitstart")
        .Changing(Of)
        .Build();

    private static List<LockRow> Of(CatalogView view)
    {
        var caller = view.Caller;
        var rows = new List<LockRow>();
        view.Sql.Read(s_read, (in SqlRow row) =>
        {
            var own = caller is not null && row[3].Integer == caller.Session && row[2].Bytes.SequenceEqual(caller.Node.ToByteArray());
            rows.Add(new LockRow(row[0].Integer, row[1].Integer, row[4].Integer, row[5].Integer != 0, own ? caller!.ProcessId : null));
        });
        return rows;
    }

    /// <param name="Space">1 for one number, 2 for two.</param>
    private sealed record LockRow(long Space, long Key, long Mode, bool Granted, long? Process);
}
