using System.Threading.Channels;
using DotNext.Net.Cluster.Consensus.Raft;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>A voter's log: builds, starts and stops the library's Raft and the durable log under it.</summary>
internal sealed partial class RaftNode : IReplicatedLog, IAsyncDisposable
{
    private readonly ClusterOptions _options;
    private readonly NodeIdentity _self;
    private readonly OwnEntry _own;
    private readonly NodeGate _gate;
    private readonly IReplicaStorage _storage;
    private readonly NodeDialer _dialer;
    private readonly INodeRequests _requests;
    private readonly Action<string, Exception> _failed;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _leadership = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly ReadIndexRounds _rounds;
    private readonly Func<bool> _alone;
    private RaftTransport? _transport;
    private RaftServer? _server;
    private DurableLog? _log;
    private LogCutter? _cutter;
    private Task[] _loops = [];
    private readonly long _weakReadMilliseconds;
    private long _heard;
    private bool _disposed;

    public RaftNode(
        ClusterOptions options, NodeIdentity self, NodeDescription description, MemberStore store, OwnEntry own, NodeGate gate,
        IReplicaStorage storage, NodeDialer dialer, INodeRequests requests, Action<string, Exception> failed, ILoggerFactory loggers)
    {
        _options = options;
        _weakReadMilliseconds = (long)options.WeakReadMax.TotalMilliseconds;
        _self = self;
        _own = own;
        _gate = gate;
        Self = description;
        _storage = storage;
        _dialer = dialer;
        _requests = requests;
        _failed = failed;
        _loggers = loggers;
        _logger = loggers.CreateLogger<RaftNode>();
        Store = store;
        _rounds = new ReadIndexRounds(ConfirmAsync);
        _alone = () => Alone;
    }

    public event Action? Changed;

    public NodeDescription Self { get; }

    public MemberStore Store { get; }

    public bool Voter => true;

    public long Term => _log?.Term ?? 0;

    public long CommitIndex => _log?.LastCommittedEntryIndex ?? 0;

    public long LastIndex => _log?.LastEntryIndex ?? 0;

    /// <summary>The term of the log's last entry.</summary>
    public long LastTerm => _log?.LastEntryTerm ?? 0;

    public long AppliedIndex
    {
        get
        {
            // The order matters: entries that the log has applied and that are no longer pending can be read.
            var applied = _log?.LastAppliedIndex ?? 0;
            var pending = _storage.PendingFrom;
            return Math.Max(_storage.AppliedIndex, pending == 0 ? applied : Math.Min(applied, pending - 1));
        }
    }

    public long BaseIndex => _log?.Base.Index ?? 0;

    /// <summary>The term of the entry at <see cref="BaseIndex"/>.</summary>
    public long BaseTerm => _log?.Base.Term ?? 0;

    public bool IsLeader => !LeadershipToken.IsCancellationRequested;

    public NodeDescription? Leader => IsLeader ? Self : LeaderPeer?.Info.Node;

    /// <summary>Leader, Follower, Candidate (no leader is known) or Removed, by the names of <c>/status</c>.</summary>
    public string State => IsLeader ? "Leader" : LeaderPeer is not null ? "Follower" : Removed ? "Shutdown" : "Candidate";

    public bool Removed => _own.Removed;

    public bool AwaitsDatabase => _own.AwaitsDatabase;

