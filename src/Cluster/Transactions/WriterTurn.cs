namespace Rqlite.Pg.Cluster;

/// <summary>A place in the queue for the writer, for a transaction that begins, or for one that was evicted and resumes.</summary>
/// <param name="returns">The transaction was evicted and resumes.</param>
internal sealed class WriterTurn(WriterLease lease, bool returns)
{
    private readonly TaskCompletionSource _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _timer;
    private CancellationTokenRegistration _cancellation;

    public WriterLease Lease { get; } = lease;

    public bool Returns { get; } = returns;

    /// <summary>Ends when the lease holds the writer; fails if the lease does not get it.</summary>
    public Task Granted => _granted.Task;

    public static ClusterException TimedOut() => new(ClusterError.LockTimeout, "timed out waiting for the writer");

    /// <summary>Starts the limit of the wait; called before the turn is in the queue.</summary>
    public void Watch(TimeProvider time, TimeSpan? timeout, CancellationToken token)
    {
        if (timeout is { } limit)
        {
            _timer = time.CreateTimer(
                static state => ((WriterTurn)state!).Fail(TimedOut()), this, limit, Timeout.InfiniteTimeSpan);
        }

        _cancellation = token.UnsafeRegister(static (state, token) => ((WriterTurn)state!).Fail(new OperationCanceledException(token)), this);
    }

    /// <summary>False if the owner has stopped waiting.</summary>
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
            // Marks the exception as observed, since the owner may have its error already.
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
