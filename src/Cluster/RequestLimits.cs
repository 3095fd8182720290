namespace Rqlite.Pg.Cluster;

/// <summary>Bounds of the data plane: the length of queues, the size of requests, and the wait for a leader.</summary>
public sealed record RequestLimits
{
    /// <summary>The most commands in one entry.</summary>
    public int EntryCommandsMax { get; init; } = 512;

    /// <summary>An entry is closed when it holds this many bytes; a single larger command makes an entry of its own.</summary>
    public int EntryBytesMax { get; init; } = 1 << 20;

    /// <summary>The largest request that the log takes, parameters included.</summary>
    public int CommandBytesMax { get; init; } = 64 << 20;

    /// <summary>The most commands that wait for their turn.</summary>
    public int QueueCommandsMax { get; init; } = 16_384;

    /// <summary>The most bytes of commands that wait for their turn.</summary>
    public long QueueBytesMax { get; init; } = 256L << 20;

    /// <summary>The longest that the leader runs one write before it is proposed; a longer write is undone.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The most transactions that share one SQLite transaction, and so may be on their way at once; 1 for one after the other.</summary>
    public int GroupTransactionsMax { get; init; } = 8;

    /// <summary>
    /// The time after a group's first transaction was sealed in which others may join: each delays the commits of those beneath it.
    /// </summary>
    public TimeSpan GroupTimeMax { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// A transaction whose owner may leave the writer unused for longer joins no group: the members beneath it would wait as long for the end
    /// of their commits.
    /// </summary>
    public TimeSpan GroupSliceMax { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest a request waits for an unknown leader to become known.</summary>
    public TimeSpan LeaderWait { get; init; } = TimeSpan.FromSeconds(2);

    public void Validate()
    {
        Positive(EntryCommandsMax, nameof(EntryCommandsMax));
        Positive(EntryBytesMax, nameof(EntryBytesMax));
        Positive(CommandBytesMax, nameof(CommandBytesMax));
        Positive(QueueCommandsMax, nameof(QueueCommandsMax));
        Positive(GroupTransactionsMax, nameof(GroupTransactionsMax));
        if (QueueBytesMax < CommandBytesMax)
        {
            throw new ArgumentException($"{nameof(QueueBytesMax)} is smaller than {nameof(CommandBytesMax)}.");
        }

        if (WriteTimeout <= TimeSpan.Zero)
        {
            throw new ArgumentException($"{nameof(WriteTimeout)} must be positive.");
        }

        if (LeaderWait < TimeSpan.Zero)
        {
            throw new ArgumentException($"{nameof(LeaderWait)} is negative.");
        }
    }

    private static void Positive(int value, string name)
    {
        if (value <= 0)
        {
            throw new ArgumentException($"{name} must be positive.");
        }
    }
}
