using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// Which sessions of the node wait for which others: for the writer, which a block has from its first write on, and for advisory locks. Waits for what a
/// session of another node has name the process 0, as PostgreSQL does where a prepared transaction has the lock.
/// </summary>
internal static class WaitFunctions
{
    private const string Sessions = SystemTables.SessionWaits;
    private const string Locks = LockOwners.TableName;

    private const string Waits = $"""
        SELECT w.pid AS waiter, h.pid AS blocker FROM {Sessions} w JOIN {Sessions} h ON w.awaits_writer AND h.holds_writer AND h.pid <> w.pid
        UNION ALL
        SELECT w.pid, coalesce(h.pid, 0) FROM {Sessions} w
        JOIN {Locks} a ON a.node = w.node AND a.session = w.session AND NOT a.granted
        JOIN {Locks} b ON b.space = a.space AND b.key = a.key AND (b.granted OR b.ticket < a.ticket) AND (a.exclusive OR b.exclusive)
            AND (b.node <> a.node OR b.session <> a.session)
        LEFT JOIN {Sessions} h ON h.node = b.node AND h.session = b.session
        """;

    public static void Register(FunctionRegistry registry)
    {
        registry.Native(
            "pg_blocking_pids(integer)",
            $"(SELECT CASE WHEN asked IS NOT NULL THEN (SELECT json_group_array(blocker) FROM ({Waits}) WHERE waiter = asked) END FROM (SELECT {{0}} AS asked))");
        registry.Native(
            "pg_isolation_test_session_is_blocked(integer,integer[])",
            "(SELECT CASE WHEN asked IS NOT NULL AND of IS NOT NULL THEN "
            + $"EXISTS (SELECT 1 FROM ({Waits}) WHERE waiter = asked AND blocker IN (SELECT value FROM json_each(of))) END "
            + "FROM (SELECT {0} AS asked, {1} AS of))");
    }
}
