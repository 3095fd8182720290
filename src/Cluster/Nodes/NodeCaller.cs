namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>The node at the other end of a request's connection.</summary>
/// <param name="OfCluster">The caller knows the id of this node's cluster.</param>
/// <param name="IsMember">The caller knows that id, and the member list in effect here has its disk.</param>
internal sealed record NodeCaller(Guid DiskId, bool OfCluster, bool IsMember)
{
    /// <exception cref="ClusterException">The caller speaks for another node.</exception>
    public void RequireSelf(Guid diskId)
    {
        if (diskId != DiskId)
        {
            throw new ClusterException(ClusterError.Invalid, "a node cannot speak for another one");
        }
    }
}
