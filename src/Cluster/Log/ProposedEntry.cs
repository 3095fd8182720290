using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The proposals of one entry: the context that the log hands back to the applier on the node that proposed it. Completing them is one work
/// item, so that the applier goes on with the next entry.
/// </summary>
internal sealed class ProposedEntry : IThreadPoolWorkItem
{
    private IReadOnlyList<CommandResult?>? _results;

    public ProposedEntry(UInt128 nonce, IReadOnlyList<Proposal> proposals, BatchRehearsal rehearsal)
    {
        Nonce = nonce;
        Proposals = proposals;
        Rehearsal = rehearsal;
        rehearsal.Committed = _ => Complete([.. proposals.Select(static proposal => proposal.Result)]);
    }

    public UInt128 Nonce { get; }

    public IReadOnlyList<Proposal> Proposals { get; }

    /// <summary>The rehearsal of the commands.</summary>
    public BatchRehearsal Rehearsal { get; }

    /// <summary>Completes the proposals after the entry's transaction has been committed.</summary>
    /// <param name="results">The results; empty if the entry did nothing.</param>
    public void Complete(IReadOnlyList<CommandResult?> results)
    {
        Volatile.Write(ref _results, results);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Fails the proposals that the applier has not completed.</summary>
    public void Fail(ClusterError error, string message, NodeDescription? leader, Exception? inner)
    {
        // The log returns as soon as the entry is applied, perhaps before the work item has run: an applied entry stays a success.
        if (Volatile.Read(ref _results) is null)
        {
            foreach (var proposal in Proposals)
            {
                proposal.Fail(new ClusterException(error, message, leader, inner));
            }
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        var last = Proposals.Count - 1;
        for (var i = 0; i <= last; i++)
        {
            if (i < _results!.Count && _results[i] is { } result)
            {
                Proposals[i].Complete(result, inline: i == last);
            }
            else
            {
                Proposals[i].Fail(new ClusterException(
                    ClusterError.NotLeader, "the write had no effect: another leader's entry came before it"));
            }
        }
    }
}
