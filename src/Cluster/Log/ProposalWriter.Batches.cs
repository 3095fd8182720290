using System.Buffers;
using System.Diagnostics;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <content>Commands: many of them share an entry.</content>
internal sealed partial class ProposalWriter
{
    private const int BufferKeptMax = 4 << 20;

    /// <summary>The longest that a command may run while others wait in the same entry or beneath it; then it is undone and run alone.</summary>
    private static readonly TimeSpan s_sharedSlice = TimeSpan.FromMilliseconds(20);

    /// <summary>The longest wait for the callers of the last entry to write again.</summary>
    private static readonly TimeSpan s_gatherMax = TimeSpan.FromMicroseconds(500);

    // After so many waits in vain, one after the other, one entry in 64 is waited for.
    private const int GatherMissesMax = 6;

    private bool _batchOnItsWay;

    // Used by the watcher of the entry that is on its way: there is one.
    private int _gatherSkips;
    private int _gatherMisses;

    // Commands are being run, in this term.
    private volatile bool _batchRuns;
    private long _batchTerm;

    // True if commands have had a turn since the last transaction began.
    private bool _batchTaken;

    private ArrayBufferWriter<byte> _buffer = new();
    private long _looseTerm;

    // The log has refused an entry that only records unlogged sequence advances: it is not tried again before there is other work.
    private bool _looseRefused;

    /// <summary>Queues a command; the task ends when the command is applied here, or fails with the reason.</summary>
    /// <param name="timeout">The longest wait for the command's turn, and then for the quorum.</param>
    /// <param name="statementTimeout">The longest that the command may wait and run in total; null for no limit.</param>
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

    /// <summary>Drops commands whose caller has stopped waiting; until the queue is full they stay in it.</summary>
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
        var (bytes, now) = (0L, 0L);
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

            now = now == 0 ? _time.GetTimestamp() : now;
            if (next.TryRun(now, _limits.WriteTimeout))
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

        // A transaction that joined the group now would not see this entry.
        _groupClosed |= _members > 0;
        _watching++;
        return taken;
    }

    /// <summary>False if a command has to wait until the group is committed.</summary>
    private bool MayJoin(Proposal command) => !command.Alone && _writer.TakesMembers;

    /// <summary>
    /// Takes the unlogged sequence advances: values that a rolled-back transaction was given stay given out, so the next entry records them,
    /// before its statements draw some. Without commands to carry them they form an entry of their own.
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
            proposal.TryRun(_time.GetTimestamp(), _limits.WriteTimeout);
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
            rehearsal = _writer.RehearseBatch(term, _unixMicroseconds, (ulong)NewUInt128(), taken, out kept, out decided);
        }
        catch (RehearsalLostException)
        {
            // Nothing has happened. If this node no longer leads, the next try fails with that.
            GiveBack(taken, 0);
            BatchEnded();
            return;
        }
        catch (Exception e)
        {
            // Keep the unlogged advances: this leader may continue and must not reuse their values.
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
                // The term of the entry cannot be told, so no member may stand on it.
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

        Gather(entry.Proposals.Count);
        BatchEnded();
        Pump();
    }

    /// <summary>
    /// Waits a moment for the callers who have just been answered: most write again at once. Without the wait they miss the next entry, and two
    /// groups of callers alternate in entries of half the size, with a flush each. Waits in vain make the next ones rarer.
    /// </summary>
    private void Gather(int answered)
    {
        if (answered < 2 || --_gatherSkips > 0)
        {
            return;
        }

        // The slowest few are not worth the wait of the others.
        var expected = Math.Min(_limits.EntryCommandsMax, ((long)answered + CommandsQueued()) * 3 / 4);
        var began = Stopwatch.GetTimestamp();
        while (CommandsQueued() < expected)
        {
            if (Stopwatch.GetElapsedTime(began) >= s_gatherMax)
            {
                _gatherMisses = Math.Min(_gatherMisses + 1, GatherMissesMax);
                _gatherSkips = 1 << _gatherMisses;
                return;
            }

            Thread.Yield();
        }

        _gatherMisses = 0;
    }

    /// <summary>The number of waiting commands; as many as can be if a transaction waits, too, or nothing will come any more.</summary>
    private int CommandsQueued()
    {
        lock (_gate)
        {
            return _turns.Count > 0 || _closed ? int.MaxValue : _queue.Count;
        }
    }

    private void BatchLost(ProposedEntry entry, Exception error)
    {
        // After an append only the applier knows the entry's outcome; the log may still read the buffer. If the quorum has agreed to the entry,
        // dropping makes it a success.
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
            // The writer has reported the failure, which ends the process.
        }
    }

    /// <summary>Puts commands that were not run back at the front of the queue.</summary>
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

            // Commands that are still in _returned come after those that were taken from its front.
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
        LogBatchEncoding.WriteHead(_buffer, entry.Nonce, rehearsal.UnixMicroseconds, rehearsal.Seed, rehearsal.Entry!);
        foreach (var proposal in entry.Proposals)
        {
            _buffer.Write(proposal.Encoded.Span);
        }
    }
}
