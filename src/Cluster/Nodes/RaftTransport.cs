using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// The library's Raft over our lanes: offers the protocol's handlers to the server and keeps the library's members equal to the member list.
/// </summary>
internal sealed class RaftTransport : RaftCluster<RaftPeer>
{
    private const int TransfereeMilliseconds = 1000;
    private const int VotersOnStack = 16;

    private readonly Channel<Members> _changes = Channel.CreateBounded<Members>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly ElectionPatience _patience;
    private readonly ILoggerFactory _loggers;
    private readonly DurableLog _log;
    private readonly Lock _transfereeLock = new();
    private readonly Lock _holdLock = new();
    private readonly Lock _quorumLock = new();
    private Task _following = Task.CompletedTask;
    private int _holds;
    private long _leadTerm;
    private (ClusterMemberId Id, long Until) _transferee;

    [SetsRequiredMembers]
    public RaftTransport(
        ClusterOptions options, NodeIdentity self, NodeDialer dialer, DurableLog log, MemberStore store, IReplicaStorage storage,
        ILoggerFactory loggers)
        : base(new Configuration(options))
    {
        AuditTrail = (IPersistentState)log;
        _patience = new ElectionPatience(this);
        _log = log;
        _loggers = loggers;
        Logger = new QuietLogger(loggers.CreateLogger("Rqlite.Pg.Raft"));
        Log = loggers.CreateLogger<RaftTransport>();
        Options = options;
        Self = self;
        Dialer = dialer;
        Store = store;
        Storage = storage;

        // Raised under the library's lock of transitions, so the log's term is that of the leadership.
        LeaderChanged += (_, leader) =>
        {
            Volatile.Write(ref _leadTerm, leader is { IsRemote: false } ? _log.Term : 0);
            Contacted();
        };
    }

    /// <summary>
    /// The term in which this node leads or led last, 0 after another node was seen to lead. A leader's entries carry this term, never the
    /// log's: a deposed leader's log has the new term while the node still believes that it leads, and an entry of its own under that term
    /// would pass for the new leader's.
    /// </summary>
    public long LeadTerm => Volatile.Read(ref _leadTerm);

    /// <summary>The time at which a majority last followed this node.</summary>
    public QuorumContact Quorum { get; } = new();

    public ClusterOptions Options { get; }

    public NodeIdentity Self { get; }

    public NodeDialer Dialer { get; }

    public MemberStore Store { get; }

    public IReplicaStorage Storage { get; }

    public TaskSet Tasks { get; } = new();

    public ILogger Log { get; }

    protected override ILogger Logger { get; }

    /// <summary>Reads the log and becomes follower, leader of itself or a silent node; nothing is sent before <see cref="Begin"/>.</summary>
    public override async Task StartAsync(CancellationToken token = default)
    {
        _log.ConfigurationStorage = Store;
        await ApplyAsync(Store.Members, token).ConfigureAwait(false);
        Store.ConfigurationChanged += (members, _) =>
        {
            _changes.Writer.TryWrite((Members)members);
            return ValueTask.CompletedTask;
        };
        await base.StartAsync(token).ConfigureAwait(false);
        _following = FollowMembersAsync();
    }

    public void Begin() => StartFollowing();

    public override async Task StopAsync(CancellationToken token = default)
    {
        _changes.Writer.TryComplete();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(token).ConfigureAwait(false);
        foreach (var peer in Members)
        {
            peer.Dispose();
        }

        await Tasks.DrainAsync().ConfigureAwait(false);
    }

    public new ValueTask<Result<bool>> VoteAsync(ClusterMemberId sender, long term, long index, long lastTerm, int version, CancellationToken token)
        => IsTransferee(sender)
            ? _patience.Without(() => base.VoteAsync(sender, term, index, lastTerm, version, token))
            : base.VoteAsync(sender, term, index, lastTerm, version, token);

    public ValueTask<Result<PreVoteResult>> PreVoteAsync(ClusterMemberId sender, long term, long index, long lastTerm, CancellationToken token)
        => IsTransferee(sender)
            ? _patience.Without(() => base.PreVoteAsync(sender, term + 1, index, lastTerm, 0, token))
            : base.PreVoteAsync(sender, term + 1, index, lastTerm, 0, token);

    /// <summary>Lets a node have this one's vote for a short time although a leader was heard of.</summary>
    public void Expect(Guid transferee)
    {
        lock (_transfereeLock)
        {
            _transferee = (RaftPeer.MemberId(transferee), Environment.TickCount64 + TransfereeMilliseconds);
        }
    }

