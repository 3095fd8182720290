using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The proposals of one entry: what the log hands back to the applier on the node that proposed it. Completing them is one work item, so
/// that the applier goes on with the next entry.
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

    /// <summary>What the commands did when they were run.</summary>
    public BatchRehearsal Rehearsal { get; }

    /// <summary>Told after the entry's transaction has been committed.</summary>
    /// <param name="results">Empty if the entry did nothing.</param>
    public void Complete(IReadOnlyList<CommandResult?> results)
    {
        Volatile.Write(ref _results, results);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Ends whatever the applier has not completed.</summary>
    public void Fail(ClusterError error, string message, NodeDescription? leader, Exception? inner)
    {
        // The log returns as soon as the entry is applied, perhaps before the work item has run: what is applied stays a success.
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
