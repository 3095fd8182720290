using System.Buffers.Binary;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>
/// A database for the tests: the sequence of applied entries, durable only up to the last checkpoint. It survives the death of its node,
/// as a disk would.
/// </summary>
internal sealed class MemoryStorage : IReplicaStorage, IEntryApplier
{
    private readonly Lock _lock = new();
    private List<(long Index, long Term, byte[] Entry)> _entries = [];
    private long _durable;

    public long AppliedIndex { get; private set; }

    public long AppliedTerm { get; private set; }

    public (long Index, long Term) CopyBase { get; private set; }

    public int Copies { get; private set; }

    /// <summary>Makes the digest another one.</summary>
    public bool Corrupt { get; set; }

    public Exception? FailNext { get; set; }

    /// <summary>Told of each entry with its context.</summary>
    public Action<long, byte[], object?>? Applied { get; set; }

    /// <summary>Awaited before the first byte of a copy is written.</summary>
    public Func<Task>? BeforeCopy { get; set; }

    public IReadOnlyList<string> Texts
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries.Select(static e => System.Text.Encoding.UTF8.GetString(e.Entry))];
            }
        }
    }

    public MemoryStorage Clone()
    {
        lock (_lock)
        {
            return new MemoryStorage
            {
                _entries = [.. _entries], _durable = _durable, AppliedIndex = AppliedIndex, AppliedTerm = AppliedTerm, CopyBase = CopyBase,
                Copies = Copies,
            };
        }
    }

    /// <summary>Entries that this node cannot read.</summary>
    public Func<string, bool>? Refuse { get; set; }

    public void Check(ReadOnlyMemory<byte> entry)
    {
        if (Refuse?.Invoke(System.Text.Encoding.UTF8.GetString(entry.Span)) == true)
        {
            throw new InvalidDataException("unreadable");
        }
    }

    public void Apply(long index, long term, ReadOnlyMemory<byte> entry, object? context)
    {
        if (FailNext is { } failure)
        {
            throw failure;
        }

        lock (_lock)
        {
            Assert.True(index > AppliedIndex, $"entry {index} after {AppliedIndex}");
            Assert.True(term >= AppliedTerm, $"term {term} after {AppliedTerm}");
            _entries.Add((index, term, entry.ToArray()));
            AppliedIndex = index;
            AppliedTerm = term;
        }

        Applied?.Invoke(index, entry.ToArray(), context);
        (context as TaskCompletionSource<long>)?.TrySetResult(index);
    }

    public bool TryGetDigest(long index, out ulong chained)
    {
        lock (_lock)
        {
            chained = Corrupt ? 18UL : 17UL;
            var found = false;
            foreach (var entry in _entries.Where(e => e.Index <= index))
            {
                chained = (chained * 31) + System.IO.Hashing.XxHash3.HashToUInt64(entry.Entry);
                found |= entry.Index == index;
            }

            return found;
        }
    }

    public async ValueTask WaitForCheckpointAsync(TimeSpan atMost, CancellationToken token) => await Task.Delay(atMost, token);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public long Checkpoint()
    {
        lock (_lock)
        {
            return _durable = AppliedIndex;
        }
    }

    /// <summary>What a power cut leaves.</summary>
    public void CutPower()
    {
        lock (_lock)
        {
            _entries = [.. _entries.Where(e => e.Index <= _durable)];
            AppliedIndex = _entries.Count > 0 ? _entries[^1].Index : 0;
            AppliedTerm = _entries.Count > 0 ? _entries[^1].Term : 0;
        }
    }

    public async ValueTask<(long Index, long Term)> WriteCopyAsync(Stream destination, CancellationToken token)
    {
        if (BeforeCopy is { } wait)
        {
            await wait().WaitAsync(token);
        }

        List<(long Index, long Term, byte[] Entry)> entries;
        lock (_lock)
        {
            entries = [.. _entries];
        }

        var head = new byte[20];
        foreach (var (index, term, entry) in entries)
        {
            BinaryPrimitives.WriteInt64LittleEndian(head, index);
            BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(8), term);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(16), entry.Length);
            await destination.WriteAsync(head, token);
            await destination.WriteAsync(entry, token);
        }

        BinaryPrimitives.WriteInt64LittleEndian(head, -1);
        await destination.WriteAsync(head, token);
        return (entries[^1].Index, entries[^1].Term);
    }

    public async ValueTask<IReplicaCopy> ReceiveCopyAsync(Stream source, CancellationToken token)
    {
        var entries = new List<(long Index, long Term, byte[] Entry)>();
        var head = new byte[20];
        while (true)
        {
            await source.ReadExactlyAsync(head, token);
            var index = BinaryPrimitives.ReadInt64LittleEndian(head);
            if (index < 0)
            {
                return new Copy(entries);
            }

            var entry = new byte[BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(16))];
            await source.ReadExactlyAsync(entry, token);
            entries.Add((index, BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(8)), entry));
        }
    }

    public void Install(IReplicaCopy copy)
    {
        lock (_lock)
        {
            Assert.True(copy.Index > AppliedIndex, "a copy must not take the database back");
            _entries = ((Copy)copy).Entries;
            AppliedIndex = _durable = copy.Index;
            AppliedTerm = copy.Term;
            CopyBase = (copy.Index, copy.Term);
            Copies++;
        }
    }

    private sealed class Copy(List<(long Index, long Term, byte[] Entry)> entries) : IReplicaCopy
    {
        public List<(long Index, long Term, byte[] Entry)> Entries => entries;

        public long Index => entries[^1].Index;

        public long Term => entries[^1].Term;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
