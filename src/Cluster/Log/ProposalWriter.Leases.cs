using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <content>
/// Turns of transactions. While one holds the writer nothing is proposed: an entry would come before it in the log, and change what it was
/// rehearsed on.
/// </content>
internal sealed partial class ProposalWriter
{
    private readonly Queue<WriterLease> _leases = new();
    private WriterLease? _holder;
    private bool _leaseIsNext;
    private long _looseTerm;

    /// <summary>A transaction has the writer, and is not about to give it back.</summary>
    public bool Held
    {
        get
        {
            lock (_gate)
            {
                return _holder is { End.IsCompleted: false };
            }
        }
    }

    /// <summary>Transactions and commands that wait for the writer.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _leases.Count(static lease => !lease.Granted.IsCompleted) + _queue.Count(static proposal => proposal.IsQueued);
            }
        }
    }

    /// <summary>Waits for the writer, behind those that came before.</summary>
    public async ValueTask<(WriterLease Lease, Rehearsal Rehearsal)> LeaseAsync(TransactionOptions options, CancellationToken token)
    {
        var lease = new WriterLease(options.Options, options.Caller);
        bool start;
        lock (_gate)
        {
            if (_closed)
            {
                throw Closed();
            }

            DropAbandoned();
            if (_leases.Count >= _limits.QueueCommandsMax)
            {
                throw new ClusterException(ClusterError.Busy, $"too many transactions are waiting ({_leases.Count})");
            }

            lease.Watch(_time, options.LockTimeout, token);
            _leases.Enqueue(lease);
            start = !_running;
            _running = true;
        }

        if (start)
        {
            _ = RunAsync();
        }

        return (lease, await lease.Granted.ConfigureAwait(false));
    }

    private void DropAbandoned()
    {
        while (_leases.TryPeek(out var first) && first.Granted.IsCompleted)
        {
            _leases.Dequeue();
        }
    }

    private WriterLease? NextLease(bool force)
    {
        DropAbandoned();
        if (!force && !_leaseIsNext && _queue.Count > 0)
        {
            return null;
        }

        _leaseIsNext = false;
        return _leases.TryDequeue(out var lease) ? _holder = lease : null;
    }

    /// <summary>
    /// Values of sequences that a transaction was given stay given out although it was rolled back: the next entry says so, before the
    /// statements in it draw some. Without others to wait for it is one of its own.
    /// </summary>
    private void TakeLooseSequences(ref List<Proposal>? taken)
    {
        if (_log.Term != _looseTerm || !_log.IsLeader)
        {
            _looseTerm = _log.Term;
            _writer.ForgetLooseSequences();
        }
        else if (!_closed && _writer.SettleLooseSequences() is { } batch)
        {
            var encoded = new ArrayBufferWriter<byte>((int)LogCommandEncoding.Measure(batch));
            LogCommandEncoding.WriteCommand(encoded, new(default, batch));
            var proposal = new Proposal(encoded.WrittenMemory);
            proposal.TryPropose();
            (taken ??= []).Insert(0, proposal);
        }
    }

    private void StopLeases()
    {
        foreach (var lease in _leases)
        {
            lease.Fail(Closed());
        }

        _leases.Clear();
        _holder?.TryEnd(LeaseEnd.Stopping);
    }

    private void LeadershipChanged()
    {
        if (_log.IsLeader)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var lease in _leases)
            {
                lease.Fail(new ClusterException(ClusterError.NotLeader, "not leader", _log.Leader));
            }

            _leases.Clear();
            _holder?.TryEnd(LeaseEnd.LeadershipLost);
        }
    }

    /// <summary>Gives the writer away and takes it back; never throws.</summary>
    private async ValueTask ServeAsync(WriterLease lease)
    {
        Rehearsal? rehearsal = null;
        try
        {
            var term = _log.Term;
            if (!_log.IsLeader)
            {
                throw new ClusterException(ClusterError.NotLeader, "not leader", _log.Leader);
            }

            if (term != _looseTerm)
            {
                _looseTerm = term;
                _writer.ForgetLooseSequences();
            }

            // A leader has committed all that was in its log; what it has proposed itself since is applied, or this would not run.
            await _log.WaitForApplyAsync(_log.CommitIndex, _stopping.Token).ConfigureAwait(false);
            AdvanceTime();
            rehearsal = _writer.BeginRehearsal(_unixMilliseconds, (ulong)NewUInt128(), lease.Options, lease.Caller);
            if (lease.TryGrant(rehearsal) && await lease.End.ConfigureAwait(false) == LeaseEnd.Commit)
            {
                await CommitAsync(lease.Proposed!, term).ConfigureAwait(false);
            }
        }
        catch (ClusterException e)
        {
            lease.Fail(e);
        }
        catch (Exception e)
        {
            lease.Fail(new ClusterException(ClusterError.NotReady, $"a transaction could not begin: {e.Message}", null, e));
        }
        finally
        {
            lock (_gate)
            {
                _holder = null;
            }

            // Nothing remains if it was not committed; should its entry be applied after all, it is run again.
            rehearsal?.Dispose();
        }
    }

    private async ValueTask CommitAsync(ProposedTransaction proposed, long term)
    {
        if (_log.Term != term)
        {
            proposed.Fail(NotAppended(null));
            return;
        }

        try
        {
            await _log.ReplicateAsync(proposed.Encoded, proposed, _stopping.Token).ConfigureAwait(false);
            proposed.Fail(new ClusterException(
                ClusterError.OutcomeUnknown, "another entry took the place of the transaction in the log", _log.Leader));
        }
        catch (ClusterException e) when (e.Error is ClusterError.NotLeader or ClusterError.NoLeader or ClusterError.NotReady)
        {
            proposed.Fail(NotAppended(e));
        }
        catch (ClusterException e) when (e.Error == ClusterError.TooLarge)
        {
            proposed.Fail(e);
        }
        catch (Exception e)
        {
            proposed.Fail(new ClusterException(ClusterError.OutcomeUnknown, "leadership lost while committing log", _log.Leader, e));
        }
    }

    private ClusterException NotAppended(Exception? inner) => new(
        ClusterError.Serialization, "could not serialize access: the leader has changed, the transaction was rolled back", _log.Leader, inner);
}
