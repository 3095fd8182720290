using System.Buffers.Binary;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The node's side of the lease: the node may rely on its sessions' locks for half a lease from the start of its last renewal that a confirmed
/// leader answered. After that the leader waits at least another half.
/// </summary>
/// <param name="lapsed">
/// Called when a renewal succeeds that was begun after the former one had run out: the locks of before may be others' by now, although the
/// lease holds again.
/// </param>
internal sealed class LockLease(IReplicatedLog log, INodeRequests peers, LockKeeper keeper, Guid node, TimeSpan lease, Action lapsed)
{
    private readonly Lock _gate = new();
    private readonly double _half = lease.TotalMilliseconds / 2;
    private long _asked;
    private int _everAsked;

    /// <summary>True while the locks of this node's sessions are certainly theirs.</summary>
    public bool Holds => Volatile.Read(ref _everAsked) != 0 && MonotonicClock.Milliseconds - Volatile.Read(ref _asked) < _half;

    /// <summary>True if the last renewal is recent enough for a lock that is granted now to last until the next one.</summary>
    public bool Fresh => Volatile.Read(ref _everAsked) != 0 && MonotonicClock.Milliseconds - Volatile.Read(ref _asked) < _half / 4;

    /// <exception cref="ClusterException">There is no leader that answers, or it has begun to end this node's locks.</exception>
    public async ValueTask RenewAsync(CancellationToken token)
    {
        var asked = MonotonicClock.Milliseconds;
        var index = await AskAsync(token).ConfigureAwait(false);

        // Earlier entries that end locks of this node are visible here after this wait.
        await log.WaitForApplyAsync(index, token).ConfigureAwait(false);
        lock (_gate)
        {
            if (_everAsked != 0)
            {
                if (asked <= _asked)
                {
                    return;
                }

                if (asked - _asked >= _half)
                {
                    lapsed();
                }
            }

            Volatile.Write(ref _asked, asked);
            Volatile.Write(ref _everAsked, 1);
        }
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
