namespace Rqlite.Pg.Access.Tests;

/// <summary>A clock that stands until it is moved; timers run out only by that.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            var timer = new Timer(this, () => callback(state)) { Due = Due(dueTime), Period = period };
            _timers.Add(timer);
            return timer;
        }
    }

    public void Move(TimeSpan time)
    {
        List<Timer> due;
        lock (_gate)
        {
            _now += time.Ticks;
            due = _timers.FindAll(timer => timer.Due <= _now);
            foreach (var timer in due)
            {
                if (timer.Period > TimeSpan.Zero)
                {
                    timer.Due = _now + timer.Period.Ticks;
                }
                else
                {
                    _timers.Remove(timer);
                }
            }
        }

        due.ForEach(timer => timer.Run());
    }

    private long Due(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? long.MaxValue : _now + time.Ticks;

    private sealed class Timer(ManualClock clock, Action run) : ITimer
    {
        public long Due { get; set; }

        public TimeSpan Period { get; init; }

        public void Run() => run();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                Due = clock.Due(dueTime);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
