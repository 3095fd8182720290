namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>What serves the connections of the node port once they are let in.</summary>
/// <param name="Raft">Null on a read replica.</param>
internal sealed record NodeLanes(
    NodeGate Gate,
    Func<NodeConnection, Guid, CancellationToken, Task>? Raft,
    Func<NodeConnection, NodeHello, CancellationToken, Task> Requests,
    Func<NodeConnection, NodeHello, CancellationToken, Task> Transactions);
