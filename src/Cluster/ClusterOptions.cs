namespace Rqlite.Pg.Cluster;

/// <summary>The options of a node of the cluster.</summary>
public sealed record ClusterOptions
{
    /// <summary>The operator's name for the node; it never changes once used.</summary>
    public required string NodeId { get; init; }

    public required string DataDirectory { get; init; }

    /// <summary>host:port to bind the node port to; port 0 takes a free one.</summary>
    public required string RaftAddress { get; init; }

    /// <summary>host:port by which other nodes reach the node port; empty for the bound one.</summary>
    public string RaftAdvertisedAddress { get; init; } = "";

    /// <summary>host:port of the HTTP API, without scheme.</summary>
    public string HttpAdvertisedAddress { get; init; } = "";

    /// <summary>host:port of the PostgreSQL listener; empty if off.</summary>
    public string PgAdvertisedAddress { get; init; } = "";

    /// <summary>How connections between nodes are protected; null for not at all. Equal on all nodes.</summary>
    public Nodes.StreamWrapper? Streams { get; init; }

    /// <summary>The user as which this node joins; null for none.</summary>
    public NodeLogin? JoinAs { get; init; }

    /// <summary>Whether somebody who gives this login, or none, may add a node, a voter or not; null lets everybody.</summary>
    public Func<NodeLogin?, bool, CancellationToken, ValueTask<bool>>? MayJoin { get; init; }

    /// <summary>The client for HTTP addresses of <see cref="Join"/>; null for a plain one.</summary>
    public Func<HttpMessageHandler>? JoinHttp { get; init; }

    /// <summary>HTTP addresses of <see cref="Join"/> that have no scheme are HTTPS.</summary>
    public bool JoinHttps { get; init; }

    /// <summary>Raft or HTTP addresses of nodes to join.</summary>
    public IReadOnlyList<string> Join { get; init; } = [];

    /// <summary>Finds the nodes to join, instead of <see cref="Join"/>.</summary>
    public INodeDiscovery? Discovery { get; init; }

    public int JoinAttempts { get; init; } = 5;

    public TimeSpan JoinInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Number of nodes that form a new cluster together; 0 or 1 for a node that starts alone.</summary>
    public int BootstrapExpect { get; init; }

    public TimeSpan BootstrapExpectTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>A read replica: it follows the log without a vote.</summary>
    public bool NonVoter { get; init; }

    /// <summary>A follower that hears nothing for this long (up to half as long again, at random) starts an election.</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan ElectionTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The most that a weak read may be stale: a leader that no majority has followed for so long asks for one before it reads. No other leader
    /// is elected in less.
    /// </summary>
    public TimeSpan WeakReadMax => HeartbeatTimeout > ElectionTimeout ? HeartbeatTimeout : ElectionTimeout;

    /// <summary>
    /// A node that is silent for this long loses its sessions' advisory locks; null for ten election timeouts, at least ten seconds.
    /// </summary>
    public TimeSpan? LockLease { get; init; }

    internal TimeSpan LockLeaseOrDefault => LockLease ?? (ElectionTimeout > TimeSpan.FromSeconds(1) ? ElectionTimeout * 10 : TimeSpan.FromSeconds(10));

    /// <summary>The longest wait to hand a proposal to the log.</summary>
    public TimeSpan ApplyTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait for a connection to another node.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait for the answer of a vote.</summary>
    public TimeSpan ControlTimeout { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>The longest silence while entries are sent.</summary>
    public TimeSpan AppendIdleTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest silence while a copy of the database is sent.</summary>
    public TimeSpan SnapshotIdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A leader transfers leadership before it stops.</summary>
    public bool ShutdownStepdown { get; init; } = true;

    /// <summary>The node removes itself from the cluster when it stops.</summary>
    public bool RemoveOnShutdown { get; init; }

    /// <summary>The node stops when it learns that it was removed.</summary>
    public bool StopWhenRemoved { get; init; }

    /// <summary>The leader removes a voter that it could not reach for so long; zero for never.</summary>
    public TimeSpan ReapVoterAfter { get; init; }

    /// <summary>As <see cref="ReapVoterAfter"/>, for read replicas.</summary>
    public TimeSpan ReapReplicaAfter { get; init; }

    /// <summary>How often the leader brings the planner's statistics up to date; zero for never.</summary>
    public TimeSpan AutoOptimize { get; init; }

    /// <summary>How often the database is made durable and the log cut.</summary>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Entries kept below the durable index, so that a follower that was away for a moment needs no copy.</summary>
    public long TrailingEntries { get; init; } = 5_000;

    /// <summary>Bytes of log kept below the durable index at most.</summary>
    public long TrailingBytes { get; init; } = 64 << 20;

    /// <summary>The smallest number of entries worth a cut.</summary>
    public long SnapshotStep { get; init; } = 500;

    /// <summary>The largest entry of the log.</summary>
    public int EntryBytesMax { get; init; } = 160 << 20;

    /// <summary>The largest frame between nodes.</summary>
    public int NodeFrameMax { get; init; } = 160 << 20;

    public int NodeConnectionsMax { get; init; } = 2048;

    /// <summary>Connections that one member may have to this node.</summary>
    public int NodePeerConnectionsMax { get; init; } = 256;

    /// <summary>Bytes of requests of other nodes that are in memory at once; frames of up to 64 KiB do not count.</summary>
    public long NodeBytesMax { get; init; } = 512L << 20;

    /// <summary>As <see cref="NodeBytesMax"/>, for one other node.</summary>
    public long NodePeerBytesMax { get; init; } = 256L << 20;

    /// <summary>The longest that a connection for requests may be unused.</summary>
    public TimeSpan NodeIdleMax { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Connections for requests to one other node.</summary>
    public int RequestConnectionsMax { get; init; } = 64;

    /// <summary>Transactions of this node's clients that are open, or wait to be, on one other node.</summary>
    public int TransactionConnectionsMax { get; init; } = 128;

    /// <summary>Bounds of queued and running reads and writes.</summary>
    public RequestLimits Requests { get; init; } = new();

    /// <summary>Entries that are skipped, since no node can apply them; every node needs the same list.</summary>
    public IReadOnlyList<SkippedEntry> SkipEntries { get; init; } = [];

    /// <summary>The version that is reported to other nodes and in <c>/nodes</c>.</summary>
    public string Version { get; init; } = "";

    /// <exception cref="ArgumentException">An option has no usable value; the message names the flag.</exception>
    public void Validate()
    {
        if (NodeId.Length is 0 or > 256)
        {
            throw new ArgumentException("-node-id must have 1 to 256 characters.");
        }

        if (HeartbeatTimeout <= TimeSpan.Zero || ElectionTimeout <= TimeSpan.Zero)
        {
            throw new ArgumentException("-raft-heartbeat-timeout and -raft-election-timeout must be positive.");
        }

        if (NonVoter && BootstrapExpect > 0)
        {
            throw new ArgumentException("-bootstrap-expect cannot be used with -raft-non-voter.");
        }

        if (BootstrapExpect > 1 && Join.Count == 0 && Discovery is null)
        {
            throw new ArgumentException("-bootstrap-expect needs -join or -disco-mode.");
        }

        Nodes.NodeAddress.Parse(RaftAddress, "-raft-addr");
        if (RaftAdvertisedAddress.Length > 0)
        {
            Nodes.NodeAddress.Parse(RaftAdvertisedAddress, "-raft-adv-addr");
        }
    }
}
