using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>How a transaction that writes is to be run.</summary>
public sealed record TransactionOptions
{
    /// <summary>How its statements are run; atomic has no meaning here.</summary>
    public BatchOptions Options { get; init; } = BatchOptions.ForeignKeys;

    /// <summary>The longest wait for the writer; null for no limit.</summary>
    public TimeSpan? LockTimeout { get; init; }

    /// <summary>The longest its owner may leave it without a call: everybody else's writes wait meanwhile.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait for the outcome of the commit.</summary>
    public TimeSpan CommitTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many savepoints exist when it begins.</summary>
    public int Savepoints { get; init; }
}

/// <summary>What a commit came to.</summary>
/// <param name="Index">The entry that carried it; 0 if it changed nothing.</param>
/// <param name="Error">Why it could not be committed; it is rolled back then.</param>
public readonly record struct CommitResult(long Index, StatementError? Error);

/// <summary>
/// A transaction that holds the writer: it sees its own effects, nobody else does, and nobody else writes until it ends. One call at a
/// time; disposing it rolls back what is not committed. Every call may throw <see cref="ClusterException"/> with
/// <see cref="ClusterError.Serialization"/> (it is over, nothing of it happened) or <see cref="ClusterError.IdleTransaction"/>.
/// </summary>
public interface ITransaction : IAsyncDisposable
{
    /// <summary>Looks at a statement as the transaction sees the schema.</summary>
    ValueTask<StatementShape> DescribeAsync(Statement statement, CancellationToken token);

    /// <summary>Runs a statement to its end. After an error in its outcome only a return to a savepoint or the end is possible.</summary>
    ValueTask<RowCursor> RunAsync(Statement statement, TimeSpan? timeout, CancellationToken token);

    /// <summary>Sets a savepoint upon those that exist.</summary>
    ValueTask SetSavepointAsync(CancellationToken token);

    /// <summary>Forgets the savepoint with this number, counted from 0, and those upon it.</summary>
    ValueTask ReleaseAsync(int savepoint, CancellationToken token);

    /// <summary>Undoes what came after the savepoint, which stays.</summary>
    ValueTask RollBackToAsync(int savepoint, CancellationToken token);

    /// <summary>Ends the transaction.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterError.OutcomeUnknown"/>: it may or may not take effect.</exception>
    ValueTask<CommitResult> CommitAsync(CancellationToken token);
}
