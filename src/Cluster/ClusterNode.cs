using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>A node of the cluster: its database over the replicated log, and the control plane. Owns all parts beneath.</summary>
public sealed partial class ClusterNode : IClusterControl, IAsyncDisposable
{
    private readonly Replica _replica;
    private readonly Database _storage;
    private readonly ClusterDatabase _database;
    private readonly CrashMark _crashes;
    private readonly ApplyProgress _progress;
    private readonly ILogger _logger;
    private readonly ILogger _locksLogger;
    private readonly LongWork _work;
    private AutoOptimize? _optimize;
    private bool _started;
    private bool _disposed;

    private ClusterNode(
        Replica replica, Database storage, ClusterDatabase database, EntryApplier applier, CrashMark crashes, LongWork work,
        ILoggerFactory loggers)
    {
        _crashes = crashes;
        _replica = replica;
        _storage = storage;
        _database = database;
        _progress = new ApplyProgress(applier, TimeProvider.System, loggers.CreateLogger<ApplyProgress>());
        _logger = loggers.CreateLogger<ClusterNode>();
        _locksLogger = loggers.CreateLogger<ClusterDatabase>();
        _work = work;
        _meter = CreateMeter();
    }

    public event Action? Changed
    {
        add
        {
            _replica.Log.Changed += value;
            _replica.Arrived += value;
        }

        remove
        {
            _replica.Log.Changed -= value;
            _replica.Arrived -= value;
        }
    }

    public IDatabase Database => _database;

    /// <summary>Faults when the node cannot go on; completes when the node has stopped, or is to stop because it was removed.</summary>
    public Task Stopped => _replica.Stopped;

    /// <summary>For tests of a node whose database fails.</summary>
    internal Database Storage => _storage;

    public bool IsLeader => _replica.Log.IsLeader;

    public NodeDescription? Leader => _replica.Log.Leader;

    public NodeDescription Self => _replica.Log.Self;

    public int MemberCount => _replica.Members.Nodes.Count;

    public bool Removed => _replica.Membership.Removed;

    public bool Ready => Volatile.Read(ref _started) && Leader is not null && !Removed && !_replica.Log.AwaitsDatabase && !Stopped.IsCompleted;

    public string? Stalled => _progress.Current(ApplyProgress.LongApply) is { } current
        ? $"entry {current.Index} has been applying for {(long)current.For.TotalSeconds}s"
        : null;

