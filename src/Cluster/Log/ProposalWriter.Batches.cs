using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <content>Commands that are entries, together with others.</content>
internal sealed partial class ProposalWriter
{
    private const int BufferKeptMax = 4 << 20;

    /// <summary>So long a command may run while others wait in the same entry or beneath it; then it is undone and run by itself.</summary>
    private static readonly TimeSpan s_sharedSlice = TimeSpan.FromMilliseconds(20);

    private bool _batchOnItsWay;

    // Commands are being run, in this term.
    private volatile bool _batchRuns;
    private long _batchTerm;

    // Commands have had their turn since a transaction began last.
    private bool _batchTaken;

    private ArrayBufferWriter<byte> _buffer = new();
    private long _looseTerm;

    // The log has refused what was said of loose sequences alone: not to be said again before something else is to be done.
    private bool _looseRefused;

    /// <summary>Takes a command into the queue; the task ends when it is applied here, or tells why not.</summary>
    /// <param name="timeout">The longest wait for its turn, and then for the quorum.</param>
    /// <param name="statementTimeout">The longest that it may wait and run, all in all; null for no limit.</param>
    public ValueTask<CommandResult> ProposeAsync(
        ApplyCommand command, TimeSpan timeout, QueueLimit? limit, TimeSpan? statementTimeout, CancellationToken token)
    {
        var bytes = LogCommandEncoding.Measure(command.Batch);
        if (bytes > _limits.CommandBytesMax)
        {
            throw TooLarge(bytes, _limits.CommandBytesMax);
        }

        var encoded = new ArrayBufferWriter<byte>((int)bytes);
        LogCommandEncoding.WriteCommand(encoded, command);
        var proposal = new Proposal(encoded.WrittenMemory, _time);
        lock (_gate)
        {
            Admit(bytes);
            proposal.Watch(timeout, limit, statementTimeout, token);
            _queue.Enqueue(proposal);
            _queuedBytes += bytes;
        }

        Pump();
        return proposal.Task;
    }

    private void Admit(long bytes)
    {
        if (_closed)
        {
            throw Closed();
        }

        if (_queue.Count >= _limits.QueueCommandsMax || _queuedBytes + bytes > _limits.QueueBytesMax)
        {
            DropAbandonedCommands();
        }

        if (_queue.Count >= _limits.QueueCommandsMax || _queuedBytes + bytes > _limits.QueueBytesMax)
        {
            throw new ClusterException(ClusterError.Busy, $"too many writes are waiting ({_queue.Count}, {_queuedBytes} bytes)");
        }
    }

    /// <summary>Those that nobody waits for any more take up room only until it is needed.</summary>
    private void DropAbandonedCommands()
    {
        for (var left = _queue.Count; left > 0; left--)
        {
            var proposal = _queue.Dequeue();
            if (proposal.IsQueued)
            {
                _queue.Enqueue(proposal);
            }
            else
            {
                _queuedBytes -= proposal.Encoded.Length;
            }
        }
    }

    private bool CommandsWait => _queue.Count > 0 || _returned.Count > 0;

    private List<Proposal>? TakeEntry()
    {
        List<Proposal>? taken = null;
        long bytes = 0;
        while ((taken is null || taken.Count < _limits.EntryCommandsMax) && (_returned.TryPeek(out var next) || _queue.TryPeek(out next)))
        {
            if ((taken is not null && (next.Alone || bytes + next.Encoded.Length > _limits.EntryBytesMax)) || (_members > 0 && !MayJoin(next)))
            {
                break;
            }

            if (!_returned.TryDequeue(out _))
            {
                _queue.Dequeue();
                _queuedBytes -= next.Encoded.Length;
            }

            if (next.TryRun(_limits.WriteTimeout))
            {
                (taken ??= new(Math.Min(_queue.Count + 1, _limits.EntryCommandsMax))).Add(next);
                bytes += next.Encoded.Length;
                if (next.Alone)
                {
                    break;
                }
            }
        }

        _looseRefused &= taken is null;
        if (taken is not null || (_members == 0 && !_looseRefused))
        {
            TakeLooseSequences(ref taken);
        }

        if (taken is null)
        {
            return null;
        }

        _batchOnItsWay = true;
        _batchTaken = true;

        // Whoever stood on the group would not know of the entry.
        _groupClosed |= _members > 0;
        _watching++;
        return taken;
    }

