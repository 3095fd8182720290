using System.Buffers;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster;

/// <summary>Handing over the lead.</summary>
internal sealed partial class RaftNode
{
    private static readonly TimeSpan CatchUpMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CatchUpPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan TellTimeout = TimeSpan.FromMilliseconds(300);

    private volatile bool _yielding;

    /// <summary>
    /// Resigns so that a voter that holds all entries, the given one if there is one, is elected at once. Takes no more entries meanwhile;
    /// what is on its way is committed first. Without such a voter the others elect whom they like, after their usual time.
    /// </summary>
    public async ValueTask HandOverAsync(NodeInfo? wanted, CancellationToken token)
    {
        _yielding = true;
        try
        {
            var others = Store.Members.Voters.Where(v => v.DiskId != _self.DiskId).ToList();
            var heir = await FindHeirAsync(wanted is null ? others : [wanted], token).ConfigureAwait(false) ?? wanted;
            if (heir is not null)
            {
                var news = EncodeHeir(Term, heir.DiskId);
                Transport.Expect(heir.DiskId);
                await Task.WhenAll(others.Where(v => v != heir).Select(v => TellAsync(v, news, token))).ConfigureAwait(false);
                await Transport.ResignAsync(token).ConfigureAwait(false);
                await TellAsync(heir, news, token).ConfigureAwait(false);
            }
            else
            {
                await Transport.ResignAsync(token).ConfigureAwait(false);
            }
        }
        finally
        {
            _yielding = false;
        }
    }

    /// <summary>The leader of this term is about to resign in favour of a node, perhaps this one.</summary>
    public void ExpectHeir(ReadOnlySpan<byte> body)
    {
        var input = new MessageReader(body);
        var (term, heir) = (input.ReadInt64(), input.ReadGuid());
        if (term != Term)
        {
            return;
        }

        Transport.Expect(heir);
        if (heir == _self.DiskId)
        {
            Transport.Campaign();
        }
    }

    private static ReadOnlyMemory<byte> EncodeHeir(long term, Guid heir)
    {
        var body = new ArrayBufferWriter<byte>();
        body.WriteInt64(term);
        body.WriteGuid(heir);
        return body.WrittenMemory;
    }

    /// <summary>The first of the voters that is found to hold all entries; null if none does in time.</summary>
    private async ValueTask<NodeInfo?> FindHeirAsync(List<NodeInfo> voters, CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token, _stopping.Token);
        bounded.CancelAfter(CatchUpMax);
        try
        {
            while (true)
            {
                // A round brings entries, and with them the commit index of the round before.
                await Transport.ForceReplicationAsync(bounded.Token).ConfigureAwait(false);
                var metas = await Task.WhenAll(voters.Select(
                    v => _requests.TryMetaAsync(v.Node.RaftAddress, _self.DiskId, TellTimeout, bounded.Token).AsTask())).ConfigureAwait(false);
                for (var i = 0; i < metas.Length; i++)
                {
                    if (metas[i] is { } meta && meta.Node.DiskId == voters[i].DiskId && meta.CommitIndex >= LastIndex)
                    {
                        return voters[i];
                    }
                }

                await Task.Delay(CatchUpPause, bounded.Token).ConfigureAwait(false);
            }
        }
        catch (Exception) when (!token.IsCancellationRequested)
        {
            // Out of time, or no longer the leader: the election takes its usual course.
            return null;
        }
    }

    private async Task TellAsync(NodeInfo node, ReadOnlyMemory<byte> news, CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token);
        bounded.CancelAfter(TellTimeout);
        try
        {
            await _requests.AskAsync(node.Node.RaftAddress, NodeRequestKind.Heir, news, bounded.Token).ConfigureAwait(false);
        }
        catch (Exception) when (!token.IsCancellationRequested)
        {
            // It will elect later than it could.
        }
    }
}
