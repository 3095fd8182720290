namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>What becomes of the next entries that a leader of a <see cref="FakeCluster"/> is handed.</summary>
internal enum Fate
{
    /// <summary>Appended, committed, applied here, success.</summary>
    Applied,

    /// <summary>Not appended; leadership was lost before.</summary>
    NotAppended,

    /// <summary>Appended and committed, but leadership is lost before the entry is applied here.</summary>
    LostAfterAppend,

    /// <summary>Another leader's entry takes the index; the log hands it to the applier with the first one's context, as a stale context would be.</summary>
    Overwritten,

    /// <summary>The log fails in a way of its own after the append.</summary>
    Broken,
}

/// <summary>A node's view of the entries of a <see cref="FakeCluster"/>.</summary>
internal sealed class FakeLog(FakeCluster cluster, EntryApplier applier, NodeDescription self) : IReplicatedLog
{
    private readonly Lock _apply = new();
    private readonly List<(long Index, TaskCompletionSource Done)> _waits = [];
    private volatile TaskCompletionSource? _hold;
    private volatile FakeNode? _leader;
    private long _appliedIndex;
    private int _held;

    public event Action? Changed;

    public Fate Fate { get; set; }

    /// <summary>Called after the fate of an entry has been settled, before the proposer learns of it.</summary>
    public Action? Settled { get; set; }

    /// <summary>An entry that another leader would have written at the index; for <see cref="Fate.Overwritten"/>.</summary>
    public byte[]? Other { get; set; }

    /// <summary>Answers to read index requests fail while set.</summary>
    public bool NoReadIndex { get; set; }

    public int ReadIndexRounds { get; private set; }

    /// <summary>Entries that wait because of <see cref="Hold"/>.</summary>
    public int Held => Volatile.Read(ref _held);

    public long Term { get; private set; } = 1;

    public long CommitIndex => cluster.LastIndex;

    public long AppliedIndex => Volatile.Read(ref _appliedIndex);

    public TimeSpan SinceLeaderContact { get; set; }

    /// <summary>Asked before and after each weak read.</summary>
    public Func<bool> Quorum { get; set; } = static () => true;

    public bool HeardQuorum => Quorum();

    public bool Voter => Self.Voter;

    public bool AwaitsDatabase { get; set; }

    public bool IsLeader => _leader?.Log == this;

    public NodeDescription? Leader => _leader?.Log.Self;

    public NodeDescription Self { get; } = self;

    public void Follow(FakeNode? leader)
    {
        _leader = leader;
        Term++;
        Changed?.Invoke();
    }

    /// <summary>Entries proposed from now on wait until <see cref="Release"/>.</summary>
    public void Hold() => _hold = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        var hold = _hold;
        _hold = null;
        hold?.TrySetResult();
    }

    /// <summary>Applies what is committed up to <paramref name="index"/>.</summary>
    public void CatchUp(long index, object? contextOfLast = null)
    {
        lock (_apply)
        {
            while (_appliedIndex < index)
            {
                var next = _appliedIndex + 1;
                applier.Apply(next, cluster.TermOf(next), cluster.Entry(next), next == index ? contextOfLast : null);
                Volatile.Write(ref _appliedIndex, next);
            }

            foreach (var (_, done) in _waits.Where(wait => wait.Index <= _appliedIndex))
            {
                done.TrySetResult();
            }

            _waits.RemoveAll(wait => wait.Index <= _appliedIndex);
        }
    }

    public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> entry, object context, CancellationToken token)
    {
        if (_hold is { } hold)
        {
            Interlocked.Increment(ref _held);
            await hold.Task.WaitAsync(token);
        }

        if (!IsLeader || Fate == Fate.NotAppended)
        {
            Settled?.Invoke();
            throw new ClusterException(ClusterError.NotLeader, "not leader", Leader);
        }

        var index = cluster.Append(Fate == Fate.Overwritten ? Other! : entry.ToArray(), Term);
        switch (Fate)
        {
            case Fate.LostAfterAppend:
                Settled?.Invoke();
                return index;
            case Fate.Broken:
                throw new InvalidOperationException("The log is broken.");
            default:
                CatchUp(index, context);
                Settled?.Invoke();
                return index;
        }
    }

    public ValueTask WaitForCommitAsync(long index, CancellationToken token) => AppliedIndex >= index
        ? ValueTask.CompletedTask
        : throw new ClusterException(ClusterError.OutcomeUnknown, "leadership lost while committing log", Leader);

    public ValueTask<long> ReadIndexAsync(CancellationToken token)
    {
        ReadIndexRounds++;
        return NoReadIndex || _leader is null ? throw new ClusterException(ClusterError.NoLeader, "leader not found") : new(cluster.LastIndex);
    }

    /// <summary>Followers of this cluster apply when somebody waits for it.</summary>
    public async ValueTask WaitForApplyAsync(long index, CancellationToken token)
    {
        if (index <= cluster.LastIndex)
        {
            CatchUp(index);
            return;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_apply)
        {
            _waits.Add((index, done));
        }

        await done.Task.WaitAsync(token);
    }
}
