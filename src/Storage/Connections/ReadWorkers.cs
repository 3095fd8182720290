using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>A piece of a read that a worker runs: until the read ends, has gathered enough rows, or gives way.</summary>
internal interface IReadWork
{
    /// <summary>The read has used up a slice before, so reads that have not go first.</summary>
    bool IsLong { get; }

    void Run();
}

/// <summary>
/// Dedicated threads for reads that are too long for their caller's thread. A few run at a time, at a lower priority than the rest of the
/// process; when more want to run, each gives way after a slice, within a step of SQLite too: its thread then waits for its next turn. So there
/// are at most as many threads as readers, and the thread pool never runs a long read.
/// </summary>
internal sealed class ReadWorkers(int turnsMax, TimeSpan? idleMax = null) : IDisposable
{
    private const int SliceMilliseconds = 5;

    // One of so many turns goes to a long read although fresh reads, which may turn out short, wait.
    private const int TurnsPerLong = 4;

    // How long a thread without work is kept.
    private readonly TimeSpan _idleMax = idleMax ?? TimeSpan.FromSeconds(10);

    [ThreadStatic]
    private static Worker? t_worker;

    private readonly Lock _lock = new();
    private readonly Queue<Turn> _fresh = new();
    private readonly Queue<Turn> _long = new();
    private readonly List<Worker> _idle = [];
    private int _running;
    private int _turns;
    private bool _disposed;

    /// <summary>Called by a thread that has waited for work as long as it may, for tests that bring some then.</summary>
    internal Action? IdleEnded { get; set; }

    /// <summary>Reads that run or wait for their turn.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _running + _fresh.Count + _long.Count;
            }
        }
    }

    /// <summary>One core less than the machine has, so that one is always left to the rest of the process.</summary>
    public static int DefaultTurns => Math.Max(1, Environment.ProcessorCount - 1);

    /// <summary>Runs the work soon; it never runs on the calling thread.</summary>
    public void Start(IReadWork work)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var turn = new Turn(work, null);
            if (_running == turnsMax)
            {
                (work.IsLong ? _long : _fresh).Enqueue(turn);
                return;
            }

            _running++;
            Begin(turn);
        }
    }

    /// <summary>True on a worker that has used up its slice while others wait: its read gives way between rows.</summary>
    public bool IsSliceOver => t_worker is { } worker && worker.IsSliceOver && AnybodyWaits(worker);

    /// <summary>Called on a worker within a step: lets other reads run if the worker's slice is over, and returns at its next turn.</summary>
    public void GiveWay()
    {
        if (t_worker is not { IsSliceOver: true } worker)
        {
            return;
        }

        lock (_lock)
        {
            if (_fresh.Count + _long.Count == 0)
            {
                worker.BeginSlice();
                return;
            }

            _long.Enqueue(new Turn(null, worker));
            PassOn();
        }

        worker.Signal.WaitOne();
        worker.BeginSlice();
    }

    private bool AnybodyWaits(Worker worker)
    {
        lock (_lock)
        {
            if (_fresh.Count + _long.Count > 0)
            {
                return true;
            }
        }

        worker.BeginSlice();
        return false;
    }

    /// <summary>Gives the caller's turn to the next one, or back.</summary>
    private void PassOn()
    {
        if (TakeNext() is { } next)
        {
            Begin(next);
        }
        else
        {
            _running--;
        }
    }

    private Turn? TakeNext()
    {
        var first = _long.Count > 0 && (_fresh.Count == 0 || ++_turns % TurnsPerLong == 0) ? _long : _fresh;
        return first.TryDequeue(out var turn) ? turn : null;
    }

    private void Begin(in Turn turn)
    {
        if (turn.Waiting is { } waiting)
        {
            waiting.Signal.Set();
            return;
        }

        if (_idle.Count > 0)
        {
            var worker = _idle[^1];
            _idle.RemoveAt(_idle.Count - 1);
            worker.Work = turn.Work;
            worker.Signal.Set();
            return;
        }

        var begun = new Worker { Work = turn.Work };
        new Thread(() => Serve(begun)) { IsBackground = true, Name = "read" }.Start();
    }

    private void Serve(Worker worker)
    {
        LowerPriority();
        t_worker = worker;
        while (worker.Work is { } work)
        {
            worker.BeginSlice();
            work.Run();
            if (!AwaitWork(worker))
            {
                break;
            }
        }

        worker.Signal.Dispose();
    }

    /// <summary>Ends the turn and waits for work; false if the thread is not needed any more.</summary>
    private bool AwaitWork(Worker worker)
    {
        lock (_lock)
        {
            worker.Work = null;
            if (TakeNext() is { } next)
            {
                if (next.Work is { } work)
                {
                    worker.Work = work;
                    return true;
                }

                Begin(next);
            }
            else
            {
                _running--;
            }

            if (_disposed)
            {
                return false;
            }

            _idle.Add(worker);
        }

        if (!worker.Signal.WaitOne(_idleMax))
        {
            IdleEnded?.Invoke();
            lock (_lock)
            {
                if (worker.Work is null)
                {
                    _idle.Remove(worker);
                }
                else
                {
                    // Work has come after all. Its signal would end the wait for a later turn.
                    worker.Signal.Reset();
                }
            }
        }

        return worker.Work is not null;
    }

    /// <summary>Ends the threads; a read that still runs goes on to its end.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var worker in _idle)
            {
                worker.Signal.Set();
            }

            _idle.Clear();
        }
    }

    /// <summary>Raises the thread's niceness: .NET's own priorities have no effect on Linux, where each thread has a niceness.</summary>
    private static void LowerPriority()
    {
        const int OfThisThread = 0;
        const int Niceness = 5;
        if (OperatingSystem.IsLinux())
        {
            _ = setpriority(OfThisThread, 0, Niceness);
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        }
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setpriority(int which, uint who, int niceness);

    /// <summary>A turn: work that has no thread yet, or a thread that has given way.</summary>
    private readonly record struct Turn(IReadWork? Work, Worker? Waiting);

    private sealed class Worker
    {
        private long _sliceEnd;

        public AutoResetEvent Signal { get; } = new(false);

        public IReadWork? Work { get; set; }

        public bool IsSliceOver => Environment.TickCount64 >= _sliceEnd;

        public void BeginSlice() => _sliceEnd = Environment.TickCount64 + SliceMilliseconds;
    }
}
