using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The promise of a read; the names and their order are rqlite's.</summary>
public enum ReadConsistency
{
    /// <summary>Any node, one consistent snapshot of a prefix of the history, perhaps an old one.</summary>
    None,

    /// <summary>A node that leads, as far as a majority has confirmed within the last election timeout; stale for no longer than that.</summary>
    Weak,

    /// <summary>The read goes through the log.</summary>
    Strong,

    /// <summary>Weak on a voter, none on a read replica.</summary>
    Auto,

    /// <summary>Any node, after a quorum has confirmed the leader and the node has applied the leader's commit index.</summary>
    Linearizable,
}

/// <summary>The options of a read.</summary>
public sealed record ReadOptions
{
    public static ReadOptions Default { get; } = new();

    public ReadConsistency Consistency { get; init; } = ReadConsistency.Weak;

    /// <summary>Level none only: the most that the node's last contact with the leader may be back; null for no limit.</summary>
    public TimeSpan? Freshness { get; init; }

    /// <summary>Also bounds how far the applied data is behind the leader's clock.</summary>
    public bool FreshnessStrict { get; init; }

    /// <summary>The read sees at least this applied index; 0 for none.</summary>
    public long MinIndex { get; init; }

    /// <summary>The longest wait for a barrier, an index or another node.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest a statement may run; null for no limit.</summary>
    public TimeSpan? StatementTimeout { get; init; }

    /// <summary>The time that the statements see as now, in µs since 1970; null for the time at which each begins.</summary>
    public long? UnixMicroseconds { get; init; }

    /// <summary>
    /// SQLite's schema cookie that the statement was made for: the first wait for rows fails with <see cref="ClusterError.SchemaMoved"/> where the
    /// schema has another one. 0 for any; a batch has its own.
    /// </summary>
    public long SchemaVersion { get; init; }

    /// <summary>The session that reads, for statements that ask for it; a batch has its own.</summary>
    public CallerSession? Caller { get; init; }

    /// <summary>False: throw <see cref="ClusterException"/> with <see cref="ClusterError.NotLeader"/> instead of asking another node.</summary>
    public bool Forward { get; init; } = true;
}

/// <summary>The options of a write.</summary>
public sealed record WriteOptions
{
    public static WriteOptions Default { get; } = new();

    /// <summary>The client's name for the write: a repetition under the same name gets the first answer. Null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// The longest wait for the writer, and then for the quorum; a write that is already proposed is not undone when the time has passed.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest that the write may wait and run; it is undone when it takes longer. Null for the node's limit alone.</summary>
    public TimeSpan? StatementTimeout { get; init; }

    /// <summary>The longest wait for a transaction that holds the writer (<see cref="ClusterError.LockTimeout"/>); null for no limit.</summary>
    public TimeSpan? LockTimeout { get; init; }

    /// <summary>False: throw <see cref="ClusterException"/> with <see cref="ClusterError.NotLeader"/> instead of asking another node.</summary>
    public bool Forward { get; init; } = true;
}
