using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Host;

/// <summary>
/// Gives memory back to the system when large requests are over: the garbage collector does so only while it has work, and a node that rests
/// would keep what its largest moment took.
/// </summary>
internal sealed class IdleMemory : IDisposable
{
    private const long BusyBytes = 64 << 20;
    private const long KeptBytes = 512 << 20;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(20);

    // After so many collections in a row of which none has given back half: what is there is in use. One does not tell, since pools keep their buffers for
    // about a minute.
    private const int VainMax = 4;

    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(10);

    private readonly MemoryBudget _budget;
    private readonly Timer _timer;
    private long _notBefore;
    private int _vain;

    /// <param name="budget">What requests hold; a node is at rest while they hold little.</param>
    public IdleMemory(MemoryBudget budget)
    {
        _budget = budget;
        _timer = new Timer(static state => ((IdleMemory)state!).Look(), this, s_interval, s_interval);
    }

    public void Dispose() => _timer.Dispose();

    private static long Bytes => Math.Max(GC.GetTotalMemory(forceFullCollection: false), GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes);

    private void Look()
    {
        var before = Bytes;
        if (before < KeptBytes)
        {
            _vain = 0;
            return;
        }

        if (_budget.Used > BusyBytes || Environment.TickCount64 < _notBefore)
        {
            return;
        }

        // The pause is short, since little is alive.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _vain = Bytes <= before / 2 ? 0 : _vain + 1;
        _notBefore = Environment.TickCount64 + (long)(_vain < VainMax ? s_again : s_pause).TotalMilliseconds;
    }
}
