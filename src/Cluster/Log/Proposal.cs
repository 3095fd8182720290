using System.Globalization;
using System.Threading.Tasks.Sources;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// A command on its way through the log, and the wait for it. The first of the applier, a failure, the deadline and the caller to end it
/// decides the caller's answer; only the applier can make it a success. While the command runs its caller can still cancel it.
/// </summary>
internal sealed class Proposal : WriteRun, IValueTaskSource<CommandResult>
{
    private const int Queued = 0;
    private const int Running = 1;
    private const int Proposed = 2;
    private const int Ended = 3;

    private readonly TimeProvider _time;
    private ManualResetValueTaskSourceCore<CommandResult> _source;
    private int _state;
    private ITimer? _deadline;
    private ITimer? _patience;
    private TimeSpan _timeout = Timeout.InfiniteTimeSpan;
    private ClusterException? _outOfPatience;
    private CancellationTokenRegistration _cancellation;
    private Exception? _unwanted;
    private volatile bool _late;
    private volatile bool _impatient;
    private long _statementEnd = long.MaxValue;
    private long _runEnd = long.MaxValue;
    private TimeSpan _runLimit;

    /// <param name="encoded">The encoded command of the entry: a copy, since a caller that has stopped waiting may reuse its memory.</param>
    public Proposal(ReadOnlyMemory<byte> encoded, TimeProvider time)
    {
        Encoded = encoded;
        _time = time;
        var reader = new FieldReader(encoded);
        Command = LogCommandEncoding.ReadCommand(ref reader);
    }

    public ReadOnlyMemory<byte> Encoded { get; }

    public override ApplyCommand Command { get; }

    public override StatementError? Exceeded
    {
        get
        {
            if (Volatile.Read(ref _unwanted) is not null)
            {
                return new StatementError(Interrupted, "query cancelled", -1);
            }

            var now = _time.GetTimestamp();
            return now >= _statementEnd ? new StatementError(Interrupted, "query timeout", -1)
                : now >= _runEnd ? RanTooLong(_runLimit)
                : null;
        }
    }

    /// <summary>True while the command waits to be run and proposed.</summary>
    public bool IsQueued => Volatile.Read(ref _state) == Queued;

    /// <summary>The caller's wait, to be awaited once.</summary>
    public ValueTask<CommandResult> Task => new(this, _source.Version);

    /// <summary>The error of a write that has exceeded the node's time limit.</summary>
    public static StatementError RanTooLong(TimeSpan limit) => StatementError.Of(
        "57014",
        string.Create(CultureInfo.InvariantCulture, $"the write ran longer than the node's -write-timeout of {limit.TotalSeconds:0.###} s"));

    /// <summary>Starts the limits; called before the proposal is in the queue.</summary>
    public void Watch(TimeSpan timeout, QueueLimit? limit, TimeSpan? statementTimeout, CancellationToken token)
    {
        _timeout = timeout;
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            _deadline = _time.CreateTimer(static state => ((Proposal)state!).GiveUp(default), this, timeout, Timeout.InfiniteTimeSpan);
        }

        _cancellation = token.UnsafeRegister(static (state, token) => ((Proposal)state!).GiveUp(token), this);

        if (limit is { } patience)
        {
            _outOfPatience = patience.Error;
            _patience = _time.CreateTimer(
                static state => ((Proposal)state!).LeaveQueue(), this, patience.Time, Timeout.InfiniteTimeSpan);
        }

        if (statementTimeout is { } statement)
        {
            _statementEnd = After(_time.GetTimestamp(), statement);
        }
    }

    /// <summary>Claims the proposal to be run; false if its caller has stopped waiting.</summary>
    /// <param name="now">The present timestamp.</param>
    /// <param name="limit">The longest that the command may run.</param>
    public bool TryRun(long now, TimeSpan limit)
    {
        if (Interlocked.CompareExchange(ref _state, Running, Queued) != Queued)
        {
            return false;
        }

        (_runEnd, _runLimit) = (After(now, limit), limit);
        return true;
    }

    /// <summary>Queues the proposal again: the command was not run to its end.</summary>
    public void Return()
    {
        if (Interlocked.CompareExchange(ref _state, Queued, Running) == Running)
        {
            if (Volatile.Read(ref _unwanted) is { } reason)
            {
                Fail(reason);
            }
            else if (_late)
            {
                GiveUp(default);
            }
            else if (_impatient)
            {
                LeaveQueue();
            }
        }
    }

    /// <summary>Marks the command as run and in an entry: from here on its outcome depends on the log.</summary>
    public void Propose()
    {
        if (Interlocked.CompareExchange(ref _state, Proposed, Running) != Running)
        {
            return;
        }

        _patience?.Dispose();
        if (Volatile.Read(ref _unwanted) is not null)
        {
            GiveUp(default);
        }
        else if (_late)
        {
            // The time of the run does not count; the wait for the quorum begins now.
            _deadline?.Change(_timeout, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Completes a refused command, of which nothing remains.</summary>
    public void Refuse()
    {
        if (Volatile.Read(ref _unwanted) is { } reason)
        {
            Fail(reason);
        }
        else
        {
            Complete(Result!, inline: false);
        }
    }

    /// <param name="inline">Resumes the caller on this thread.</param>
    public void Complete(CommandResult result, bool inline)
    {
        if (TryEnd())
        {
            _source.RunContinuationsAsynchronously = !inline;
            _source.SetResult(result);
        }
    }

    public void Fail(Exception error)
    {
        if (TryEnd())
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
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Queued when Interlocked.CompareExchange(ref _state, Ended, Queued) == Queued:
                    Unwatch();
                    _source.RunContinuationsAsynchronously = true;
                    _source.SetException(NotStarted(token));
                    return;
                case Running when !token.IsCancellationRequested:
                    _late = true;
                    if (Volatile.Read(ref _state) == Running)
                    {
                        return;
                    }

                    break;
                case Running:
                    Volatile.Write(ref _unwanted, NotStarted(token));
                    if (Volatile.Read(ref _state) == Running)
                    {
                        return;
                    }

                    break;
                case Proposed when Interlocked.CompareExchange(ref _state, Ended, Proposed) == Proposed:
                    Unwatch();
                    _source.RunContinuationsAsynchronously = true;
                    _source.SetException(new ClusterException(
                        ClusterError.OutcomeUnknown, "the wait for the write ended before its outcome was known"));
                    return;
                case Ended:
                    return;
            }
        }
    }

    private void LeaveQueue()
    {
        _impatient = true;
        if (Interlocked.CompareExchange(ref _state, Ended, Queued) == Queued)
        {
            Unwatch();
            _source.RunContinuationsAsynchronously = true;
            _source.SetException(_outOfPatience!);
        }
    }

    /// <summary>SQLITE_INTERRUPT.</summary>
    private const int Interrupted = 9;

    private static Exception NotStarted(CancellationToken token) => token.IsCancellationRequested
        ? new OperationCanceledException(token)
        : new ClusterException(ClusterError.Timeout, "timed out waiting to enter the log");

    private bool TryEnd()
    {
        if (Interlocked.Exchange(ref _state, Ended) == Ended)
        {
            return false;
        }

        Unwatch();
        return true;
    }

    private long After(long timestamp, TimeSpan time) => timestamp + (long)(time.TotalSeconds * _time.TimestampFrequency);

    private void Unwatch()
    {
        _deadline?.Dispose();
        _patience?.Dispose();

        // Not Dispose: that would wait for a callback that at this moment may be losing the race against this thread.
        _cancellation.Unregister();
    }
}
