using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The options of a transaction that writes.</summary>
public sealed record TransactionOptions
{
    /// <summary>The options of its statements; atomic has no meaning here.</summary>
    public BatchOptions Options { get; init; } = BatchOptions.ForeignKeys;

    /// <summary>
    /// The longest wait for the writer; null for no limit. Zero is refused at once if another transaction has the writer or waits for it, and
    /// otherwise waits briefly for an entry or commit that is already in progress.
    /// </summary>
    public TimeSpan? LockTimeout { get; init; }

    /// <summary>
    /// The longest that the owner may leave the transaction without a call. Null: without limit while no other write waits for the writer, and
    /// at most <see cref="WaitedIdleMax"/> once one does.
    /// </summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>The longest that an idle transaction without a limit of its own may keep others from writing.</summary>
    public static TimeSpan WaitedIdleMax { get; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The time after which an idle transaction is evicted if others wait for the writer; its statements are run again at the next call. Zero
    /// for never.
    /// </summary>
    public TimeSpan WriterSlice { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait for the outcome of the commit.</summary>
    public TimeSpan CommitTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The session that the transaction runs for.</summary>
    public CallerSession? Caller { get; init; }

    /// <summary>The time that the statements see as now, in µs since 1970; null for the time at which the transaction gets the writer.</summary>
    public long? UnixMicroseconds { get; init; }

    /// <summary>
    /// The client's name for the transaction: under one name it is committed once, and a repetition gets
    /// <see cref="ClusterError.AlreadyCommitted"/>. Null for none.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// SQLite's schema cookie that the statements are made for: the transaction does not begin on another one (<see cref="ClusterError.SchemaMoved"/>),
    /// and does not go on after an eviction if the schema has changed. 0 for any.
    /// </summary>
    public long SchemaVersion { get; init; }

    /// <summary>The number of savepoints that exist when the transaction begins.</summary>
    public int Savepoints { get; init; }
}
