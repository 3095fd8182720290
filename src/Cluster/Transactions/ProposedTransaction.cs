using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>A transaction on its way through the log: the context that the log hands back to the applier on the node that rehearsed it.</summary>
internal sealed class ProposedTransaction
{
    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProposedTransaction(UInt128 nonce, ReadOnlyMemory<byte> encoded, Rehearsal rehearsal)
    {
        Nonce = nonce;
        Encoded = encoded;
        Rehearsal = rehearsal;
        rehearsal.Committed = index => Complete(index, applied: true);
    }

    public UInt128 Nonce { get; }

    public ReadOnlyMemory<byte> Encoded { get; }

    public Rehearsal Rehearsal { get; }

    /// <summary>Ends with the index of the entry.</summary>
    public Task<long> Done => _done.Task;

    /// <summary>Called once, when the outcome is known or given up; set before the entry is appended.</summary>
    public Action? Settled { get; set; }

    /// <param name="applied">False if the entry had no effect, since the database was not in the state that it was rehearsed on.</param>
    public void Complete(long index, bool applied)
    {
        if (!applied)
        {
            Fail(LocalTransaction.Overtaken());
        }
        else if (_done.TrySetResult(index))
        {
            Settled?.Invoke();
        }
    }

    public void Fail(ClusterException error)
    {
        if (_done.TrySetException(error))
        {
            // Marks the exception as observed, since the owner may have stopped waiting.
            _ = _done.Task.Exception;
            Settled?.Invoke();
        }
    }
}
