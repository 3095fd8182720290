namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// Bounds the bytes of requests in memory, for each caller and in total. A caller that asks for more waits; waits end in no particular order.
/// </summary>
internal sealed class ByteBudget(long totalMax, long callerMax)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, long> _callers = [];
    private TaskCompletionSource _freed = NewSignal();
    private long _total;

    /// <summary>The bytes that are taken now.</summary>
    public long Total
    {
        get
        {
            lock (_gate)
            {
                return _total;
            }
        }
    }

    /// <summary>Takes bytes, to be given back by <see cref="Release"/>; false if there was no room within the wait.</summary>
    public async ValueTask<bool> TakeAsync(Guid caller, long bytes, TimeSpan wait, CancellationToken token)
    {
        var deadline = Environment.TickCount64 + (long)wait.TotalMilliseconds;
        while (!TryTake(caller, bytes, out var freed))
        {
            var left = deadline - Environment.TickCount64;
            if (left <= 0)
            {
                return false;
            }

            try
            {
                await freed.WaitAsync(TimeSpan.FromMilliseconds(left), token).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        return true;
    }

    public void Release(Guid caller, long bytes)
    {
        TaskCompletionSource freed;
        lock (_gate)
        {
            _total -= bytes;
            var left = _callers.GetValueOrDefault(caller) - bytes;
            if (left > 0)
            {
                _callers[caller] = left;
            }
            else
            {
                _callers.Remove(caller);
            }

            (freed, _freed) = (_freed, NewSignal());
        }

        freed.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool TryTake(Guid caller, long bytes, out Task freed)
    {
        lock (_gate)
        {
            freed = _freed.Task;
            var own = _callers.GetValueOrDefault(caller);
            if (_total + bytes > totalMax || own + bytes > callerMax)
            {
                return false;
            }

            _total += bytes;
            _callers[caller] = own + bytes;
            return true;
        }
    }
}
