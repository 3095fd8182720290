using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// This node's part of the cluster without the data plane: the lock on its directory, its identity, the node port, the log and the
/// membership; owns them all.
/// </summary>
internal sealed class Replica : IAsyncDisposable
{
    private static readonly TimeSpan ArrivalPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ArrivalAnswerMax = TimeSpan.FromSeconds(5);

    private readonly FileStream _lock;
    private readonly NodeGate _gate;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;
    private Task _arriving = Task.CompletedTask;
    private bool _disposed;

    private Replica(
        ClusterOptions options, IReplicaStorage storage, FileStream directoryLock, NodeIdentity self, NodeDialer dialer, NodePort port,
        ILoggerFactory loggers)
    {
        _lock = directoryLock;
        Storage = storage;
        _logger = loggers.CreateLogger<Replica>();
        Options = options;
        Identity = self;
        Port = port;
        Requests = new NodeClient(options, dialer);
        var advertised = options.RaftAdvertisedAddress.Length > 0 ? options.RaftAdvertisedAddress : BoundAddress(options, port);
        Info = new NodeInfo(
            self.DiskId,
            new NodeDescription(self.NodeId, advertised, options.HttpAdvertisedAddress, options.PgAdvertisedAddress, !options.NonVoter));
        Store = new MemberStore(Path.Combine(options.DataDirectory, "raft", "members"));
        var own = new OwnEntry(Store, self);
        _gate = new NodeGate(self, Store, own);
        if (options.NonVoter)
        {
            Learner = new LearnerNode(options, Info.Node, Store, own, storage, Requests, Fail, loggers.CreateLogger<LearnerNode>());
        }
        else
        {
            Raft = new RaftNode(options, self, Info.Node, Store, own, _gate, storage, dialer, Requests, Fail, loggers);
        }

        Membership = new MembershipControl(options, Info, self, Store, own, Log, Raft, Requests, loggers.CreateLogger<MembershipControl>());
    }

    /// <summary>Raised when a new node has got its copy of the database.</summary>
    public event Action? Arrived;

    public ClusterOptions Options { get; }

    public NodeIdentity Identity { get; }

    public NodeInfo Info { get; }

    /// <summary>The database, disposed with this replica, before the directory's lock is released.</summary>
    public IReplicaStorage Storage { get; }

    public NodePort Port { get; }

    public NodeClient Requests { get; }

    /// <summary>The voter's log; null on a read replica.</summary>
    public RaftNode? Raft { get; }

    /// <summary>The read replica's log; null on a voter.</summary>
    public LearnerNode? Learner { get; }

    public MemberStore Store { get; }

    public MembershipControl Membership { get; }

    public IReplicatedLog Log => (IReplicatedLog?)Raft ?? Learner!;

    public Members Members => Store.Members;

    public long MembersVersion => Store.Version;

    public string State => Raft?.State ?? (Membership.Removed ? "Shutdown" : "Follower");

