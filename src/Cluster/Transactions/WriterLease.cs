using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// A transaction's lease of the writer. Its owner, the clock and the log may all change its state; the first to end it decides how it ends.
/// </summary>
internal sealed class WriterLease(TransactionOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private LeaseState _state;
    private LeaseEnd _end;
    private long _since = time.GetTimestamp();

    public TransactionOptions Options { get; } = options;

    /// <summary>The rehearsal; null before the first grant.</summary>
    public Rehearsal? Rehearsal { get; set; }

    /// <summary>The term in which the lease was granted.</summary>
    public long Term { get; set; }

    /// <summary>The number of evictions.</summary>
    public int Evictions { get; private set; }

    public LeaseState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    public LeaseEnd End
    {
        get
        {
            lock (_gate)
            {
                return _end;
            }
        }
    }

    /// <summary>How long a call has been running, or how long the lease has been without a call.</summary>
    public TimeSpan Since => time.GetElapsedTime(Volatile.Read(ref _since));

    /// <summary>Begins a call of the owner; false if the lease does not hold the writer.</summary>
    public bool TryEnter() => TryMove(LeaseState.Idle, LeaseState.Busy, touch: true);

    /// <summary>Ends the owner's call.</summary>
    public void Leave() => TryMove(LeaseState.Busy, LeaseState.Idle, touch: true);

    /// <summary>Grants the writer; the lease is then in a call of its owner.</summary>
    public bool TryGrant() =>
        TryMove(LeaseState.Waiting, LeaseState.Busy, touch: true) || TryMove(LeaseState.Evicted, LeaseState.Busy, touch: true);

    /// <summary>Evicts an idle lease, whose idle time goes on being counted.</summary>
    /// <param name="forced">The owner did not ask for the eviction.</param>
    public bool TryEvict(bool forced)
    {
        var evicted = TryMove(LeaseState.Idle, LeaseState.Evicted, touch: false);
        Evictions += evicted && forced ? 1 : 0;
        return evicted;
    }

    /// <summary>Notes that the lease was evicted in the middle of the owner's call.</summary>
    public void Interrupted()
    {
        if (TryMove(LeaseState.Busy, LeaseState.Evicted, touch: true))
        {
            Evictions++;
        }
    }

    /// <summary>Ends the lease if its owner has no call under way.</summary>
    public bool TryEndIdle()
    {
        lock (_gate)
        {
            return _state is LeaseState.Idle or LeaseState.Evicted && TryEnd(LeaseEnd.Idle);
        }
    }

    public bool TryEnd(LeaseEnd end)
    {
        lock (_gate)
        {
            if (_state == LeaseState.Ended)
            {
                return false;
            }

            (_state, _end) = (LeaseState.Ended, end);
            return true;
        }
    }

    private bool TryMove(LeaseState from, LeaseState to, bool touch)
    {
        lock (_gate)
        {
            if (_state != from)
            {
                return false;
            }

            _state = to;
            if (touch)
            {
                Volatile.Write(ref _since, time.GetTimestamp());
            }

            return true;
        }
    }
}

internal enum LeaseState
{
    Waiting,

    /// <summary>The lease holds the writer; a call of the owner runs.</summary>
    Busy,

    /// <summary>The lease holds the writer, between two calls.</summary>
    Idle,

    /// <summary>The lease was evicted; the next call gets the writer back.</summary>
    Evicted,
    Ended,
}
