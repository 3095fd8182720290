using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <content>Committing and applying entries: one at a time and in order, many entries in one go.</content>
internal abstract partial class DurableLog : IThreadPoolWorkItem
{
    private const int EntriesAtOnce = 256;

    private readonly IndexWaiters _waiters;
    private TaskCompletionSource? _applyLeft;
    private Task _apply = Task.CompletedTask;
    private bool _applying;
    private volatile bool _applyStopped;

    public ValueTask WaitForApplyAsync(CancellationToken token = default) => WaitForApplyAsync(LastAppliedIndex + 1, token);

    public ValueTask WaitForApplyAsync(long index, CancellationToken token = default)
        => LastAppliedIndex >= index ? ValueTask.CompletedTask : _waiters.WaitAsync(index, token);

    /// <summary>
    /// Commits the entries that the leader reports as committed. The leader counts itself among the nodes that hold an entry, so its own disk
    /// must have it by then.
    /// </summary>
    public async ValueTask<long> CommitAsync(long endIndex, CancellationToken token = default)
    {
        await FlushAsync(endIndex).ConfigureAwait(false);
        bool start;
        long count;
        lock (_gate)
        {
            count = Math.Max(0, Math.Min(endIndex, _last) - _commit);
            Volatile.Write(ref _commit, _commit + count);
            start = TryBeginApply();
        }

        if (start)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return count;
    }

    /// <summary>
    /// Commits without a quorum: for the only voter, in the term of its leadership, and only if no member list is under way. Applies on the
    /// caller's thread. False if one of these does not hold; then the entry takes the usual course.
    /// </summary>
    public async ValueTask<bool> TryCommitAloneAsync(long index, long term, Func<bool> alone, CancellationToken token)
    {
        await FlushAsync(index).ConfigureAwait(false);
        bool start;
        lock (_gate)
        {
            // The order matters: the member lists are in effect up to the last applied entry.
            if (term != _term || index > _flushed || _lastConfiguration > _applied || !alone() || FindTerm(index) != term)
            {
                return false;
            }

            Volatile.Write(ref _commit, Math.Max(_commit, index));
            start = TryBeginApply();
        }

        if (start)
        {
            await ApplyAsync(index).ConfigureAwait(false);
        }

        await WaitForApplyAsync(index, token).ConfigureAwait(false);
        return true;
    }

    /// <summary>Applies on the pool.</summary>
    void IThreadPoolWorkItem.Execute() => _apply = ApplyAsync(long.MaxValue);

    private bool TryBeginApply()
    {
        if (_applying || _applyStopped || _applied >= _commit || _failure is not null)
        {
            return false;
        }

        return _applying = true;
    }

    /// <summary>Applies committed entries up to the given index, and leaves later ones to the pool; never throws.</summary>
    private async Task ApplyAsync(long upTo)
    {
        try
        {
            while (LastAppliedIndex is var applied && applied < Math.Min(upTo, LastCommittedEntryIndex))
            {
                using var batch = Capture(applied + 1, Math.Min(LastCommittedEntryIndex, applied + EntriesAtOnce));
                for (var i = 0; i < batch.Count; i++)
                {
                    var entry = batch[i];
                    await _machine.ApplyAsync(entry).ConfigureAwait(false);
                    entry.Context = null;
                    Volatile.Write(ref _applied, entry.Index);
                    _waiters.Reach(entry.Index);
                }

                lock (_gate)
                {
                    _tail.Trim(_flushed);
                }
            }
        }
        catch (ApplyStoppedException)
        {
            // The node is stopping; the next start applies the entry.
            _applyStopped = true;
        }
        catch (Exception error)
        {
            // This replica can neither skip nor repeat an entry.
            Fail("an entry could not be applied", error);
        }

        LeaveApply();
    }

    private void LeaveApply()
    {
        TaskCompletionSource? left;
        bool start;
        lock (_gate)
        {
            _applying = false;
            (left, _applyLeft) = (_applyLeft, null);
            start = left is null && TryBeginApply();
        }

        left?.TrySetResult();
        if (start)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Prevents entries from being applied until <see cref="LeaveApply"/>.</summary>
    private async ValueTask EnterApplyAsync()
    {
        while (true)
        {
            Task left;
            lock (_gate)
            {
                if (!_applying)
                {
                    _applying = true;
                    return;
                }

                left = (_applyLeft ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await left.ConfigureAwait(false);
        }
    }
}
