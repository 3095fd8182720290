using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

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

    /// <summary>
    /// Lets others write until the next call, before which what was done so far is run again: if it would be answered otherwise then, the
    /// transaction is over.
    /// </summary>
    /// <returns>False, and nothing is done, if that would be too much to run again.</returns>
    ValueTask<bool> SuspendAsync(CancellationToken token) => new(false);

    /// <summary>Ends the transaction.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterError.OutcomeUnknown"/>: it may or may not take effect.</exception>
    ValueTask<CommitResult> CommitAsync(CancellationToken token);
}
