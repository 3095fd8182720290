namespace Rqlite.Pg.Storage;

/// <summary>
/// Unlogged sequence advances: positions that rehearsals on this writer have reached and that no entry has written into the table, because the
/// rehearsals were rolled back or still run. From any thread.
/// </summary>
internal sealed class LooseSequences
{
    private readonly Dictionary<long, SequencePoint> _points = [];
    private readonly Lock _gate = new();
    private long _changes;

    /// <summary>The number of changes to the definitions of sequences on this writer, undone ones included.</summary>
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

    /// <summary>Keeps advances unlogged whose entry was undone.</summary>
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
