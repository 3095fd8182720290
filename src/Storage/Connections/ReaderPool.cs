namespace Rqlite.Pg.Storage;

/// <summary>
/// Readers, opened when they are needed. An idle reader lies in a slot that its last thread looks at first, and that any thread may empty; when
/// all are in use, callers wait in turn.
/// </summary>
internal sealed class ReaderPool : IDisposable
{
    private const int SlotCount = 32;

    private static readonly TimeSpan s_reliefInterval = TimeSpan.FromMilliseconds(100);

    private readonly StorageOptions _options;
    private readonly Reader?[] _slots = new Reader?[SlotCount];
    private readonly Lock _lock = new();
    private readonly Stack<Reader> _idle = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private readonly HashSet<Reader> _all = [];
    private readonly ReadWorkers _workers = new(ReadWorkers.DefaultTurns);
    private readonly MemoryPool _memory;
    private readonly TemporaryFiles _temporary;
    private readonly SchemaStamps _stamps;
    private readonly Timer _relief;
    private bool _relieving;
    private Generation _files;
    private int _generation;
    private int _waiting;
    private long _committed;
    private bool _disposed;

    public ReaderPool(Generation files, StorageOptions options, TemporaryFiles temporary, SchemaStamps stamps)
    {
        _stamps = stamps;
        _files = files;
        _options = options;
        _temporary = temporary;
        _memory = new MemoryPool(options.ReadersMemoryMax);
        _relief = new Timer(static pool => ((ReaderPool)pool!).Relieve(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>The number of commits; a reader is renewed when it has seen an older count.</summary>
    public long Committed => Volatile.Read(ref _committed);

    public int Open
    {
        get
        {
            lock (_lock)
            {
                return _all.Count;
            }
        }
    }

    public int Idle => CountIdle();

    /// <summary>The number of reads that wait for a connection.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Called after a COMMIT and before any answer.</summary>
    public void CountCommit() => Interlocked.Increment(ref _committed);

    /// <exception cref="StorageException">The database file cannot be opened.</exception>
    /// <param name="limit">The longest wait, if it is shorter than <see cref="StorageOptions.ReaderWait"/>.</param>
    /// <exception cref="ReadersBusyException">No reader has come free.</exception>
    public ValueTask<ReaderLease> RentAsync(TimeSpan? limit, CancellationToken token)
    {
        var reader = Interlocked.Exchange(ref _slots[Slot], null);
        return reader is not null && reader.Generation == Volatile.Read(ref _generation) ? new(new ReaderLease(this, reader)) : RentSlowlyAsync(reader, limit, token);
    }

    /// <summary>The limit of a statement: its own or that of all reads, whichever is shorter.</summary>
    public TimeSpan? LimitOf(TimeSpan? own) => own < _options.ReadTimeout || _options.ReadTimeout is null ? own : _options.ReadTimeout;

    private static int Slot => Environment.CurrentManagedThreadId & (SlotCount - 1);

    private ValueTask<ReaderLease> RentSlowlyAsync(Reader? outdated, TimeSpan? limit, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (outdated is not null)
            {
                Close(outdated);
            }

            if (TakeIdle() is { } reader)
            {
                return new(new ReaderLease(this, reader));
            }

            if (_all.Count < _options.ReadersMax)
            {
                return new(new ReaderLease(this, OpenOne()));
            }

            waiter = new Waiter(this);
            waiter.Node = _waiters.AddLast(waiter);
            _waiting++;
            Watch();
        }

        // A reader that was just given back to a slot may not have seen this waiter.
        ServeWaiters();
        return waiter.WaitAsync(limit, token);
    }

    private Reader OpenOne()
    {
        var reader = new Reader(_files, _options, _generation, _workers, _memory, _temporary, _stamps);
        _all.Add(reader);
        if (_all.Count > HeldMax)
        {
            Watch();
        }

        return reader;
    }

    /// <summary>The number of readers that may stay with clients that do not read, or with long reads; the others are for new reads.</summary>
    private int HeldMax => _options.ReadersMax - Math.Max(1, _options.ReadersMax / 8);

    private void Watch()
    {
        if (!_relieving && !_disposed)
        {
            _relieving = true;
            _relief.Change(s_reliefInterval, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>
    /// Takes readers back when almost none are left: from leases whose client has not asked for rows for a while, the longest silent first;
    /// then from the oldest of those that have been out for long.
    /// </summary>
    private void Relieve()
    {
        List<ReaderLease> chosen;
        lock (_lock)
        {
            _relieving = false;
            if (_disposed)
            {
                return;
            }

            var leases = _all.Select(static reader => reader.Lease).OfType<ReaderLease>().Where(static lease => lease.Ended is null).ToList();
            var wanted = leases.Count + _waiting - HeldMax;
            if (_all.Count > HeldMax || _waiting > 0)
            {
                Watch();
            }

            var now = Environment.TickCount64;
            var stalled = leases.Select(static lease => (Lease: lease, Since: lease.IdleSince ?? long.MaxValue))
                .Where(held => held.Since <= now - _options.StalledReaderTime.TotalMilliseconds).OrderBy(static held => held.Since)
                .Select(static held => held.Lease);
            var old = leases.Where(lease => lease.Since <= now - _options.LongReaderTime.TotalMilliseconds).OrderBy(static lease => lease.Since);
            chosen = [.. stalled.Concat(old).Distinct().Take(Math.Max(0, wanted))];
        }

        foreach (var lease in chosen)
        {
            lease.Terminate(lease.IdleSince is null ? TooLong() : TooSlow());
        }
    }

    private StatementError TooSlow() => Busy(
        $"the result was given up because its client has not read on for {_options.StalledReaderTime.TotalSeconds:0.#} s while others needed the reader");

    private StatementError TooLong() => Busy(
        $"the read was ended because it was the oldest when others needed one of the {_options.ReadersMax} readers");

    private static StatementError Busy(string message) => StatementError.Of("53400", message);

    private Reader? TakeIdle()
    {
        while (_idle.TryPop(out var reader) || TakeFromSlot(out reader))
        {
            if (reader!.Generation == _generation)
            {
                return reader;
            }

            Close(reader);
        }

        return null;
    }

    private bool TakeFromSlot(out Reader? reader)
    {
        for (var i = 0; i < SlotCount; i++)
        {
            reader = Interlocked.Exchange(ref _slots[i], null);
            if (reader is not null)
            {
                return true;
            }
        }

        reader = null;
        return false;
    }

    public void Return(Reader reader)
    {
        reader.IdleSince = Environment.TickCount64;
        if (reader.Seen != Committed)
        {
            // The reader's old snapshot is of no use to the next lease, and would keep the WAL from starting over.
            reader.LetGo();
        }

        if (Volatile.Read(ref _waiting) == 0 && reader.Generation == Volatile.Read(ref _generation)
            && Interlocked.CompareExchange(ref _slots[Slot], reader, null) is null)
        {
            // A caller may have begun to wait, or the pool may have been closed, while the reader went into the slot.
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _waiting) != 0 || Volatile.Read(ref _disposed))
            {
                ServeWaiters();
            }

            return;
        }

        lock (_lock)
        {
            if (_disposed || reader.Generation != _generation)
            {
                Close(reader);
            }
            else if (_idle.Count >= _options.ReadersIdleMax && _waiting == 0)
            {
                Close(reader);
            }
            else
            {
                _idle.Push(reader);
            }
        }

        ServeWaiters();
    }

    /// <summary>Hands idle readers to waiting callers, the longest waiting first.</summary>
    private void ServeWaiters()
    {
        while (true)
        {
            Waiter waiter;
            Reader? reader;
            lock (_lock)
            {
                if (_disposed)
                {
                    CloseIdle();
                }

                if (_waiters.First is not { } first)
                {
                    return;
                }

                reader = TakeIdle() ?? (_all.Count < _options.ReadersMax ? OpenOne() : null);
                if (reader is null)
                {
                    return;
                }

                waiter = first.Value;
                Forget(waiter);
            }

            waiter.Hand(new ReaderLease(this, reader));
        }
    }

    private void Forget(Waiter waiter)
    {
        if (waiter.Node is { } node)
        {
            waiter.Node = null;
            _waiters.Remove(node);
            _waiting--;
        }
    }

    /// <summary>Ends the read transactions of idle readers, so that the write-ahead log can be reset.</summary>
    public void ReleaseIdle()
    {
        for (var i = 0; i < SlotCount; i++)
        {
            if (Interlocked.Exchange(ref _slots[i], null) is { } reader)
            {
                reader.LetGo();
                Return(reader);
            }
        }

        lock (_lock)
        {
            foreach (var reader in _idle)
            {
                reader.LetGo();
            }
        }
    }

    /// <summary>Ends the reader with the oldest snapshot at its next step, with an error that says why; false if none is old.</summary>
    public bool InterruptOldest(string reason)
    {
        ReaderLease? lease;
        lock (_lock)
        {
            var oldest = _all.Where(static reader => reader is { Holds: true, Lease: null or { Ended: null } }).MinBy(static reader => reader.Seen);
            if (oldest is null || (oldest.Seen == Committed && oldest.Generation == _generation))
            {
                return false;
            }

            lease = oldest.Lease;
            if (lease is null)
            {
                oldest.TryLetGo();
            }
        }

        lease?.Terminate(StatementError.Of("72000", reason));
        return true;
    }

    /// <summary>Opens readers on these files from now on; a reader in use is closed when it is given back.</summary>
    public void Reopen(Generation files)
    {
        lock (_lock)
        {
            _files = files;
            Volatile.Write(ref _generation, _generation + 1);
            CloseIdle();
        }

        CountCommit();
    }

    private void CloseIdle()
    {
        while (_idle.TryPop(out var reader) || TakeFromSlot(out reader))
        {
            Close(reader!);
        }
    }

    private void Close(Reader reader)
    {
        _all.Remove(reader);
        reader.Dispose();
    }

    private int CountIdle()
    {
        lock (_lock)
        {
            return _idle.Count + _slots.Count(slot => slot is not null);
        }
    }

    /// <summary>Closes idle readers; one still in use is closed when it is given back. Waiting callers get an exception.</summary>
    public void Dispose()
    {
        List<Waiter> waiters;
        lock (_lock)
        {
            Volatile.Write(ref _disposed, true);
            CloseIdle();
            waiters = [.. _waiters];
            _waiters.Clear();
            _waiting = 0;
        }

        _relief.Dispose();
        _workers.Dispose();
        foreach (var waiter in waiters)
        {
            waiter.Refuse(new ObjectDisposedException(nameof(ReaderPool)));
        }
    }

    /// <summary>A caller for whom no reader was left.</summary>
    private sealed class Waiter(ReaderPool pool)
    {
        private readonly TaskCompletionSource<ReaderLease> _handed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private bool _ownLimit;

        public LinkedListNode<Waiter>? Node { get; set; }

        public async ValueTask<ReaderLease> WaitAsync(TimeSpan? limit, CancellationToken token)
        {
            await using var registration = token.UnsafeRegister(
                static (state, cancelled) => ((Waiter)state!).Cancel(cancelled), this).ConfigureAwait(false);
            _ownLimit = limit < pool._options.ReaderWait;
            using var late = new CancellationTokenSource(_ownLimit ? limit!.Value : pool._options.ReaderWait);
            await using var other = late.Token.UnsafeRegister(static state => ((Waiter)state!).TooLate(), this).ConfigureAwait(false);
            return await _handed.Task.ConfigureAwait(false);
        }

        public void Hand(ReaderLease lease)
        {
            if (!_handed.TrySetResult(lease))
            {
                lease.Dispose();
            }
        }

        public void Refuse(Exception exception) => _handed.TrySetException(exception);

        private void Cancel(CancellationToken token)
        {
            Leave();
            _handed.TrySetCanceled(token);
        }

        private void TooLate()
        {
            Leave();
            Refuse(new ReadersBusyException($"all {pool._options.ReadersMax} readers are in use", _ownLimit));
        }

        private void Leave()
        {
            lock (pool._lock)
            {
                pool.Forget(this);
            }
        }
    }
}
