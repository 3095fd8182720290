namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>
/// Time that stands still. A test ends waits by itself, also from within a moment at which somebody looks at the clock, which puts two
/// things that race into one certain order.
/// </summary>
internal sealed class HookedTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<HookedTimer> _timers = [];

    /// <summary>Called whenever the date is asked for.</summary>
    public Action? Dated { get; set; }

    /// <summary>Called whenever the time that has passed is asked for.</summary>
    public Action? Stamped { get; set; }

    public override DateTimeOffset GetUtcNow()
    {
        Dated?.Invoke();
        return DateTimeOffset.UnixEpoch;
    }

    public override long GetTimestamp()
    {
        Stamped?.Invoke();
        return 0;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HookedTimer(callback, state, dueTime);
        lock (_gate)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    /// <summary>Ends the waits of this length, once; also those that were taken back, since a real timer may be on its way by then.</summary>
    public void End(TimeSpan length)
    {
        HookedTimer[] due;
        lock (_gate)
        {
            due = [.. _timers.Where(timer => timer.DueTime == length)];
            _timers.RemoveAll(timer => timer.DueTime == length);
        }

        foreach (var timer in due)
        {
            timer.Callback(timer.State);
        }
    }

    private sealed class HookedTimer(TimerCallback callback, object? state, TimeSpan dueTime) : ITimer
    {
        public TimerCallback Callback => callback;

        public object? State => state;

        public TimeSpan DueTime => dueTime;

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