    /// <summary>Stands for election at once, if another node leads.</summary>
    public void Campaign()
    {
        if (Leader is { IsRemote: true })
        {
            _patience.Without(() =>
            {
                StartFollowing();
                return true;
            });
        }
    }

    public ValueTask<Result<ReplicationStatus>> AppendAsync(
        ClusterMemberId sender, long term, ILogEntryProducer<ReceivedEntry> entries, long prevIndex, long prevTerm, long commitIndex, CancellationToken token)
        => AppendEntriesAsync(sender, term, entries, prevIndex, prevTerm, commitIndex, 0, token);

    public ValueTask<Result<HeartbeatResult>> InstallAsync(ClusterMemberId sender, long term, InstalledCopy copy, long index, CancellationToken token)
        => InstallSnapshotAsync(sender, term, copy, index, 0, token);

    public new ValueTask<bool> ResignAsync(CancellationToken token) => base.ResignAsync(token);

    /// <summary>
    /// Replicates the log to a new voter, then appends the member list with it. False if the voter could not keep up: the caller may try again.
    /// </summary>
    public async Task<bool> AddVoterAsync(NodeInfo node, CancellationToken token)
    {
        const int rounds = 20;
        using var peer = CreatePeer(node);
        return await AddMemberAsync(peer, rounds, Store, static p => p.Info, token).ConfigureAwait(false);
    }

    /// <summary>Updates the quorum contact after a voter has answered as a follower, or after the voters have changed.</summary>
    public void Contacted()
    {
        var members = Members;
        Span<long> contacts = members.Count <= VotersOnStack ? stackalloc long[VotersOnStack] : new long[members.Count];
        var others = 0;
        var member = false;
        foreach (var peer in members)
        {
            member |= !peer.IsRemote;
            if (peer.IsRemote && others < contacts.Length)
            {
                contacts[others++] = peer.Contact;
            }
        }

        if (member)
        {
            lock (_quorumLock)
            {
                Quorum.Update(contacts[..others]);
            }
        }
    }

    /// <summary>Keeps the log from being cut: a copy is on its way to a peer that has not taken the entries after it yet.</summary>
    public void Hold()
    {
        lock (_holdLock)
        {
            _holds++;
        }
    }

    public void ReleaseHold()
    {
        lock (_holdLock)
        {
            _holds--;
        }
    }

    /// <summary>Runs the action unless the log is held.</summary>
    public bool TryUnlessHeld(Func<bool> action)
    {
        lock (_holdLock)
        {
            return _holds == 0 && action();
        }
    }

    private bool IsTransferee(ClusterMemberId sender)
    {
        lock (_transfereeLock)
        {
            return _transferee.Id == sender && Environment.TickCount64 < _transferee.Until;
        }
    }

    private RaftPeer CreatePeer(NodeInfo node) => new(this, node, _loggers.CreateLogger<RaftPeer>());

    private async Task FollowMembersAsync()
    {
        await foreach (var members in _changes.Reader.ReadAllAsync(LifecycleToken).ConfigureAwait(false))
        {
            await ApplyAsync(members, LifecycleToken).ConfigureAwait(false);
        }
    }

    private async ValueTask ApplyAsync(Members members, CancellationToken token)
    {
        var scope = await ChangeConfigurationAsync(token).ConfigureAwait(false);
        await using (scope.ConfigureAwait(false))
        {
            var wanted = members.Voters.ToDictionary(static v => v.DiskId);
            foreach (var peer in scope.Members.Values)
            {
                // A member at another address is another peer with the same identity.
                if (wanted.TryGetValue(peer.Info.DiskId, out var info) && info.Node == peer.Info.Node)
                {
                    wanted.Remove(peer.Info.DiskId);
                }
                else
                {
                    scope.MarkAsRemoved(peer);
                }
            }

            foreach (var info in wanted.Values)
            {
                scope.MarkAsAdded(CreatePeer(info));
            }
        }

        Contacted();
        if (Store.Version >= 0)
        {
            Log.MembersChanged(members.ToString(), Store.Version);
        }
    }

    private sealed class Configuration(ClusterOptions options) : IClusterMemberConfiguration
    {
        private readonly int _lower = (int)Math.Max(options.HeartbeatTimeout.TotalMilliseconds, options.ElectionTimeout.TotalMilliseconds);

        public double HeartbeatThreshold => 0.2;

        public ElectionTimeout ElectionTimeout => new() { LowerValue = _lower, UpperValue = _lower + (_lower / 2) };

        public bool Standby => false;

        public bool IsLeaderLeaseEnabled => false;
    }
}
