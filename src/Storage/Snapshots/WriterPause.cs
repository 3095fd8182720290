namespace Rqlite.Pg.Storage;

/// <summary>
/// Lets another thread do a short piece of work while the writer is between two transactions. A busy writer does it itself when its
/// transaction ends, so the asking thread never has to win a race for the lock; with an idle writer the asking thread does it.
/// </summary>
internal sealed class WriterPause
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(1);
    private readonly Lock _lock = new();
    private Action? _requested;

    /// <summary>Begins a transaction's time on the writer; ended by <see cref="Leave"/>.</summary>
    public void Enter() => _lock.Enter();

    /// <summary>As <see cref="Enter"/>, but gives up after a while and tells so by false.</summary>
    public bool TryEnter(TimeSpan atMost) => _lock.TryEnter(atMost);

    public void Leave()
    {
        try
        {
            Serve();
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <summary>Returns when the work is done. One thread at a time may ask.</summary>
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
        do
        {
            if (_lock.TryEnter())
            {
                Leave();
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
