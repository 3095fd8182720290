namespace Rqlite.Pg.Cluster;

/// <content>Transactions: on this node's writer if it leads, otherwise on the leader's.</content>
internal sealed partial class ClusterDatabase
{
    /// <summary>The time that the leader's answer may take on top of the wait for its writer, which the leader limits.</summary>
    private static readonly TimeSpan LockGrace = TimeSpan.FromSeconds(2);

    public async ValueTask<ITransaction> BeginAsync(TransactionOptions options, IReadTransaction? snapshot, CancellationToken token)
    {
        var reads = snapshot as SnapshotReads;
        if (reads is not null)
        {
            // The snapshot's reads are run again on the writer, and must see the same time there.
            options = options with { UnixMicroseconds = reads.UnixMicroseconds };
        }

        if (_log.IsLeader)
        {
            try
            {
                return await BeginCheckedAsync(options, reads, token).ConfigureAwait(false);
            }
            catch (ClusterException e) when (e.Error is ClusterError.NotLeader or ClusterError.NoLeader)
            {
                // This node was deposed before the lease was granted: the new leader may grant it.
            }
        }

        using var deadline = new Deadline(options.LockTimeout + LockGrace ?? Timeout.InfiniteTimeSpan, _time, token);
        try
        {
            return await BeginThereAsync(options, reads, deadline).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw new ClusterException(ClusterError.LockTimeout, "timed out waiting for the writer", _log.Leader);
        }
    }

    public IConversationHandler Converse() => new TransactionHost(async (options, token) =>
    {
        if (!_log.IsLeader)
        {
            throw NotLeader();
        }

        var transaction = await BeginHereAsync(options, token).ConfigureAwait(false);
        return (transaction, new TransactionGrant(_log.Term, transaction.Rehearsal.BaseIndex));
    });

    /// <summary>Asks the leader for its writer, and its successors as long as none has granted it.</summary>
    private async ValueTask<ITransaction> BeginThereAsync(TransactionOptions options, SnapshotReads? reads, Deadline deadline)
    {
        TransactionOptions Left() => options.LockTimeout is null
            ? options
            : options with { LockTimeout = deadline.Left > LockGrace ? deadline.Left - LockGrace : TimeSpan.Zero };
        while (true)
        {
            // The wait in a leader's queue does not count as a wait for a leader: if that leader is lost, the search for the next begins with a
            // full limit.
            var queued = false;
            try
            {
                return await _route.RunAsync<ITransaction>(
                    write: false,
                    Timeout.InfiniteTimeSpan,
                    async (_, t) =>
                    {
                        queued = true;
                        return await BeginCheckedAsync(Left(), reads, t).ConfigureAwait(false);
                    },
                    async (leader, _, t) =>
                    {
                        queued = false;
                        var conversation = await _peers.ConverseAsync(leader.RaftAddress, t).ConfigureAwait(false);
                        return await BeginCheckedAsync(conversation, Left(), reads, () => queued = true, t).ConfigureAwait(false);
                    },
                    deadline.Token).ConfigureAwait(false);
            }
            catch (ClusterException e) when (queued && e.Error != ClusterError.NotReady && Patience.IsLeaderless(e.Error))
            {
                deadline.Token.ThrowIfCancellationRequested();
            }
        }
    }

    private async ValueTask<LocalTransaction> BeginHereAsync(TransactionOptions options, CancellationToken token)
    {
        var lease = await _proposals.LeaseAsync(options, token).ConfigureAwait(false);
        var transaction = new LocalTransaction(lease, _proposals, _log, _limits, _time);
        try
        {
            transaction.Begin();
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<ITransaction> BeginCheckedAsync(TransactionOptions options, SnapshotReads? reads, CancellationToken token)
    {
        var transaction = await BeginHereAsync(options, token).ConfigureAwait(false);
        try
        {
            if (reads is { Any: true })
            {
                await AdoptAsync(
                    reads,
                    async digests =>
                    {
                        if (!await ReadDigest.AllHoldAsync(transaction, digests, token).ConfigureAwait(false))
                        {
                            throw LocalTransaction.Overtaken();
                        }
                    },
                    () => transaction.StayAsync(token),
                    token).ConfigureAwait(false);
            }

            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<ITransaction> BeginCheckedAsync(
        INodeConversation conversation, TransactionOptions options, SnapshotReads? reads, Action queued, CancellationToken token)
    {
        var transaction = await RemoteTransaction.BeginAsync(conversation, options, _log, _time, queued, token).ConfigureAwait(false);
        try
        {
            if (reads is { Any: true })
            {
                await AdoptAsync(
                    reads, digests => transaction.CheckAsync(digests, token), () => transaction.StayAsync(token), token).ConfigureAwait(false);
            }

            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Makes the snapshot's reads a part of the transaction: they are run again now, and after each eviction. If they are too large for that,
    /// they still hold as long as nothing was written since and the transaction is not evicted.
    /// </summary>
    private static async ValueTask AdoptAsync(
        SnapshotReads reads, Func<IReadOnlyList<ReadDigest>, ValueTask> check, Func<ValueTask<long>> stay, CancellationToken token)
    {
        if (await reads.DigestsAsync(token).ConfigureAwait(false) is { } digests)
        {
            await check(digests).ConfigureAwait(false);
        }
        else if (!reads.IsOf(await stay().ConfigureAwait(false)))
        {
            throw LocalTransaction.Overtaken();
        }
    }
}
