using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Support;

/// <summary>A node without others.</summary>
internal sealed class NoPeers : INodeRequests
{
    public ValueTask<INodeResponse> SendAsync(
        string raftAddress, NodeRequestKind kind, ReadOnlyMemory<byte> body, CancellationToken token) =>
        throw new ClusterException(ClusterError.Unreachable, $"node {raftAddress} cannot be reached");
}
