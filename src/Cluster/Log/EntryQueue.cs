using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;

namespace Rqlite.Pg.Cluster;

/// <summary>Arriving entries with a look at the first.</summary>
internal sealed class EntryQueue<TEntry>(ILogEntryProducer<TEntry> source, long limit = long.MaxValue) : ILogEntryProducer<TEntry>
    where TEntry : IRaftLogEntry
{
    private long _limit = limit;
    private bool _peeked;

    public long RemainingCount => Math.Min(source.RemainingCount + (_peeked ? 1 : 0), _limit);

    public TEntry Current => source.Current;

    public async ValueTask<TEntry> PeekAsync()
    {
        if (!_peeked && !await source.MoveNextAsync().ConfigureAwait(false))
        {
            throw new EndOfStreamException();
        }

        _peeked = true;
        return source.Current;
    }

    /// <summary>Forgets the entry that was looked at.</summary>
    public void Drop() => _peeked = false;

    /// <summary>The entry that was looked at, as a queue of its own.</summary>
    public ILogEntryProducer<TEntry> TakeFirst()
    {
        var first = new EntryQueue<TEntry>(source, 1) { _peeked = _peeked };
        _peeked = false;
        return first;
    }

    public ValueTask<bool> MoveNextAsync()
    {
        if (_limit == 0)
        {
            return new(false);
        }

        _limit--;
        if (_peeked)
        {
            _peeked = false;
            return new(true);
        }

        return source.MoveNextAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
