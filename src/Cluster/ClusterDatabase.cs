using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The database as this node offers it: reads run here where their consistency allows it, writes go through the log, the rest to the leader.
/// </summary>
internal sealed partial class ClusterDatabase : IDatabase, INodeRequestHandler, IAsyncDisposable
{
    /// <summary>The longest that a description waits for an index; a description has no options of its own.</summary>
    private static readonly TimeSpan DescribeTimeout = TimeSpan.FromSeconds(10);

    private readonly IReplicatedLog _log;
    private readonly Database _storage;
    private readonly INodeRequests _peers;
    private readonly RequestLimits _limits;
    private readonly TimeProvider _time;
    private readonly ReadBarrier _barrier;
    private readonly LeaderRoute _route;
    private readonly ProposalWriter _proposals;
    private readonly NotificationHub _notifications;
    private AdvisoryLocks? _locks;
    private LoadSweeper? _sweeper;

    /// <param name="applier">The applier of <paramref name="log"/>'s entries.</param>
    public ClusterDatabase(
        IReplicatedLog log, EntryApplier applier, Database storage, INodeRequests peers, RequestLimits limits, TimeProvider time)
    {
        limits.Validate();
        _log = log;
        _storage = storage;
        _peers = peers;
        _limits = limits;
        _time = time;
        _barrier = new(log, applier, limits, time);
        _route = new(log, limits, time);
        _proposals = new(log, applier, storage.Writer, limits, time);
        _notifications = new(storage);
    }

    public Guid NodeId { get; init; }

    public INotifications Notifications => _notifications;

    /// <summary>True while a transaction holds this node's writer and has not ended.</summary>
    public bool WriterHeld => _proposals.Held;

    /// <summary>The backups and loads that are under way.</summary>
    public LongWork Work { get; init; } = new(NullLogger.Instance);

    /// <summary>See <see cref="ProposalWriter.Queue"/>.</summary>
    public (int Commands, long Bytes, int Transactions) Queue => _proposals.Queue;

    /// <summary>The number of transactions and commands that wait for this node's writer.</summary>
    public int WritersWaiting => _proposals.Waiting;

    public long SeenIndex => _storage.SeenIndex;

    public long SequenceChanges => _storage.SequenceChanges;

    public ValueTask WaitForIndexAsync(long index, CancellationToken token) => _barrier.WaitForIndexAsync(index, token);

    public IAdvisoryLocks? Locks => _locks;

    public async ValueTask<StatementShape> DescribeAsync(Statement statement, BatchOptions options, long minIndex, CancellationToken token)
    {
        if (minIndex > _log.AppliedIndex)
        {
            await WaitAsync(DescribeTimeout, t => _barrier.WaitForIndexAsync(minIndex, t), token).ConfigureAwait(false);
        }

        var shape = await DescribeHereAsync(statement, options, token).ConfigureAwait(false);
        if (shape.Error is null || _log.IsLeader)
        {
            return shape;
        }

        var answer = await DescribeThereAsync(statement, options, shape, token).ConfigureAwait(false);
        if (ReferenceEquals(answer, shape))
        {
            // The leader has not confirmed that the table is missing.
            _barrier.RequireDatabase();
        }

        return answer;
    }

    public async ValueTask<T> InspectAsync<T>(Func<IConnectionSql, T> read, long minIndex, CancellationToken token)
    {
        // A node that has no copy of the database yet would show an empty one.
        _barrier.RequireDatabase();
        if (minIndex > _log.AppliedIndex)
        {
            await WaitAsync(DescribeTimeout, t => _barrier.WaitForIndexAsync(minIndex, t), token).ConfigureAwait(false);
        }

        using var lease = await RentReaderAsync(null, token).ConfigureAwait(false);
        return lease.Inspect(read);
    }

