using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The advisory locks of this node's sessions. They are the cluster's: a lock is held once, wherever its holder is connected.</summary>
public interface IAdvisoryLocks
{
    /// <summary>Begins a session.</summary>
    /// <param name="lost">Called once, from any thread, when its locks may have been given to others: it may not go on then. It must neither
    /// block nor throw.</param>
    ISessionLocks Open(Action lost);
}

/// <summary>The advisory locks of one session; used by one caller at a time. Disposing it gives all of them back.</summary>
public interface ISessionLocks : IDisposable
{
    /// <summary>The session's number, which no other session of this node gets, over its restarts too.</summary>
    long Session { get; }

    /// <summary>The node had no contact with a leader for so long that others may have got what the session holds.</summary>
    bool Lost { get; }

    /// <summary>It may hold locks of some kind.</summary>
    bool MayHold { get; }

    /// <summary>It may hold locks until the end of its transaction.</summary>
    bool MayHoldForTransaction { get; }

    /// <summary>Runs a statement that uses advisory locks as an entry of its own, and returns when it has got what it waited for.</summary>
    /// <param name="lockTimeout">The longest wait for a lock; null for no limit.</param>
    /// <param name="token">Ends the wait; what was waited for is given up.</param>
    /// <exception cref="ClusterException"><see cref="ClusterError.LockTimeout"/>, <see cref="ClusterError.LocksLost"/>.</exception>
    ValueTask<LockedResult> RunAsync(
        StatementBatch batch, WriteOptions write, TimeSpan? lockTimeout, CancellationToken token);

    /// <summary>Stands for what the session has taken so far.</summary>
    long Mark { get; }

    /// <summary>
    /// Gives back what the transaction has taken since the mark was read. If that cannot be done now, it is held until the transaction ends.
    /// </summary>
    ValueTask RollBackAsync(long mark, CancellationToken token);

    /// <summary>Gives back what was held for the transaction. Tried again later if it cannot be done now.</summary>
    ValueTask EndTransactionAsync(CancellationToken token);
}

/// <summary>The result of a statement with advisory locks.</summary>
/// <param name="Index">What the session reads from now on must be as new as this entry, which gave it the lock.</param>
/// <param name="Warnings">What its client is to be told beside the rows.</param>
public sealed record LockedResult(BatchResult Result, long Index, IReadOnlyList<string> Warnings);
