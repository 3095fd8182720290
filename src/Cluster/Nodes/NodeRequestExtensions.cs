namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Requests of the control plane.</summary>
internal static class NodeRequestExtensions
{
    /// <summary>Sends a request whose answer is at most one frame.</summary>
    public static async ValueTask<byte[]> AskAsync(
        this INodeRequests requests, string raftAddress, NodeRequestKind kind, ReadOnlyMemory<byte> body, CancellationToken token)
    {
        var response = await requests.SendAsync(raftAddress, kind, body, token).ConfigureAwait(false);
        await using (response.ConfigureAwait(false))
        {
            var first = await response.ReadFrameAsync(token).ConfigureAwait(false);
            if (first is null)
            {
                return [];
            }

            var answer = first.Value.ToArray();
            await response.ReadFrameAsync(token).ConfigureAwait(false);
            return answer;
        }
    }

    public static async ValueTask<NodeMeta> MetaAsync(this INodeRequests requests, string raftAddress, CancellationToken token)
        => NodeMeta.Decode(await requests.AskAsync(raftAddress, NodeRequestKind.Meta, default, token).ConfigureAwait(false));

    /// <summary>As <see cref="MetaAsync"/>, or null if the node does not answer in time.</summary>
    public static async ValueTask<NodeMeta?> TryMetaAsync(
        this INodeRequests requests, string raftAddress, TimeSpan timeout, CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token);
        bounded.CancelAfter(timeout);
        try
        {
            return await requests.MetaAsync(raftAddress, bounded.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ClusterException or IOException or InvalidDataException || !token.IsCancellationRequested)
        {
            return null;
        }
    }
}
