using DotNext.Net.Cluster;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// One connection to a peer with one exchange at a time. After a failure, calls fail at once until a new connection is open, which is dialled
/// in the background: a call to a dead peer must not hold the lock of the log.
/// </summary>
internal sealed class RaftLane : IDisposable
{
    private static readonly TimeSpan RetryMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(1);

    private readonly RaftPeer _peer;
    private readonly LaneKind _kind;
    private readonly NodeDialer _dialer;
    private readonly TimeSpan _connectTimeout;
    private readonly TaskSet _tasks;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _disposed = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource<NodeConnection>? _connecting;
    private NodeConnection? _connection;
    private bool _failed;
    private string? _refusal;

    public RaftLane(RaftPeer peer, LaneKind kind, NodeDialer dialer, TimeSpan connectTimeout, TaskSet tasks, ILogger logger)
    {
        _peer = peer;
        _kind = kind;
        _dialer = dialer;
        _connectTimeout = connectTimeout;
        _tasks = tasks;
        _logger = logger;
    }

    public async Task<T> ExchangeAsync<T>(
        Func<NodeConnection, IdleTimeout, ValueTask<T>> exchange, TimeSpan connectWait, TimeSpan idle, CancellationToken token)
    {
        await _turn.WaitAsync(token).ConfigureAwait(false);
        NodeConnection? connection = null;
        try
        {
            connection = await ConnectedAsync(connectWait, token).ConfigureAwait(false);
            using var timeout = new IdleTimeout(idle, token);
            var result = await exchange(connection, timeout).ConfigureAwait(false);
            connection = null;
            return result;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw new OperationCanceledException(token);
        }
        catch (Exception error) when (error is not MemberUnavailableException)
        {
            // After any failure the connection's position is unknown; the library knows only one kind of network error.
            throw new MemberUnavailableException(_peer, error.Message, error);
        }
        finally
        {
            if (connection is not null)
            {
                Drop(connection);
            }

            _turn.Release();
        }
    }

    /// <summary>Ends a running exchange.</summary>
    public void Abort()
    {
        lock (_lock)
        {
            _connection?.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed.IsCancellationRequested)
            {
                return;
            }

            _disposed.Cancel();
            _connection?.Dispose();
            _connection = null;
            _connecting?.TrySetCanceled();
        }
    }

    private async ValueTask<NodeConnection> ConnectedAsync(TimeSpan wait, CancellationToken token)
    {
        Task<NodeConnection> connecting;
        lock (_lock)
        {
            if (_connection is { } connection)
            {
                if (connection.LooksAlive)
                {
                    return connection;
                }

                connection.Dispose();
                _connection = null;
            }

            if (_disposed.IsCancellationRequested)
            {
                throw new MemberUnavailableException(_peer);
            }

            if (_connecting is null)
            {
                _connecting = new TaskCompletionSource<NodeConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
                _tasks.Run(ConnectAsync);
            }

            connecting = _failed
                ? throw new MemberUnavailableException(_peer, _refusal ?? $"{_peer.Info.Node.RaftAddress} is not reachable")
                : _connecting.Task;
        }

        try
        {
            return await connecting.WaitAsync(wait, token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            lock (_lock)
            {
                _failed = _connection is null;
            }

            throw;
        }
    }

    private async Task ConnectAsync()
    {
        var pause = RetryMin;
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                using var timeout = new IdleTimeout(_connectTimeout, _disposed.Token);
                var (connection, _) = await _dialer.DialAsync(_peer.Info.Node.RaftAddress, _kind, _peer.Info.DiskId, timeout.Token).ConfigureAwait(false);
                Establish(connection);
                return;
            }
            catch (Exception error)
            {
                // Catches every failure: otherwise the lane would stay without a dialler.
                Failed(error as PeerRefusedException);
            }

            await Task.Delay(pause, _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < RetryMax ? pause * 2 : RetryMax;
        }
    }

    private void Establish(NodeConnection connection)
    {
        TaskCompletionSource<NodeConnection>? waiting;
        lock (_lock)
        {
            waiting = _connecting;
            _connecting = null;
            _failed = false;
            _refusal = null;
            if (_disposed.IsCancellationRequested)
            {
                connection.Dispose();
                return;
            }

            _connection = connection;
        }

        waiting?.TrySetResult(connection);
    }

    private void Failed(PeerRefusedException? refused)
    {
        lock (_lock)
        {
            _failed = true;
            _connecting?.TrySetException(new MemberUnavailableException(_peer, refused?.Message));
            _connecting = new TaskCompletionSource<NodeConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (refused is null || refused.Message == _refusal || _disposed.IsCancellationRequested)
            {
                return;
            }

            _refusal = refused.Message;
        }

        _logger.RefusedByPeer(_peer.Info.Node.Id, _peer.Info.Node.RaftAddress, refused.Message);
    }

    private void Drop(NodeConnection connection)
    {
        lock (_lock)
        {
            connection.Dispose();
            if (_connection == connection)
            {
                _connection = null;
            }
        }
    }
}
