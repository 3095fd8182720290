using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// A transaction's standing with the writer. Its owner, the clock and the log all may move it on; whoever ends it first decides how it ends.
/// </summary>
internal sealed class WriterLease(TransactionOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private LeaseState _state;
    private LeaseEnd _end;
    private long _since = time.GetTimestamp();

    public TransactionOptions Options { get; } = options;

    /// <summary>Null before it was granted first.</summary>
    public Rehearsal? Rehearsal { get; set; }

    /// <summary>The term in which it was granted.</summary>
    public long Term { get; set; }

    /// <summary>How often it had to give way.</summary>
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

    /// <summary>How long a call has been running, or how long none has.</summary>
    public TimeSpan Since => time.GetElapsedTime(Volatile.Read(ref _since));

    /// <summary>The owner begins a call; false if it does not hold the writer.</summary>
    public bool TryEnter() => TryMove(LeaseState.Idle, LeaseState.Busy, touch: true);

    /// <summary>The owner's call is over.</summary>
    public void Leave() => TryMove(LeaseState.Busy, LeaseState.Idle, touch: true);

    /// <summary>It holds the writer, in its owner's call.</summary>
    public bool TryGrant() =>
        TryMove(LeaseState.Waiting, LeaseState.Busy, touch: true) || TryMove(LeaseState.Evicted, LeaseState.Busy, touch: true);

    /// <summary>It is taken from an idle owner, whose idleness goes on being counted.</summary>
    /// <param name="forced">Not on the owner's wish.</param>
    public bool TryEvict(bool forced)
    {
        var evicted = TryMove(LeaseState.Idle, LeaseState.Evicted, touch: false);
        Evictions += evicted && forced ? 1 : 0;
        return evicted;
    }

    /// <summary>It was taken in the middle of the owner's call.</summary>
    public void Interrupted()
    {
        if (TryMove(LeaseState.Busy, LeaseState.Evicted, touch: true))
        {
            Evictions++;
        }
    }

    /// <summary>Ends it if its owner has no call under way.</summary>
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

    /// <summary>Holds the writer; a call of the owner runs.</summary>
    Busy,

    /// <summary>Holds the writer between two calls.</summary>
    Idle,

    /// <summary>Had to give way; the next call brings it back.</summary>
    Evicted,
    Ended,
}
