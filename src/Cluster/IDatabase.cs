using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>Results in the order of their statements; a cursor is disposed before the next is asked for.</summary>
public abstract class BatchResult : IAsyncDisposable
{
    /// <summary>The index of the entry that carried the batch; 0 if it did not go through the log.</summary>
    public abstract long RaftIndex { get; }

    /// <summary>
    /// What the reads of a batch have seen so far does not go beyond this entry: who has applied it shows nothing older. 0 if it is not known.
    /// </summary>
    public virtual long SnapshotIndex => RaftIndex;

    /// <summary>The batch had run before, and these are its first results.</summary>
    public virtual bool Replayed => false;

    /// <summary>The node that ran the batch, if another one; null if this node did.</summary>
    public abstract NodeDescription? ServedBy { get; }

    /// <summary>The next statement's rows, or null at the end. A statement without rows gives a cursor that ends at once.</summary>
    public abstract ValueTask<RowCursor?> NextAsync(CancellationToken token);

    public abstract ValueTask DisposeAsync();
}

/// <summary>Reads of one snapshot, until it is disposed.</summary>
public interface IReadTransaction : IAsyncDisposable
{
    /// <summary>Runs a read-only statement; a write ends in an error of the statement (SQLITE_READONLY).</summary>
    ValueTask<RowCursor> ReadAsync(Statement statement, BatchOptions options, TimeSpan? statementTimeout, CancellationToken token);
}

/// <summary>The one face of the database: both front doors see the cluster through it and nothing else.</summary>
public interface IDatabase
{
    /// <summary>This node, for telling its sessions from those of others.</summary>
    Guid NodeId => Guid.Empty;

    /// <summary>What other transactions send to those who listen here; null where nothing is ever sent.</summary>
    INotifications? Notifications => null;

    /// <summary>What this node's readers have shown so far does not go beyond this entry.</summary>
    long SeenIndex => 0;

    /// <summary>Another number than before: what sessions have in store of sequences may be cut from one that is not so any more.</summary>
    long SequenceChanges => 0;

    /// <summary>Waits until the entry with this index is applied here.</summary>
    ValueTask WaitForIndexAsync(long index, CancellationToken token) => ValueTask.CompletedTask;

    /// <summary>The advisory locks of this node's sessions; null where there are none.</summary>
    IAdvisoryLocks? Locks => null;

    /// <summary>Looks at a statement without running it, on this node, once <paramref name="minIndex"/> is applied here.</summary>
    ValueTask<StatementShape> DescribeAsync(Statement statement, BatchOptions options, long minIndex, CancellationToken token);

    /// <summary>Runs one read-only statement and streams its rows. A write ends in an error of the statement.</summary>
    ValueTask<RowCursor> ReadAsync(Statement statement, BatchOptions options, ReadOptions read, CancellationToken token);

    /// <summary>Runs statements that only read (rqlite's query); atomic means one snapshot for all.</summary>
    ValueTask<BatchResult> QueryAsync(StatementBatch batch, ReadOptions read, CancellationToken token);

    /// <summary>Runs the batch through the log, whatever it holds (rqlite's execute).</summary>
    ValueTask<BatchResult> ExecuteAsync(StatementBatch batch, WriteOptions write, CancellationToken token);

    /// <summary>Runs the batch as a query if every statement only reads, else through the log (rqlite's request).</summary>
    ValueTask<BatchResult> RequestAsync(StatementBatch batch, ReadOptions read, WriteOptions write, CancellationToken token);

    /// <summary>Pins a snapshot that satisfies <paramref name="read"/>, on this node.</summary>
    ValueTask<IReadTransaction> BeginReadAsync(ReadOptions read, CancellationToken token);

    /// <summary>Waits for the writer and opens a transaction on it.</summary>
    /// <param name="snapshot">What the owner has read so far, from <see cref="BeginReadAsync"/>: the answers must still be those.</param>
    /// <exception cref="ClusterException"><see cref="ClusterError.LockTimeout"/>, <see cref="ClusterError.Serialization"/> for a snapshot
    /// that does not hold any more, <see cref="ClusterError.NotLeader"/>.</exception>
    ValueTask<ITransaction> BeginAsync(TransactionOptions options, IReadTransaction? snapshot, CancellationToken token);
}
