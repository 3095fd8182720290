using DotNext.IO.Log;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>Entries that have all arrived.</summary>
internal sealed class ReadyEntries(IEnumerable<ReceivedEntry> entries) : ILogEntryProducer<ReceivedEntry>
{
    private readonly Queue<ReceivedEntry> _entries = new(entries);

    public long RemainingCount => _entries.Count;

    public ReceivedEntry Current { get; private set; } = null!;

    public ValueTask<bool> MoveNextAsync()
    {
        var any = _entries.TryDequeue(out var next);
        Current = next!;
        return new(any);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
