using System.Globalization;
using System.Net;
using System.Security.Authentication;
using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Wire.Session;

/// <summary>What other sessions may see of a session: its state, its last statement, and since when. Written by its own loop, read from any thread.</summary>
internal sealed class SessionActivity(SocketEnds ends)
{
    // In UTF-16 units; PostgreSQL's track_activity_query_size is as many bytes.
    private const int QueryLengthMax = 1024;
    private const string Active = "active";

    // As long as the process has sessions, its listener began about then.
    private static readonly long s_serverStarted = System.Diagnostics.Process.GetCurrentProcess().StartTime.ToUniversalTime().Ticks;

    private readonly long _started = Now;
    private readonly string? _protocol = ends.Encrypted?.SslProtocol switch
    {
        null => null,
        SslProtocols.Tls13 => "TLSv1.3",
        _ => "TLSv1.2",
    };

    private readonly string _cipher = ends.Encrypted?.NegotiatedCipherSuite.ToString() ?? "";
    private volatile Moment _moment = new("idle", "", 0, 0, 0);

    private static long Now => TimeProvider.System.GetUtcNow().Ticks;

    /// <summary>The session has begun to run a text.</summary>
    public void Begin(string query, bool inBlock)
    {
        var now = Now;
        var kept = query.Length <= QueryLengthMax ? query : query[..QueryLengthMax];
        _moment = new(Active, kept, now, inBlock && _moment.TransactionStarted != 0 ? _moment.TransactionStarted : now, now);
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
        var active = moment.State == Active;
        var wait = WaitOf(session, active);
        return new Dictionary<string, object?>
        {
            ["datid"] = (long)SystemTables.DatabaseOid,
            ["datname"] = session.DatabaseName,
            ["pid"] = (long)session.ProcessId,
            ["usesysid"] = (long)SystemTables.OwnerOid,
            ["usename"] = session.Settings.SessionUser,
            ["application_name"] = session.Settings.Show("application_name"),
            ["client_addr"] = AddressOf(ends.Client),
            ["client_port"] = PortOf(ends.Client),
            ["backend_start"] = Text(_started),
            ["xact_start"] = Text(moment.TransactionStarted),
            ["query_start"] = Text(moment.QueryStarted),
            ["state_change"] = Text(moment.Changed),
            ["wait_event_type"] = !active ? "Client" : wait == SessionWait.None ? null : "Lock",
            ["wait_event"] = !active ? "ClientRead" : wait switch
            {
                SessionWait.Writer => "transactionid",
                SessionWait.AdvisoryLock => "advisory",
                _ => null,
            },
            ["state"] = moment.State,
            ["query"] = moment.Query,
            ["backend_type"] = "client backend",
        };
    }

    /// <summary>The row of pg_stat_activity for users who may not see what the session does.</summary>
    public static IReadOnlyDictionary<string, object?> HiddenRow(SessionState session) => new Dictionary<string, object?>
    {
        ["datid"] = (long)SystemTables.DatabaseOid,
        ["datname"] = session.DatabaseName,
        ["pid"] = (long)session.ProcessId,
        ["usesysid"] = (long)SystemTables.OwnerOid,
        ["usename"] = session.Settings.SessionUser,
        ["application_name"] = session.Settings.Show("application_name"),
        ["query"] = "<insufficient privilege>",
    };

    /// <summary>The row of pg_stat_ssl.</summary>
    public IReadOnlyDictionary<string, object?> EncryptionRow(SessionState session)
    {
        var row = new Dictionary<string, object?> { ["pid"] = (long)session.ProcessId, ["ssl"] = _protocol is null ? 0L : 1L };
        if (_protocol is not null)
        {
            row["version"] = _protocol;
            row["cipher"] = _cipher;
            row["bits"] = _cipher.Contains("256", StringComparison.Ordinal) && !_cipher.Contains("128", StringComparison.Ordinal) ? 256L : 128L;
        }

        return row;
    }

    /// <summary>The row about the session that asks.</summary>
    public IReadOnlyDictionary<string, object?> OwnRow(SessionState session) => new Dictionary<string, object?>
    {
        ["client_addr"] = AddressOf(ends.Client),
        ["client_port"] = PortOf(ends.Client),
        ["server_addr"] = AddressOf(ends.Server),
        ["server_port"] = PortOf(ends.Server),
        ["queue_usage"] = session.Listening.Usage,
        ["server_start"] = Text(s_serverStarted),
    };

    /// <summary>The row of <see cref="SystemTables.SessionWaits"/>.</summary>
    public IReadOnlyDictionary<string, object?> WaitRow(SessionState session) => new Dictionary<string, object?>
    {
        ["node"] = Convert.ToHexString(session.Database.NodeId.ToByteArray()),
        ["session"] = session.Number,
        ["pid"] = (long)session.ProcessId,
        ["holds_writer"] = session.Block.Writing is { HoldsWriter: true } ? 1L : 0L,
        ["awaits_writer"] = WaitOf(session, _moment.State == Active) == SessionWait.Writer ? 1L : 0L,
    };

    // A block that has given way to others gets the writer back at its next statement.
    private static SessionWait WaitOf(SessionState session, bool active) => !active ? SessionWait.None
        : session.Wait != SessionWait.None ? session.Wait
        : session.Block.Writing is { HoldsWriter: false } ? SessionWait.Writer : SessionWait.None;

    private static string? AddressOf(EndPoint? end) => end is not IPEndPoint { Address: var address } ? null
        : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    private static long? PortOf(EndPoint? end) => (end as IPEndPoint)?.Port;

    /// <summary>A moment in ticks as timestamptz is stored; null for none.</summary>
    public static string? Text(long ticks) =>
        ticks == 0 ? null : new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);

    private sealed record Moment(string State, string Query, long QueryStarted, long TransactionStarted, long Changed);
}
