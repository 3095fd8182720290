using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <content>Leases of the writer to transactions, one at a time; the next may stand on those that are on their way.</content>
internal sealed partial class ProposalWriter
{
    /// <summary>How long NOWAIT still waits for an entry or commit that is already in progress.</summary>
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(50);

    private readonly LinkedList<WriterTurn> _turns = new();
    private WriterLease? _holder;

    /// <summary>The last term for which all earlier commits are known to be applied.</summary>
    private long _settledTerm = -1;

    /// <summary>True while a transaction holds the writer and has not ended.</summary>
    public bool Held
    {
        get
        {
            lock (_gate)
            {
                return _holder is { End: LeaseEnd.None };
            }
        }
    }

    /// <summary>The number of transactions and commands that wait for the writer.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _turns.Count(static turn => !turn.Granted.IsCompleted) + _queue.Concat(_returned).Count(static proposal => proposal.IsQueued);
            }
        }
    }

    /// <summary>Waits for the writer, after earlier waiters. The lease then counts as in a call of its owner.</summary>
    public async ValueTask<WriterLease> LeaseAsync(TransactionOptions options, CancellationToken token)
    {
        var lease = new WriterLease(options, _time);
        var turn = new WriterTurn(lease, returns: false);
        Enqueue(turn, options.LockTimeout, token);
        await turn.Granted.ConfigureAwait(false);
        return lease;
    }

    /// <summary>Grants the writer to an evicted lease again, before all others, and runs its steps again.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterError.Serialization"/>: the answers would differ now.</exception>
    public async ValueTask ReturnAsync(WriterLease lease, CancellationToken token)
    {
        var turn = new WriterTurn(lease, returns: true);
        Enqueue(turn, null, token);
        await turn.Granted.ConfigureAwait(false);
    }

    /// <summary>Ends a lease that has nothing to commit.</summary>
    public void Release(WriterLease lease, LeaseEnd end)
    {
        if (lease.TryEnd(end))
        {
            GiveBack(lease);
        }
    }

    /// <summary>Evicts a lease at its owner's wish, so that others can write meanwhile.</summary>
    /// <returns>False if the lease still holds the writer.</returns>
    public bool Suspend(WriterLease lease) => Evict(lease, forced: false) || lease.State is not (LeaseState.Idle or LeaseState.Busy);

    /// <summary>Notes that a lease was evicted in the middle of a call.</summary>
    public void Interrupted(WriterLease lease)
    {
        lease.Interrupted();
        Free(lease);
    }

    private void Enqueue(WriterTurn turn, TimeSpan? timeout, CancellationToken token)
    {
        var now = timeout == TimeSpan.Zero;
        lock (_gate)
        {
            if (_closed)
            {
                throw Closed();
            }

            DropAbandoned();
            if (_turns.Count >= _limits.QueueCommandsMax)
            {
                throw new ClusterException(ClusterError.Busy, $"too many transactions are waiting ({_turns.Count})");
            }

            if (now && (_holder is { End: LeaseEnd.None } || _turns.Any(static other => !other.Granted.IsCompleted)))
            {
                throw WriterTurn.TimedOut();
            }

            turn.Watch(_time, now ? s_moment : timeout, token);
            if (turn.Returns)
            {
                _turns.AddFirst(turn);
            }
            else
            {
                _turns.AddLast(turn);
            }
        }

        Pump();
    }

    private void DropAbandoned()
    {
        while (_turns.First is { } first && first.Value.Granted.IsCompleted)
        {
            _turns.RemoveFirst();
        }
    }

    /// <summary>The next transaction that may begin on the applied state; null if none waits.</summary>
    private WriterTurn? TakeTurn()
    {
        DropAbandoned();
        if (_turns.First is not { } first)
        {
            return null;
        }

        _turns.RemoveFirst();
        _batchTaken = false;
        _looseRefused = false;
        _holder = first.Value.Lease;
        return first.Value;
    }

    private WriterTurn[] TakeTurns()
    {
        var turns = _turns.ToArray();
        _turns.Clear();
        return turns;
    }

    private async ValueTask GrantAsync(WriterTurn turn)
    {
        var lease = turn.Lease;
        try
        {
            var term = await SettleTermAsync().ConfigureAwait(false);
            if (lease.Rehearsal is not null && lease.Term != term)
            {
                throw new ClusterException(ClusterError.NotLeader, "not leader", _log.Leader);
            }

            lease.Term = term;
            if (lease.Rehearsal is { } evicted)
            {
                _writer.Resume(evicted);
            }
            else
            {
                AdvanceTime();
                var options = lease.Options;
                lease.Rehearsal = _writer.BeginRehearsal(
                    _unixMicroseconds, (ulong)NewUInt128(), options.Options, options.Caller, options.UnixMicroseconds,
                    options.IdempotencyKey is { } key ? RequestId.FromKey(key) : default, options.SchemaVersion);
            }

            if (!lease.TryGrant())
            {
                turn.Fail(LocalTransaction.Why(lease, _log));
                GiveBack(lease);
            }
            else if (!turn.TryGrant())
            {
                // The owner has stopped waiting.
                Release(lease, LeaseEnd.Released);
            }
            else
            {
                StartClock();
            }
        }
        catch (RehearsalLostException)
        {
            Refuse(turn, LeaseEnd.Overtaken, LocalTransaction.Overtaken());
        }
        catch (SchemaMovedException e)
        {
            Refuse(turn, LeaseEnd.Released, ClusterException.SchemaMoved(e.Index));
        }
        catch (RequestKnownException e)
        {
            await RefuseKnownAsync(turn, e).ConfigureAwait(false);
        }
        catch (ClusterException e)
        {
            Refuse(turn, LeaseEnd.LeadershipLost, e);
        }
        catch (Exception e)
        {
            Refuse(turn, LeaseEnd.Released, new(ClusterError.NotReady, $"a transaction could not begin: {e.Message}", null, e));
        }
    }

    /// <summary>The term in which this node leads, once all earlier commits are applied.</summary>
    /// <exception cref="ClusterException">This node does not lead, or takes no entries.</exception>
    private async ValueTask<long> SettleTermAsync()
    {
        var term = _log.Term;
        if (!_log.IsLeader || !_log.TakesEntries)
        {
            throw new ClusterException(ClusterError.NotLeader, "not leader", _log.Leader);
        }

        if (_settledTerm != term)
        {
            // Rehearsals of an earlier term have lost their base. A leader has committed all entries of its log by now.
            _writer.DropRehearsals();
            _writer.ForgetLooseSequences();
            _looseTerm = term;
            await _log.WaitForApplyAsync(_log.CommitIndex, _stopping.Token).ConfigureAwait(false);
            _settledTerm = term;
        }

        return term;
    }

    private void Refuse(WriterTurn turn, LeaseEnd end, ClusterException error)
    {
        turn.Lease.TryEnd(end);
        turn.Fail(error);
        GiveBack(turn.Lease);
    }

    /// <summary>
    /// Refuses a transaction whose key is known. The entry that has the key may not be committed yet and could be lost with the leadership, so
    /// the refusal waits for its commit.
    /// </summary>
    private async ValueTask RefuseKnownAsync(WriterTurn turn, RequestKnownException known)
    {
        try
        {
            if (known.Index > _log.AppliedIndex)
            {
                await _log.WaitForCommitAsync(known.Index, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is ClusterException or OperationCanceledException)
        {
            Refuse(turn, LeaseEnd.LeadershipLost, new(ClusterError.NotLeader, "not leader", _log.Leader, e));
            return;
        }

        if (_log.Term != turn.Lease.Term)
        {
            Refuse(turn, LeaseEnd.LeadershipLost, new(ClusterError.NotLeader, "not leader", _log.Leader));
            return;
        }

        Refuse(turn, LeaseEnd.Released, known.IsTransaction
            ? new(ClusterError.AlreadyCommitted, "the transaction with this idempotency key was committed before")
            : new(ClusterError.KeyReused, "the idempotency key was given to another request"));
    }

    private bool Evict(WriterLease lease, bool forced)
    {
        if (lease.Rehearsal is not { Repeatable: true } rehearsal || !lease.TryEvict(forced))
        {
            return false;
        }

        try
        {
            _writer.TryEvict(rehearsal);
        }
        catch (StorageException)
        {
            // The writer has reported the failure, which ends the process.
        }

        Free(lease);
        return true;
    }

    /// <summary>Undoes an ended lease's rehearsal and frees the writer.</summary>
    private void GiveBack(WriterLease lease)
    {
        try
        {
            lease.Rehearsal?.Dispose();
        }
        catch (StorageException)
        {
            // The writer has reported the failure, which ends the process.
        }

        Free(lease);
    }

    private void Free(WriterLease lease)
    {
        lock (_gate)
        {
            if (_holder == lease)
            {
                _holder = null;
            }
        }

        Pump();
    }

    private void LeadershipChanged()
    {
        if (!_log.IsLeader)
        {
            EndWhatRuns();
        }
    }

    /// <summary>Ends what is run for a lead that is lost.</summary>
    private void EndWhatRuns()
    {
        WriterTurn[] turns;
        WriterLease? holder;
        lock (_gate)
        {
            turns = TakeTurns();
            holder = _holder;
        }

        EndLeases(turns, holder, LeaseEnd.LeadershipLost, new(ClusterError.NotLeader, "not leader", _log.Leader));
        _writer.DropRehearsals();
    }

    private void EndLeases(WriterTurn[] turns, WriterLease? holder, LeaseEnd end, ClusterException error)
    {
        foreach (var turn in turns)
        {
            turn.Lease.TryEnd(end);
            turn.Fail(error);
        }

        if (holder is not null && holder.TryEnd(end))
        {
            GiveBack(holder);
        }
    }
}
