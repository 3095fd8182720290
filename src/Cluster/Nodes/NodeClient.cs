using System.Collections.Concurrent;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Requests to other nodes over pooled connections, a bounded number for each.</summary>
internal sealed class NodeClient : INodeRequests, IDisposable
{
    private static readonly TimeSpan s_trimInterval = TimeSpan.FromSeconds(30);

    private readonly ClusterOptions _options;
    private readonly NodeDialer _dialer;
    private readonly ConcurrentDictionary<(string Address, LaneKind Lane, bool Reads), NodePool> _pools = new();
    private readonly Timer _trimming;
    private bool _disposed;

    public NodeClient(ClusterOptions options, NodeDialer dialer)
    {
        _options = options;
        _dialer = dialer;
        _trimming = new Timer(_ => Trim(), null, s_trimInterval, s_trimInterval);
    }

    public async ValueTask<INodeResponse> SendAsync(
        string raftAddress, NodeRequestKind kind, ReadOnlyMemory<byte> body, CancellationToken token)
    {
        if (body.Length > _options.NodeFrameMax)
        {
            throw new ClusterException(ClusterError.TooLarge, $"A request of {body.Length} bytes is over the limit of {_options.NodeFrameMax}.");
        }

        // Reads may take long: they have connections of their own, so that other requests between nodes always find one.
        var pool = Pool(raftAddress, LaneKind.Request, kind == NodeRequestKind.Backup || (kind == NodeRequestKind.Batch && ForwardedRequest.IsQuery(body.Span)));
        var connection = await pool.RentAsync(token).ConfigureAwait(false);
        var response = new NodeResponse(pool, connection, _options.NodeFrameMax);
        pool.Add(response);
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
                // A part of the request may have arrived, but never the whole with its end in doubt: an incomplete request is not begun over
                // there. Only a failed last write leaves that open.
                throw NodeResponse.Lost(connection, "while the request was sent", error);
            }

            throw;
        }
    }

    public async ValueTask<INodeConversation> ConverseAsync(string raftAddress, CancellationToken token)
    {
        var pool = Pool(raftAddress, LaneKind.Transaction, reads: false);
        return new NodeConversation(pool, await pool.RentAtOnceAsync(token).ConfigureAwait(false), _options.NodeFrameMax);
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _trimming.Dispose();
        foreach (var pool in _pools.Values)
        {
            pool.Dispose();
        }
    }

    private void Trim()
    {
        foreach (var pool in _pools.Values)
        {
            pool.Trim();
        }
    }

    private NodePool Pool(string raftAddress, LaneKind lane, bool reads) => _pools.GetOrAdd(
        (raftAddress, lane, reads),
        static (key, self) => new NodePool(
            key.Address, key.Lane, key.Lane == LaneKind.Transaction ? self.Options.TransactionConnectionsMax : self.Options.RequestConnectionsMax,
            self.Options, self.Dialer),
        (Options: _options, Dialer: _dialer));
}
