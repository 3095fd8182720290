namespace Rqlite.Pg.Cluster;

/// <summary>Finds the nodes that a new node may join or form a cluster with.</summary>
public interface INodeDiscovery
{
    /// <summary>Their Raft addresses; perhaps this node's own among them.</summary>
    /// <exception cref="ClusterException">They cannot be found now.</exception>
    ValueTask<IReadOnlyList<string>> FindAsync(CancellationToken token);
}
