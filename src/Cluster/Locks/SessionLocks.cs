using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The advisory locks of one session.</summary>
internal sealed class SessionLocks(AdvisoryLocks locks, long session, Action lost) : ISessionLocks
{
    private const long AnyTicket = long.MaxValue;

    // The interval at which a wait reads the table, since a copy of the database may have brought the lock.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GiveUpTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly HashSet<long> _granted = [];
    private readonly HashSet<long> _givenUp = [];
    private readonly Lock _releaseGate = new();
    private Task _releasing = Task.CompletedTask;

    // The remaining work of abandoned statements; never fails.
    private Task _unfinished = Task.CompletedTask;
    private TaskCompletionSource _changed = NewSignal();
    private bool _running;
    private bool _lost;
    private long _lastTicket;

    // The last ticket of an ended transaction whose locks are still to be given back; 0 for none.
    private long _pendingRelease;

    public long Session => session;

    public bool MayHold { get; private set; }

    public bool MayHoldForTransaction { get; private set; }

    public long Mark => _lastTicket;

    public bool Lost
    {
        get
        {
            if (MayHold && !locks.LeaseHolds)
            {
                Lose();
            }

            return Volatile.Read(ref _lost);
        }
    }

    /// <summary>True if an ended transaction's locks are still to be given back.</summary>
    public bool ReleasePending => Volatile.Read(ref _pendingRelease) != 0 && !Volatile.Read(ref _running);

    public async ValueTask<LockedResult> RunAsync(
        StatementBatch batch, WriteOptions write, TimeSpan? lockTimeout, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        ThrowIfLost();
        using var reach = new Deadline(
            lockTimeout is { } limit && limit < AdvisoryLocks.ReachMin ? AdvisoryLocks.ReachMin : lockTimeout ?? Timeout.InfiniteTimeSpan,
            locks.Time, token);
        try
        {
            // The work of an abandoned statement must not come after this statement.
            await _unfinished.WaitAsync(reach.Token).ConfigureAwait(false);
            await locks.JoinAsync(this, reach.Token).ConfigureAwait(false);
            ThrowIfLost();
            await ReleasePendingAsync(reach.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw GivenUp(token);
        }

        var (held, heldForTransaction) = (MayHold, MayHoldForTransaction);
        Begin();
        try
        {
            var written = await ExecuteAsync(batch, write, reach.Token, token).ConfigureAwait(false);
            var effects = written.FirstOutcome()?.Effects?.Locks;
            if (effects is null)
            {
                (MayHold, MayHoldForTransaction) = (held, heldForTransaction);
                return new(written, written.RaftIndex, []);
            }

            (_lastTicket, MayHoldForTransaction) = (effects.LastTicket, effects.OfTransaction > 0);
            MayHold = MayHoldForTransaction || effects.OfSession > 0;
            if (effects.Waiting.Count > 0)
            {
                await WaitAsync(effects.Waiting, written.RaftIndex, lockTimeout, token).ConfigureAwait(false);
            }

            // The former holder has given the lock back in an entry that is applied here.
            ThrowIfLost();
            return new(written, effects.Waiting.Count > 0 ? Math.Max(written.RaftIndex, locks.AppliedIndex) : written.RaftIndex, effects.Warnings);
        }
        catch (ClusterException e) when (e.Error is ClusterError.OutcomeUnknown or ClusterError.ResultLost)
        {
            // The end of the transaction must cover the statement's effects, in case it is still applied.
            _lastTicket = AnyTicket;
            throw;
        }
        finally
        {
            Volatile.Write(ref _running, false);
        }
    }

    /// <summary>
    /// Waits for the entry, which is not cancelled: a lock taken without the session's knowledge would stay until the session ends. If the wait
    /// is abandoned, <see cref="FinishAsync"/> sees to the entry.
    /// </summary>
    private async ValueTask<WrittenBatch> ExecuteAsync(StatementBatch batch, WriteOptions write, CancellationToken reach, CancellationToken token)
    {
        var executing = locks.ExecuteAsync(batch, write, CancellationToken.None).AsTask();
        try
        {
            return await executing.WaitAsync(reach).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (reach.IsCancellationRequested)
        {
            _lastTicket = AnyTicket;
            _unfinished = FinishAsync(executing);
            throw GivenUp(token);
        }
    }

    /// <summary>Ends the waits of an abandoned statement once its entry is applied; never fails.</summary>
    private async Task FinishAsync(Task<WrittenBatch> executing)
    {
        try
        {
            var written = await executing.ConfigureAwait(false);
            if (written.FirstOutcome()?.Effects?.Locks is { Waiting.Count: > 0 } effects)
            {
                await GiveUpAsync(effects.Waiting).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is ClusterException or OperationCanceledException or InvalidOperationException)
        {
            // The outcome stays unknown; the ends of the transaction and of the session cover it.
        }
    }

    private static Exception GivenUp(CancellationToken token) => token.IsCancellationRequested
        ? new OperationCanceledException(token)
        : new ClusterException(ClusterError.LockTimeout, "timed out waiting for an advisory lock");

    public async ValueTask RollBackAsync(long mark, CancellationToken token)
    {
        // Without a last ticket the command would also end locks that the session takes later.
        if (!MayHoldForTransaction || _lastTicket <= mark || _lastTicket == AnyTicket)
        {
            return;
        }

        try
        {
            await locks.CommandAsync(LockCommand.RollBack(session, mark, _lastTicket), GiveUpTimeout, CancellationToken.None)
                .ConfigureAwait(false);
            _lastTicket = mark;
        }
        catch (ClusterException e) when (e.Error == ClusterError.OutcomeUnknown)
        {
            // The command may come late, and end a lock that the session has asked for again and been given because it still held it.
            Lose();
        }
        catch (ClusterException)
        {
            // The end of the transaction gives the locks back.
        }
    }

    public async ValueTask EndTransactionAsync(CancellationToken token)
    {
        if (!MayHoldForTransaction)
        {
            return;
        }

        MayHoldForTransaction = false;
        Volatile.Write(ref _pendingRelease, Math.Max(_lastTicket, 1));
        using var deadline = new Deadline(GiveUpTimeout, locks.Time, token);
        try
        {
            await ReleasePendingAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ClusterException || (error is OperationCanceledException && !token.IsCancellationRequested))
        {
            // The transaction has ended all the same; giving back is tried again.
        }
    }

    /// <summary>Marks a ticket as a lock; called by the applier.</summary>
    public void Grant(long ticket)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _granted.Add(ticket);
            changed = _changed;
            _changed = NewSignal();
        }

        changed.TrySetResult();
    }

    /// <summary>True for a ticket that the session does not wait for any more.</summary>
    public bool IsStray(long ticket)
    {
        lock (_gate)
        {
            return _givenUp.Contains(ticket) || !_running;
        }
    }

    /// <summary>Marks the session's locks as lost.</summary>
    public void Lose()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (_lost)
            {
                return;
            }

            Volatile.Write(ref _lost, true);
            changed = _changed;
        }

