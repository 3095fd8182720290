using System.Buffers.Binary;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Asks the leader for its confirmed commit index.</summary>
internal static class ReadIndexRequest
{
    public static async ValueTask<long> AskAsync(INodeRequests requests, NodeDescription leader, CancellationToken token)
    {
        var answer = await requests.AskAsync(leader.RaftAddress, NodeRequestKind.ReadIndex, default, token).ConfigureAwait(false);
        return answer.Length == 8
            ? BinaryPrimitives.ReadInt64LittleEndian(answer)
            : throw new ClusterException(ClusterError.Unreachable, "The leader's answer to a read index is not valid.");
    }
}
