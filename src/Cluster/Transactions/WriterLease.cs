using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>A place in the queue for the writer and, once granted, the writer itself. Whoever ends it first decides how it ends.</summary>
internal sealed class WriterLease(BatchOptions options, CallerSession? caller = null)
{
    private readonly TaskCompletionSource<Rehearsal> _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<LeaseEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _timer;
    private CancellationTokenRegistration _cancellation;

    public BatchOptions Options { get; } = options;

    /// <summary>The session that it is for.</summary>
    public CallerSession? Caller { get; } = caller;

    /// <summary>The open rehearsal, or why there is none.</summary>
    public Task<Rehearsal> Granted => _granted.Task;

    public Task<LeaseEnd> End => _end.Task;

    /// <summary>What is to be committed when the lease ends with <see cref="LeaseEnd.Commit"/>.</summary>
    public ProposedTransaction? Proposed { get; private set; }

    /// <summary>Starts the wait's limit; called before anybody else knows the lease.</summary>
    public void Watch(TimeProvider time, TimeSpan? timeout, CancellationToken token)
    {
        if (timeout is { } limit)
        {
            _timer = time.CreateTimer(
                static state => ((WriterLease)state!).Fail(new ClusterException(ClusterError.LockTimeout, "timed out waiting for the writer")),
                this, limit, Timeout.InfiniteTimeSpan);
        }

        _cancellation = token.UnsafeRegister(static (state, token) => ((WriterLease)state!).Fail(new OperationCanceledException(token)), this);
    }

    /// <summary>False if nobody waits any more.</summary>
    public bool TryGrant(Rehearsal rehearsal)
    {
        var granted = _granted.TrySetResult(rehearsal);
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

    public bool TryEnd(LeaseEnd end) => _end.TrySetResult(end);

    public bool TryCommit(ProposedTransaction proposed)
    {
        Proposed = proposed;
        return TryEnd(LeaseEnd.Commit);
    }

    private void Unwatch()
    {
        _timer?.Dispose();
        _cancellation.Unregister();
    }
}
