using DotNext.Net.Cluster.Consensus.Raft;

namespace Rqlite.Pg.Cluster;

/// <content>The beginning of the log: cutting off its front, and installing copies in its place.</content>
internal abstract partial class DurableLog
{
    private readonly Lock _baseLock = new();

    /// <summary>The largest index after which the log has at least so many bytes; 0 if there is none.</summary>
    public long IndexBefore(long bytes) => _files.IndexBefore(bytes);

    /// <summary>Drops the entries up to an index that the database has on disk; false if the log begins later already.</summary>
    public bool TryMoveBase(long index)
    {
        lock (_baseLock)
        {
            BasePoint point;
            lock (_gate)
            {
                if (index <= _base.Index || index > _applied)
                {
                    return false;
                }

                point = new(index, FindTerm(index));
            }

            // The note is written first, or a start would find the beginning missing.
            BaseFile.Write(BaseFile.PathIn(_directory), point.Index, point.Term);
            lock (_gate)
            {
                Volatile.Write(ref _base, point);
            }

            _files.DropTo(index);
            return true;
        }
    }

    /// <summary>Installs a copy, which the library passes on as an entry.</summary>
    public async ValueTask AppendAsync<TEntry>(TEntry entry, long startIndex, CancellationToken token = default)
        where TEntry : IRaftLogEntry
    {
        if (!entry.IsSnapshot)
        {
            throw new NotSupportedException("Only a copy is put at a place of its own.");
        }

        await _append.WaitAsync(token).ConfigureAwait(false);
        try
        {
            await FlushAsync(long.MaxValue).ConfigureAwait(false);
            await EnterFilesAsync().ConfigureAwait(false);
            await EnterApplyAsync().ConfigureAwait(false);
            try
            {
                lock (_gate)
                {
                    ThrowIfFailed();
                }

                Install();
            }
            catch (Exception error)
            {
                Fail("a copy could not be installed", error);
                throw;
            }
            finally
            {
                LeaveApply();
                LeaveFiles();
            }
        }
        finally
        {
            _append.Release();
        }
    }

    private void Install()
    {
        // The copy becomes the database here. From now on a start finishes the remaining steps: see OpenedLog.
        var point = _machine.Install();
        lock (_baseLock)
        {
            // Entries after the copy's end, if they are of the same history, may have been acknowledged.
            var keep = point.Index <= LastEntryIndex && TermAt(point.Index) == point.Term;
            lock (_gate)
            {
                Volatile.Write(ref _base, point);
                if (!keep)
                {
                    _tail.CutFrom(0);
                    _flushed = point.Index;
                    _lastTerm = point.Term;
                    Volatile.Write(ref _last, point.Index);
                }

                Volatile.Write(ref _commit, Math.Max(_commit, point.Index));
                Volatile.Write(ref _applied, point.Index);
            }

            if (!keep)
            {
                _files.Clear();
                _files.Begin(point.Index + 1, point.Term);
            }

            BaseFile.Write(BaseFile.PathIn(_directory), point.Index, point.Term);
            _files.DropTo(point.Index);
        }

        _waiters.Reach(point.Index);
    }
}
