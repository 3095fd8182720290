using System.Text;
using DotNext.IO.Log;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>Entries as they arrive from a leader, perhaps fewer than announced.</summary>
internal sealed class EntryProducer((long Term, string Text)[] entries, int announced) : ILogEntryProducer<ReceivedEntry>
{
    private int _next;

    public long RemainingCount => announced - _next;

    public ReceivedEntry Current { get; private set; } = null!;

    public ValueTask<bool> MoveNextAsync()
    {
        if (_next == announced)
        {
            return new(false);
        }

        if (_next == entries.Length)
        {
            throw new EndOfStreamException();
        }

        var (term, text) = entries[_next++];
        Current = new ReceivedEntry(term, false, 1, Encoding.UTF8.GetBytes(text));
        return new(true);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