    public TimeSpan SinceLeaderContact
        => IsLeader ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _heard));

    public bool TakesEntries => !_transferring;

    public bool HeardQuorum
        => _transport is { } transport && MonotonicClock.Milliseconds - transport.Quorum.At <= _weakReadMilliseconds;

    internal RaftTransport Transport => _transport ?? throw NotOpen();

    internal DurableLog Log => _log ?? throw NotOpen();

    private RaftPeer? LeaderPeer => _transport?.Leader;

    private CancellationToken LeadershipToken
    {
        get
        {
            try
            {
                return _transport?.LeadershipToken ?? new CancellationToken(true);
            }
            catch (System.Diagnostics.UnreachableException)
            {
                // The library's sign that this node failed for good; the watchdog handles it.
                return new CancellationToken(true);
            }
        }
    }

    /// <summary>Opens the log and prepares to answer peers; nothing is sent before <see cref="BeginAsync"/>.</summary>
    /// <param name="recovery">Replaces the members once it is known where the log ends; null for none.</param>
    public async ValueTask StartAsync(IEntryApplier applier, QuorumRecovery? recovery, CancellationToken token)
    {
        var directory = Path.Combine(_options.DataDirectory, "raft");
        OwnerOnly.CreateDirectory(directory);
        var point = StartGuard.FindBase(directory, _storage);
        var machine = new LogStateMachine(_storage, applier, Store);
        _log = StartGuard.Open(() => DurableLog.Open(directory, point, machine, _failed));
        StartGuard.Check(_log, _storage);
        _logger.LogOpened(point.Index, _log.LastCommittedEntryIndex, _log.LastEntryIndex, _storage.AppliedIndex);
        recovery?.Run(_log.LastEntryIndex);
        if (Alone)
        {
            // The library makes the only member leader without an election, in the old term; a term must not have two leaderships.
            await _log.IncrementTermAsync(RaftPeer.MemberId(_self.DiskId), token).ConfigureAwait(false);
        }

        _transport = new RaftTransport(_options, _self, _dialer, _log, Store, _storage, _loggers);
        _transport.LeaderChanged += (_, _) => _leadership.Writer.TryWrite(true);
        _server = new RaftServer(_transport, _log, machine, applier, _gate, Heard);
        Heard();
        await _transport.StartAsync(token).ConfigureAwait(false);
        _cutter = new LogCutter(_options, _storage, _log, _transport, _loggers.CreateLogger<LogCutter>());
        _loops = [FollowLeadershipAsync(), _rounds.RunAsync(_stopping.Token), CutAsync(), WatchAsync()];
    }

    /// <summary>Starts to take part in elections.</summary>
    public async ValueTask BeginAsync(CancellationToken token)
    {
        Transport.Begin();
        _leadership.Writer.TryWrite(true);
        if (Alone)
        {
            // Gives the new term an entry: without one a joining node would never seem to have caught up.
            await Transport.ReplicateAsync(new EmptyLogEntry { Term = Transport.LeadTerm }, token).ConfigureAwait(false);
        }
    }

    public Task ServeAsync(NodeConnection connection, Guid sender, CancellationToken token)
        => (_server ?? throw NotOpen()).RunAsync(connection, sender, token);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _stopping.CancelAsync().ConfigureAwait(false);
        _leadership.Writer.TryComplete();
        if (_transport is not null)
        {
            await _transport.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await Task.WhenAll(_loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_transport is not null)
        {
            await _transport.DisposeAsync().ConfigureAwait(false);
        }

        if (_log is not null)
        {
            await _log.DisposeAsync().ConfigureAwait(false);
        }

        _server?.Dispose();
        _stopping.Dispose();
    }

    private bool Alone
    {
        get
        {
            var voters = Store.Members.Voters.ToList();
            return voters.Count == 1 && voters[0].DiskId == _self.DiskId;
        }
    }

    private static ClusterException NotOpen() => new(ClusterError.NotReady, "The node is not open yet.");

    private void Heard() => Volatile.Write(ref _heard, Environment.TickCount64);

    private async Task FollowLeadershipAsync()
    {
        (string? Leader, bool Leads) told = default;
        var reader = _leadership.Reader;
        while (await reader.WaitToReadAsync(_stopping.Token).ConfigureAwait(false))
        {
            reader.TryRead(out _);
            told = Tell(told);
            if (LeaderPeer is { IsRemote: false } && !IsLeader)
            {
                await SettleAsync(reader).ConfigureAwait(false);
                told = Tell(told);
            }
        }
    }

    /// <summary>Waits, after an election, until an entry of the own term is committed, or until the next change.</summary>
    private async ValueTask SettleAsync(ChannelReader<bool> reader)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var leading = Transport.WaitForLeadershipAsync(ended.Token);
        var changing = reader.WaitToReadAsync(ended.Token).AsTask();
        await Task.WhenAny(leading, changing).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(leading, changing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private (string? Leader, bool Leads) Tell((string? Leader, bool Leads) told)
    {
        var leader = Leader;
        var now = (leader?.Id, IsLeader);
        if (now == told)
        {
            return told;
        }

        if (leader is null)
        {
            _logger.LeaderLost(Term, WhyChanged(told));
        }
        else if (leader.Id != told.Leader)
        {
            ClusterMetrics.LeaderChanges.Add(1);
            _logger.LeaderChanged(leader.Id, leader.RaftAddress, Term, WhyChanged(told));
        }

        try
        {
            Changed?.Invoke();
        }
        catch (Exception error)
        {
            // A subscriber's failure must not end the loop for the others.
            _logger.ChangedHandlerFailed(error);
        }

        return now;
    }

    /// <summary>The reason, as far as this node can know, why another node leads than the one last logged.</summary>
    private string WhyChanged((string? Leader, bool Leads) told)
    {
        if (Volatile.Read(ref _transfer) is { } transfer && Environment.TickCount64 - transfer.At < TransferToldFor.TotalMilliseconds)
        {
            return $"{transfer.From} transfers leadership to {transfer.To}";
        }

        return told.Leads ? "this node has lost the majority, or met a later term"
            : told.Leader is null ? "none was known before"
            : SinceLeaderContact > _options.WeakReadMax ? $"nothing was heard of {told.Leader} for {(long)SinceLeaderContact.TotalMilliseconds} ms"
            : $"{told.Leader} is followed by a later term";
    }

    /// <summary>See <see cref="LogCutter.RunNow"/>.</summary>
    /// <exception cref="ClusterException">The log is not open yet.</exception>
    public bool Cut(long? trailing)
    {
        var cutter = _cutter ?? throw new ClusterException(ClusterError.NotReady, "store not open");
        try
        {
            return cutter.RunNow(trailing);
        }
        catch (Exception error) when (error is not ClusterException)
        {
            _failed("the database could not be made durable or the log could not be cut", error);
            throw new ClusterException(ClusterError.NotReady, error.Message, null, error);
        }
    }

    private async Task CutAsync()
    {
        try
        {
            while (true)
            {
                await _storage.WaitForCheckpointAsync(_options.SnapshotInterval, _stopping.Token).ConfigureAwait(false);
                _cutter!.Run();
            }
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
        catch (Exception error)
        {
            _failed("the database could not be made durable or the log could not be cut", error);
        }
    }

    /// <summary>Watches the library, which stays silent when it has failed for good.</summary>
    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                _ = Transport.ConsensusToken;
            }
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
        catch (ObjectDisposedException) when (_disposed)
        {
            // The node is stopping.
        }
        catch (Exception error)
        {
            _failed("the log failed", error.InnerException ?? error);
        }
    }
}
