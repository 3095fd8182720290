namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>The servers for accepted connections of the node port.</summary>
/// <param name="Raft">The server of Raft's lanes; null on a read replica.</param>
internal sealed record NodeLanes(
    NodeGate Gate,
    Func<NodeConnection, Guid, CancellationToken, Task>? Raft,
    Func<NodeConnection, NodeHello, CancellationToken, Task> Requests,
    Func<NodeConnection, NodeHello, CancellationToken, Task> Transactions);
