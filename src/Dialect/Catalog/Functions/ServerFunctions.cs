using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The server, its database's size and the connection of the session.</summary>
internal static class ServerFunctions
{
    private const string DatabaseOid = "pg_database_oid";
    private const string Bytes = "pg_database_size()";

    public static void Register(FunctionRegistry registry)
    {
        OfOwnSession("inet_client_addr", "client_addr");
        OfOwnSession("inet_client_port", "client_port");
        OfOwnSession("inet_server_addr", "server_addr");
        OfOwnSession("inet_server_port", "server_port");
        OfOwnSession("pg_notification_queue_usage", "queue_usage");
        OfOwnSession("pg_postmaster_start_time", "server_start");
        OfOwnSession("pg_conf_load_time", "server_start");

        WaitFunctions.Register(registry);
        registry.Helper(DatabaseOid, 1, FindDatabase, Purity.Stable);
        registry.Native("pg_database_size(oid)", $"CASE {{0}} WHEN {ClassOids.Database} THEN {Bytes} END");
        registry.Native("pg_database_size(name)", $"CASE WHEN {DatabaseOid}({{0}}) IS NOT NULL THEN {Bytes} END");

        // Nothing counts activity, so there is nothing to reset.
        foreach (var signature in new[]
        {
            "pg_stat_reset()", "pg_stat_reset_single_table_counters(oid)", "pg_stat_reset_single_function_counters(oid)", "pg_stat_clear_snapshot()",
            "pg_stat_force_next_flush()",
        })
        {
            registry.Call(signature, (in FunctionCall call) => call.ReturnNothing());
        }

        registry.Call("pg_stat_reset_shared(text)", ResetShared);

        // No transaction waits for a snapshot that is safe.
        registry.Call("pg_safe_snapshot_blocking_pids(integer)", (in FunctionCall call) => call.ReturnText("[]"u8));

        // Nothing collects logs into files.
        registry.Call("pg_current_logfile()", (in FunctionCall call) => call.ReturnNull());
        registry.Call("pg_current_logfile(text)", CurrentLogFile);
        foreach (var none in new[] { "pg_available_extensions()", "pg_available_extension_versions()", "pg_prepared_xact()" })
        {
            registry.Set(none, function => new FunctionSet(function, (in FunctionCall _) => RowList.Empty));
        }

        // The server has flags and no file.
        registry.Call("pg_reload_conf()", (in FunctionCall call) => call.Return(true));
        registry.Session("getpgusername()", (in FunctionCall call) => call.ReturnText(call.Statement.Caller?.Settings?.User ?? "postgres"));

        void OfOwnSession(string function, string column) => registry.Native(function + "()", $"(SELECT {column} FROM {SystemTables.OwnSession})");
    }

    private static void FindDatabase(in FunctionCall call)
    {
        var name = call.String(0);
        call.Return(name == call.View().Database
            ? (long)ClassOids.Database
            : throw new TypeException(SqlState.InvalidCatalogName, $"database \"{name}\" does not exist"));
    }

    private static void CurrentLogFile(in FunctionCall call)
    {
        if (!call.IsNull(0) && call.String(0) is var format and not ("stderr" or "csvlog" or "jsonlog"))
        {
            throw new TypeException(
                SqlState.InvalidParameterValue, $"log format \"{format}\" is not supported",
                hint: "The supported log formats are \"stderr\", \"csvlog\", and \"jsonlog\".");
        }

        call.ReturnNull();
    }

    private static void ResetShared(in FunctionCall call)
    {
        var target = call.String(0);
        if (target is not ("archiver" or "bgwriter" or "wal" or "recovery_prefetch"))
        {
            throw new TypeException(
                SqlState.InvalidParameterValue, $"unrecognized reset target: \"{target}\"",
                hint: "Target must be \"archiver\", \"bgwriter\", \"recovery_prefetch\", or \"wal\".");
        }

        call.ReturnNothing();
    }
}
