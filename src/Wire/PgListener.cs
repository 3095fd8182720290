using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire;

/// <summary>Accepts PostgreSQL clients and runs one loop for each; a connection costs next to nothing while its client is silent.</summary>
public sealed class PgListener : IAsyncDisposable
{
    /// <summary>The name of the protocol in TLS's ALPN.</summary>
    public static readonly SslApplicationProtocol Protocol = new("postgresql");

    private const int Backlog = 1024;

    // Connections beyond the limit of sessions, which are still starting or are told that there are too many.
    private const int StartingMax = 32;
    private static readonly TimeSpan s_acceptPause = TimeSpan.FromMilliseconds(100);

    private readonly WireOptions _options;
    private readonly ILogger _logger;
    private readonly SessionContext _context;
    private readonly ConnectionSlots _slots;
    private readonly ConcurrentDictionary<PgConnection, Task> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private Socket? _socket;
    private Task _accepting = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;
    private int _lastConnectionId;
    private int _disposed;

    public PgListener(IDatabase database, ILeadership leadership, WireOptions options, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _logger = loggers.CreateLogger<PgListener>();
        _slots = options.Slots ?? Places(options.ConnectionsMax);
        _context = new SessionContext(database, leadership, options, _logger);
    }

    /// <summary>The bound endpoint, once started.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)(_socket?.LocalEndPoint ?? _options.EndPoint);

    /// <summary>The number of open connections.</summary>
    public int Connections => _connections.Count;

    /// <summary>Creates the places for so many sessions.</summary>
    public static ConnectionSlots Places(int sessionsMax) => new(sessionsMax, StartingMax);

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public void Start()
    {
        var socket = new Socket(_options.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (_options.EndPoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(_options.EndPoint);
            socket.Listen(Backlog);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        _socket = socket;
        _context.Leadership.Changed += WakeAll;
        if (_options.Users is { } users)
        {
            users.Changed += WakeAll;
        }

        _accepting = AcceptAsync(socket);
        _watching = WatchClientsAsync();
        _logger.Listening(EndPoint);
    }

    /// <summary>Stops accepting, asks every session to end, waits for their running statements, then closes the remaining connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _context.Leadership.Changed -= WakeAll;
        if (_options.Users is { } users)
        {
            users.Changed -= WakeAll;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket?.Dispose();
        await _accepting.ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        var open = _connections.ToArray();
        foreach (var (connection, _) in open)
        {
            connection.Stop();
        }

        var all = Task.WhenAll(open.Select(pair => pair.Value));
        var first = await Task.WhenAny(all, Task.Delay(_options.DrainTimeout, CancellationToken.None)).ConfigureAwait(false);
        if (first != all)
        {
            foreach (var (connection, _) in open)
            {
                connection.Interrupt();
            }

            if (await Task.WhenAny(all, Task.Delay(_options.InterruptTimeout, CancellationToken.None)).ConfigureAwait(false) != all)
            {
                foreach (var (connection, _) in open)
                {
                    connection.Abort();
                }
            }

            await all.ConfigureAwait(false);
        }

        _stopping.Dispose();
        _logger.Stopped(open.Length);
    }

    private async Task AcceptAsync(Socket socket)
    {
        var token = _stopping.Token;
        while (!token.IsCancellationRequested)
        {
            try
            {
                var client = await socket.AcceptAsync(token).ConfigureAwait(false);
                Take(client);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException) when (token.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException exception)
            {
                // The process is out of file handles, or a client has left already: neither is a reason to stop listening, the first one is a
                // reason to wait.
                _logger.AcceptFailed(exception);
                await Task.Delay(s_acceptPause, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    // Watches the clients of running statements: a session does not read while a statement runs, so it would not see its client leave before
    // the statement ends.
    private async Task WatchClientsAsync()
    {
        using var timer = new PeriodicTimer(_options.ClientCheckInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                foreach (var (connection, _) in _connections)
                {
                    connection.CancelIfClientLeft();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The listener is stopping.
        }
    }

    private void Take(Socket client)
    {
        PgConnection connection;
        try
        {
            client.NoDelay = true;
            client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            connection = PgConnection.Over(client, _context, Interlocked.Increment(ref _lastConnectionId));
        }
        catch (SocketException exception)
        {
            client.Dispose();
            _logger.AcceptFailed(exception);
            return;
        }

        // There is always a place: more connections than the spare ones have no request.
        var slot = _slots.Take(connection.Abort)!;
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = ServeAsync(connection, slot, begin.Task);
        begin.SetResult();
    }

    // Begins on the pool, after its own task is in the table, so that the end always finds the task there.
    private async Task ServeAsync(PgConnection connection, ConnectionSlots.Slot slot, Task begin)
    {
        await begin.ConfigureAwait(false);
        try
        {
            await connection.RunAsync(
                () => slot.TryBegin() ? null : PgError.Fatal(SqlState.TooManyConnections, "sorry, too many clients already")).ConfigureAwait(false);
        }
        finally
        {
            slot.Dispose();
            _connections.TryRemove(connection, out _);
        }
    }

    private void WakeAll()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Wake();
        }
    }
}
