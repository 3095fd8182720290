using System.Text.Json;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The session and the server: who, where, which version.</summary>
internal static class SessionFunctions
{
    /// <summary>The version of PostgreSQL that clients may take this server for.</summary>
    private const string Version = "PostgreSQL 15.0 (Rqlite.Pg, SQLite)";

    public static void Register(FunctionRegistry registry)
    {
        registry.Call("version()", (in FunctionCall call) => call.ReturnText(Version));
        registry.Session("current_database()", (in FunctionCall call) => call.ReturnText(call.Statement.Caller?.Settings?.Database ?? "postgres"));
        registry.Session("current_user()", (in FunctionCall call) => call.ReturnText(call.Statement.Caller?.Settings?.User ?? "postgres"));
        registry.Session("session_user()", (in FunctionCall call) => call.ReturnText(call.Statement.Caller?.Settings?.SessionUser ?? "postgres"));
        registry.Session("current_schema()", (in FunctionCall call) =>
        {
            var snapshot = call.View().Snapshot;
            call.ReturnOrNull(PathOf(call).FirstOrDefault(name => snapshot.FindSchema(name) is not null));
        });
        registry.Session("current_schemas(boolean)", CurrentSchemas);
        registry.Session("current_setting(text)", (in FunctionCall call) =>
            call.ReturnText(Setting(call) ?? throw Unrecognized(call.String(0))));
        registry.Session("current_setting(text,boolean)", (in FunctionCall call) =>
            call.ReturnOrNull(Setting(call) ?? (call.Boolean(1) ? null : throw Unrecognized(call.String(0)))));
        registry.Session("pg_backend_pid()", (in FunctionCall call) => call.Return(call.Statement.Caller?.ProcessId ?? 0));
        registry.Call("pg_client_encoding()", (in FunctionCall call) => call.ReturnText("UTF8"));
        registry.Call("getdatabaseencoding()", (in FunctionCall call) => call.ReturnText("UTF8"));
        registry.Call("pg_my_temp_schema()", (in FunctionCall call) => call.Return(0));
        registry.Call("pg_is_other_temp_schema(oid)", (in FunctionCall call) => call.Return(false));
        registry.Call("pg_trigger_depth()", (in FunctionCall call) => call.Return(0));
        registry.Call("pg_jit_available()", (in FunctionCall call) => call.Return(false));
        EncodingFunctions.Register(registry);
    }

    private static IReadOnlyList<string> PathOf(in FunctionCall call) => call.Statement.Caller?.Settings?.SearchPath ?? ["public"];

    private static void CurrentSchemas(in FunctionCall call)
    {
        var snapshot = call.View().Snapshot;
        var path = call.Boolean(0) ? SchemaNames.Of(call.View()).Path : PathOf(call);
        string[] existing = [.. path.Where(name => snapshot.FindSchema(name) is not null)];
        call.ReturnText(JsonSerializer.Serialize(existing, MetadataJson.Default.StringArray));
    }

    private static string? Setting(in FunctionCall call)
    {
        var name = call.String(0);
        return call.Statement.Caller?.Settings?.Values.FirstOrDefault(pair => pair.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
    }

    private static TypeException Unrecognized(string name) => new(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");
}
