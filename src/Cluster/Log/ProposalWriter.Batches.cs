using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <content>Commands that are entries, together with others.</content>
internal sealed partial class ProposalWriter
{
    private const int BufferKeptMax = 4 << 20;

    private bool _batchOnItsWay;

    // Commands have had their turn since a transaction began last.
    private bool _batchTaken;

    private ArrayBufferWriter<byte> _buffer = new();
    private long _looseTerm;

    // The log has refused what was said of loose sequences alone: not to be said again before something else is to be done.
    private bool _looseRefused;

    /// <summary>Takes a command into the queue; the task ends when it is applied here, or tells why not.</summary>
    public ValueTask<CommandResult> ProposeAsync(ApplyCommand command, TimeSpan timeout, QueueLimit? limit, CancellationToken token)
    {
        var bytes = LogCommandEncoding.Measure(command.Batch);
        if (bytes > _limits.CommandBytesMax)
        {
            throw TooLarge(bytes, _limits.CommandBytesMax);
        }

        var encoded = new ArrayBufferWriter<byte>((int)bytes);
        LogCommandEncoding.WriteCommand(encoded, command);
        var proposal = new Proposal(encoded.WrittenMemory);
        lock (_gate)
        {
            Admit(bytes);
            proposal.Watch(_time, timeout, limit, token);
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

    private ProposedEntry? TakeEntry()
    {
        List<Proposal>? taken = null;
        long bytes = 0;
        while ((taken is null || taken.Count < _limits.EntryCommandsMax) && _queue.TryPeek(out var next))
        {
            if (taken is not null && bytes + next.Encoded.Length > _limits.EntryBytesMax)
            {
                break;
            }

            _queue.Dequeue();
            _queuedBytes -= next.Encoded.Length;
            if (next.TryPropose())
            {
                (taken ??= new(Math.Min(_queue.Count + 1, _limits.EntryCommandsMax))).Add(next);
                bytes += next.Encoded.Length;
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
        return new(NewUInt128(), taken);
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

    private async ValueTask ProposeAsync(ProposedEntry entry)
    {
        try
        {
            Encode(entry);
            var index = await _log.AppendAsync(_buffer.WrittenMemory, entry, _stopping.Token).ConfigureAwait(false);
            _ = WatchAsync(entry, index);
        }
        catch (ClusterException e) when (e.Error != ClusterError.OutcomeUnknown)
        {
            // What is loose stays so: the lead may go on, and its next transaction must not be given the same.
            _looseRefused = true;
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
        // After an append nothing but the applier knows what became of the entry; the log may still read the buffer.
        _buffer = new();
        entry.Fail(ClusterError.OutcomeUnknown, "leadership lost while committing log", _log.Leader, error);
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
        AdvanceTime();
        _buffer.ResetWrittenCount();
        LogCommandEncoding.WriteHead(_buffer, entry.Nonce, _unixMilliseconds, (ulong)NewUInt128(), entry.Proposals.Count);
        foreach (var proposal in entry.Proposals)
        {
            _buffer.Write(proposal.Encoded.Span);
        }
    }
}
