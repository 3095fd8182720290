using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>A transaction on its way through the log: what the log hands back to the applier on the node that rehearsed it.</summary>
internal sealed class ProposedTransaction(UInt128 nonce, ReadOnlyMemory<byte> encoded, Rehearsal rehearsal)
{
    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public UInt128 Nonce { get; } = nonce;

    public ReadOnlyMemory<byte> Encoded { get; } = encoded;

    public Rehearsal Rehearsal { get; } = rehearsal;

    /// <summary>The index of the entry.</summary>
    public Task<long> Done => _done.Task;

    /// <summary>Told by the applier.</summary>
    /// <param name="applied">False if the entry had no effect, since the database was another than the one rehearsed on.</param>
    public void Complete(long index, bool applied)
    {
        if (applied)
        {
            _done.TrySetResult(index);
        }
        else
        {
            Fail(LocalTransaction.Overtaken());
        }
    }

    public void Fail(ClusterException error)
    {
        if (_done.TrySetException(error))
        {
            // The owner may have stopped waiting.
            _ = _done.Task.Exception;
        }
    }
}