    /// <summary>
    /// Opens the database and the log and starts to serve other nodes. Forming or joining a cluster goes on in the background; if that fails
    /// for good, <see cref="Stopped"/> faults.
    /// </summary>
    /// <exception cref="ClusterException">The directory is not this node's, or log and database do not fit; the message says what to do.</exception>
    public static async ValueTask<ClusterNode> StartAsync(
        ClusterOptions options, StorageOptions storageOptions, ILoggerFactory loggers, CancellationToken token)
    {
        var node = await OpenAsync(options, storageOptions, loggers, token).ConfigureAwait(false);
        try
        {
            await node.StartAsync(token).ConfigureAwait(false);
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens the database only: the node can report its status, and is not ready.</summary>
    /// <exception cref="ClusterException">The directory is not this node's; the message says what to do.</exception>
    public static async ValueTask<ClusterNode> OpenAsync(
        ClusterOptions options, StorageOptions storageOptions, ILoggerFactory loggers, CancellationToken token)
    {
        Database? storage = null;
        Replica? replica = null;
        CrashMark? crashes = null;
        var logger = loggers.CreateLogger<ClusterNode>();
        var work = new LongWork(loggers.CreateLogger<LongWork>());
        try
        {
            var views = new NodeViews();
            var withViews = storageOptions with { Node = storageOptions.Node.And(views.Sql) };
            replica = await Replica.OpenAsync(
                options, () => new DatabaseStorage(storage = Rqlite.Pg.Storage.Database.Open(withViews, loggers), work), options.Streams, loggers, token)
                .ConfigureAwait(false);
            views.Attach(replica);
            var failing = replica;
            storage!.Writer.Failed = error => failing.Fail("a transaction could not be committed", error);
            var applier = new EntryApplier(storage!, crashes = new CrashMark(options.DataDirectory), options.SkipEntries)
            {
                Skipped = (entry, text) => logger.EntrySkipped(entry.ToString(), text),
            };
            var database = new ClusterDatabase(replica.Log, applier, storage!, replica.Requests, options.Requests, TimeProvider.System)
            {
                NodeId = replica.Info.DiskId,
                Work = work,
            };
            var node = new ClusterNode(replica, storage!, database, applier, crashes, work, loggers);
            (replica, crashes) = (null, null);
            return node;
        }
        catch (InvalidDataException error)
        {
            throw new ClusterException(ClusterError.NotReady, error.Message, null, error);
        }
        finally
        {
            if (replica is not null)
            {
                await replica.DisposeAsync().ConfigureAwait(false);
            }

            crashes?.Dispose();
        }
    }

    /// <summary>
    /// Opens the log, applies the committed entries if this node is the only voter of its cluster, and starts to serve other nodes.
    /// </summary>
    /// <exception cref="ClusterException">Log and database do not fit; the message says what to do.</exception>
    public async ValueTask StartAsync(CancellationToken token)
    {
        try
        {
            await _replica.StartAsync(_progress, _database, token).ConfigureAwait(false);
        }
        catch (InvalidDataException error)
        {
            throw new ClusterException(ClusterError.NotReady, error.Message, null, error);
        }

        _database.StartLocks(_replica.Options.LockLeaseOrDefault, _locksLogger);
        _database.StartSweeping();
        if (_replica.Options.AutoOptimize > TimeSpan.Zero)
        {
            _optimize = new AutoOptimize(_database, _replica.Log, _replica.Options.AutoOptimize, _replica.Options.DataDirectory, TimeProvider.System, _logger);
        }

        Volatile.Write(ref _started, true);
    }

    public async ValueTask<IReadOnlyList<NodeReport>> NodesAsync(TimeSpan timeout, CancellationToken token)
        => await Task.WhenAll(_replica.Members.Nodes.OrderBy(static n => n.Node.Id, StringComparer.Ordinal).Select(n => ReportAsync(n, timeout, token)))
            .ConfigureAwait(false);

    public async ValueTask<NodeReport?> LeaderReportAsync(TimeSpan timeout, CancellationToken token)
    {
        var leader = Leader;
        var member = leader is null ? null : _replica.Members.Find(leader.Id);
        return member is null ? null : await ReportAsync(member, timeout, token).ConfigureAwait(false);
    }

    public ValueTask RemoveAsync(string nodeId, TimeSpan timeout, CancellationToken token)
        => WithinAsync(timeout, t => _replica.Membership.RemoveAsync((nodeId, 0), t), token);

    public async ValueTask<bool> SnapshotAsync(long? trailing, CancellationToken token)
    {
        var before = _storage.WalBytes;
        var done = _replica.Raft is { } raft
            ? await Task.Run(() => raft.Cut(trailing), token).ConfigureAwait(false)
            : await Task.Run(() => _storage.Checkpoint() > 0 && before > 0, token).ConfigureAwait(false);
        return done;
    }

    public async ValueTask<(int Databases, int Logs)> ReapAsync(CancellationToken token)
    {
        var (former, wal) = (_storage.FormerDatabases, _storage.WalBytes);
        await Task.Run(_storage.Checkpoint, token).ConfigureAwait(false);
        return (former - _storage.FormerDatabases, wal > 0 ? 1 : 0);
    }

    public async ValueTask StepDownAsync(string? nodeId, bool wait, TimeSpan timeout, CancellationToken token)
    {
        if (!wait && string.IsNullOrEmpty(nodeId) && IsLeader && _replica.Raft is { } raft)
        {
            try
            {
                await raft.TransferLeadershipAsync(null, token).ConfigureAwait(false);
            }
            catch (ClusterException error)
            {
                // No caller waits for the result, as in rqlite.
                _logger.TransferFailed(error.Message);
            }

            return;
        }

        await WithinAsync(timeout, t => _replica.Membership.StepDownAsync((nodeId ?? "", 0), t), token).ConfigureAwait(false);
    }

    public ValueTask SyncAsync(TimeSpan timeout, CancellationToken token)
        => WithinAsync(
            timeout,
            async t => await _replica.Log.WaitForApplyAsync(await _replica.Log.ReadIndexAsync(t).ConfigureAwait(false), t).ConfigureAwait(false),
            token);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (_optimize is { } optimize)
        {
            await optimize.DisposeAsync().ConfigureAwait(false);
        }

        _meter.Dispose();
        await LeaveAsync().ConfigureAwait(false);
        _storage.Writer.Stop();
        await _database.DisposeAsync().ConfigureAwait(false);
        await _replica.DisposeAsync().ConfigureAwait(false);
        _crashes.Dispose();
        _progress.Dispose();
    }

    private static async ValueTask WithinAsync(TimeSpan timeout, Func<CancellationToken, ValueTask> action, CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token);
        bounded.CancelAfter(timeout);
        try
        {
            await action(bounded.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!token.IsCancellationRequested)
        {
            throw new ClusterException(ClusterError.Timeout, $"not done within {timeout}", null, error);
        }
    }

    private async Task<NodeReport> ReportAsync(NodeInfo member, TimeSpan timeout, CancellationToken token)
    {
        var leads = Leader?.Id == member.Node.Id;
        var started = Stopwatch.GetTimestamp();
        if (member.DiskId == _replica.Info.DiskId)
        {
            return new NodeReport(Self, _replica.Options.Version, true, leads, Stopwatch.GetElapsedTime(started), null);
        }

        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token);
        bounded.CancelAfter(timeout);
        string problem;
        try
        {
            var meta = await _replica.Requests.MetaAsync(member.Node.RaftAddress, bounded.Token).ConfigureAwait(false);
            if (meta.Node.DiskId == member.DiskId)
            {
                return new NodeReport(meta.Node.Node, meta.Version, true, leads, Stopwatch.GetElapsedTime(started), null);
            }

            problem = $"{member.Node.RaftAddress} is now another node, '{meta.Node.Node.Id}'";
        }
        catch (ClusterException error)
        {
            problem = error.Message;
        }
        catch (Exception error) when (error is OperationCanceledException or IOException && !token.IsCancellationRequested)
        {
            problem = "timeout waiting for node to respond";
        }

        return new NodeReport(member.Node, "", false, leads, Stopwatch.GetElapsedTime(started), problem);
    }

    /// <summary>Leaves the cluster before the node stops; no failure of this may keep the node from stopping.</summary>
    private async ValueTask LeaveAsync()
    {
        var options = _replica.Options;
        var patience = options.RemoveOnShutdown ? TimeSpan.FromSeconds(10) : (options.HeartbeatTimeout + options.ElectionTimeout) * 2;
        using var bounded = new CancellationTokenSource(patience);
        try
        {
            if (Removed)
            {
                return;
            }

            if (options.RemoveOnShutdown && _replica.Members.Nodes.Count > 1)
            {
                await _replica.Membership.RemoveAsync((Self.Id, 0), bounded.Token).ConfigureAwait(false);
            }
            else if (options.ShutdownStepdown && IsLeader && _replica.Members.Voters.Count() > 1)
            {
                await _replica.Membership.TransferLeadershipAsync(null, bounded.Token).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is ClusterException or OperationCanceledException or IOException)
        {
            var reason = error is OperationCanceledException ? "none was elected in time" : error.Message;
            if (options.RemoveOnShutdown)
            {
                _logger.NotLeft(reason);
            }
            else
            {
                _logger.NotHandedOver(reason);
            }
        }
    }
}
