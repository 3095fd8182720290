namespace Rqlite.Pg.Cluster;

/// <summary>A caller's token and time limit as one token.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly long _start;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _both;

    public Deadline(TimeSpan timeout, TimeProvider time, CancellationToken token)
    {
        _time = time;
        _timeout = timeout;
        _start = time.GetTimestamp();
        _timer = new(timeout, time);
        _both = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, token);
    }

    public CancellationToken Token => _both.Token;

    public bool Passed => _timer.IsCancellationRequested;

    /// <summary>The time that is left; infinite stays infinite.</summary>
    public TimeSpan Left
    {
        get
        {
            if (_timeout == Timeout.InfiniteTimeSpan)
            {
                return _timeout;
            }

            var left = _timeout - _time.GetElapsedTime(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public void Dispose()
    {
        _both.Dispose();
        _timer.Dispose();
    }
}
