using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>Results in the order of their statements; a cursor is disposed before the next is asked for.</summary>
public abstract class BatchResult : IAsyncDisposable
{
    /// <summary>The index of the entry that carried the batch; 0 if it did not go through the log.</summary>
    public abstract long RaftIndex { get; }

    /// <summary>
    /// The reads of the batch so far show no effects of an entry after this one: a node that has applied it shows nothing older. 0 if it is not
    /// known.
    /// </summary>
    public virtual long SnapshotIndex => RaftIndex;

    /// <summary>The batch had run before, and these are its first results.</summary>
    public virtual bool Replayed => false;

    /// <summary>The node that ran the batch, if it was another one; null if this node ran it.</summary>
    public abstract NodeDescription? ServedBy { get; }

    /// <summary>The next statement's rows, or null at the end. A statement without rows gives a cursor that ends at once.</summary>
    public abstract ValueTask<RowCursor?> NextAsync(CancellationToken token);

    public abstract ValueTask DisposeAsync();
}

/// <summary>Reads of one snapshot, until the object is disposed.</summary>
public interface IReadTransaction : IAsyncDisposable
{
    /// <summary>The version of the schema in the snapshot; 0 if it is not known.</summary>
    long SchemaVersion => 0;

    /// <summary>Runs a read-only statement; a write ends in an error of the statement (SQLITE_READONLY).</summary>
    ValueTask<RowCursor> ReadAsync(Statement statement, BatchOptions options, TimeSpan? statementTimeout, CancellationToken token);
}

/// <summary>The only interface of the database: both front doors see the cluster through it and nothing else.</summary>
public interface IDatabase
{
    /// <summary>This node's id, which tells its sessions from those of other nodes.</summary>
    Guid NodeId => Guid.Empty;

    /// <summary>The notifications of committed transactions, for sessions that listen on this node; null where none are ever sent.</summary>
    INotifications? Notifications => null;

    /// <summary>This node's readers have shown no effects of an entry after this one so far.</summary>
    long SeenIndex => 0;

    /// <summary>
    /// The version of sequence definitions: when it changes, the values that sessions have cached may come from a definition that is gone.
    /// </summary>
    long SequenceChanges => 0;

    /// <summary>Waits until the entry with this index is applied here.</summary>
    ValueTask WaitForIndexAsync(long index, CancellationToken token) => ValueTask.CompletedTask;

    /// <summary>Refuses a batch that is larger than a write may be, before it is sent.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterError.TooLarge"/>.</exception>
    void RequireSize(StatementBatch batch)
    {
    }

    /// <summary>The database as a file; null where there is none.</summary>
    IDatabaseFiles? Files => null;

    /// <summary>The advisory locks of this node's sessions; null where there are none.</summary>
    IAdvisoryLocks? Locks => null;

    /// <summary>Describes a statement without running it, on this node, once <paramref name="minIndex"/> is applied here.</summary>
    ValueTask<StatementShape> DescribeAsync(Statement statement, BatchOptions options, long minIndex, CancellationToken token);

    /// <summary>Reads on a connection of this node, in one snapshot, once <paramref name="minIndex"/> is applied here.</summary>
    ValueTask<T> InspectAsync<T>(Func<IConnectionSql, T> read, long minIndex, CancellationToken token);

    /// <summary>Runs one read-only statement and streams its rows. A write ends in an error of the statement.</summary>
    ValueTask<RowCursor> ReadAsync(Statement statement, BatchOptions options, ReadOptions read, CancellationToken token);

    /// <summary>Runs statements that only read (rqlite's query); atomic means one snapshot for all.</summary>
    ValueTask<BatchResult> QueryAsync(StatementBatch batch, ReadOptions read, CancellationToken token);

    /// <summary>Runs the batch through the log, whatever its statements are (rqlite's execute).</summary>
    ValueTask<BatchResult> ExecuteAsync(StatementBatch batch, WriteOptions write, CancellationToken token);

    /// <summary>Runs the batch as a query if every statement only reads, else through the log (rqlite's request).</summary>
    ValueTask<BatchResult> RequestAsync(StatementBatch batch, ReadOptions read, WriteOptions write, CancellationToken token);

    /// <summary>Pins a snapshot that satisfies <paramref name="read"/>, on this node.</summary>
    ValueTask<IReadTransaction> BeginReadAsync(ReadOptions read, CancellationToken token);

    /// <summary>Waits for the writer and opens a transaction on it.</summary>
    /// <param name="snapshot">The owner's reads so far, from <see cref="BeginReadAsync"/>: their answers must still be the same.</param>
    /// <exception cref="ClusterException"><see cref="ClusterError.LockTimeout"/>, <see cref="ClusterError.Serialization"/> for a snapshot
    /// that does not hold any more, <see cref="ClusterError.NotLeader"/>.</exception>
    ValueTask<ITransaction> BeginAsync(TransactionOptions options, IReadTransaction? snapshot, CancellationToken token);
}
