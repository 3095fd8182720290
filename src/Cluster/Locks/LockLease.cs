using System.Buffers.Binary;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The node's side of the bargain: it may believe in its sessions' locks for half a lease from the moment at which it last asked a leader that
/// then turned out to be one. By then the leader waits at least another half.
/// </summary>
internal sealed class LockLease(IReplicatedLog log, INodeRequests peers, LockKeeper keeper, Guid node, TimeSpan lease)
{
    private readonly double _half = lease.TotalMilliseconds / 2;
    private long _asked;
    private int _everAsked;

    /// <summary>True while the locks of this node's sessions are certainly theirs.</summary>
    public bool Holds => Volatile.Read(ref _everAsked) != 0 && MonotonicClock.Milliseconds - Volatile.Read(ref _asked) < _half;

    /// <summary>It was renewed so lately that whoever is granted a lock now has time until the next renewal.</summary>
    public bool Fresh => Volatile.Read(ref _everAsked) != 0 && MonotonicClock.Milliseconds - Volatile.Read(ref _asked) < _half / 4;

    /// <exception cref="ClusterException">There is no leader that answers, or it has begun to end this node's locks.</exception>
    public async ValueTask RenewAsync(CancellationToken token)
    {
        var asked = MonotonicClock.Milliseconds;
        var index = await AskAsync(token).ConfigureAwait(false);

        // Whatever has ended locks of this node before that is now seen here.
        await log.WaitForApplyAsync(index, token).ConfigureAwait(false);
        Volatile.Write(ref _asked, asked);
        Volatile.Write(ref _everAsked, 1);
    }

    private async ValueTask<long> AskAsync(CancellationToken token)
    {
        if (log.IsLeader)
        {
            return await keeper.HearAsync(node, token).ConfigureAwait(false);
        }

        var leader = log.Leader;
        if (leader is null || leader.Id == log.Self.Id)
        {
            throw new ClusterException(ClusterError.NoLeader, "leader not found");
        }

        var answer = await peers.AskAsync(leader.RaftAddress, NodeRequestKind.LockLease, node.ToByteArray(), token).ConfigureAwait(false);
        return answer.Length == 8
            ? BinaryPrimitives.ReadInt64LittleEndian(answer)
            : throw new ClusterException(ClusterError.Unreachable, "The leader's answer about the locks' lease is not valid.");
    }
}
