using DotNext.IO.Log;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// Entries as they arrive on a connection, one at a time. An entry that the log could not keep or this node could not apply makes the append
/// fail; the entries before it stay.
/// </summary>
/// <param name="firstIndex">The index of the first entry.</param>
/// <param name="leaderTerm">The term of the leader: no entry has a later one.</param>
/// <param name="precedingTerm">The term of the entry before: no entry has an earlier one.</param>
internal sealed class EntryReceiver(
    NodeConnection connection, int count, long firstIndex, long leaderTerm, long precedingTerm, int entryBytesMax, IEntryApplier applier,
    IdleTimeout timeout) : ILogEntryProducer<ReceivedEntry>
{
    private const int HeadLength = 17;

    private int _remaining = count;
    private long _next = firstIndex;
    private long _term = precedingTerm;
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
            throw new RefusedEntryException(_next, $"it has {length} bytes; the limit is {entryBytesMax}");
        }

        var content = await connection.ReadGrowingAsync([], length, timeout).ConfigureAwait(false);
        timeout.Suspend();
        Check(term, flags, content);
        _remaining--;
        _next++;
        _term = term;
        _current = new ReceivedEntry(
            term, (flags & RaftPeer.ConfigurationFlag) != 0, (flags & RaftPeer.CommandFlag) != 0 ? commandId : null, content);
        return true;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Check(long term, byte flags, byte[] content)
    {
        if (term < _term || term > leaderTerm)
        {
            throw new RefusedEntryException(_next, $"its term {term} is not between the one before it, {_term}, and its leader's, {leaderTerm}");
        }

        if ((flags & ~(RaftPeer.ConfigurationFlag | RaftPeer.CommandFlag)) != 0)
        {
            throw new RefusedEntryException(_next, $"it has the unknown flags {flags}");
        }

        try
        {
            if ((flags & RaftPeer.ConfigurationFlag) != 0)
            {
                MembersEntry.Check(content);
            }
            else if (content.Length > 0)
            {
                // An entry without content is a new leader's first.
                applier.Check(content);
            }
        }
        catch (InvalidDataException error)
        {
            throw new RefusedEntryException(_next, error.Message, error);
        }
    }
}

/// <summary>An entry of a leader that this node cannot take.</summary>
internal sealed class RefusedEntryException(long index, string reason, Exception? inner = null) : Exception(reason, inner)
{
    public long Index { get; } = index;
}
