namespace Rqlite.Pg.Harness.Network;

/// <summary>Lets one direction between two nodes pass, or holds it.</summary>
internal sealed class LinkGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _closed;

    public void Close()
    {
        lock (_lock)
        {
            _closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Open()
    {
        lock (_lock)
        {
            _closed?.SetResult();
            _closed = null;
        }
    }

    /// <summary>Waits while the direction is stopped.</summary>
    public Task PassAsync(CancellationToken token)
    {
        lock (_lock)
        {
            return _closed is null ? Task.CompletedTask : _closed.Task.WaitAsync(token);
        }
    }
}
