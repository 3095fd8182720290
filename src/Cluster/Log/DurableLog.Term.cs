using DotNext.Net.Cluster;

namespace Rqlite.Pg.Cluster;

/// <content>Term and vote.</content>
internal abstract partial class DurableLog
{
    public virtual bool IsVotedFor(in ClusterMemberId id)
    {
        lock (_stateLock)
        {
            return _state.State.Vote is not { } vote || vote == id;
        }
    }

    public virtual ValueTask<long> IncrementTermAsync(ClusterMemberId member, CancellationToken token = default)
        => new(WriteState(state => state with { Term = state.Term + 1, Vote = member }).Term);

    public virtual ValueTask UpdateTermAsync(long term, bool resetLastVote, CancellationToken token = default)
    {
        WriteState(state => state with { Term = term, Vote = resetLastVote ? null : state.Vote });
        return ValueTask.CompletedTask;
    }

    public virtual ValueTask UpdateVotedForAsync(ClusterMemberId member, CancellationToken token = default)
    {
        WriteState(state => state with { Vote = member });
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes term and vote; the change takes effect when it is on disk.</summary>
    private TermState WriteState(Func<TermState, TermState> change)
    {
        lock (_stateLock)
        {
            var state = change(_state.State);
            try
            {
                _state.Write(state);
            }
            catch (Exception error)
            {
                Fail("the term could not be written", error);
                throw;
            }

            lock (_gate)
            {
                Volatile.Write(ref _term, state.Term);
            }

            return state;
        }
    }
}
