using System.Collections;

namespace Rqlite.Pg.Cluster;

/// <summary>A range of entries as of one moment. It keeps the files of the range open; a cut of the log does not disturb it.</summary>
internal sealed class LogEntryList : IReadOnlyList<StoredEntry>, IDisposable
{
    private readonly List<Stretch> _stretches = [];
    private StoredEntry[] _recent = [];
    private int _onDisk;

    public static LogEntryList Empty { get; } = new();

    /// <summary>The index of the log's base if the range starts at or before it; then the list holds only the base.</summary>
    public long? SnapshotIndex { get; private init; }

    public int Count => _onDisk + _recent.Length;

    public StoredEntry this[int index]
    {
        get
        {
            if (index >= _onDisk)
            {
                return _recent[index - _onDisk];
            }

            foreach (var stretch in _stretches)
            {
                if (index < stretch.Count)
                {
                    var place = stretch.Places[stretch.Start + index];
                    return new StoredEntry(stretch.Segment.First + stretch.Start + index, place, stretch.Segment);
                }

                index -= stretch.Count;
            }

            throw new ArgumentOutOfRangeException(nameof(index));
        }
    }

    public static LogEntryList Before(BasePoint point) => new() { SnapshotIndex = point.Index, _recent = [StoredEntry.Before(point)] };

    /// <summary>Adds entries from memory, after those on disk.</summary>
    public void Add(StoredEntry[] recent) => _recent = recent;

    public void Add(LogSegment segment, long from, long to)
    {
        if (!segment.TryPin())
        {
            throw new IOException("The log was closed.");
        }

        var (places, _) = segment.Records;
        var stretch = new Stretch(segment, places, (int)(from - segment.First), (int)(to - from + 1));
        _stretches.Add(stretch);
        _onDisk += stretch.Count;
    }

    public IEnumerator<StoredEntry> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <remarks>Several readers at once share and dispose <see cref="Empty"/>, so a list without files must stay untouched.</remarks>
    public void Dispose()
    {
        if (_stretches.Count == 0)
        {
            return;
        }

        _stretches.ForEach(static s => s.Segment.Release());
        _stretches.Clear();
    }

    private sealed record Stretch(LogSegment Segment, RecordPlace[] Places, int Start, int Count);
}
