using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>Functions that Storage and Cluster give to statements of both dialects: advisory locks, notifications and the state of replication.</summary>
internal static class EffectCalls
{
    public static void Register(FunctionRegistry registry)
    {
        foreach (var name in new[]
        {
            "pg_advisory_lock", "pg_advisory_lock_shared", "pg_advisory_xact_lock", "pg_advisory_xact_lock_shared", "pg_try_advisory_lock",
            "pg_try_advisory_lock_shared", "pg_try_advisory_xact_lock", "pg_try_advisory_xact_lock_shared", "pg_advisory_unlock",
            "pg_advisory_unlock_shared",
        })
        {
            registry.Native($"{name}(bigint)", $"{name}({{0}})");
            registry.Native($"{name}(integer,integer)", $"{name}({{0}}, {{1}})");
        }

        registry.Native("pg_notify(text,text)", "pg_notify({0}, {1})");
        foreach (var name in new[]
        {
            "pg_advisory_unlock_all", "pg_is_in_recovery", "pg_current_wal_lsn", "pg_current_wal_insert_lsn", "pg_current_wal_flush_lsn",
            "pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn",
        })
        {
            registry.Native($"{name}()", $"{name}()");
        }
    }
}
