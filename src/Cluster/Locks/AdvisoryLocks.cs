using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The advisory locks of this node's sessions: brings their statements into the log, wakes sessions when their waits end, and removes the locks
/// of sessions, runs and nodes that are gone. Owned by the database.
/// </summary>
internal sealed class AdvisoryLocks : IAdvisoryLocks, IAsyncDisposable
{
    private const int EndedMax = 10_000;
    private const int SessionsAtOnce = 1_000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The least time for a statement to reach the cluster, whatever its lock_timeout, which is meant for the wait for other sessions.
    /// </summary>
    public static readonly TimeSpan ReachMin = TimeSpan.FromSeconds(1);

    private readonly ClusterDatabase _database;
    private readonly IReplicatedLog _log;
    private readonly Database _storage;
    private readonly LockKeeper _keeper;
    private readonly LockLease _lease;
    private readonly Guid _node;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<long, SessionLocks> _sessions = new();
    private readonly ConcurrentQueue<long> _ended = new();
    private readonly HashSet<long> _stray = [];
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();

    // Tells this run of the process from earlier ones; it is random, since clocks are set back.
    private readonly long _run = RandomNumberGenerator.GetInt32(1, int.MaxValue);
    private readonly Task[] _loops;
    private uint _last;

    public AdvisoryLocks(
        ClusterDatabase database, IReplicatedLog log, Database storage, INodeRequests peers, Guid node, TimeSpan lease, TimeProvider time,
        ILogger logger)
    {
        _database = database;
        _log = log;
        _storage = storage;
        _node = node;
        _logger = logger;
        Time = time;
        _keeper = new LockKeeper(log, lease);
        _lease = new LockLease(log, peers, _keeper, node, lease, LoseAll);
        storage.LocksGranted += Grant;
        _loops = [KeepLeaseAsync(), TendAsync()];
    }

    public TimeProvider Time { get; }

    public bool LeaseHolds => _lease.Holds;

    public long AppliedIndex => _storage.AppliedIndex;

    public static ClusterException LostContact() => new(
        ClusterError.LocksLost, "this node had no contact with the cluster's leader, and advisory locks of this session may be another's by now");

    public ISessionLocks Open(Action lost) => new SessionLocks(this, (_run << 32) | Interlocked.Increment(ref _last), lost);

    /// <summary>Answers a node that renews its lease.</summary>
    public ValueTask<long> HearAsync(Guid node, CancellationToken token) => _keeper.HearAsync(node, token);

    /// <summary>Registers a session before each of its statements: from now on its locks are cared for.</summary>
    public async ValueTask JoinAsync(SessionLocks session, CancellationToken token)
    {
        // While no session holds a lock the lease is not renewed: one that is about to run out would end the session just after its lock was taken.
        if (!_lease.Fresh)
        {
            await RenewPatientlyAsync(token).ConfigureAwait(false);
        }

        _sessions.TryAdd(session.Session, session);
    }

    /// <summary>Forgets a session that has ended.</summary>
    public void Leave(SessionLocks session)
    {
        if (!_sessions.TryRemove(session.Session, out _))
        {
            return;
        }

        // Sessions beyond the bound are found in the table.
        if (session.MayHold && _ended.Count < EndedMax)
        {
            _ended.Enqueue(session.Session);
        }

        Wake();
    }

    public async ValueTask<WrittenBatch> ExecuteAsync(StatementBatch batch, WriteOptions write, CancellationToken token)
    {
        var result = await _database.ExecuteAsync(
            batch with { Options = batch.Options | BatchOptions.AdvisoryLocks }, write, token).ConfigureAwait(false);
        return result as WrittenBatch ?? throw new InvalidOperationException("A write was answered as a read.");
    }

    /// <summary>Runs a lock command in the name of this node.</summary>
    public async ValueTask CommandAsync(Statement command, TimeSpan timeout, CancellationToken token)
    {
        var batch = new StatementBatch([command], BatchOptions.ForeignKeys) { Caller = LockCommand.Sender(_node) };
        var written = await ExecuteAsync(batch, new WriteOptions { Timeout = timeout }, token).ConfigureAwait(false);
        if (written.FirstOutcome()?.Error is { } error)
        {
            throw new ClusterException(ClusterError.Invalid, error.Message);
        }
    }

    public ValueTask<IReadOnlyList<LockRow>> RowsAsync(CancellationToken token) => _storage.LocksOfAsync(_node, token);

