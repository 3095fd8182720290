namespace Rqlite.Pg.Cluster;

/// <summary>A place in the queue for the writer: of a transaction that begins, or of one that comes back after it gave way.</summary>
/// <param name="returns">It comes back.</param>
internal sealed class WriterTurn(WriterLease lease, bool returns)
{
    private readonly TaskCompletionSource _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _timer;
    private CancellationTokenRegistration _cancellation;

    public WriterLease Lease { get; } = lease;

    public bool Returns { get; } = returns;

    /// <summary>Done when the lease holds the writer; fails if it will not.</summary>
    public Task Granted => _granted.Task;

    public static ClusterException TimedOut() => new(ClusterError.LockTimeout, "timed out waiting for the writer");

    /// <summary>Starts the wait's limit; called before anybody else knows the turn.</summary>
    public void Watch(TimeProvider time, TimeSpan? timeout, CancellationToken token)
    {
        if (timeout is { } limit)
        {
            _timer = time.CreateTimer(
                static state => ((WriterTurn)state!).Fail(TimedOut()), this, limit, Timeout.InfiniteTimeSpan);
        }

        _cancellation = token.UnsafeRegister(static (state, token) => ((WriterTurn)state!).Fail(new OperationCanceledException(token)), this);
    }

    /// <summary>False if nobody waits any more.</summary>
    public bool TryGrant()
    {
        var granted = _granted.TrySetResult();
        Unwatch();
        return granted;
    }

    public void Fail(Exception error)
    {
        if (_granted.TrySetException(error))
        {
            // Whoever waited may have been told in another way already.
            _ = _granted.Task.Exception;
        }

        Unwatch();
    }

    private void Unwatch()
    {
        _timer?.Dispose();
        _cancellation.Unregister();
    }
}
