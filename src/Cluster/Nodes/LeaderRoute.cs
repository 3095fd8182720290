namespace Rqlite.Pg.Cluster;

/// <summary>Brings a request to the leader, be it this node or another, and follows leadership while it moves.</summary>
internal sealed class LeaderRoute(IReplicatedLog log, RequestLimits limits, TimeProvider time)
{
    private const int HopsMax = 4;

    /// <param name="write">The request has effects: once it was sent, a failure leaves its outcome unknown. Each try must carry the same
    /// request id, so that the effects happen once.</param>
    /// <param name="here">Runs the request on this node, which leads.</param>
    /// <param name="there">Runs it on another node, with the time that is left.</param>
    public async ValueTask<T> RunAsync<T>(
        bool write,
        TimeSpan timeout,
        Func<TimeSpan, CancellationToken, ValueTask<T>> here,
        Func<NodeDescription, TimeSpan, CancellationToken, ValueTask<T>> there,
        CancellationToken token)
    {
        using var deadline = new Deadline(timeout, time, token);
        var patience = new Patience(limits.LeaderWait, time);
        NodeDescription? hint = null;
        var hops = 0;
        var unknown = false;
        while (true)
        {
            var sent = false;
            ClusterException failure;
            try
            {
                if (log.IsLeader)
                {
                    return await here(deadline.Left, deadline.Token).ConfigureAwait(false);
                }

                var leader = hint ?? log.Leader;
                hint = null;
                if (leader is null || leader.Id == log.Self.Id)
                {
                    failure = new(ClusterError.NoLeader, "leader not found");
                }
                else
                {
                    sent = write;
                    return await there(leader, deadline.Left, deadline.Token).ConfigureAwait(false);
                }
            }
            catch (ClusterException e)
            {
                failure = e;
            }
            catch (OperationCanceledException) when (unknown || sent || !token.IsCancellationRequested)
            {
                throw unknown || sent ? Unknown(null) : Late(null);
            }

            if (failure.Error == ClusterError.OutcomeUnknown)
            {
                unknown |= write;
                failure = write ? failure : new(ClusterError.Unreachable, "the answer of the leader was lost", failure.Leader, failure);
            }

            if (failure is { Error: ClusterError.NotLeader, Leader: { } next } && next.Id != log.Self.Id && hops++ < HopsMax)
            {
                hint = next;
                continue;
            }

            if (!MayTryAgain(failure.Error, unknown, patience))
            {
                throw unknown ? Unknown(failure) : failure;
            }

            await PauseAsync(patience, failure, unknown, deadline, token).ConfigureAwait(false);
        }
    }

    /// <summary>A write whose outcome is unknown is tried until its deadline: only an answer to the same id can clear it up.</summary>
    private static bool MayTryAgain(ClusterError error, bool unknown, Patience patience) => error switch
    {
        ClusterError.OutcomeUnknown or ClusterError.Busy => unknown,
        _ when Patience.IsLeaderless(error) => unknown || patience.Left,
        _ => false,
    };

    private static async ValueTask PauseAsync(
        Patience patience, ClusterException failure, bool unknown, Deadline deadline, CancellationToken token)
    {
        try
        {
            await patience.PauseAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (unknown || !token.IsCancellationRequested)
        {
            throw unknown ? Unknown(failure) : Late(failure);
        }
    }

    private static ClusterException Unknown(ClusterException? last) =>
        new(ClusterError.OutcomeUnknown, last is { Error: ClusterError.TooLarge }
            ? last.Message
            : "the wait for the write ended before its outcome was known", last?.Leader, last);

    private static ClusterException Late(ClusterException? last) => last is { Error: ClusterError.NoLeader or ClusterError.NotLeader }
        ? last
        : new(ClusterError.Timeout, "timed out waiting for the leader", last?.Leader, last);
}
