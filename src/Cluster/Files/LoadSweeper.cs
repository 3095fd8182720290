namespace Rqlite.Pg.Cluster;

/// <summary>Removes, now and then, the chunks of loads whose sender is gone; the leader's work.</summary>
internal sealed class LoadSweeper : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;

    public LoadSweeper(Func<CancellationToken, ValueTask> sweep, TimeProvider time) => _loop = RunAsync(sweep, time, _stopping.Token);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private static async Task RunAsync(Func<CancellationToken, ValueTask> sweep, TimeProvider time, CancellationToken token)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(token).ConfigureAwait(false))
            {
                try
                {
                    await sweep(token).ConfigureAwait(false);
                }
                catch (Exception e) when (e is ClusterException or Storage.StorageException or Storage.ReadersBusyException)
                {
                    // The next turn, or the next leader, tries again.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
    }
}
