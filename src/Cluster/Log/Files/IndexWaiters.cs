namespace Rqlite.Pg.Cluster;

/// <summary>Waits until a position has reached an index; all waiters for the same index share one promise.</summary>
/// <param name="reached">The current position.</param>
internal sealed class IndexWaiters(Func<long> reached)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, TaskCompletionSource> _waits = [];
    private Exception? _failure;

    public ValueTask WaitAsync(long index, CancellationToken token)
    {
        TaskCompletionSource? promise;
        lock (_lock)
        {
            if (_failure is { } failure)
            {
                return ValueTask.FromException(failure);
            }

            if (reached() >= index)
            {
                return ValueTask.CompletedTask;
            }

            if (!_waits.TryGetValue(index, out promise))
            {
                _waits.Add(index, promise = new(TaskCreationOptions.RunContinuationsAsynchronously));
            }
        }

        return new(promise.Task.WaitAsync(token));
    }

    /// <summary>Releases the waiters for an index; called after the new position can be read.</summary>
    public void Reach(long index)
    {
        while (true)
        {
            TaskCompletionSource promise;
            lock (_lock)
            {
                using var first = _waits.GetEnumerator();
                if (!first.MoveNext() || first.Current.Key > index)
                {
                    return;
                }

                promise = first.Current.Value;
                _waits.Remove(first.Current.Key);
            }

            promise.TrySetResult();
        }
    }

    public void Fail(Exception error)
    {
        TaskCompletionSource[] promises;
        lock (_lock)
        {
            _failure ??= error;
            promises = [.. _waits.Values];
            _waits.Clear();
        }

        foreach (var promise in promises)
        {
            promise.TrySetException(error);
            _ = promise.Task.Exception;
        }
    }
}
