using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>Changes of the member list. The leader makes them, one at a time; any other node forwards a request.</summary>
internal sealed partial class MembershipControl : IAsyncDisposable
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LeaderWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SettlePause = TimeSpan.FromMilliseconds(30);

    private readonly ClusterOptions _options;
    private readonly NodeInfo _info;
    private readonly NodeIdentity _self;
    private readonly MemberStore _store;
    private readonly OwnEntry _own;
    private readonly IReplicatedLog _log;
    private readonly RaftNode? _voter;
    private readonly INodeRequests _requests;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _change = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private Task[] _loops = [];

    public MembershipControl(
        ClusterOptions options, NodeInfo info, NodeIdentity self, MemberStore store, OwnEntry own, IReplicatedLog log, RaftNode? voter,
        INodeRequests requests, ILogger logger)
    {
        _options = options;
        _info = info;
        _self = self;
        _store = store;
        _own = own;
        _log = log;
        _voter = voter;
        _requests = requests;
        _logger = logger;
    }

    private MemberStore Store => _store;

    /// <summary>The voter's log; only a voter leads, so a caller that has checked for leadership has it.</summary>
    private RaftNode Voter => _voter ?? throw new ClusterException(ClusterError.NotLeader, "a read replica does not lead");

    /// <summary>Adds a node to the cluster, or records its new addresses, or that it is a voter from now on or none any more.</summary>
    /// <returns>The leader's member list with the node, encoded with its version.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> AddAsync((NodeInfo Node, int Hops) request, CancellationToken token)
    {
        var (node, hops) = request;
        await KnowLeaderAsync(token).ConfigureAwait(false);
        if (!_log.IsLeader)
        {
            return await HandOnAsync(NodeRequestKind.Join, MembershipRequest.Encode(node, hops + 1), hops, token).ConfigureAwait(false);
        }

        _logger.JoinAsked(node.Node.Id, node.Node.RaftAddress, node.Node.Voter);
        await ChangeAsync(
            async () =>
            {
                var known = Store.Members.Find(node.DiskId);
                if (known is not null && known.Node == node.Node)
                {
                    return;
                }

                if (known is null)
                {
                    await ClearWayAsync(node, token).ConfigureAwait(false);
                }

                if (node.Node.Voter && known is not { Node.Voter: true })
                {
                    await AddVoterAsync(node, token).ConfigureAwait(false);
                }
                else
                {
                    if (known is { Node.Voter: true } && !node.Node.Voter)
                    {
                        await RefuseLossOfQuorumAsync(known, token).ConfigureAwait(false);
                    }

                    await Voter.ReplicateMembersAsync(Store.Members.With(node), token).ConfigureAwait(false);
                }
            },
            token).ConfigureAwait(false);
        return MembershipRequest.Encode(Store, _self.ClusterId);
    }

    public async ValueTask RemoveAsync((string NodeId, int Hops) request, CancellationToken token)
    {
        var (nodeId, hops) = request;
        await KnowLeaderAsync(token).ConfigureAwait(false);
        if (_log.IsLeader && nodeId == _info.Node.Id && Store.Members.Voters.Count() > 1)
        {
            // A leader that removes itself would leave before the others know; another leader does it.
            await TransferLeadershipAsync(null, token).ConfigureAwait(false);
        }

        if (!_log.IsLeader)
        {
            await HandOnAsync(NodeRequestKind.Remove, MembershipRequest.Encode(nodeId, hops + 1), hops, token).ConfigureAwait(false);
            return;
        }

        await ChangeAsync(
            async () =>
            {
                if (Store.Members.Find(nodeId) is not { } node)
                {
                    // The member is gone, which is the purpose of the request, as in rqlite.
                    return;
                }

                await RefuseLossOfQuorumAsync(node, token).ConfigureAwait(false);
                await Voter.ReplicateMembersAsync(Store.Members.Without(node), token).ConfigureAwait(false);
            },
            token).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _log.Changed -= NoteLeader;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _change.Dispose();
        _stopping.Dispose();
    }

    private async ValueTask ChangeAsync(Func<ValueTask> change, CancellationToken token)
    {
        await _change.WaitAsync(token).ConfigureAwait(false);
        try
        {
            await SettleAsync(token).ConfigureAwait(false);
            await change().ConfigureAwait(false);
            await SettleAsync(token).ConfigureAwait(false);
        }
        finally
        {
            _change.Release();
        }
    }

    /// <summary>
    /// Waits until a majority of the voters has the newest member list in effect. A list takes effect when it is applied, not when it is
    /// appended, so two changes in quick succession could leave a node two lists behind, with a majority that has no voter in common with ours.
    /// </summary>
    private async ValueTask SettleAsync(CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token, _stopping.Token);
        bounded.CancelAfter(SettleTimeout);
        try
        {
            // A list in the log that is not applied yet, perhaps of a change whose caller has given up, counts too.
            await Voter.MembersAppliedAsync(bounded.Token).ConfigureAwait(false);
            var version = Store.Version;
            while (true)
            {
                var voters = Store.Members.Voters.ToList();
                var metas = await Task.WhenAll(voters.Where(v => v.DiskId != _self.DiskId).Select(
                    v => _requests.TryMetaAsync(v.Node.RaftAddress, ProbeTimeout, bounded.Token).AsTask())).ConfigureAwait(false);
                var settled = metas.Count(m => m is not null && m.MembersVersion >= version)
                    + voters.Count(v => v.DiskId == _self.DiskId);
                if (settled > voters.Count / 2)
                {
                    return;
                }

                await Task.Delay(SettlePause, bounded.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException error) when (!token.IsCancellationRequested)
        {
            throw new ClusterException(
                ClusterError.NotReady, "The previous change of members has not reached a majority of the nodes yet.", null, error);
        }
    }

    /// <summary>
    /// Removes an entry that the new node replaces: the same id or address on another disk. Two live nodes with one id are refused.
    /// </summary>
    private async ValueTask ClearWayAsync(NodeInfo node, CancellationToken token)
    {
        foreach (var old in Store.Members.Nodes.Where(n => n.Node.Id == node.Node.Id || n.Node.RaftAddress == node.Node.RaftAddress).ToList())
        {
            // This node is alive without a question, and its own port would refuse to answer one.
            if (old.DiskId == _self.DiskId
                || (await _requests.TryMetaAsync(old.Node.RaftAddress, ProbeTimeout, token).ConfigureAwait(false) is { } meta
                    && meta.Node.DiskId == old.DiskId))
            {
                throw new ClusterException(
                    ClusterError.Invalid,
                    $"node id '{node.Node.Id}' or address {node.Node.RaftAddress} is in use by a live member with another data directory; "
                    + "give this node another -node-id and address, or remove that member first");
            }

            await RefuseLossOfQuorumAsync(old, token).ConfigureAwait(false);
            await Voter.ReplicateMembersAsync(Store.Members.Without(old), token).ConfigureAwait(false);
            await SettleAsync(token).ConfigureAwait(false);
        }
    }

    private async ValueTask AddVoterAsync(NodeInfo node, CancellationToken token)
    {
        try
        {
            for (var patience = ProbeTimeout; ; patience = SettleTimeout)
            {
                // Other changes wait for this one: a node that has gone meanwhile must not keep them waiting.
                if (!await AnswersAsync(node, patience, token).ConfigureAwait(false))
                {
                    throw new ClusterException(
                        ClusterError.Unreachable, $"the leader cannot reach '{node.Node.Id}' at {node.Node.RaftAddress}, the address it gave");
                }

                if (await Voter.Transport.AddVoterAsync(node, token).ConfigureAwait(false))
                {
                    return;
                }

                await Task.Delay(SettlePause, token).ConfigureAwait(false);
            }
        }
        catch (DotNext.Net.Cluster.Consensus.Raft.NotLeaderException error)
        {
            throw new ClusterException(ClusterError.OutcomeUnknown, "Leadership was lost while the node was being added.", _log.Leader, error);
        }
    }

    /// <summary>Throws if, without the node, no majority of the remaining voters is alive: nothing could ever be committed again.</summary>
    private async ValueTask RefuseLossOfQuorumAsync(NodeInfo node, CancellationToken token)
    {
        var rest = Store.Members.Voters.Where(v => v.DiskId != node.DiskId).ToList();
        if (!node.Node.Voter)
        {
            return;
        }

        var alive = await Task.WhenAll(rest.Select(async v => v.DiskId == _self.DiskId
            || await _requests.TryMetaAsync(v.Node.RaftAddress, ProbeTimeout, token).ConfigureAwait(false) is not null))
            .ConfigureAwait(false);
        if (alive.Count(static a => a) <= rest.Count / 2)
        {
            throw new ClusterException(
                ClusterError.Invalid, $"without '{node.Node.Id}' as a voter there would be {rest.Count}, of which too few can be reached");
        }
    }

    /// <summary>
    /// Waits for a known leader. A node that was just elected does not lead fully yet, and after a change of leaders none may be known for a
    /// moment.
    /// </summary>
    private async ValueTask KnowLeaderAsync(CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token, _stopping.Token);
        bounded.CancelAfter(LeaderWait);
        _log.RefuseIfRemoved();
        while (!_log.IsLeader && (_log.Leader is not { } leader || leader.Id == _info.Node.Id))
        {
            try
            {
                await Task.Delay(LeadPause, bounded.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException error) when (!token.IsCancellationRequested)
            {
                throw new ClusterException(ClusterError.NoLeader, "no leader", null, error);
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> HandOnAsync(NodeRequestKind kind, ReadOnlyMemory<byte> body, int hops, CancellationToken token)
    {
        if (hops >= MembershipRequest.HopsMax || _log.Leader is not { } leader || leader.Id == _info.Node.Id)
        {
            throw new ClusterException(ClusterError.NoLeader, "no leader");
        }

        return await _requests.AskAsync(leader.RaftAddress, kind, body, token).ConfigureAwait(false);
    }
}
