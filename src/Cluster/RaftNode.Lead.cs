using System.Buffers;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster;

/// <summary>Transfer of leadership (Raft thesis 3.10).</summary>
internal sealed partial class RaftNode
{
    private static readonly TimeSpan CatchUpMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CatchUpPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan TellTimeout = TimeSpan.FromMilliseconds(300);

    // The time for which a transfer explains a change of leaders.
    private static readonly TimeSpan TransferToldFor = TimeSpan.FromSeconds(5);

    private volatile bool _transferring;
    private Transfer? _transfer;

    /// <summary>
    /// Resigns so that a voter that holds all entries, the given one if there is one, is elected at once. No more entries are taken meanwhile;
    /// entries on their way are committed first. Without such a voter this node stays leader.
    /// </summary>
    /// <exception cref="ClusterException">This node stays leader.</exception>
    public async ValueTask TransferLeadershipAsync(NodeInfo? wanted, CancellationToken token)
    {
        var others = Store.Members.Voters.Where(v => v.DiskId != _self.DiskId).ToList();
        if (others.Count == 0)
        {
            throw new ClusterException(ClusterError.Invalid, "cannot find peer");
        }

        _transferring = true;
        try
        {
            var transferee = await FindTransfereeAsync(wanted is null ? others : [wanted], token).ConfigureAwait(false)
                ?? throw new ClusterException(
                    ClusterError.Timeout,
                    wanted is null ? "no other voter holds all entries, or none can be reached" : $"'{wanted.Node.Id}' does not hold all entries, or cannot be reached");
            var message = EncodeTimeoutNow(Term, transferee.DiskId);
            Transport.Expect(transferee.DiskId);
            Volatile.Write(ref _transfer, new(Self.Id, transferee.Node.Id, Environment.TickCount64));
            await Task.WhenAll(others.Where(v => v != transferee).Select(v => SendTimeoutNowAsync(v, message, token))).ConfigureAwait(false);
            await Transport.ResignAsync(token).ConfigureAwait(false);
            await SendTimeoutNowAsync(transferee, message, token).ConfigureAwait(false);
        }
        finally
        {
            _transferring = false;
        }
    }

    /// <summary>The leader of this term resigns in favour of a node, perhaps this one.</summary>
    /// <param name="sender">The message counts only if its sender is that leader.</param>
    public void TimeoutNow(Guid sender, ReadOnlySpan<byte> body)
    {
        var input = new MessageReader(body);
        var (term, transferee) = (input.ReadInt64(), input.ReadGuid());
        if (term != Term || LeaderPeer?.Info is not { } leader || leader.DiskId != sender
            || Store.Members.Find(transferee) is not { Node.Voter: true } next)
        {
            return;
        }

        Volatile.Write(ref _transfer, new(leader.Node.Id, next.Node.Id, Environment.TickCount64));

        Transport.Expect(transferee);
        if (transferee == _self.DiskId)
        {
            Transport.Campaign();
        }
    }

    private static ReadOnlyMemory<byte> EncodeTimeoutNow(long term, Guid transferee)
    {
        var body = new ArrayBufferWriter<byte>();
        body.WriteInt64(term);
        body.WriteGuid(transferee);
        return body.WrittenMemory;
    }

    /// <summary>The first of the voters that is found to hold all entries; null if none is found in time.</summary>
    private async ValueTask<NodeInfo?> FindTransfereeAsync(List<NodeInfo> voters, CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token, _stopping.Token);
        bounded.CancelAfter(CatchUpMax);
        var began = MonotonicClock.Milliseconds;
        try
        {
            while (true)
            {
                await Transport.ForceReplicationAsync(bounded.Token).ConfigureAwait(false);
                foreach (var voter in voters)
                {
                    if (Transport.Members.FirstOrDefault(p => p.Info.DiskId == voter.DiskId) is { } peer
                        && peer.Contact >= began && peer.Matched >= LastIndex)
                    {
                        return voter;
                    }
                }

                await Task.Delay(CatchUpPause, bounded.Token).ConfigureAwait(false);
            }
        }
        catch (Exception) when (!token.IsCancellationRequested)
        {
            // The time is over, or this node no longer leads: the transfer does not take place.
            return null;
        }
    }

    private async Task SendTimeoutNowAsync(NodeInfo node, ReadOnlyMemory<byte> message, CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token);
        bounded.CancelAfter(TellTimeout);
        try
        {
            await _requests.AskAsync(node.Node.RaftAddress, NodeRequestKind.TimeoutNow, message, bounded.Token).ConfigureAwait(false);
        }
        catch (Exception) when (!token.IsCancellationRequested)
        {
            // The voter starts its election later than it could.
        }
    }

    private sealed record Transfer(string From, string To, long At);
}
