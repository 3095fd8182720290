namespace Rqlite.Pg.Storage;

/// <summary>
/// Entries that the quorum has agreed to and that were rehearsed here, but whose effects cannot be read yet, because a transaction on top of
/// them in the same SQLite transaction has not ended.
/// </summary>
internal sealed class PendingEntries
{
    private TaskCompletionSource? _shown;
    private long _from;

    /// <summary>The first pending entry; 0 if there are none.</summary>
    public long From => Volatile.Read(ref _from);

    public void Begin(long index) => Volatile.Write(ref _from, index);

    public void End()
    {
        Volatile.Write(ref _from, 0);

        // A full fence: a waiter that registers after this line sees the 0.
        Interlocked.Exchange(ref _shown, null)?.TrySetResult();
    }

    /// <summary>Waits until an entry that was applied can be read.</summary>
    public ValueTask WaitAsync(long index, CancellationToken token) => Shows(index) ? default : WaitLongerAsync(index, token);

    private bool Shows(long index) => From is var from && (from == 0 || from > index);

    private async ValueTask WaitLongerAsync(long index, CancellationToken token)
    {
        while (true)
        {
            var shown = Volatile.Read(ref _shown);
            if (shown is null)
            {
                var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                shown = Interlocked.CompareExchange(ref _shown, fresh, null) ?? fresh;
            }

            if (Shows(index))
            {
                return;
            }

            await shown.Task.WaitAsync(token).ConfigureAwait(false);
        }
    }
}
