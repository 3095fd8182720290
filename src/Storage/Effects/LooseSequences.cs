namespace Rqlite.Pg.Storage;

/// <summary>
/// What rehearsals on this writer have given out of sequences beyond what entries have brought into the table, because they were rolled back
/// or still run. From any thread.
/// </summary>
internal sealed class LooseSequences
{
    private readonly Dictionary<long, SequencePoint> _points = [];
    private readonly Lock _gate = new();
    private long _changes;

    /// <summary>How often the definition of a sequence was changed on this writer, also by what was undone.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    public void NoteChange() => Interlocked.Increment(ref _changes);

    public bool Any
    {
        get
        {
            lock (_gate)
            {
                return _points.Count > 0;
            }
        }
    }

    public SequencePoint[] All
    {
        get
        {
            lock (_gate)
            {
                return _points.Count == 0 ? [] : [.. _points.Values];
            }
        }
    }

    public SequencePoint? Find(long id)
    {
        lock (_gate)
        {
            return _points.TryGetValue(id, out var point) ? point : null;
        }
    }

    public void Set(in SequencePoint point)
    {
        lock (_gate)
        {
            _points[point.Id] = point;
        }
    }

    /// <summary>What an entry would have brought into the table stays loose, since the entry was undone.</summary>
    public void Restore(SequencePoint[] points)
    {
        foreach (var point in points)
        {
            Set(point);
        }
    }

    public void Remove(long id)
    {
        lock (_gate)
        {
            _points.Remove(id);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _points.Clear();
        }
    }
}