    public async ValueTask DisposeAsync()
    {
        _storage.LocksGranted -= Grant;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _wake.Dispose();
        _stopping.Dispose();
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // The loop is woken already.
        }
        catch (ObjectDisposedException)
        {
            // The node stops; its next run, or the leader, finds the remaining locks.
        }
    }

    private void Grant(IReadOnlyList<LockGrant> grants)
    {
        foreach (var grant in grants)
        {
            if (grant.Node == _node && _sessions.TryGetValue(grant.Session, out var session))
            {
                session.Grant(grant.Ticket);
            }
        }
    }

    /// <summary>Renews the lease for a waiting session, with retries: a leader may be about to be elected.</summary>
    private async ValueTask RenewPatientlyAsync(CancellationToken token)
    {
        using var deadline = new Deadline(CommandTimeout, Time, token);
        while (true)
        {
            try
            {
                await _lease.RenewAsync(deadline.Token).ConfigureAwait(false);
                return;
            }
            catch (Exception error) when (error is ClusterException or OperationCanceledException)
            {
                token.ThrowIfCancellationRequested();
                if (deadline.Token.IsCancellationRequested)
                {
                    throw new ClusterException(ClusterError.NoLeader, "leader not found", null, error);
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), Time, deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task KeepLeaseAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await Task.Delay(Interval, Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_sessions.Values.Any(session => session.MayHold))
            {
                continue;
            }

            using var deadline = new Deadline(Interval * 2, Time, _stopping.Token);
            try
            {
                await _lease.RenewAsync(deadline.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ClusterException or OperationCanceledException or IOException or ObjectDisposedException)
            {
                _logger.LockLeaseNotRenewed(e.Message);
            }

            DropLost();
        }
    }

    private void DropLost()
    {
        if (!_lease.Holds && !_stopping.IsCancellationRequested)
        {
            LoseAll();
        }
    }

    private void LoseAll()
    {
        foreach (var session in _sessions.Values.Where(static session => session.MayHold))
        {
            session.Lose();
        }
    }

    private async Task TendAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(Interval, _stopping.Token).ConfigureAwait(false);
                await EndSessionsAsync().ConfigureAwait(false);
                await SweepAsync().ConfigureAwait(false);
                await EndSilentNodesAsync().ConfigureAwait(false);
                await EndTransactionsAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is ClusterException or StorageException or OperationCanceledException or ObjectDisposedException)
            {
                // All steps are repeated in the next turn, from the table's state then.
                _logger.LocksNotTended(e.Message);
                await Task.Delay(Interval, Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async ValueTask EndSessionsAsync()
    {
        var ended = new List<long>();
        while (ended.Count < SessionsAtOnce && _ended.TryDequeue(out var session))
        {
            ended.Add(session);
        }

        if (ended.Count == 0)
        {
            return;
        }

        await CommandAsync(LockCommand.EndSessions(ended.ToArray()), CommandTimeout, _stopping.Token).ConfigureAwait(false);
        if (!_ended.IsEmpty)
        {
            Wake();
        }
    }

    /// <summary>Ends the locks in the table of sessions that are gone, whether or not the command that should have done so was run.</summary>
    private async ValueTask SweepAsync()
    {
        var rows = await RowsAsync(_stopping.Token).ConfigureAwait(false);
        var runs = rows.Select(row => row.Session >> 32).Where(run => run != _run).Distinct().ToArray();
        if (runs.Length > 0)
        {
            await CommandAsync(LockCommand.EndRuns(runs), CommandTimeout, _stopping.Token).ConfigureAwait(false);
        }

        var gone = rows.Select(row => row.Session)
            .Where(session => session >> 32 == _run && !_sessions.ContainsKey(session)).Distinct().Take(SessionsAtOnce).ToArray();
        if (gone.Length > 0)
        {
            await CommandAsync(LockCommand.EndSessions(gone), CommandTimeout, _stopping.Token).ConfigureAwait(false);
        }

        await EndStrayWaitsAsync(rows).ConfigureAwait(false);
    }

    /// <summary>Ends waits whose session does not wait any more; one must be seen twice, since its session may be about to learn of it.</summary>
    private async ValueTask EndStrayWaitsAsync(IReadOnlyList<LockRow> rows)
    {
        var strays = rows.Where(row => !row.Granted && _sessions.TryGetValue(row.Session, out var session) && session.IsStray(row.Ticket)).ToList();
        foreach (var stray in strays.Where(row => _stray.Contains(row.Ticket)))
        {
            await CommandAsync(LockCommand.Abandon(stray.Session, [stray.Ticket]), CommandTimeout, _stopping.Token).ConfigureAwait(false);
        }

        _stray.Clear();
        _stray.UnionWith(strays.Select(row => row.Ticket));
    }

    private async ValueTask EndTransactionsAsync()
    {
        foreach (var session in _sessions.Values.Where(session => session.ReleasePending))
        {
            await session.ReleasePendingAsync(_stopping.Token).ConfigureAwait(false);
        }
    }

    /// <summary>On the leader, ends the locks of nodes that have not renewed their lease.</summary>
    private async ValueTask EndSilentNodesAsync()
    {
        if (!_log.IsLeader)
        {
            return;
        }

        var nodes = await _storage.LockingNodesAsync(_stopping.Token).ConfigureAwait(false);
        var silent = _keeper.TakeSilent(nodes, _node, out var term);
        foreach (var node in silent)
        {
            _logger.LocksOfNodeEnded(node);
            await CommandAsync(LockCommand.EndNode(node, term), CommandTimeout, _stopping.Token).ConfigureAwait(false);
            _keeper.Ended([node]);
        }
    }
}
