using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// A transaction that holds the writer: only the transaction itself sees its effects, and no other one writes until it ends. One call at a
/// time; disposing it rolls back uncommitted effects. Every call may throw <see cref="ClusterException"/> with
/// <see cref="ClusterError.Serialization"/> (it is over, nothing of it happened) or <see cref="ClusterError.IdleTransaction"/>.
/// </summary>
public interface ITransaction : IAsyncDisposable
{
    /// <summary>False while the transaction has given way to others, until its next call; from any thread. True also if this is not known.</summary>
    bool HoldsWriter => true;

    /// <summary>Describes a statement with the schema that the transaction sees.</summary>
    ValueTask<StatementShape> DescribeAsync(Statement statement, CancellationToken token);

    /// <summary>Runs a statement to its end. After an error in its outcome only a look, a return to a savepoint or a rollback is possible.</summary>
    ValueTask<RowCursor> RunAsync(Statement statement, TimeSpan? timeout, CancellationToken token);

    /// <summary>
    /// Looks at the schema that the transaction sees, by a statement that only reads. The answer is no part of what has to be the same when the
    /// statements are run again; instead the transaction is over if the schema has changed by then. An error changes nothing.
    /// </summary>
    ValueTask<RowCursor> PeekAsync(Statement statement, CancellationToken token);

    /// <summary>Sets a savepoint after those that exist.</summary>
    ValueTask SetSavepointAsync(CancellationToken token);

    /// <summary>Forgets the savepoint with this number, counted from 0, and the later ones.</summary>
    ValueTask ReleaseAsync(int savepoint, CancellationToken token);

    /// <summary>Undoes all effects after the savepoint, which stays.</summary>
    ValueTask RollBackToAsync(int savepoint, CancellationToken token);

    /// <summary>
    /// Lets others write until the next call, before which the statements so far are run again: if their answers would differ then, the
    /// transaction is over.
    /// </summary>
    /// <returns>False, and nothing is done, if the statements are too many to run again.</returns>
    ValueTask<bool> SuspendAsync(CancellationToken token) => new(false);

    /// <summary>Ends the transaction.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterError.OutcomeUnknown"/>: the transaction may or may not take effect.</exception>
    ValueTask<CommitResult> CommitAsync(CancellationToken token);
}
