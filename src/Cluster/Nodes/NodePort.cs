using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// The one port between nodes: accepts callers that introduce themselves as a node of this cluster, and hands the connection to its lane.
/// </summary>
internal sealed class NodePort : IAsyncDisposable
{
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    // Connections beyond the limit, which introduce themselves and are told that there are too many.
    private const int StartingMax = 16;

    private readonly ClusterOptions _options;
    private readonly NodeIdentity _self;
    private readonly StreamWrapper? _wrapper;
    private readonly ILogger _logger;
    private readonly Socket _listener;
    private readonly TaskSet _connections = new();
    private readonly ConnectionSlots _slots;
    private readonly CancellationTokenSource _stopping = new();
    private readonly RefusalLog _refusals;
    private readonly ConnectionCounts _counts;
    private Task _accepting = Task.CompletedTask;
    private NodeLanes? _lanes;
    private bool _closed;

    private NodePort(ClusterOptions options, NodeIdentity self, StreamWrapper? wrapper, Socket listener, ILogger logger)
    {
        _options = options;
        _self = self;
        _wrapper = wrapper;
        _listener = listener;
        _logger = logger;
        _slots = new(options.NodeConnectionsMax, StartingMax);
        _refusals = new RefusalLog(logger, TimeProvider.System);
        _counts = new ConnectionCounts(options.NodePeerConnectionsMax);
    }

    /// <summary>The number of open connections.</summary>
    public int Connections => _slots.Open;

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Binds the address; connections wait until <see cref="Open"/>.</summary>
    public static async ValueTask<NodePort> BindAsync(
        ClusterOptions options, NodeIdentity self, StreamWrapper? wrapper, ILogger logger, CancellationToken token)
    {
        var end = await NodeAddress.Parse(options.RaftAddress, "-raft-addr").ResolveForBindAsync(token).ConfigureAwait(false);
        var listener = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Without ReuseAddress, which would let a second process listen on the same port and get half of the connections. A restarted node
            // gets its port back although old connections linger in TIME_WAIT: the runtime makes sure of that.
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

    /// <summary>Begins to accept connections.</summary>
    public void Open(NodeLanes lanes)
    {
        _lanes = lanes;
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

                // There is always a place: more connections than the spare ones have not introduced themselves.
                var slot = _slots.Take(socket.Dispose)!;
                _connections.Run(() => ServeAsync(socket, slot));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // The system is out of descriptors or the like: other connections keep the port useful, so the loop waits.
                await Task.Delay(AcceptPause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(Socket socket, ConnectionSlots.Slot slot)
    {
        using var place = slot;
        using var owned = socket;
        var remote = RemoteOf(socket);
        try
        {
            NodeConnection.Configure(socket);
            using var timeout = new IdleTimeout(HelloTimeout, _stopping.Token);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (_wrapper is not null)
            {
                stream = await _wrapper(stream, true, "", timeout.Token).ConfigureAwait(false);
            }

            using var connection = new NodeConnection(socket, stream);
            NodeHello hello;
            try
            {
                hello = await NodeHello.ReadAsync(connection, timeout.Token).ConfigureAwait(false);
            }
            catch (OtherVersionException error)
            {
                NodeHello.WriteAnswer(connection.Output, error.Message, null);
                await connection.FlushAsync(timeout.Token).ConfigureAwait(false);
                throw;
            }

            timeout.Suspend();
            await ServeAsync(connection, hello, slot, remote).ConfigureAwait(false);
        }
        catch (Exception error) when (error is InvalidDataException or OtherVersionException)
        {
            _refusals.Tell(remote, error.Message);
        }
        catch (Exception error)
        {
            // An error at a connection's edge ends the connection, and the other side tries again.
            _logger.PeerConnectionEnded(error, remote);
        }
    }

    /// <summary>Serves a caller that has introduced itself.</summary>
    internal async Task ServeAsync(NodeConnection connection, NodeHello hello, ConnectionSlots.Slot slot, string remote)
    {
        var lanes = _lanes!;
        var refusal = lanes.Gate.Refusal(hello, lanes.Raft is not null);
        var caller = lanes.Gate.Identify(hello);

        // On the Raft lanes a node that joins is served whoever its cluster's voters are.
        Guid? member = caller.IsMember || hello.Lane != LaneKind.Request ? hello.DiskId : null;
        var entered = refusal is null && slot.TryBegin() && _counts.TryEnter(member);
        refusal ??= entered ? null : "too many connections";
        try
        {
            using var timeout = new IdleTimeout(HelloTimeout, _stopping.Token);
            NodeHello.WriteAnswer(connection.Output, refusal, caller.OfCluster || _self.ClusterId == Guid.Empty ? _self : null);
            await connection.FlushAsync(timeout.Token).ConfigureAwait(false);
            if (refusal is not null)
            {
                _refusals.Tell(remote, $"{hello.NodeId}: {refusal}");
                return;
            }

            await (hello.Lane switch
            {
                LaneKind.Request => lanes.Requests(connection, hello, _stopping.Token),
                LaneKind.Transaction => lanes.Transactions(connection, hello, _stopping.Token),
                _ => lanes.Raft!(connection, hello.DiskId, _stopping.Token),
            }).ConfigureAwait(false);
        }
        finally
        {
            if (entered)
            {
                _counts.Leave(member);
            }
        }
    }

    private static string RemoteOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint?.ToString() ?? "";
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return "";
        }
    }
}
