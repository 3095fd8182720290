using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <content>
/// Groups of transactions: while the entry of one is on its way the next is rehearsed on top of it, and all become visible together. A
/// transaction stacked on uncommitted ones delays their COMMIT, so it is evicted first.
/// </content>
internal sealed partial class ProposalWriter
{
    /// <summary>The interval at which idleness is checked.</summary>
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(10);

    private const int EvictionsMax = 2;

    // The clock stops after so many ticks without a holder.
    private const int QuietTicksMax = 100;

    private readonly ITimer _clock;
    private bool _clockRuns;
    private int _quietTicks;
    // The thread that looks after what runs; 0 for none.
    private int _clockThread;

    // The number of transactions in the log with an unknown outcome, and the size of their group.
    private int _members;
    private int _groupSize;
    private long _groupBegan;
    private bool _groupClosed;

    /// <summary>
    /// Appends a sealed transaction to the log and lets the next one begin on top of it. <see cref="ProposedTransaction.Done"/> reports the
    /// outcome.
    /// </summary>
    public async ValueTask AppendAsync(WriterLease lease, ProposedTransaction proposed)
    {
        var rehearsal = proposed.Rehearsal;
        if (!lease.TryEnd(LeaseEnd.Commit))
        {
            rehearsal.Withdraw();
            throw LocalTransaction.Why(lease, _log);
        }

        proposed.Settled = MemberSettled;
        AddMember();
        var index = await TryAppendAsync(lease, proposed).ConfigureAwait(false);
        Free(lease);
        if (index > 0)
        {
            // After Free: the wait may begin by flushing the log on this thread, and the next transaction runs meanwhile.
            _ = WatchAsync(proposed, index);
        }
        else
        {
            Watched();
        }
    }

    /// <summary>Returns the entry's index; 0 if there is nothing to wait for.</summary>
    private async ValueTask<long> TryAppendAsync(WriterLease lease, ProposedTransaction proposed)
    {
        var rehearsal = proposed.Rehearsal;
        try
        {
            if (_log.Term != lease.Term)
            {
                throw new ClusterException(ClusterError.NotLeader, "not leader", _log.Leader);
            }

            var index = await _log.AppendAsync(proposed.Encoded, proposed, _stopping.Token).ConfigureAwait(false);
            if (_log.Term == lease.Term)
            {
                rehearsal.Appended(index, lease.Term);
            }
            else
            {
                // The term of the entry cannot be told, so no member may stand on it.
                rehearsal.Drop();
            }

            return index;
        }
        catch (ClusterException e) when (e.Error != ClusterError.OutcomeUnknown)
        {
            rehearsal.Withdraw();
            proposed.Fail(e.Error == ClusterError.TooLarge ? e : NotAppended(e));
        }
        catch (Exception e)
        {
            Lose(proposed, e);
        }

        return 0;
    }

    private async Task WatchAsync(ProposedTransaction proposed, long index)
    {
        try
        {
            await _log.WaitForCommitAsync(index, _stopping.Token).ConfigureAwait(false);
            if (!proposed.Rehearsal.Agreed)
            {
                Lose(proposed, null);
            }
        }
        catch (Exception e)
        {
            Lose(proposed, e);
        }

        Watched();
    }

    /// <summary>
    /// Gives up on a transaction whose entry may be applied later, or never. If the quorum has agreed to the entry, dropping makes it a
    /// success.
    /// </summary>
    private void Lose(ProposedTransaction proposed, Exception? error)
    {
        try
        {
            proposed.Rehearsal.Drop();
        }
        catch (StorageException)
        {
            // The writer has reported the failure, which ends the process.
        }

        proposed.Fail(new ClusterException(
            ClusterError.OutcomeUnknown,
            error is null ? "another entry took the place of the transaction in the log" : "leadership lost while committing log",
            _log.Leader, error));
    }

    private ClusterException NotAppended(Exception inner) => new(
        ClusterError.Serialization, "could not serialize access: the leader has changed, the transaction was rolled back", _log.Leader, inner);

    private void AddMember()
    {
        lock (_gate)
        {
            if (_members++ == 0)
            {
                _groupSize = 0;
                _groupClosed = false;
                _groupBegan = _time.GetTimestamp();
            }

            _groupSize++;
            _watching++;
        }
    }

    /// <summary>Notes that a transaction's outcome is known; may run on the applier's thread.</summary>
    private void MemberSettled()
    {
        lock (_gate)
        {
            _members--;
        }

        PumpLater();
    }

    /// <summary>The next transaction that may begin on the open group; null if there is none.</summary>
    private WriterTurn? TakeTurnToJoin()
    {
        if (_groupClosed)
        {
            return null;
        }

        if (_groupSize >= _limits.GroupTransactionsMax || _time.GetElapsedTime(_groupBegan) > _limits.GroupTimeMax || !_writer.TakesMembers)
        {
            _groupClosed = true;
            return null;
        }

        DropAbandoned();
        if (_turns.First is { } first && (first.Value.Returns || !GivesWaySoon(first.Value.Lease)))
        {
            // A transaction that is run again must not be evicted for members beneath it, and one that is never evicted must have no members
            // beneath it.
            _groupClosed = true;
            return null;
        }

        return TakeTurn();
    }

    private bool GivesWaySoon(WriterLease lease) =>
        lease.Options.WriterSlice > TimeSpan.Zero && lease.Options.WriterSlice <= _limits.GroupSliceMax;

    private void StartClock()
    {
        lock (_gate)
        {
            _quietTicks = 0;
            if (!_clockRuns && !_closed)
            {
                _clockRuns = true;
                _clock.Change(s_tick, s_tick);
            }
        }
    }

    /// <summary>Checks the holder of the writer and the running batch.</summary>
    private void Tick()
    {
        if (Interlocked.CompareExchange(ref _clockThread, Environment.CurrentManagedThreadId, 0) != 0)
        {
            return;
        }

        try
        {
            LookAfterAll();
        }
        finally
        {
            Volatile.Write(ref _clockThread, 0);
        }
    }

    private void LookAfterAll()
    {
        WriterLease? holder;
        bool waited, beneath;
        lock (_gate)
        {
            DropAbandoned();
            holder = _holder;
            beneath = _members > 0;
            waited = beneath || _turns.Count > 0 || CommandsWait;
            if (holder is null && !_batchRuns && ++_quietTicks > QuietTicksMax && _clockRuns)
            {
                _clockRuns = false;
                _clock.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        if ((holder is not null && !_log.IsLeader) || (_batchRuns && (!_log.IsLeader || _log.Term != _batchTerm)))
        {
            // The lead was lost between the look at it and the beginning of what runs.
            EndWhatRuns();
            return;
        }

        if (holder is not null)
        {
            Watch(holder, waited, beneath);
        }

        if (_batchRuns)
        {
            _writer.LookAfterBatch(s_sharedSlice);
        }
    }

    private void Watch(WriterLease holder, bool waited, bool beneath)
    {
        var slice = holder.Options.WriterSlice;
        var used = slice > TimeSpan.Zero && holder.Since > slice && holder.Evictions < EvictionsMax;
        switch (holder.State)
        {
            case LeaseState.Idle when holder.Since > holder.Options.IdleTimeout
                || (waited && holder.Options.IdleTimeout is null && holder.Since > TransactionOptions.WaitedIdleMax):
                if (holder.TryEndIdle())
                {
                    GiveBack(holder);
                }

                break;
            case LeaseState.Idle when used && waited:
                Evict(holder, forced: true);
                break;
            case LeaseState.Busy when used && beneath:
                _writer.EvictRunning(holder.Rehearsal!);
                break;
        }
    }
}
