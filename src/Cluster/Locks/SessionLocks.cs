using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>What one session has to do with advisory locks.</summary>
internal sealed class SessionLocks(AdvisoryLocks locks, long session, Action lost) : ISessionLocks
{
    private const long AnyTicket = long.MaxValue;

    // How often a wait looks into the table by itself, for the sake of a copy of the database that brought the lock along.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GiveUpTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly HashSet<long> _granted = [];
    private readonly HashSet<long> _givenUp = [];
    private readonly SemaphoreSlim _paying = new(1);
    private TaskCompletionSource _changed = NewSignal();
    private bool _running;
    private bool _lost;
    private long _lastTicket;

    // What an end of a transaction that has yet to be told covers; 0 for nothing.
    private long _owed;

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

    /// <summary>The end of a transaction has yet to be told.</summary>
    public bool Owes => Volatile.Read(ref _owed) != 0 && !Volatile.Read(ref _running);

    public async ValueTask<LockedResult> RunAsync(
        StatementBatch batch, WriteOptions write, TimeSpan? lockTimeout, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        ThrowIfLost();
        await locks.JoinAsync(this, token).ConfigureAwait(false);
        ThrowIfLost();
        await PayAsync(token).ConfigureAwait(false);
        var (held, heldForTransaction) = (MayHold, MayHoldForTransaction);
        Begin();
        try
        {
            // Not cancelled: a lock that was taken unknown to its session would stay until the session ends. What can last is the wait.
            var written = await locks.ExecuteAsync(batch, write, CancellationToken.None).ConfigureAwait(false);
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

            // Whoever had the lock before has given it back in an entry that is applied here.
            ThrowIfLost();
            return new(written, effects.Waiting.Count > 0 ? Math.Max(written.RaftIndex, locks.AppliedIndex) : written.RaftIndex, effects.Warnings);
        }
        catch (ClusterException e) when (e.Error is ClusterError.OutcomeUnknown or ClusterError.ResultLost)
        {
            // The transaction's end must cover whatever may still come of it.
            _lastTicket = AnyTicket;
            throw;
        }
        finally
        {
            Volatile.Write(ref _running, false);
        }
    }

    public async ValueTask RollBackAsync(long mark, CancellationToken token)
    {
        // Without a last ticket it would also end what the session takes later.
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
            // It may come late, and end a lock that the session has asked for again and been given because it still had it.
            Lose();
        }
        catch (ClusterException)
        {
            // The end of the transaction covers it.
        }
    }

    public async ValueTask EndTransactionAsync(CancellationToken token)
    {
        if (!MayHoldForTransaction)
        {
            return;
        }

        MayHoldForTransaction = false;
        Volatile.Write(ref _owed, Math.Max(_lastTicket, 1));
        try
        {
            await PayAsync(token).ConfigureAwait(false);
        }
        catch (ClusterException)
        {
            // The transaction has ended all the same; it is tried again.
        }
    }

    /// <summary>Told by the applier: the ticket has become a lock.</summary>
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

    /// <summary>True for a ticket that nobody waits for any more.</summary>
    public bool IsStray(long ticket)
    {
        lock (_gate)
        {
            return _givenUp.Contains(ticket) || !_running;
        }
    }

    /// <summary>Ends the session's belief in its locks.</summary>
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

    /// <summary>Tells what the session's last transaction has left untold.</summary>
    public async ValueTask PayAsync(CancellationToken token)
    {
        if (Volatile.Read(ref _owed) == 0)
        {
            return;
        }

        await _paying.WaitAsync(token).ConfigureAwait(false);
        try
        {
            if (_owed is not 0 and var last)
            {
                await locks.CommandAsync(LockCommand.EndTransaction(session, last), GiveUpTimeout, CancellationToken.None).ConfigureAwait(false);
                Volatile.Write(ref _owed, 0);
            }
        }
        catch (ClusterException e) when (e.Error == ClusterError.OutcomeUnknown && _owed == AnyTicket)
        {
            // It may come late and end locks that the session would take after it.
            Lose();
            throw;
        }
        finally
        {
            _paying.Release();
        }
    }

    public void Dispose()
    {
        locks.Leave(this);
        lock (_gate)
        {
            // Nobody is to be told any more.
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

        // Until the statement's own effects tell better.
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
            await GiveUpAsync(tickets).ConfigureAwait(false);
            throw token.IsCancellationRequested
                ? new OperationCanceledException(token)
                : new ClusterException(ClusterError.LockTimeout, "timed out waiting for an advisory lock");
        }
    }

    /// <summary>What tells of the next change; null if all tickets have become locks.</summary>
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
                // Somebody took this session for gone.
                Lose();
            }
            else if (row.Granted)
            {
                Grant(ticket);
            }
        }
    }

    /// <summary>Takes the wait away, or the lock if it has come in the meantime.</summary>
    private async ValueTask GiveUpAsync(IReadOnlyList<long> tickets)
    {
        lock (_gate)
        {
            _givenUp.UnionWith(tickets);
        }

        try
        {
            await locks.CommandAsync(LockCommand.Abandon(session, tickets), GiveUpTimeout, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ClusterException)
        {
            // The node's sweep finds them.
        }
    }
}
