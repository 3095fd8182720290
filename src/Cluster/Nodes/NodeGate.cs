using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// Access rules of the node port. Members may use every request; a node that knows the cluster's id but is no member, such as a removed one,
/// and a node without a cluster may use the requests that joining needs, and are told nothing else. It is no authentication: that is what
/// <see cref="StreamWrapper"/> is for, without which a stranger who can read the network can pass for a member.
/// </summary>
internal sealed class NodeGate(NodeIdentity self, MemberStore store, OwnEntry own)
{
    private const string ForeignCluster = "this node does not belong to that cluster";

    /// <summary>Why a connection is refused; null if it is accepted.</summary>
    /// <param name="serves">True if this node takes part in Raft.</param>
    public string? Refusal(in NodeHello hello, bool serves)
    {
        if (hello.FeatureLevel != FeatureLevel.Current)
        {
            return new OtherVersionException($"the calling node has feature level {hello.FeatureLevel} and this one {FeatureLevel.Current}").Message;
        }

        if (hello.DiskId == self.DiskId)
        {
            return "this address is the calling node's own";
        }

        // A node that is being added learns its cluster's id from the leader, which knows the node's disk.
        var ours = self.Accepts(hello.ClusterId, hello.Target);
        if (hello.Target != Guid.Empty && hello.Target != self.DiskId)
        {
            return ours
                ? $"this address belongs to node '{self.NodeId}' with another data directory ({self.DiskId})"
                : "this address belongs to another node";
        }

        switch (hello.Lane)
        {
            case LaneKind.Control or LaneKind.Append or LaneKind.Snapshot:
                return !ours ? ForeignCluster
                    : !serves ? $"'{self.NodeId}' is a read replica"
                    : MayLead(hello.DiskId) ? null
                    : $"'{self.NodeId}' does not know this node as a voter";
            case LaneKind.Transaction:
                return !ours ? ForeignCluster : IsMember(hello.DiskId) ? null : $"'{self.NodeId}' does not know this node as a member";
            case LaneKind.Request:
                // A node without a cluster may ask to join; a node of another cluster may not.
                return hello.ClusterId == Guid.Empty || self.ClusterId == Guid.Empty || ours ? null : ForeignCluster;
            default:
                return "unknown lane";
        }
    }

    /// <summary>
    /// Whether Raft's messages of a disk are taken: those of a voter in the list in effect here. A node that is not in a list yet takes them
    /// from any node of the cluster that it joins, since the lists in its log so far are old ones.
    /// </summary>
    public bool MayLead(Guid diskId) => own.Joining || store.Version < 0 || store.Members.Find(diskId) is { Node.Voter: true };

    public NodeCaller Identify(in NodeHello hello)
    {
        var ofCluster = self.ClusterId != Guid.Empty && hello.ClusterId == self.ClusterId;
        return new NodeCaller(hello.DiskId, ofCluster, ofCluster && IsMember(hello.DiskId));
    }

    /// <exception cref="ClusterException">A node that is no member may not send this request.</exception>
    public void Require(NodeCaller caller, NodeRequestKind kind)
    {
        if (caller.IsMember || kind is NodeRequestKind.Meta or NodeRequestKind.Join or NodeRequestKind.Notify
            || (kind == NodeRequestKind.Members && IsMember(caller.DiskId)))
        {
            return;
        }

        // A new member may have a newer list than this node: the caller may try again.
        throw new ClusterException(ClusterError.NotReady, "this node does not know the caller as a member of its cluster");
    }

    private bool IsMember(Guid diskId) => store.Members.Find(diskId) is not null;
}
