namespace Rqlite.Pg.Cluster;

/// <summary>How long one request goes on looking for a leader, and the growing pauses between its tries.</summary>
internal sealed class Patience(TimeSpan limit, TimeProvider time)
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMilliseconds(200);

    private readonly long _start = time.GetTimestamp();
    private TimeSpan _pause = PauseMin;

    public bool Left => Elapsed < limit;

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>The failures that another moment or another node may heal.</summary>
    public static bool IsLeaderless(ClusterError error) =>
        error is ClusterError.NotLeader or ClusterError.NoLeader or ClusterError.Unreachable or ClusterError.NotReady;

    public async ValueTask PauseAsync(CancellationToken token)
    {
        await Task.Delay(_pause, time, token).ConfigureAwait(false);
        _pause = _pause * 2 < PauseMax ? _pause * 2 : PauseMax;
    }
}
