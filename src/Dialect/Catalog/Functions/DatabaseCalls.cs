using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>Functions that the database itself has under PostgreSQL's names: advisory locks, notifications, positions in the log.</summary>
internal static class DatabaseCalls
{
    private static readonly string[] s_locks =
    [
        "pg_advisory_lock", "pg_advisory_lock_shared", "pg_advisory_xact_lock", "pg_advisory_xact_lock_shared",
    ];

    private static readonly string[] s_tries =
    [
        "pg_try_advisory_lock", "pg_try_advisory_lock_shared", "pg_try_advisory_xact_lock", "pg_try_advisory_xact_lock_shared", "pg_advisory_unlock",
        "pg_advisory_unlock_shared",
    ];

    private static readonly string[] s_positions =
    [
        "pg_current_wal_lsn", "pg_current_wal_insert_lsn", "pg_current_wal_flush_lsn", "pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn",
    ];

    public static void Register(FunctionRegistry registry)
    {
        // A value of type void is an empty text to clients.
        foreach (var name in s_locks)
        {
            registry.Native($"{name}(bigint)", $"ifnull({name}({{0}}), '')");
            registry.Native($"{name}(integer,integer)", $"ifnull({name}({{0}}, {{1}}), '')");
        }

        foreach (var name in s_tries)
        {
            registry.Native($"{name}(bigint)", $"{name}({{0}})");
            registry.Native($"{name}(integer,integer)", $"{name}({{0}}, {{1}})");
        }

        registry.Native("pg_advisory_unlock_all()", "ifnull(pg_advisory_unlock_all(), '')");
        registry.Native("pg_notify(text,text)", "ifnull(pg_notify({0}, {1}), '')");
        registry.Native("pg_is_in_recovery()", "pg_is_in_recovery()");
        foreach (var name in s_positions)
        {
            registry.Native($"{name}()", $"{name}()");
        }
    }
}
