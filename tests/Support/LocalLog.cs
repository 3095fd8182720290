using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Support;

/// <summary>A log of one node in memory: what is proposed is committed and applied at once, on the proposer's thread.</summary>
internal sealed class LocalLog(IEntryApplier applier, long appliedIndex, NodeDescription self) : IReplicatedLog
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly Lock _gate = new();
    private readonly List<(long Index, TaskCompletionSource Done)> _waits = [];
    private long _appliedIndex = appliedIndex;
    private volatile bool _leader = true;
    private NodeDescription? _other;

    public event Action? Changed;

    public long Term { get; private set; } = 1;

    public long CommitIndex => AppliedIndex;

    public long AppliedIndex => Volatile.Read(ref _appliedIndex);

    public TimeSpan SinceLeaderContact { get; set; }

    public bool Voter { get; set; } = true;

    public bool IsLeader => _leader;

    public NodeDescription? Leader => _leader ? Self : _other;

    public NodeDescription Self { get; } = self;

    /// <summary>What becomes of entries is not known, and they leave nothing.</summary>
    public bool Uncertain { get; set; }

    /// <summary>Makes this node a leader, or a follower of <paramref name="leader"/> that receives nothing.</summary>
    public void Lead(bool leads, NodeDescription? leader = null)
    {
        _other = leader;
        _leader = leads;
        Term++;
        Changed?.Invoke();
    }

    public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> entry, object context, CancellationToken token)
    {
        await _one.WaitAsync(token);
        try
        {
            if (!_leader)
            {
                throw new ClusterException(ClusterError.NotLeader, "not leader", _other);
            }

            if (Uncertain)
            {
                throw new ClusterException(ClusterError.OutcomeUnknown, "leadership lost while committing log");
            }

            var index = _appliedIndex + 1;
            applier.Apply(index, Term, entry, context);
            Advance(index);
            return index;
        }
        finally
        {
            _one.Release();
        }
    }

    public ValueTask WaitForCommitAsync(long index, CancellationToken token) => ValueTask.CompletedTask;

    public ValueTask<long> ReadIndexAsync(CancellationToken token) => _leader
        ? new(AppliedIndex)
        : throw new ClusterException(ClusterError.NoLeader, "leader not found");

    public ValueTask WaitForApplyAsync(long index, CancellationToken token)
    {
        lock (_gate)
        {
            if (index <= _appliedIndex)
            {
                return ValueTask.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waits.Add((index, done));
            return new(done.Task.WaitAsync(token));
        }
    }

    private void Advance(long index)
    {
        lock (_gate)
        {
            Volatile.Write(ref _appliedIndex, index);
            foreach (var (_, done) in _waits.Where(wait => wait.Index <= index))
            {
                done.TrySetResult();
            }

            _waits.RemoveAll(wait => wait.Index <= index);
        }
    }
}
