namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>A token that is cancelled when the caller's is, or after a time without progress.</summary>
internal sealed class IdleTimeout : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _caller;

    public IdleTimeout(TimeSpan idle, CancellationToken caller)
    {
        _caller = caller;
        _source = CancellationTokenSource.CreateLinkedTokenSource(caller);
        Idle = idle;
        Touch();
    }

    public TimeSpan Idle { get; }

    public CancellationToken Token => _source.Token;

    /// <summary>True if the timeout, and not the caller, has ended the wait.</summary>
    public bool Expired => _source.IsCancellationRequested && !_caller.IsCancellationRequested;

    public void Touch() => _source.CancelAfter(Idle);

    /// <summary>Stops the clock until the next <see cref="Touch"/>.</summary>
    public void Suspend() => _source.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose() => _source.Dispose();
}
