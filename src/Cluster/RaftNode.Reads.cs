using DotNext.Net.Cluster.Consensus.Raft;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster;

/// <summary>Read index, and the wait for it.</summary>
internal sealed partial class RaftNode
{
    public async ValueTask<long> ReadIndexAsync(CancellationToken token)
    {
        var leader = LeaderPeer ?? throw new ClusterException(ClusterError.NoLeader, "no leader");
        return !leader.IsRemote
            ? await _rounds.JoinAsync(token).ConfigureAwait(false)
            : await ReadIndexRequest.AskAsync(_requests, leader.Info.Node, token).ConfigureAwait(false);
    }

    /// <summary>The read index for other nodes: only a leader answers, so that a request is never forwarded again.</summary>
    internal ValueTask<long> LeaderReadIndexAsync(CancellationToken token)
        => IsLeader ? _rounds.JoinAsync(token) : throw NotLeader();

    public async ValueTask WaitForApplyAsync(long index, CancellationToken token)
    {
        if (_storage.AppliedIndex >= index)
        {
            return;
        }

        try
        {
            await Log.WaitForApplyAsync(index, token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException || !token.IsCancellationRequested)
        {
            throw new ClusterException(ClusterError.NotReady, "The node stops.", null, error);
        }

        await _storage.WaitUntilShownAsync(index, token).ConfigureAwait(false);
    }

    private async ValueTask<long> ConfirmAsync(CancellationToken token)
    {
        var leading = LeadershipToken;
        if (leading.IsCancellationRequested)
        {
            throw NotLeader();
        }

        var index = CommitIndex;
        try
        {
            await Transport.ForceReplicationAsync(token).ConfigureAwait(false);
        }
        catch (LeaderOperationException error)
        {
            throw NotLeader(error);
        }

        // A leadership that was lost and won again in between says nothing about the index read before.
        return leading.IsCancellationRequested ? throw NotLeader() : index;
    }
}
