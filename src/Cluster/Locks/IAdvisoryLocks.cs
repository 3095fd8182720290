using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The advisory locks of this node's sessions. They are cluster-wide: a lock is held once, whichever node its holder is connected to.
/// </summary>
public interface IAdvisoryLocks
{
    /// <summary>Begins a session.</summary>
    /// <param name="lost">
    /// Called once, from any thread, when the session's locks may have been given to others: the session may not go on then. It must neither
    /// block nor throw.
    /// </param>
    ISessionLocks Open(Action lost);
}

/// <summary>The advisory locks of one session; used by one caller at a time. Disposing it gives all of them back.</summary>
public interface ISessionLocks : IDisposable
{
    /// <summary>The session's number, which no other session of this node gets, also after restarts.</summary>
    long Session { get; }

    /// <summary>True if the node had no contact with a leader for so long that others may have got the session's locks.</summary>
    bool Lost { get; }

    /// <summary>True if the session may hold a lock of any kind.</summary>
    bool MayHold { get; }

    /// <summary>True if the session may hold a lock until the end of its transaction.</summary>
    bool MayHoldForTransaction { get; }

    /// <summary>Runs a statement that uses advisory locks as an entry of its own, and returns when the locks that it waits for are granted.</summary>
    /// <param name="lockTimeout">The longest wait for a lock; null for no limit.</param>
    /// <param name="token">Ends the wait and abandons the locks that it waits for.</param>
    /// <exception cref="ClusterException"><see cref="ClusterError.LockTimeout"/>, <see cref="ClusterError.LocksLost"/>.</exception>
    ValueTask<LockedResult> RunAsync(
        StatementBatch batch, WriteOptions write, TimeSpan? lockTimeout, CancellationToken token);

    /// <summary>The position of the locks taken so far, for <see cref="RollBackAsync"/>.</summary>
    long Mark { get; }

    /// <summary>
    /// Gives back the locks that the transaction has taken since the mark was read. If that fails now, they are held until the transaction
    /// ends.
    /// </summary>
    ValueTask RollBackAsync(long mark, CancellationToken token);

    /// <summary>Gives back the locks held for the transaction. If that fails now, it is tried again later.</summary>
    ValueTask EndTransactionAsync(CancellationToken token);
}

/// <summary>The result of a statement with advisory locks.</summary>
/// <param name="Index">The session's later reads must be as new as this entry, which gave it the lock.</param>
/// <param name="Warnings">Warnings for the client, besides the rows.</param>
public sealed record LockedResult(BatchResult Result, long Index, IReadOnlyList<string> Warnings);
