using System.Buffers;
using Rqlite.Pg.Storage;
using StorageDatabase = Rqlite.Pg.Storage.Database;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>An entry of a <see cref="ScriptedLog"/>.</summary>
internal sealed record ScriptedEntry(byte[] Content, long Term, object? Context);

/// <summary>
/// A log of one node whose entries are agreed to when a test says so; the test also says who leads. The entries outlive the node, as a disk
/// would.
/// </summary>
internal sealed class ScriptedLog(EntryApplier applier, StorageDatabase storage, List<ScriptedEntry> entries, long term) : IReplicatedLog
{
    private readonly Lock _gate = new();
    private readonly Lock _apply = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource _leading = new();
    private volatile bool _leader = true;
    private long _applied = storage.AppliedIndex;
    private long _agreed = storage.AppliedIndex;

    public event Action? Changed;

    /// <summary>Entries are agreed to as soon as they are appended.</summary>
    public bool Agrees { get; set; } = true;

    /// <summary>The next entry is refused as one of a node that does not lead.</summary>
    public bool Refuses { get; set; }

    public bool TakesEntries { get; set; } = true;

    public long Term { get; private set; } = term;

    public long CommitIndex => Volatile.Read(ref _agreed);

    public long LastIndex
    {
        get
        {
            lock (_gate)
            {
                return entries.Count;
            }
        }
    }

    public long AppliedIndex
    {
        get
        {
            var applied = Volatile.Read(ref _applied);
            var pending = storage.PendingFrom;
            return pending == 0 ? applied : Math.Min(applied, pending - 1);
        }
    }

    public TimeSpan SinceLeaderContact => TimeSpan.Zero;

    public bool Voter => true;

    public bool IsLeader => _leader;

    public NodeDescription? Leader => _leader ? Self : null;

    public NodeDescription Self { get; } = new("n0", "n0:4002", "n0:4001", "", Voter: true);

    /// <summary>Agrees to all that is appended so far, and applies it.</summary>
    public void Agree() => Agree(LastIndex);

    public void Agree(long index)
    {
        lock (_apply)
        {
            Volatile.Write(ref _agreed, Math.Max(_agreed, index));
            while (_applied < _agreed)
            {
                ScriptedEntry entry;
                lock (_gate)
                {
                    entry = entries[(int)_applied];
                }

                applier.Apply(_applied + 1, entry.Term, entry.Content, entry.Context);
                Volatile.Write(ref _applied, _applied + 1);
            }
        }

        Move();
    }

    /// <summary>Another node leads from now on.</summary>
    /// <param name="keeps">So many entries stay in the log; those behind them are lost unless they were agreed to.</param>
    public void Lose(long keeps)
    {
        Stop();
        lock (_gate)
        {
            var kept = (int)Math.Max(keeps, _agreed);
            if (kept < entries.Count)
            {
                entries.RemoveRange(kept, entries.Count - kept);
            }
        }

        Term++;
        Changed?.Invoke();
        Move();
    }

    /// <summary>Nothing reaches the log any more through this object.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _leader = false;
        }

        _leading.Cancel();
    }

    /// <summary>This node leads again, in a new term, and agrees to what is in the log.</summary>
    public void Win()
    {
        Term++;
        Agree();
        _leading = new();
        _leader = true;
        Changed?.Invoke();
    }

    /// <summary>Puts an entry of another leader into the log.</summary>
    public void AppendForeign(params string[] sql)
    {
        var content = new ArrayBufferWriter<byte>();
        LogCommandEncoding.WriteHead(content, ProposalWriter.NewUInt128(), 1, 2, 1);
        LogCommandEncoding.WriteCommand(content, new ApplyCommand(default, Sql.Batch(sql)));
        lock (_gate)
        {
            entries.Add(new(content.WrittenSpan.ToArray(), Term, null));
        }
    }

    public ValueTask<long> AppendAsync(ReadOnlyMemory<byte> entry, object context, CancellationToken token)
    {
        long index;
        lock (_gate)
        {
            if (!_leader || Refuses)
            {
                throw new ClusterException(ClusterError.NotLeader, "not leader", Leader);
            }

            entries.Add(new(entry.ToArray(), Term, context));
            index = entries.Count;
        }

        if (Agrees)
        {
            Agree(index);
        }

        return new(index);
    }

    public async ValueTask WaitForCommitAsync(long index, CancellationToken token)
    {
        var leading = _leading.Token;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(leading, token);
        try
        {
            await WaitAsync(index, either.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new ClusterException(ClusterError.OutcomeUnknown, "leadership lost", Leader, e);
        }
    }

    public ValueTask<long> ReadIndexAsync(CancellationToken token) =>
        _leader ? new(CommitIndex) : throw new ClusterException(ClusterError.NoLeader, "leader not found");

    public async ValueTask WaitForApplyAsync(long index, CancellationToken token)
    {
        await WaitAsync(index, token);
        await storage.WaitUntilShownAsync(index, token);
    }

    private async Task WaitAsync(long index, CancellationToken token)
    {
        while (true)
        {
            var moved = Volatile.Read(ref _moved);
            token.ThrowIfCancellationRequested();
            if (Volatile.Read(ref _applied) >= index)
            {
                return;
            }

            await moved.Task.WaitAsync(token);
        }
    }

    private void Move() =>
        Interlocked.Exchange(ref _moved, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
