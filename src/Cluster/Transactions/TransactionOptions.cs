using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>How a transaction that writes is to be run.</summary>
public sealed record TransactionOptions
{
    /// <summary>How its statements are run; atomic has no meaning here.</summary>
    public BatchOptions Options { get; init; } = BatchOptions.ForeignKeys;

    /// <summary>
    /// The longest wait for the writer; null for no limit. Zero is refused at once if another transaction has the writer or waits for it, and
    /// otherwise waits a moment for what ends by itself.
    /// </summary>
    public TimeSpan? LockTimeout { get; init; }

    /// <summary>
    /// The longest its owner may leave it without a call. Null: as long as its owner likes while nobody waits for the writer, and at most
    /// <see cref="WaitedIdleMax"/> once somebody does.
    /// </summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>How long a transaction without a limit of its own may keep others from writing without a call.</summary>
    public static TimeSpan WaitedIdleMax { get; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// So long its owner may leave it without a call while somebody waits for the writer; then it gives way, and what it has done is run again
    /// at the next call. Zero for never.
    /// </summary>
    public TimeSpan WriterSlice { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait for the outcome of the commit.</summary>
    public TimeSpan CommitTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The session that it runs for.</summary>
    public CallerSession? Caller { get; init; }

    /// <summary>What its statements see as now, in ms since 1970; null for the time at which it is given the writer.</summary>
    public long? UnixMilliseconds { get; init; }

    /// <summary>
    /// The client's name for it: under one name it is committed once, and <see cref="ClusterError.AlreadyCommitted"/> tells a repetition so.
    /// Null for none.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>How many savepoints exist when it begins.</summary>
    public int Savepoints { get; init; }
}
