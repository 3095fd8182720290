using System.Threading.Tasks.Sources;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// A command on its way through the log, and the wait for it. Whoever ends it first (the applier, a failure, the deadline, the caller)
/// decides what the caller learns; only the applier can make it a success.
/// </summary>
/// <param name="encoded">The command as it goes into the entry: a copy, since a caller that gave up may use its memory for something else.</param>
internal sealed class Proposal(ReadOnlyMemory<byte> encoded) : IValueTaskSource<CommandResult>
{
    private const int Queued = 0;
    private const int Proposed = 1;
    private const int Ended = 2;

    private ManualResetValueTaskSourceCore<CommandResult> _source;
    private int _state;
    private ITimer? _deadline;
    private ITimer? _patience;
    private ClusterException? _outOfPatience;
    private CancellationTokenRegistration _cancellation;

    public ReadOnlyMemory<byte> Encoded { get; } = encoded;

    /// <summary>It waits to be proposed.</summary>
    public bool IsQueued => Volatile.Read(ref _state) == Queued;

    /// <summary>To be awaited once.</summary>
    public ValueTask<CommandResult> Task => new(this, _source.Version);

    /// <summary>Starts the limits; called before anybody else knows the proposal.</summary>
    public void Watch(TimeProvider time, TimeSpan timeout, QueueLimit? limit, CancellationToken token)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            _deadline = time.CreateTimer(static state => ((Proposal)state!).GiveUp(default), this, timeout, Timeout.InfiniteTimeSpan);
        }

        _cancellation = token.UnsafeRegister(static (state, token) => ((Proposal)state!).GiveUp(token), this);

        if (limit is { } patience)
        {
            _outOfPatience = patience.Error;
            _patience = time.CreateTimer(
                static state => ((Proposal)state!).LeaveQueue(), this, patience.Time, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Claims the proposal for an entry; false if nobody waits for it any more.</summary>
    public bool TryPropose()
    {
        if (Interlocked.CompareExchange(ref _state, Proposed, Queued) != Queued)
        {
            return false;
        }

        _patience?.Dispose();
        return true;
    }

    /// <param name="inline">Runs the waiter on this thread.</param>
    public void Complete(CommandResult result, bool inline)
    {
        if (TryEnd(out _))
        {
            _source.RunContinuationsAsynchronously = !inline;
            _source.SetResult(result);
        }
    }

    public void Fail(Exception error)
    {
        if (TryEnd(out _))
        {
            _source.RunContinuationsAsynchronously = true;
            _source.SetException(error);
        }
    }

    CommandResult IValueTaskSource<CommandResult>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<CommandResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<CommandResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void GiveUp(CancellationToken token)
    {
        if (TryEnd(out var last))
        {
            _source.RunContinuationsAsynchronously = true;
            _source.SetException(last == Queued ? NotStarted(token) : new ClusterException(
                ClusterError.OutcomeUnknown, "the wait for the write ended before its outcome was known"));
        }
    }

    private void LeaveQueue()
    {
        if (Interlocked.CompareExchange(ref _state, Ended, Queued) == Queued)
        {
            Unwatch();
            _source.RunContinuationsAsynchronously = true;
            _source.SetException(_outOfPatience!);
        }
    }

    private static Exception NotStarted(CancellationToken token) => token.IsCancellationRequested
        ? new OperationCanceledException(token)
        : new ClusterException(ClusterError.Timeout, "timed out waiting to enter the log");

    private bool TryEnd(out int last)
    {
        last = Interlocked.Exchange(ref _state, Ended);
        if (last == Ended)
        {
            return false;
        }

        Unwatch();
        return true;
    }

    private void Unwatch()
    {
        _deadline?.Dispose();
        _patience?.Dispose();

        // Not Dispose: that would wait for a callback which at this moment may be losing against us.
        _cancellation.Unregister();
    }
}