        changed.TrySetResult();
        lost();
    }

    /// <summary>Gives back the locks of an ended transaction if that failed before. The token ends the wait, not the command.</summary>
    public async ValueTask ReleasePendingAsync(CancellationToken token)
    {
        Task releasing;
        lock (_releaseGate)
        {
            if (_releasing.IsCompleted)
            {
                if (Volatile.Read(ref _pendingRelease) == 0)
                {
                    return;
                }

                _releasing = ReleaseAsync();
            }

            releasing = _releasing;
        }

        await releasing.WaitAsync(token).ConfigureAwait(false);
    }

    private async Task ReleaseAsync()
    {
        // An entry that comes late would take locks for the transaction that nothing would then end.
        await _unfinished.ConfigureAwait(false);
        var last = Volatile.Read(ref _pendingRelease);
        try
        {
            await locks.CommandAsync(LockCommand.EndTransaction(session, last), GiveUpTimeout, CancellationToken.None).ConfigureAwait(false);
            Volatile.Write(ref _pendingRelease, 0);
        }
        catch (ClusterException e) when (e.Error == ClusterError.OutcomeUnknown && last == AnyTicket)
        {
            // The command may come late and end locks that the session would take after it.
            Lose();
            throw;
        }
    }

    public void Dispose()
    {
        locks.Leave(this);
        lock (_gate)
        {
            // Prevents a later call of lost.
            _lost = true;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Begin()
    {
        lock (_gate)
        {
            _granted.Clear();
            _givenUp.Clear();
            Volatile.Write(ref _running, true);
        }

        // An assumption until the statement's own effects are known.
        (MayHold, MayHoldForTransaction) = (true, true);
    }

    private void ThrowIfLost()
    {
        if (Lost)
        {
            throw AdvisoryLocks.LostContact();
        }
    }

    private async ValueTask WaitAsync(IReadOnlyList<long> tickets, long index, TimeSpan? timeout, CancellationToken token)
    {
        using var deadline = new Deadline(timeout ?? Timeout.InfiniteTimeSpan, locks.Time, token);
        try
        {
            while (Signal(tickets) is { } changed)
            {
                try
                {
                    await changed.WaitAsync(LookInterval, locks.Time, deadline.Token).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    await LookAsync(tickets, index, deadline.Token).ConfigureAwait(false);
                }

                ThrowIfLost();
            }
        }
        catch (OperationCanceledException)
        {
            // Usually takes a moment; without a quorum the session's next statement waits for it instead.
            _unfinished = GiveUpAsync(tickets);
            await Task.WhenAny(_unfinished, Task.Delay(AdvisoryLocks.ReachMin, locks.Time, CancellationToken.None)).ConfigureAwait(false);
            throw GivenUp(token);
        }
    }

    /// <summary>A task that ends at the next change; null if all tickets have become locks.</summary>
    private Task? Signal(IReadOnlyList<long> tickets)
    {
        lock (_gate)
        {
            return tickets.All(_granted.Contains) ? null : _changed.Task;
        }
    }

    private async ValueTask LookAsync(IReadOnlyList<long> tickets, long index, CancellationToken token)
    {
        if (locks.AppliedIndex < index)
        {
            return;
        }

        var rows = (await locks.RowsAsync(token).ConfigureAwait(false)).Where(row => row.Session == session).ToDictionary(row => row.Ticket);
        foreach (var ticket in tickets)
        {
            if (!rows.TryGetValue(ticket, out var row))
            {
                // The leader has ended this session's locks.
                Lose();
            }
            else if (row.Granted)
            {
                Grant(ticket);
            }
        }
    }

    /// <summary>Removes the waits, or the locks if they were granted meanwhile.</summary>
    private async Task GiveUpAsync(IReadOnlyList<long> tickets)
    {
        lock (_gate)
        {
            _givenUp.UnionWith(tickets);
        }

        try
        {
            await locks.CommandAsync(LockCommand.Abandon(session, tickets), GiveUpTimeout, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ClusterException or OperationCanceledException or InvalidOperationException)
        {
            // The node's sweep finds them.
        }
    }
}
