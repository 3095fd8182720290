using System.Collections.Concurrent;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Tasks that end by themselves and whose owner waits for their end.</summary>
internal sealed class TaskSet
{
    private readonly ConcurrentDictionary<Task, byte> _tasks = new();

    public int Count => _tasks.Count;

    public void Run(Func<Task> body)
    {
        var task = Task.Run(body);
        _tasks.TryAdd(task, 0);
        _ = task.ContinueWith(
            static (ended, set) => ((TaskSet)set!)._tasks.TryRemove(ended, out _), this,
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public async ValueTask DrainAsync()
    {
        while (!_tasks.IsEmpty)
        {
            await Task.WhenAll(_tasks.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Yield();
        }
    }
}
