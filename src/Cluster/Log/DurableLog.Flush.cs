namespace Rqlite.Pg.Cluster;

/// <content>
/// Turns at the files. A caller that needs an entry on disk writes all entries that are not there yet, on its own thread, if no other caller is
/// writing; callers that come meanwhile wait for it, and the first whose entry came too late is next.
/// </content>
internal abstract partial class DurableLog
{
    private readonly List<(long Index, TaskCompletionSource<bool> Turn)> _turns = [];
    private bool _writing;

    /// <summary>Returns when all entries up to an index are on disk.</summary>
    public async ValueTask FlushAsync(long index)
    {
        while (TryBeginFlush(index, out var turn))
        {
            if (await turn.ConfigureAwait(false))
            {
                try
                {
                    WriteOut(index);
                }
                finally
                {
                    LeaveFiles();
                }
            }
        }
    }

    private bool TryBeginFlush(long index, out ValueTask<bool> turn)
    {
        lock (_gate)
        {
            ThrowIfFailed();
            var needed = _flushed < Math.Min(index, _last);
            turn = needed ? TakeTurn(index) : default;
            return needed;
        }
    }

    private ValueTask<bool> EnterFilesAsync()
    {
        lock (_gate)
        {
            ThrowIfFailed();
            return TakeTurn(long.MaxValue);
        }
    }

    /// <summary>True: the files are the caller's, which must call <see cref="LeaveFiles"/>. False: the index is on disk.</summary>
    private ValueTask<bool> TakeTurn(long index)
    {
        if (!_writing)
        {
            _writing = true;
            return new(true);
        }

        var turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _turns.Add((index, turn));
        return new(turn.Task);
    }

    private void LeaveFiles()
    {
        lock (_gate)
        {
            if (_turns.Count > 0)
            {
                // After a failure these callers check it themselves.
                _turns.RemoveAll(t => t.Index <= _flushed && t.Turn.TrySetResult(false));
            }

            _writing = _turns.Count > 0;
            if (_writing)
            {
                var (_, next) = _turns[0];
                _turns.RemoveAt(0);
                next.TrySetResult(true);
            }
        }
    }

    private void WriteOut(long index)
    {
        while (true)
        {
            StoredEntry[] batch;
            lock (_gate)
            {
                ThrowIfFailed();
                if (_flushed >= Math.Min(index, _last))
                {
                    return;
                }

                batch = _tail.Slice(_flushed + 1, _last);
            }

            try
            {
                _files.Write(batch, _flushed);
            }
            catch (Exception error)
            {
                Fail("the log could not be written", error);
                throw;
            }

            lock (_gate)
            {
                _flushed = batch[^1].Index;
                _tail.Trim(_flushed);
            }
        }
    }

    /// <summary>Removes a tail that another leader's entries contradict, before any of them is taken.</summary>
    private async ValueTask CutFromAsync(long index)
    {
        await EnterFilesAsync().ConfigureAwait(false);
        try
        {
            lock (_gate)
            {
                ThrowIfFailed();
                if (index <= _commit)
                {
                    throw new InvalidOperationException($"Entry {index} is committed and cannot be replaced.");
                }

                _lastTerm = FindTerm(index - 1);
                _tail.CutFrom(index);
                _flushed = Math.Min(_flushed, index - 1);
                Volatile.Write(ref _last, index - 1);
            }

            if (_files.Last >= index)
            {
                // The disk may remove the records in any order; the note makes the next start finish the cut.
                WriteState(state => state with { CutFrom = index });
                _files.CutFrom(index);
                WriteState(state => state with { CutFrom = 0 });
            }
        }
        catch (Exception error) when (error is not InvalidOperationException)
        {
            Fail("the log could not be written", error);
            throw;
        }
        finally
        {
            LeaveFiles();
        }
    }
}
