namespace Rqlite.Pg.Cluster;

/// <summary>The limit of one request's search for a leader, and the growing pauses between its tries.</summary>
internal sealed class Patience(TimeSpan limit, TimeProvider time)
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMilliseconds(200);

    private readonly long _start = time.GetTimestamp();
    private TimeSpan _pause = PauseMin;

    public bool Left => Elapsed < limit;

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>The failures after which another try, later or on another node, may succeed.</summary>
    public static bool IsLeaderless(ClusterError error) =>
        error is ClusterError.NotLeader or ClusterError.NoLeader or ClusterError.Unreachable or ClusterError.NotReady;

    public ValueTask PauseAsync(CancellationToken token) => PauseAsync(CancellationToken.None, token);

    /// <param name="moved">Ends the pause: there is another leader to ask.</param>
    public async ValueTask PauseAsync(CancellationToken moved, CancellationToken token)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(moved, token);
        await Task.Delay(_pause, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        token.ThrowIfCancellationRequested();
        _pause = _pause * 2 < PauseMax ? _pause * 2 : PauseMax;
    }
}
