namespace Rqlite.Pg.Cluster;

/// <summary>Routes a request to the leader, on this node or another, and follows changes of leadership.</summary>
internal sealed class LeaderRoute : IDisposable
{
    private const int HopsMax = 4;

    /// <summary>The longest that a write is repeated under its id: well below the time that the log keeps ids.</summary>
    private static readonly TimeSpan RepeatMax = TimeSpan.FromMinutes(5);

    private readonly IReplicatedLog _log;
    private readonly RequestLimits _limits;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private CancellationTokenSource _moved = new();
    private CancellationToken _movedToken;
    private string? _leaderId;
    private bool _disposed;

    public LeaderRoute(IReplicatedLog log, RequestLimits limits, TimeProvider time)
    {
        _log = log;
        _limits = limits;
        _time = time;
        _movedToken = _moved.Token;
        _leaderId = log.Leader?.Id;
        log.Changed += LookAtLeader;
    }

    /// <param name="write">The request has effects: once it was sent, a failure leaves its outcome unknown. Each try must carry the same
    /// request id, so that the effects happen once.</param>
    /// <param name="here">Runs the request on this node, which leads.</param>
    /// <param name="there">Runs the request on another node, with the time that is left.</param>
    public async ValueTask<T> RunAsync<T>(
        bool write,
        TimeSpan timeout,
        Func<TimeSpan, CancellationToken, ValueTask<T>> here,
        Func<NodeDescription, TimeSpan, CancellationToken, ValueTask<T>> there,
        CancellationToken token)
    {
        using var deadline = new Deadline(timeout, _time, token);
        var patience = new Patience(_limits.LeaderWait, _time);
        NodeDescription? hint = null;
        var hops = 0;
        var unknown = false;
        ClusterException? lost = null;
        while (true)
        {
            var sent = false;
            var moved = Moved;
            ClusterException failure;
            try
            {
                if (!unknown)
                {
                    _log.RefuseIfRemoved();
                }

                if (_log.IsLeader)
                {
                    return await here(deadline.Left, deadline.Token).ConfigureAwait(false);
                }

                var leader = hint ?? _log.Leader;
                hint = null;
                if (leader is null || leader.Id == _log.Self.Id)
                {
                    failure = new(ClusterError.NoLeader, "leader not found");
                }
                else
                {
                    sent = write;
                    using var attempt = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, moved);
                    return await there(leader, deadline.Left, attempt.Token).ConfigureAwait(false);
                }
            }
            catch (ClusterException e)
            {
                failure = e;
            }
            catch (OperationCanceledException) when (moved.IsCancellationRequested && !deadline.Token.IsCancellationRequested)
            {
                // A node that no longer leads may be silent for long; its successor answers the same id.
                failure = new(ClusterError.OutcomeUnknown, "the leader changed while it was asked", _log.Leader);
            }
            catch (OperationCanceledException) when (unknown || sent || !token.IsCancellationRequested)
            {
                throw unknown || sent ? Unknown(null, lost) : Late(null);
            }

            if (failure.Error == ClusterError.Withdrawn && token.IsCancellationRequested)
            {
                throw unknown ? Unknown(null, lost) : new OperationCanceledException(failure.Message, failure, token);
            }

            if (failure.Error == ClusterError.OutcomeUnknown)
            {
                unknown |= write;
                lost = failure;
                failure = write ? failure : new(ClusterError.Unreachable, failure.Message, failure.Leader, failure);
            }

            if (failure is { Error: ClusterError.NotLeader, Leader: { } next } && next.Id != _log.Self.Id && hops++ < HopsMax)
            {
                hint = next;
                continue;
            }

            if (failure.Error is ClusterError.KeyReused or ClusterError.ResultLost or ClusterError.AlreadyCommitted or ClusterError.SchemaMoved)
            {
                // The log has decided the outcome.
                throw failure;
            }

            if (!MayTryAgain(failure.Error, unknown, patience))
            {
                throw unknown ? Unknown(failure, lost) : failure;
            }

            await PauseAsync(patience, failure, unknown ? lost : null, deadline, moved, token).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _log.Changed -= LookAtLeader;
        lock (_gate)
        {
            _disposed = true;
            _moved.Dispose();
        }
    }

    /// <summary>Cancelled when another node becomes the leader.</summary>
    private CancellationToken Moved
    {
        get
        {
            lock (_gate)
            {
                return _movedToken;
            }
        }
    }

    private void LookAtLeader()
    {
        CancellationTokenSource moved;
        lock (_gate)
        {
            if (_disposed || _log.Leader?.Id is not { } id || id == _leaderId)
            {
                return;
            }

            _leaderId = id;
            moved = _moved;
            _moved = new();
            _movedToken = _moved.Token;
        }

        // Not disposed: requests that have just read its token may still link to it, and it holds no other resource.
        moved.Cancel();
    }

    /// <summary>
    /// True if another try may succeed. A write whose outcome is unknown is tried until its deadline: only an answer to the same id can settle
    /// it.
    /// </summary>
    private static bool MayTryAgain(ClusterError error, bool unknown, Patience patience) => error switch
    {
        ClusterError.OutcomeUnknown or ClusterError.Busy => unknown && patience.Elapsed < RepeatMax,
        _ when Patience.IsLeaderless(error) => unknown ? patience.Elapsed < RepeatMax : patience.Left,
        _ => false,
    };

    private static async ValueTask PauseAsync(
        Patience patience, ClusterException failure, ClusterException? unknown, Deadline deadline, CancellationToken moved,
        CancellationToken token)
    {
        try
        {
            await patience.PauseAsync(moved, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (unknown is not null || !token.IsCancellationRequested)
        {
            throw unknown is not null ? Unknown(failure, unknown) : Late(failure);
        }
    }

    /// <param name="lost">The failure that left the outcome open.</param>
    private static ClusterException Unknown(ClusterException? last, ClusterException? lost) =>
        new(ClusterError.OutcomeUnknown, last is { Error: ClusterError.TooLarge }
            ? last.Message
            : $"the wait for the write ended before its outcome was known{(lost is null ? "" : $": {lost.Message}")}", last?.Leader, last);

    private static ClusterException Late(ClusterException? last) => last is { Error: ClusterError.NoLeader or ClusterError.NotLeader }
        ? last
        : new(ClusterError.Timeout, "timed out waiting for the leader or its answer", last?.Leader, last);
}
