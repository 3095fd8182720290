using System.Diagnostics;
using DotNext.Net.Cluster.Consensus.Raft;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster;

/// <summary>Entries into the log.</summary>
internal sealed partial class RaftNode
{
    private const int DataCommand = 1;

    public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> entry, object context, CancellationToken token)
    {
        if (entry.Length > _options.EntryBytesMax)
        {
            throw new ClusterException(ClusterError.TooLarge, $"An entry of {entry.Length} bytes is over the limit of {_options.EntryBytesMax}.");
        }

        // The term of the leadership, not of the log; if they differ when the entry is appended, the log refuses the entry.
        var term = Transport.LeadTerm;
        if (LeadershipToken.IsCancellationRequested || _transferring)
        {
            throw NotLeader();
        }

        return await AppendAsync(
            new BinaryLogEntry { Content = entry, Term = term, CommandId = DataCommand, Context = context }, token).ConfigureAwait(false);
    }

    public async ValueTask WaitForCommitAsync(long index, CancellationToken token)
    {
        // The order matters: an index that the log holds while this node leads is committed, or the leadership is lost.
        var leading = LeadershipToken;
        if (leading.IsCancellationRequested || LastIndex < index)
        {
            throw new ClusterException(ClusterError.OutcomeUnknown, "Leadership was lost after the entry was appended.", Leader);
        }

        await CommittedAsync(index, leading, token).ConfigureAwait(false);
    }

    /// <summary>Appends a member list, and returns the index at which it was applied here.</summary>
    internal async ValueTask<long> ReplicateMembersAsync(Members members, CancellationToken token)
    {
        var term = Transport.LeadTerm;
        var leading = LeadershipToken;
        if (leading.IsCancellationRequested)
        {
            throw NotLeader();
        }

        var index = await AppendAsync(new MembersEntry(members, term), token).ConfigureAwait(false);
        await CommittedAsync(index, leading, token).ConfigureAwait(false);
        return index;
    }

    /// <summary>Waits until every member list in the log has been applied.</summary>
    internal ValueTask MembersAppliedAsync(CancellationToken token) => Log.WaitForApplyAsync(Log.LastConfiguration, token);

    private ClusterException NotLeader(Exception? inner = null)
    {
        var leader = Leader;
        return leader is null
            ? new ClusterException(ClusterError.NotLeader, "not leader", null, inner)
            : new ClusterException(ClusterError.NotLeader, "not leader", leader, inner);
    }

    private async ValueTask<long> AppendAsync<TEntry>(TEntry entry, CancellationToken token)
        where TEntry : IRaftLogEntry
    {
        try
        {
            return await Log.AppendAsync(entry, token).ConfigureAwait(false);
        }
        catch (NotLeaderException error)
        {
            throw NotLeader(error);
        }
        catch (ObjectDisposedException error)
        {
            throw new ClusterException(ClusterError.NotReady, "The node stops.", null, error);
        }
    }

    /// <summary>
    /// Starts the replication of the entry and waits until it is applied here. A failure from here on leaves the entry's fate open.
    /// </summary>
    private async ValueTask CommittedAsync(long index, CancellationToken leading, CancellationToken token)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            if (!Alone || !await Log.TryCommitAloneAsync(index, Transport.LeadTerm, _alone, token).ConfigureAwait(false))
            {
                await ReplicatedAsync(index, leading, token).ConfigureAwait(false);
            }

            ClusterMetrics.CommitDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        catch (Exception error)
        {
            // The library has many exceptions for an unknown outcome; from here on they all mean the same.
            throw new ClusterException(
                ClusterError.OutcomeUnknown,
                token.IsCancellationRequested
                    ? "The wait ended while the entry was being replicated; whether it takes effect is not known."
                    : "Leadership was lost while the entry was being replicated; whether it takes effect is not known.",
                Leader, error);
        }
    }

    private async ValueTask ReplicatedAsync(long index, CancellationToken leading, CancellationToken token)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(leading, token, _stopping.Token);
        var round = Transport.ForceReplicationAsync(either.Token).AsTask();
        try
        {
            // Runs while the followers receive the entry.
            await Log.FlushAsync(index).ConfigureAwait(false);
        }
        finally
        {
            await round.ConfigureAwait(false);
        }

        await Log.WaitForApplyAsync(index, either.Token).ConfigureAwait(false);
    }
}
