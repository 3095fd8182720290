namespace Rqlite.Pg.Cluster;

/// <summary>Roughly how many bytes of log lie behind an index, so that the trailing part can be bounded in bytes.</summary>
internal sealed class LogSizes
{
    private const long Step = 1 << 20;
    private const int MarksMax = 4096;

    private readonly Lock _lock = new();
    private readonly Queue<(long Index, long Total)> _marks = new();
    private long _total;
    private long _marked;

    public void Add(long index, long bytes)
    {
        lock (_lock)
        {
            _total += bytes;
            if (_total - _marked < Step)
            {
                return;
            }

            _marked = _total;
            _marks.Enqueue((index, _total));
            if (_marks.Count > MarksMax)
            {
                _marks.Dequeue();
            }
        }
    }

    /// <summary>The largest known index with at least <paramref name="bytes"/> of log behind it; 0 if there is none.</summary>
    public long IndexBefore(long bytes)
    {
        lock (_lock)
        {
            var found = 0L;
            while (_marks.TryPeek(out var mark) && _total - mark.Total >= bytes)
            {
                found = mark.Index;
                if (_marks.Count == 1)
                {
                    break;
                }

                _marks.Dequeue();
                if (_marks.TryPeek(out var next) && _total - next.Total < bytes)
                {
                    break;
                }
            }

            return found;
        }
    }
}
