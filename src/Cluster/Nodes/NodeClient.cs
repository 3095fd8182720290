using System.Collections.Concurrent;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Requests to other nodes over pooled connections, a bounded number for each.</summary>
internal sealed class NodeClient(ClusterOptions options, NodeDialer dialer) : INodeRequests, IDisposable
{
    private readonly ConcurrentDictionary<(string Address, LaneKind Lane), NodePool> _pools = new();
    private bool _disposed;

    public async ValueTask<INodeResponse> SendAsync(
        string raftAddress, NodeRequestKind kind, ReadOnlyMemory<byte> body, CancellationToken token)
    {
        if (body.Length > options.NodeFrameMax)
        {
            throw new ClusterException(ClusterError.TooLarge, $"A request of {body.Length} bytes is over the limit of {options.NodeFrameMax}.");
        }

        var pool = Pool(raftAddress, LaneKind.Request);
        var connection = await pool.RentAsync(token).ConfigureAwait(false);
        var response = new NodeResponse(pool, connection, options.NodeFrameMax);
        try
        {
            connection.Output.WriteInt32(body.Length);
            connection.Output.WriteByte((byte)kind);
            await connection.WriteThroughAsync(body, token).ConfigureAwait(false);
            return response;
        }
        catch (Exception error)
        {
            await response.DisposeAsync().ConfigureAwait(false);
            if (error is IOException or ObjectDisposedException or System.Net.Sockets.SocketException)
            {
                // Part of it may have arrived, but never the whole with its end in doubt: an incomplete request is not begun over there.
                // Only a failed last write leaves that open.
                throw NodeResponse.Lost(connection, "while the request was sent", error);
            }

            throw;
        }
    }

    public async ValueTask<INodeConversation> ConverseAsync(string raftAddress, CancellationToken token)
    {
        var pool = Pool(raftAddress, LaneKind.Transaction);
        return new NodeConversation(pool, await pool.RentAtOnceAsync(token).ConfigureAwait(false), options.NodeFrameMax);
    }

    /// <summary>The identity of the node at an address, and of its cluster.</summary>
    public async ValueTask<NodeHelloAnswer> IdentifyAsync(string raftAddress, CancellationToken token)
    {
        using var timeout = new IdleTimeout(options.ConnectTimeout, token);
        var (connection, answer) = await dialer.DialAsync(raftAddress, LaneKind.Request, Guid.Empty, timeout.Token).ConfigureAwait(false);
        connection.Dispose();
        return answer;
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (var pool in _pools.Values)
        {
            pool.Dispose();
        }
    }

    private NodePool Pool(string raftAddress, LaneKind lane) => _pools.GetOrAdd(
        (raftAddress, lane),
        static (key, self) => new NodePool(
            key.Address, key.Lane, key.Lane == LaneKind.Transaction ? self.options.TransactionConnectionsMax : self.options.RequestConnectionsMax,
            self.options, self.dialer),
        (options, dialer));
}
