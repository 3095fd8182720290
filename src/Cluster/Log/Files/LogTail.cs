namespace Rqlite.Pg.Cluster;

/// <summary>
/// The newest entries in memory: those that are not on disk or not applied yet, and some more, so that neither the apply nor a follower that
/// keeps up reads the disk. Guarded by its owner's lock.
/// </summary>
internal sealed class LogTail
{
    private const int EntriesKept = 4096;
    private const long BytesKept = 8 << 20;

    private StoredEntry[] _ring = new StoredEntry[256];
    private int _start;
    private long _bytes;

    public int Count { get; private set; }

    /// <summary>The index of the oldest entry in the tail.</summary>
    public long First { get; private set; }

    public StoredEntry this[long index] => _ring[Position(index)];

    public bool Holds(long index) => Count > 0 && index >= First && index < First + Count;

    public void Add(StoredEntry entry)
    {
        if (Count == 0)
        {
            First = entry.Index;
        }

        if (Count == _ring.Length)
        {
            var larger = new StoredEntry[2 * _ring.Length];
            for (var i = 0; i < Count; i++)
            {
                larger[i] = this[First + i];
            }

            (_ring, _start) = (larger, 0);
        }

        Count++;
        _ring[Position(entry.Index)] = entry;
        _bytes += entry.ContentLength;
    }

    /// <summary>The entries of a range in the tail.</summary>
    public StoredEntry[] Slice(long from, long to)
    {
        var slice = new StoredEntry[to - from + 1];
        for (var i = 0; i < slice.Length; i++)
        {
            slice[i] = this[from + i];
        }

        return slice;
    }

    public void CutFrom(long index)
    {
        while (Count > 0 && First + Count > index)
        {
            var last = Position(First + Count - 1);
            _bytes -= _ring[last].ContentLength;
            _ring[last] = null!;
            Count--;
        }
    }

    /// <summary>Drops old entries, but none after the given index and none whose proposer still waits.</summary>
    public void Trim(long needless)
    {
        while (Count > 0 && First <= needless && (Count > EntriesKept || _bytes > BytesKept) && _ring[_start].Context is null)
        {
            _bytes -= _ring[_start].ContentLength;
            _ring[_start] = null!;
            _start = (_start + 1) & (_ring.Length - 1);
            First++;
            Count--;
        }
    }

    private int Position(long index) => (_start + (int)(index - First)) & (_ring.Length - 1);
}