    /// <summary>Faults when the node cannot go on; completes when the node has stopped, or is to stop because it was removed.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Locks the directory, binds the node port and opens the database; nothing runs yet.</summary>
    public static async ValueTask<Replica> OpenAsync(
        ClusterOptions options, Func<IReplicaStorage> storage, StreamWrapper? wrapper, ILoggerFactory loggers, CancellationToken token)
    {
        options.Validate();
        if (File.Exists(options.DataDirectory))
        {
            throw new IOException($"'{options.DataDirectory}' is not a folder: a node keeps its data in a folder of its own.");
        }

        OwnerOnly.CreateDirectory(options.DataDirectory);
        var directoryLock = DirectoryLock.Take(options.DataDirectory);
        NodePort? port = null;
        try
        {
            Tighten(options.DataDirectory, loggers.CreateLogger<Replica>());
            var self = NodeIdentity.Open(options.DataDirectory, options.NodeId, !options.NonVoter);
            port = await NodePort.BindAsync(options, self, wrapper, loggers.CreateLogger<NodePort>(), token).ConfigureAwait(false);
            return new Replica(options, storage(), directoryLock, self, new NodeDialer(self, wrapper), port, loggers);
        }
        catch
        {
            if (port is not null)
            {
                await port.DisposeAsync().ConfigureAwait(false);
            }

            await directoryLock.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Replays the log, opens the port, and forms or joins a cluster in the background.</summary>
    public async ValueTask StartAsync(IEntryApplier applier, INodeRequestHandler data, CancellationToken token)
    {
        var recovery = await Membership.PrepareAsync(token).ConfigureAwait(false);
        var role = new RoleChange(Options.DataDirectory, Identity, Storage, _logger);
        if (Raft is not null)
        {
            role.PrepareVoter();
            await Raft.StartAsync(applier, recovery, token).ConfigureAwait(false);
        }
        else
        {
            role.PrepareReplica();
        }

        var handler = new ControlHandler(this, data);
        var budget = new ByteBudget(Options.NodeBytesMax, Options.NodePeerBytesMax);
        var requests = new RequestServer(Options, _gate, budget, handler, _logger);
        var transactions = new TransactionServer(Options, _gate, budget, handler, _logger);
        Port.Open(new NodeLanes(_gate, Raft is null ? null : Raft.ServeAsync, requests.RunAsync, transactions.RunAsync));
        if (Raft is not null)
        {
            await Raft.BeginAsync(token).ConfigureAwait(false);
        }

        Learner?.Start(applier);
        Membership.Start(Fail, LeaveRemoved, role.Demote);
        _arriving = ArriveAsync(_stopping.Token);
        _watching = new DigestWatch(Log, Storage, Requests, Fail).RunAsync(_stopping.Token);
    }

    public void Fail(string reason, Exception error)
    {
        if (!_stopped.TrySetException(new ClusterException(ClusterError.NotReady, $"{reason}: {error.Message}", null, error)))
        {
            return;
        }

        if (error is ClusterException or StorageException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // The message is for the operator: a disk, a file or another node; the stack trace tells nothing more.
            _logger.NodeStopped(reason, error.Message);
        }
        else
        {
            _logger.NodeFailed(error, reason);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _arriving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        await Membership.DisposeAsync().ConfigureAwait(false);
        Requests.Dispose();

        // The port is closed before the log: a peer's append must have ended before the log closes.
        await Port.DisposeAsync().ConfigureAwait(false);
        if (Raft is not null)
        {
            await Raft.DisposeAsync().ConfigureAwait(false);
        }

        if (Learner is not null)
        {
            await Learner.DisposeAsync().ConfigureAwait(false);
        }

        Store.Dispose();
        await Storage.DisposeAsync().ConfigureAwait(false);
        await _lock.DisposeAsync().ConfigureAwait(false);
        _stopped.TrySetResult();
    }

    /// <summary>Waits until a new node has applied its cluster's commit index of this call.</summary>
    private async Task ArriveAsync(CancellationToken token)
    {
        while (Identity.AwaitsDatabase)
        {
            try
            {
                await Log.WaitForApplyAsync(await ReadIndexAsync(token).ConfigureAwait(false), token).ConfigureAwait(false);
                Identity.TakeDatabase();
                _logger.DatabaseArrived(Log.AppliedIndex);
                TellArrival();
                return;
            }
            catch (Exception error) when (!token.IsCancellationRequested
                && (error is ClusterException or InvalidDataException or OperationCanceledException))
            {
                // There is no leader yet, or it was lost.
            }
            catch (Exception error) when (!token.IsCancellationRequested)
            {
                Fail("the arrival of the database could not be noted", error);
                return;
            }

            await Task.Delay(ArrivalPause, token).ConfigureAwait(false);
        }
    }

    private void TellArrival()
    {
        try
        {
            Arrived?.Invoke();
        }
        catch (Exception error)
        {
            // A subscriber's failure must not end this loop.
            _logger.ChangedHandlerFailed(error);
        }
    }

    private async ValueTask<long> ReadIndexAsync(CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token);
        bounded.CancelAfter(ArrivalAnswerMax);
        return await Log.ReadIndexAsync(bounded.Token).ConfigureAwait(false);
    }

    private void LeaveRemoved()
    {
        _logger.Removed(Options.StopWhenRemoved ? "it stops, as configured" : "it keeps its data and still answers reads of level none; to join again, restart it with -join");
        if (Options.StopWhenRemoved)
        {
            _stopped.TrySetResult();
        }
    }

    /// <summary>Removes other users' permissions from files of an older version, or from a folder that was made beforehand.</summary>
    private static void Tighten(string directory, ILogger logger)
    {
        string[] ours = ["LOCK", "node.json", "applying", "raft", "db", "maintenance.json", "extensions"];
        var trouble = OwnerOnly.Tighten(ours.Select(name => Path.Combine(directory, name)), out var changed);

        // The folder itself is changed only if all files in it are the node's: others may be there for other users.
        if (Directory.EnumerateFileSystemEntries(directory).All(path => ours.Contains(Path.GetFileName(path))))
        {
            trouble ??= OwnerOnly.TightenOne(directory, ref changed);
        }

        if (changed > 0)
        {
            logger.PermissionsTightened(changed, directory);
        }

        if (trouble is not null)
        {
            logger.PermissionsOpen(directory, trouble);
        }
    }

    /// <summary>The advertised address; by default the bound port under the operator's host name.</summary>
    private static string BoundAddress(ClusterOptions options, NodePort port)
    {
        var given = NodeAddress.Parse(options.RaftAddress, "-raft-addr");
        return new NodeAddress(given.Host.Length > 0 ? given.Host : "localhost", port.EndPoint.Port).ToString();
    }
}