    /// <summary>False if a command has to wait until the group is committed.</summary>
    private bool MayJoin(Proposal command) => !command.Alone && _writer.TakesMembers;

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
            var proposal = new Proposal(encoded.WrittenMemory, _time);
            proposal.TryRun(_limits.WriteTimeout);
            (taken ??= []).Insert(0, proposal);
        }
    }

    private async ValueTask RunAndProposeAsync(List<Proposal> taken)
    {
        BatchRehearsal? rehearsal;
        int kept, decided;
        try
        {
            var term = await SettleTermAsync().ConfigureAwait(false);
            AdvanceTime();
            StartClock();
            _batchTerm = term;
            _batchRuns = true;
            rehearsal = _writer.RehearseBatch(term, _unixMilliseconds, (ulong)NewUInt128(), taken, out kept, out decided);
        }
        catch (RehearsalLostException)
        {
            // Nothing has happened. If this node leads no more, the next try says so.
            GiveBack(taken, 0);
            BatchEnded();
            return;
        }
        catch (Exception e)
        {
            // What is loose stays so: the lead may go on, and its next transaction must not be given the same.
            _looseRefused = true;
            FailAll(taken, e as ClusterException ?? new(ClusterError.NotReady, $"the write could not be run: {e.Message}", null, e));
            BatchEnded();
            return;
        }
        finally
        {
            _batchRuns = false;
        }

        GiveBack(taken, decided);
        if (decided > kept)
        {
            taken[kept].Refuse();
        }

        if (rehearsal is null)
        {
            BatchEnded();
            return;
        }

        taken.RemoveRange(kept, taken.Count - kept);
        await ProposeAsync(new(NewUInt128(), taken, rehearsal)).ConfigureAwait(false);
    }

    private async ValueTask ProposeAsync(ProposedEntry entry)
    {
        foreach (var proposal in entry.Proposals)
        {
            proposal.Propose();
        }

        var rehearsal = entry.Rehearsal;
        try
        {
            Encode(entry);
            if (_log.Term != rehearsal.Term)
            {
                throw new ClusterException(ClusterError.NotLeader, "not leader", _log.Leader);
            }

            var index = await _log.AppendAsync(_buffer.WrittenMemory, entry, _stopping.Token).ConfigureAwait(false);
            if (_log.Term == rehearsal.Term)
            {
                rehearsal.Appended(index, rehearsal.Term);
            }
            else
            {
                // In which term it was appended cannot be told, so nothing may stand on it.
                TryDrop(rehearsal);
            }

            _ = WatchAsync(entry, index);
        }
        catch (ClusterException e) when (e.Error != ClusterError.OutcomeUnknown)
        {
            _looseRefused = true;
            rehearsal.Withdraw();
            entry.Fail(e.Error, e.Message, e.Leader, null);
            BatchEnded();
        }
        catch (Exception e)
        {
            BatchLost(entry, e);
            BatchEnded();
        }
    }

    private async Task WatchAsync(ProposedEntry entry, long index)
    {
        try
        {
            await _log.WaitForCommitAsync(index, _stopping.Token).ConfigureAwait(false);
            if (!entry.Rehearsal.Agreed)
            {
                TryDrop(entry.Rehearsal);
            }

            entry.Fail(ClusterError.OutcomeUnknown, "another entry took the place of the write in the log", _log.Leader, null);
            if (_buffer.Capacity > BufferKeptMax)
            {
                _buffer = new();
            }
        }
        catch (Exception e)
        {
            BatchLost(entry, e);
        }

        BatchEnded();
        Pump();
    }

    private void BatchLost(ProposedEntry entry, Exception error)
    {
        // After an append nothing but the applier knows what became of the entry; the log may still read the buffer. If the quorum has
        // agreed to it, dropping makes it a success.
        _buffer = new();
        TryDrop(entry.Rehearsal);
        entry.Fail(ClusterError.OutcomeUnknown, "leadership lost while committing log", _log.Leader, error);
    }

    private static void TryDrop(BatchRehearsal rehearsal)
    {
        try
        {
            rehearsal.Drop();
        }
        catch (StorageException)
        {
            // The writer has told what ends the process.
        }
    }

    /// <summary>Puts commands that were not run back in front of the queue.</summary>
    private void GiveBack(List<Proposal> taken, int from)
    {
        if (from == taken.Count)
        {
            return;
        }

        for (var i = from; i < taken.Count; i++)
        {
            taken[i].Return();
        }

        lock (_gate)
        {
            if (_closed)
            {
                FailAll(taken[from..], Closed());
                return;
            }

            // What was returned before stands behind those that were taken out in front of it.
            Proposal[] rest = [.. taken[from..], .. _returned];
            _returned.Clear();
            foreach (var proposal in rest)
            {
                _returned.Enqueue(proposal);
            }
        }
    }

    private static void FailAll(List<Proposal> proposals, ClusterException error)
    {
        foreach (var proposal in proposals)
        {
            proposal.Fail(error);
        }
    }

    private void BatchEnded()
    {
        lock (_gate)
        {
            _batchOnItsWay = false;
            _watching--;
            EndIfDone();
        }
    }

    private void Encode(ProposedEntry entry)
    {
        var rehearsal = entry.Rehearsal;
        _buffer.ResetWrittenCount();
        LogBatchEncoding.WriteHead(_buffer, entry.Nonce, rehearsal.UnixMilliseconds, rehearsal.Seed, rehearsal.Entry!);
        foreach (var proposal in entry.Proposals)
        {
            _buffer.Write(proposal.Encoded.Span);
        }
    }
}
