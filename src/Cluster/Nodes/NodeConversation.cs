using System.Net.Sockets;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>A conversation over a connection of the transaction lane.</summary>
internal sealed class NodeConversation : INodeConversation
{
    private readonly NodePool _pool;
    private readonly NodeConnection _connection;
    private readonly int _frameMax;
    private NodeResponse? _last;
    private bool _disposed;

    public NodeConversation(NodePool pool, NodeConnection connection, int frameMax)
    {
        _pool = pool;
        _connection = connection;
        _frameMax = frameMax;
        connection.LimitSilence(TransactionServer.SilenceMax);
    }

    public bool Alive => !_disposed && _last is null or { Ended: true } && _connection.LooksAlive;

    public bool Reusable { get; set; }

    public async ValueTask<INodeResponse> AskAsync(TransactionRequest request, ReadOnlyMemory<byte> body, CancellationToken token)
    {
        if (body.Length > _frameMax)
        {
            throw new ClusterException(ClusterError.TooLarge, $"A request of {body.Length} bytes is over the limit of {_frameMax}.");
        }

        var response = _last = new NodeResponse(null, _connection, _frameMax);
        await SendAsync(request, body, token).ConfigureAwait(false);
        return response;
    }

    public ValueTask InterruptAsync(CancellationToken token) => SendAsync(TransactionRequest.Interrupt, default, token);

    public ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            _pool.Return(_connection, Reusable && _last is { Ended: true });
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask SendAsync(TransactionRequest request, ReadOnlyMemory<byte> body, CancellationToken token)
    {
        try
        {
            _connection.Output.WriteInt32(body.Length);
            _connection.Output.WriteByte((byte)request);
            await _connection.WriteThroughAsync(body, token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or SocketException)
        {
            throw NodeResponse.Lost(_connection, "while the request was sent", error);
        }
    }
}
