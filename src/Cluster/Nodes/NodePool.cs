using System.Collections.Concurrent;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Connections of one lane to one address.</summary>
internal sealed class NodePool(string raftAddress, LaneKind lane, int connectionsMax, ClusterOptions options, NodeDialer dialer) : IDisposable
{
    // Shorter than the other side's limit, so that it does not close a connection that is just being used.
    private static readonly TimeSpan s_idleMax = TimeSpan.FromMinutes(1);

    /// <summary>The time after which an answer whose caller does not read on is given up if other requests need its connection.</summary>
    private static readonly TimeSpan s_stalled = TimeSpan.FromSeconds(1);

    private readonly ConcurrentStack<NodeConnection> _idle = new();
    private readonly ConcurrentDictionary<NodeResponse, byte> _answers = new();
    private readonly SemaphoreSlim _places = new(connectionsMax);
    private volatile bool _disposed;

    /// <exception cref="ClusterException"><see cref="ClusterError.Unreachable"/>: nothing was sent.</exception>
    public async ValueTask<NodeConnection> RentAsync(CancellationToken token)
    {
        while (!await _places.WaitAsync(s_stalled, token).ConfigureAwait(false))
        {
            GiveUpStalled();
        }

        return await TakeAsync(token).ConfigureAwait(false);
    }

    /// <summary>Registers an answer on a connection of this pool, until it is given back.</summary>
    public void Add(NodeResponse answer) => _answers.TryAdd(answer, 0);

    public void Return(NodeResponse answer, NodeConnection connection, bool reusable)
    {
        _answers.TryRemove(answer, out _);
        Return(connection, reusable);
    }

    private void GiveUpStalled()
    {
        var longest = _answers.Keys.Select(static answer => (Answer: answer, Since: answer.IdleSince ?? long.MaxValue)).MinBy(static held => held.Since);
        if (longest.Answer is not null && longest.Since <= Environment.TickCount64 - s_stalled.TotalMilliseconds)
        {
            longest.Answer.GiveUp();
        }
    }

    /// <summary>As <see cref="RentAsync"/>, without a wait for another request to give one back.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterError.Busy"/></exception>
    public async ValueTask<NodeConnection> RentAtOnceAsync(CancellationToken token) =>
        await _places.WaitAsync(TimeSpan.Zero, token).ConfigureAwait(false)
            ? await TakeAsync(token).ConfigureAwait(false)
            : throw new ClusterException(ClusterError.Busy, $"too many transactions of this node are open on the leader ({connectionsMax})");

    public void Return(NodeConnection connection, bool reusable)
    {
        connection.IdleSince = Environment.TickCount64;
        if (reusable && !_disposed)
        {
            _idle.Push(connection);
        }
        else
        {
            connection.Dispose();
        }

        if (_disposed)
        {
            Clear();
        }

        _places.Release();
    }

    public void Dispose()
    {
        _disposed = true;
        Clear();
    }

    private async ValueTask<NodeConnection> TakeAsync(CancellationToken token)
    {
        try
        {
            while (_idle.TryPop(out var connection))
            {
                if (connection.LooksAlive && !IsStale(connection))
                {
                    return connection;
                }

                connection.Dispose();
            }

            return await DialAsync(token).ConfigureAwait(false);
        }
        catch
        {
            _places.Release();
            throw;
        }
    }

    /// <summary>Closes stale connections.</summary>
    public void Trim()
    {
        var kept = new Stack<NodeConnection>();
        while (_idle.TryPop(out var connection))
        {
            if (IsStale(connection))
            {
                connection.Dispose();
            }
            else
            {
                kept.Push(connection);
            }
        }

        while (kept.TryPop(out var connection))
        {
            _idle.Push(connection);
        }

        if (_disposed)
        {
            Clear();
        }
    }

    /// <summary>
    /// True for a connection that was unused for long, or was opened before this node belonged to its cluster and so would not be served as a
    /// member's.
    /// </summary>
    private bool IsStale(NodeConnection connection) =>
        Environment.TickCount64 - connection.IdleSince > s_idleMax.TotalMilliseconds || connection.ClusterId != dialer.ClusterId;

    private void Clear()
    {
        while (_idle.TryPop(out var connection))
        {
            connection.Dispose();
        }
    }

    private async ValueTask<NodeConnection> DialAsync(CancellationToken token)
    {
        using var timeout = new IdleTimeout(options.ConnectTimeout, token);
        try
        {
            return (await dialer.DialAsync(raftAddress, lane, Guid.Empty, timeout.Token).ConfigureAwait(false)).Connection;
        }
        catch (OperationCanceledException) when (timeout.Expired)
        {
            throw new ClusterException(ClusterError.Unreachable, $"{raftAddress}: no connection within {options.ConnectTimeout}");
        }
        catch (IOException error)
        {
            throw new ClusterException(ClusterError.Unreachable, error.Message, null, error);
        }
    }
}