    public async ValueTask<RowCursor> ReadAsync(Statement statement, BatchOptions options, ReadOptions read, CancellationToken token)
    {
        if (_barrier.IsOpen(read))
        {
            var lease = await RentReaderAsync(read.StatementTimeout, token).ConfigureAwait(false);
            lease.UnixMicroseconds = read.UnixMicroseconds;
            lease.Caller = read.Caller;
            lease.Expect(read.SchemaVersion, SchemaMovedHere);
            var cursor = lease.Run(statement, options, read.StatementTimeout, ownsLease: true, token);
            if (await IsGoodAsync(cursor, read, token).ConfigureAwait(false))
            {
                return cursor;
            }
        }

        var result = await QuerySlowlyAsync(new([statement], options) { Caller = read.Caller, SchemaVersion = read.SchemaVersion }, read, token).ConfigureAwait(false);
        try
        {
            var rows = await result.NextAsync(token).ConfigureAwait(false);
            return new OnlyCursor(rows!, result);
        }
        catch
        {
            await result.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask<BatchResult> QueryAsync(StatementBatch batch, ReadOptions read, CancellationToken token) =>
        _barrier.IsOpen(read) ? QueryAtOnceAsync(batch, read, token) : QuerySlowlyAsync(batch, read, token);

    public ValueTask<BatchResult> ExecuteAsync(StatementBatch batch, WriteOptions write, CancellationToken token) =>
        WriteAsync(ForwardedMode.Execute, batch, ReadOptions.Default, write, token);

    public async ValueTask<BatchResult> RequestAsync(StatementBatch batch, ReadOptions read, WriteOptions write, CancellationToken token)
    {
        if (await OnlyReadsAsync(batch, read, token).ConfigureAwait(false))
        {
            return await QueryAsync(batch, read, token).ConfigureAwait(false);
        }

        return await WriteAsync(ForwardedMode.Request, batch, read, write, token).ConfigureAwait(false);
    }

    public async ValueTask<IReadTransaction> BeginReadAsync(ReadOptions read, CancellationToken token)
    {
        var waited = !_barrier.IsOpen(read);
        if (waited)
        {
            // A snapshot lives on this node, so a weak one on a follower takes the stronger barrier instead of being forwarded to the leader.
            var level = _barrier.Resolve(read.Consistency);
            await WaitAsync(read.Timeout, t => OpenAsync(level == ReadConsistency.None, read, t), token).ConfigureAwait(false);
        }

        var snapshot = await TakeSnapshotAsync(read, token).ConfigureAwait(false);
        if (waited || _barrier.StillOpen(read))
        {
            return snapshot;
        }

        await snapshot.DisposeAsync().ConfigureAwait(false);
        await WaitAsync(read.Timeout, t => OpenAsync(any: false, read, t), token).ConfigureAwait(false);
        return await TakeSnapshotAsync(read, token).ConfigureAwait(false);
    }

    private async ValueTask<SnapshotReads> TakeSnapshotAsync(ReadOptions read, CancellationToken token)
    {
        var lease = await RentReaderAsync(read.StatementTimeout, token).ConfigureAwait(false);
        try
        {
            var index = _storage.AppliedIndex;
            lease.UnixMicroseconds = read.UnixMicroseconds;
            lease.Caller = read.Caller;
            lease.BeginSnapshot();
            if (read.SchemaVersion != 0 && lease.SnapshotVersion != read.SchemaVersion)
            {
                throw SchemaMovedHere();
            }

            return new SnapshotReads(lease, index);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Starts the care of advisory locks; called once the log runs.</summary>
    /// <param name="lease">The silence after which a node's locks are given to others.</param>
    public void StartLocks(TimeSpan lease, ILogger logger) =>
        _locks = new AdvisoryLocks(this, _log, _storage, _peers, NodeId, lease, _time, logger);

    /// <summary>Starts to remove abandoned loads; called once the log runs.</summary>
    public void StartSweeping() => _sweeper = new LoadSweeper(SweepLoadsAsync, _time);

    /// <summary>Ends the waiting writes and takes no more; called before the log stops.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_locks is { } locks)
        {
            await locks.DisposeAsync().ConfigureAwait(false);
        }

        if (_sweeper is { } sweeper)
        {
            await sweeper.DisposeAsync().ConfigureAwait(false);
        }

        _route.Dispose();
        _notifications.Dispose();
        await _proposals.DisposeAsync().ConfigureAwait(false);
    }

    private ClusterException NotLeader()
    {
        _log.RefuseIfRemoved();
        return _log.Leader is { } leader && leader.Id != _log.Self.Id
            ? new(ClusterError.NotLeader, "not leader", leader)
            : new(ClusterError.NoLeader, "leader not found");
    }

    private async ValueTask WaitAsync(TimeSpan timeout, Func<CancellationToken, ValueTask> wait, CancellationToken token)
    {
        using var deadline = new Deadline(timeout, _time, token);
        try
        {
            await wait(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw new ClusterException(
                ClusterError.Timeout, $"timed out waiting for index or leader (applied index {_log.AppliedIndex})", _log.Leader);
        }
    }
}
