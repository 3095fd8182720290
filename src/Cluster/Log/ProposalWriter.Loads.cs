using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The context of an entry with a load, on the node that proposed it.</summary>
internal sealed class ProposedLoad(UInt128 nonce)
{
    private int _applied = -1;

    public UInt128 Nonce { get; } = nonce;

    /// <summary>Whether the load took effect; null while its entry is not applied.</summary>
    public bool? Applied
    {
        get => Volatile.Read(ref _applied) is >= 0 and var applied ? applied == 1 : null;
        set => Volatile.Write(ref _applied, value == true ? 1 : 0);
    }
}

/// <content>Loads of a whole database.</content>
internal sealed partial class ProposalWriter
{
    /// <summary>
    /// Proposes the entry of a load and waits until it is applied. No transaction and no command is on its way meanwhile: what is run ahead of its
    /// entry would stand on the former database.
    /// </summary>
    /// <param name="timeout">The longest wait for the writer.</param>
    /// <returns>False if the entry did nothing.</returns>
    /// <exception cref="ClusterException">Only <see cref="ClusterError.OutcomeUnknown"/> leaves open whether it takes effect.</exception>
    public async ValueTask<bool> ProposeLoadAsync(DatabaseLoad load, TimeSpan timeout, CancellationToken token)
    {
        // A lease that is never evicted stands on no others and lets none stand on it.
        var options = new TransactionOptions { LockTimeout = timeout, IdleTimeout = TimeSpan.MaxValue, WriterSlice = TimeSpan.Zero };
        var lease = await LeaseAsync(options, token).ConfigureAwait(false);
        try
        {
            if (_log.Term != lease.Term)
            {
                throw new ClusterException(ClusterError.NotLeader, "not leader", _log.Leader);
            }

            AdvanceTime();
            var proposed = new ProposedLoad(NewUInt128());
            var entry = LogLoadEncoding.Write(new(proposed.Nonce, _unixMicroseconds, load));
            await AppendLoadAsync(entry, proposed).ConfigureAwait(false);
            return proposed.Applied ?? throw new ClusterException(
                ClusterError.OutcomeUnknown, "another entry took the place of the load in the log", _log.Leader);
        }
        finally
        {
            Release(lease, LeaseEnd.Released);
        }
    }

    private async ValueTask AppendLoadAsync(byte[] entry, ProposedLoad proposed)
    {
        long index;
        try
        {
            index = await _log.AppendAsync(entry, proposed, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not ClusterException)
        {
            throw new ClusterException(ClusterError.OutcomeUnknown, $"whether the load is in the log is not known: {e.Message}", _log.Leader, e);
        }

        try
        {
            await _log.WaitForCommitAsync(index, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (proposed.Applied is null)
        {
            throw new ClusterException(ClusterError.OutcomeUnknown, "leadership lost while committing log", _log.Leader, e);
        }
        catch (Exception)
        {
            // The entry is applied, whatever ended the wait.
        }
    }
}
