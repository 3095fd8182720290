using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>Transfer of leadership.</summary>
internal sealed partial class MembershipControl
{
    private static readonly TimeSpan LeadPause = TimeSpan.FromMilliseconds(20);
    private const int TransferAttempts = 3;

    /// <summary>Makes the leader step down, in favour of a node if one is named.</summary>
    public async ValueTask StepDownAsync((string NodeId, int Hops) request, CancellationToken token)
    {
        var (nodeId, hops) = request;
        await KnowLeaderAsync(token).ConfigureAwait(false);
        if (!_log.IsLeader)
        {
            await HandOnAsync(NodeRequestKind.StepDown, MembershipRequest.Encode(nodeId, hops + 1), hops, token).ConfigureAwait(false);
            return;
        }

        if (nodeId.Length == 0)
        {
            await TransferLeadershipAsync(null, token).ConfigureAwait(false);
            return;
        }

        if (nodeId == _info.Node.Id)
        {
            throw new ClusterException(ClusterError.Invalid, "cannot step down to the current Leader");
        }

        var target = Store.Members.Find(nodeId);
        if (target is not { Node.Voter: true })
        {
            throw new ClusterException(ClusterError.Invalid, "node not found in cluster");
        }

        await TransferLeadershipAsync(target, token).ConfigureAwait(false);
    }

    /// <summary>
    /// Transfers leadership and waits for the next leader. If another node than the target is elected, it is asked to transfer in turn.
    /// </summary>
    public async ValueTask TransferLeadershipAsync(NodeInfo? target, CancellationToken token)
    {
        for (var attempt = 0; attempt < TransferAttempts; attempt++)
        {
            await Voter.TransferLeadershipAsync(target, token).ConfigureAwait(false);
            var leader = await AwaitLeaderAsync(token).ConfigureAwait(false);
            if (target is null ? leader.Id != _info.Node.Id : leader.Id == target.Node.Id)
            {
                return;
            }

            if (leader.Id != _info.Node.Id)
            {
                await _requests.AskAsync(
                    leader.RaftAddress, NodeRequestKind.StepDown, MembershipRequest.Encode(target!.Node.Id, attempt + 1), token).ConfigureAwait(false);
                return;
            }
        }

        throw new ClusterException(
            ClusterError.Timeout, target is null ? "no other node was elected" : $"another node than '{target.Node.Id}' was elected");
    }

    private async ValueTask<NodeDescription> AwaitLeaderAsync(CancellationToken token)
    {
        while (true)
        {
            if (_log.Leader is { } leader)
            {
                return leader;
            }

            await Task.Delay(LeadPause, token).ConfigureAwait(false);
        }
    }
}
