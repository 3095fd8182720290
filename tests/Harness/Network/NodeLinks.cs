using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Rqlite.Pg.Harness.Network;

/// <summary>
/// Stands between nodes: each node advertises a port of this one in place of its own, and every byte between two nodes goes through here.
/// The first message of a connection names the node that sends it, so each direction of each pair can be stopped by itself. What is
/// stopped is held, as TCP holds what a broken network does not deliver, and goes on when healed; connections are neither refused nor ended
/// by it. A reset ends them at once.
/// </summary>
public sealed class NodeLinks : IDisposable
{
    private readonly ConcurrentDictionary<(string From, string To), LinkGate> _gates = new();
    private readonly ConcurrentDictionary<LinkConnection, byte> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpListener> _listeners = [];
    private int _unnamed;

    /// <summary>Connections whose first message was not understood: they were passed on, but cannot be stopped.</summary>
    public int Unnamed => Volatile.Read(ref _unnamed);

    /// <summary>Opens a port that leads to a node's own.</summary>
    public int Open(string node, int port)
    {
        for (var attempt = 0; ; attempt++)
        {
            var listener = new TcpListener(IPAddress.Loopback, Ports.Take());
            try
            {
                listener.Start(512);
                _listeners.Add(listener);
                _ = AcceptAsync(listener, node, port);
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException) when (attempt < 20)
            {
                listener.Dispose();
            }
        }
    }

    /// <summary>Nothing more that one node sends reaches the other; the opposite direction is left as it is.</summary>
    public void Stop(string from, string to) => Gate(from, to).Close();

    public void StopBoth(string one, string other)
    {
        Stop(one, other);
        Stop(other, one);
    }

    /// <summary>Everything goes on, with what was held first.</summary>
    public void Heal()
    {
        foreach (var gate in _gates.Values)
        {
            gate.Open();
        }
    }

    /// <summary>Ends all connections between two nodes, in either direction.</summary>
    public void Reset(string one, string other)
    {
        foreach (var connection in _connections.Keys.Where(c => c.Joins(one, other)))
        {
            connection.Reset();
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listeners.ForEach(static l => l.Dispose());
        Heal();
        foreach (var connection in _connections.Keys)
        {
            connection.Reset();
        }

        _stop.Dispose();
    }

    internal LinkGate Gate(string from, string to) => _gates.GetOrAdd((from, to), static _ => new LinkGate());

    private async Task AcceptAsync(TcpListener listener, string node, int port)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var socket = await listener.AcceptSocketAsync(_stop.Token);
                _ = ServeAsync(socket, node, port);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener was closed.
        }
    }

    private async Task ServeAsync(Socket caller, string node, int port)
    {
        using var connection = new LinkConnection(this, caller, node);
        _connections[connection] = 0;
        try
        {
            if (!await connection.RunAsync(port, _stop.Token))
            {
                Interlocked.Increment(ref _unnamed);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // One side went away; the other one is told by the end of its connection.
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }
}
