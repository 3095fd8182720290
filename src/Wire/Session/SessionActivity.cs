using System.Globalization;
using System.Net;
using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Wire.Session;

/// <summary>What other sessions may see of a session: its state, its last statement, and since when. Written by its own loop, read from any thread.</summary>
internal sealed class SessionActivity(EndPoint? client)
{
    // In UTF-16 units; PostgreSQL's track_activity_query_size is as many bytes.
    private const int QueryLengthMax = 1024;

    private readonly long _started = Now;
    private volatile Moment _moment = new("idle", "", 0, 0, 0);

    private static long Now => TimeProvider.System.GetUtcNow().Ticks;

    /// <summary>The session has begun to run a text.</summary>
    public void Begin(string query, bool inBlock)
    {
        var now = Now;
        var kept = query.Length <= QueryLengthMax ? query : query[..QueryLengthMax];
        _moment = new("active", kept, now, inBlock && _moment.TransactionStarted != 0 ? _moment.TransactionStarted : now, now);
    }

    /// <summary>The session waits for its client.</summary>
    public void End(TransactionStatus status)
    {
        var last = _moment;
        _moment = last with
        {
            State = status switch
            {
                TransactionStatus.InBlock => "idle in transaction",
                TransactionStatus.Failed => "idle in transaction (aborted)",
                _ => "idle",
            },
            TransactionStarted = status == TransactionStatus.Idle ? 0 : last.TransactionStarted,
            Changed = Now,
        };
    }

    /// <summary>The row of pg_stat_activity.</summary>
    public IReadOnlyDictionary<string, object?> Row(SessionState session)
    {
        var moment = _moment;
        var address = client as IPEndPoint;
        return new Dictionary<string, object?>
        {
            ["datid"] = (long)SystemTables.DatabaseOid,
            ["datname"] = session.DatabaseName,
            ["pid"] = (long)session.ProcessId,
            ["usesysid"] = (long)SystemTables.OwnerOid,
            ["usename"] = session.Settings.SessionUser,
            ["application_name"] = session.Settings.Show("application_name"),
            ["client_addr"] = address?.Address.IsIPv4MappedToIPv6 == true ? address.Address.MapToIPv4().ToString() : address?.Address.ToString(),
            ["client_port"] = address is null ? null : (long)address.Port,
            ["backend_start"] = Text(_started),
            ["xact_start"] = Text(moment.TransactionStarted),
            ["query_start"] = Text(moment.QueryStarted),
            ["state_change"] = Text(moment.Changed),
            ["wait_event_type"] = moment.State == "active" ? null : "Client",
            ["wait_event"] = moment.State == "active" ? null : "ClientRead",
            ["state"] = moment.State,
            ["query"] = moment.Query,
            ["backend_type"] = "client backend",
        };
    }

    /// <summary>A moment in ticks as timestamptz is stored; null for none.</summary>
    public static string? Text(long ticks) =>
        ticks == 0 ? null : new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);

    private sealed record Moment(string State, string Query, long QueryStarted, long TransactionStarted, long Changed);
}
