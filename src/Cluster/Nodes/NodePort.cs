using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>The one port between nodes: lets in who introduces itself as a node of this cluster, and hands the connection to its lane.</summary>
internal sealed class NodePort : IAsyncDisposable
{
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    // Connections beyond the limit, which introduce themselves or are told that there are too many.
    private const int StartingMax = 16;

    private readonly ClusterOptions _options;
    private readonly NodeIdentity _self;
    private readonly StreamWrapper? _wrapper;
    private readonly ILogger _logger;
    private readonly Socket _listener;
    private readonly TaskSet _connections = new();
    private readonly ConnectionSlots _slots;
    private readonly CancellationTokenSource _stopping = new();
    private Task _accepting = Task.CompletedTask;
    private Func<NodeConnection, Guid, CancellationToken, Task>? _raft;
    private Func<NodeConnection, CancellationToken, Task>? _requests;
    private Func<NodeConnection, CancellationToken, Task>? _transactions;
    private bool _closed;

    private NodePort(ClusterOptions options, NodeIdentity self, StreamWrapper? wrapper, Socket listener, ILogger logger)
    {
        _options = options;
        _self = self;
        _wrapper = wrapper;
        _listener = listener;
        _logger = logger;
        _slots = new(options.NodeConnectionsMax, StartingMax);
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Takes the address; connections wait until <see cref="Open"/>.</summary>
    public static async ValueTask<NodePort> BindAsync(
        ClusterOptions options, NodeIdentity self, StreamWrapper? wrapper, ILogger logger, CancellationToken token)
    {
        var end = await NodeAddress.Parse(options.RaftAddress, "-raft-addr").ResolveForBindAsync(token).ConfigureAwait(false);
        var listener = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Without ReuseAddress, which would let a second process listen on the same port and get half of the connections. A restarted
            // node gets its port back although old connections linger in TIME_WAIT: the runtime sees to that.
            listener.Bind(end);
            listener.Listen(512);
            return new NodePort(options, self, wrapper, listener, logger);
        }
        catch (SocketException error)
        {
            listener.Dispose();
            throw new IOException($"-raft-addr: cannot listen on {end}: {error.Message}", error);
        }
    }

    /// <param name="raft">Serves the Raft lanes; null on a read replica.</param>
    public void Open(
        Func<NodeConnection, Guid, CancellationToken, Task>? raft,
        Func<NodeConnection, CancellationToken, Task> requests,
        Func<NodeConnection, CancellationToken, Task> transactions)
    {
        _raft = raft;
        _requests = requests;
        _transactions = transactions;
        _accepting = AcceptAsync();
        _logger.NodePortOpened(_self.NodeId, _self.DiskId, EndPoint.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _connections.DrainAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);

                // There is always a place: more than the spare ones have not introduced themselves.
                var slot = _slots.Take(socket.Dispose)!;
                _connections.Run(() => ServeAsync(socket, slot));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // Out of descriptors or the like: others keep the port alive, so wait for better times.
                await Task.Delay(AcceptPause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(Socket socket, ConnectionSlots.Slot slot)
    {
        var remote = "";
        using var place = slot;
        using var owned = socket;
        try
        {
            remote = socket.RemoteEndPoint?.ToString() ?? "";
            NodeConnection.Configure(socket);
            using var timeout = new IdleTimeout(HelloTimeout, _stopping.Token);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (_wrapper is not null)
            {
                stream = await _wrapper(stream, true, "", timeout.Token).ConfigureAwait(false);
            }

            using var connection = new NodeConnection(socket, stream);
            var hello = await NodeHello.ReadAsync(connection, timeout.Token).ConfigureAwait(false);
            var refusal = Refusal(hello) ?? (slot.TryBegin() ? null : "too many connections");
            NodeHello.WriteAnswer(connection.Output, refusal, _self);
            await connection.FlushAsync(timeout.Token).ConfigureAwait(false);
            if (refusal is not null)
            {
                _logger.PeerRefused(remote, $"{hello.NodeId}: {refusal}");
                return;
            }

            timeout.Suspend();
            await (hello.Lane switch
            {
                LaneKind.Request => _requests!(connection, _stopping.Token),
                LaneKind.Transaction => _transactions!(connection, _stopping.Token),
                _ => _raft!(connection, hello.DiskId, _stopping.Token),
            }).ConfigureAwait(false);
        }
        catch (InvalidDataException error)
        {
            _logger.PeerRefused(remote, error.Message);
        }
        catch (Exception error)
        {
            // The edge of a connection: whatever went wrong ends it, and the other side tries anew.
            _logger.PeerConnectionEnded(error, remote);
        }
    }

    private string? Refusal(in NodeHello hello)
    {
        if (hello.Target != Guid.Empty && hello.Target != _self.DiskId)
        {
            return $"this address belongs to node '{_self.NodeId}' with another data directory ({_self.DiskId})";
        }

        switch (hello.Lane)
        {
            case LaneKind.Control or LaneKind.Append or LaneKind.Snapshot:
                if (_raft is null)
                {
                    return $"'{_self.NodeId}' is a read replica";
                }

                return _self.Accepts(hello.ClusterId) ? null : $"'{_self.NodeId}' belongs to another cluster or to none yet";
            case LaneKind.Transaction:
                return _self.Accepts(hello.ClusterId) ? null : $"'{_self.NodeId}' belongs to another cluster or to none yet";
            case LaneKind.Request:
                // Whoever has no cluster yet may ask to join; whoever is of another one may not.
                return hello.ClusterId == Guid.Empty || _self.ClusterId == Guid.Empty || hello.ClusterId == _self.ClusterId
                    ? null
                    : $"'{_self.NodeId}' belongs to another cluster";
            default:
                return "unknown lane";
        }
    }
}
