using DotNext.IO.Log;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Entries as they arrive on a connection, one at a time.</summary>
internal sealed class EntryReceiver(NodeConnection connection, int count, int entryBytesMax, IdleTimeout timeout)
    : ILogEntryProducer<ReceivedEntry>
{
    private const int HeadLength = 17;

    private int _remaining = count;
    private ReceivedEntry? _current;

    public long RemainingCount => _remaining;

    public ReceivedEntry Current => _current ?? throw new InvalidOperationException();

    public async ValueTask<bool> MoveNextAsync()
    {
        if (_remaining == 0)
        {
            return false;
        }

        timeout.Touch();
        await connection.EnsureAsync(HeadLength, timeout.Token).ConfigureAwait(false);
        var term = connection.TakeInt64();
        var flags = connection.TakeByte();
        var commandId = connection.TakeInt32();
        var length = connection.TakeInt32();
        if (length < 0 || length > entryBytesMax)
        {
            throw new InvalidDataException($"An entry of {length} bytes is over the limit of {entryBytesMax}.");
        }

        var content = length == 0 ? [] : GC.AllocateUninitializedArray<byte>(length);
        await connection.ReadExactlyAsync(content, timeout).ConfigureAwait(false);
        timeout.Suspend();
        _remaining--;
        _current = new ReceivedEntry(
            term, (flags & RaftPeer.ConfigurationFlag) != 0, (flags & RaftPeer.CommandFlag) != 0 ? commandId : null, content);
        return true;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
