using System.Net;
using Rqlite.Pg.Access;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire;

/// <summary>The address and the limits of the PostgreSQL listener.</summary>
public sealed record WireOptions
{
    /// <summary>The address to bind; port 0 takes a free one, shown by <see cref="PgListener.EndPoint"/>.</summary>
    public required IPEndPoint EndPoint { get; init; }

    /// <summary>Where the listener's sessions are entered, for the views of them.</summary>
    public SessionRegistry Sessions { get; init; } = new();

    /// <summary>The log of statements that took long; null for none.</summary>
    public SlowStatementLog? SlowStatements { get; init; }

    /// <summary>The dialect of sessions that do not choose one: <c>postgresql</c> or <c>sqlite</c>.</summary>
    public string Dialect { get; init; } = Session.Settings.PostgresDialect;

    /// <summary>The users, whose permissions hold; null if everybody may do everything.</summary>
    public CredentialStore? Users { get; init; }

    /// <summary>Clients log in by SCRAM-SHA-256; otherwise they are believed who they are.</summary>
    public bool Authenticates { get; init; }

    /// <summary>The TLS that clients are offered; null for none.</summary>
    public ServerTls? Tls { get; init; }

    /// <summary>Clients without TLS get no session.</summary>
    public bool RequiresTls { get; init; }

    /// <summary>The most sessions; more are refused with 53300.</summary>
    public int ConnectionsMax { get; init; } = 10_000;

    /// <summary>The places of listeners that share one limit; null for a limit of <see cref="ConnectionsMax"/> for this listener alone.</summary>
    public ConnectionSlots? Slots { get; init; }

    /// <summary>The longest frame accepted; a longer one is skipped unread and ends the connection with 54000.</summary>
    public int MessageBytesMax { get; init; } = 64 << 20;

    /// <summary>The most bytes of statements and parameters that may wait for one Sync.</summary>
    public int PipelineBytesMax { get; init; } = 32 << 20;

    /// <summary>The most statements that may wait for one Sync, or that one query string may have.</summary>
    public int PipelineStatementsMax { get; init; } = 100_000;

    /// <summary>The most prepared statements of one session.</summary>
    public int PreparedStatementsMax { get; init; } = 10_000;

    /// <summary>The most open portals of one session.</summary>
    public int PortalsMax { get; init; } = 1_000;

    /// <summary>
    /// The most portals of one session whose rows have not all been made, each of which holds a reader; one more is refused with 53400.
    /// </summary>
    public int OpenResultsMax { get; init; } = 16;

    /// <summary>
    /// The most bytes that one session may keep in prepared statements, portals, gathered statements and settings; more are refused with 53200.
    /// </summary>
    public long SessionBytesMax { get; init; } = 128 << 20;

    /// <summary>The budget for the memory of all requests of the node; more is refused with 53200. Null for a budget of the listener's own.</summary>
    public MemoryBudget? Memory { get; init; }

    /// <summary>The most bytes of notifications that may wait for one session; more end it.</summary>
    public long NotificationBytesMax { get; init; } = 64 << 20;

    /// <summary>The most notifications that may wait for one session; more end it.</summary>
    public int NotificationsMax { get; init; } = 100_000;

    /// <summary>The longest that a connection may take to start a session.</summary>
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long <see cref="PgListener.DisposeAsync"/> lets statements run before it interrupts them.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an interrupted session may take to tell its client, before its socket is closed.</summary>
    public TimeSpan InterruptTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The interval at which the listener checks whether the clients of running statements are still connected.</summary>
    public TimeSpan ClientCheckInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait for the outcome of a write.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public void Validate()
    {
        Require(Users is not null || !Authenticates, nameof(Authenticates));
        Require(Tls is not null || !RequiresTls, nameof(RequiresTls));
        Require(ConnectionsMax > 0, nameof(ConnectionsMax));
        Require(MessageBytesMax is >= 1 << 16 and <= 1 << 30, nameof(MessageBytesMax));
        Require(PipelineBytesMax > 0, nameof(PipelineBytesMax));
        Require(PipelineStatementsMax > 0, nameof(PipelineStatementsMax));
        Require(PreparedStatementsMax > 0, nameof(PreparedStatementsMax));
        Require(PortalsMax > 0, nameof(PortalsMax));
        Require(OpenResultsMax > 0, nameof(OpenResultsMax));
        Require(NotificationsMax > 0, nameof(NotificationsMax));
        Require(NotificationBytesMax > 0, nameof(NotificationBytesMax));
        Require(SessionBytesMax > 0, nameof(SessionBytesMax));
        Require(StartupTimeout > TimeSpan.Zero, nameof(StartupTimeout));
        Require(DrainTimeout >= TimeSpan.Zero, nameof(DrainTimeout));
        Require(InterruptTimeout >= TimeSpan.Zero, nameof(InterruptTimeout));
        Require(ClientCheckInterval > TimeSpan.Zero, nameof(ClientCheckInterval));
        Require(RequestTimeout > TimeSpan.Zero, nameof(RequestTimeout));
    }

    private static void Require(bool holds, string option)
    {
        if (!holds)
        {
            throw new ArgumentException($"{option} of the PostgreSQL listener is out of range.");
        }
    }
}
