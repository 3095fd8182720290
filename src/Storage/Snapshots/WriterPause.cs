using System.Diagnostics;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Lets another thread run a short piece of work while the writer is between two transactions. A busy writer runs it itself when its
/// transaction ends, so the asking thread never has to win a race for the lock; with an idle writer the asking thread runs it.
/// </summary>
internal sealed class WriterPause
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(1);
    private readonly Lock _lock = new();
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private Action? _requested;
    private bool _between = true;

    /// <summary>Takes the writer for a transaction, until <see cref="Leave"/>.</summary>
    public void Enter() => _lock.Enter();

    /// <summary>As <see cref="Enter"/>, but gives up after a while and returns false.</summary>
    public bool TryEnter(TimeSpan atMost) => _lock.TryEnter(atMost);

    /// <param name="between">False while a transaction stays open: the requested work waits for its end.</param>
    public void Leave(bool between = true)
    {
        _between = between;
        try
        {
            if (between)
            {
                Serve();
            }
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <summary>
    /// Returns when the work is done. If a transaction stays open for long, the work is run all the same: it has to check. One thread at a time
    /// may ask.
    /// </summary>
    public void Run(Action work)
    {
        var done = new ManualResetEventSlim();
        Exception? failure = null;
        Volatile.Write(ref _requested, () =>
        {
            try
            {
                work();
            }
            catch (StorageException e)
            {
                failure = e;
            }
            finally
            {
                done.Set();
            }
        });
        var began = Stopwatch.GetTimestamp();
        do
        {
            if (_lock.TryEnter())
            {
                try
                {
                    if (_between || Stopwatch.GetElapsedTime(began) > s_patience)
                    {
                        Serve();
                    }
                }
                finally
                {
                    _lock.Exit();
                }
            }
        }
        while (!done.Wait(Retry));
        if (failure is not null)
        {
            throw failure;
        }
    }

    private void Serve() => Interlocked.Exchange(ref _requested, null)?.Invoke();
}
