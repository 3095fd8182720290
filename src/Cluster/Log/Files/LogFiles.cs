using System.Globalization;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The segments of the log, the oldest first and without gaps. One caller at a time changes them; others may read meanwhile. Index 0 is before
/// the first entry.
/// </summary>
internal sealed class LogFiles : IAsyncDisposable
{
    private const string Extension = ".log";

    private readonly string _directory;
    private readonly SpareSegment _spare;
    private readonly Lock _lock = new();
    private LogSegment[] _segments;

    private LogFiles(string directory, LogSegment[] segments)
    {
        _directory = directory;
        _segments = segments;
        _spare = new(directory, segments.Length > 0 ? segments[^1].Capacity : 0);
    }

    /// <summary>The first index that the files can hold; 0 if there are no files.</summary>
    public long First => Volatile.Read(ref _segments) is [var first, ..] ? first.First : 0;

    public long Last => Volatile.Read(ref _segments) is [.., var last] ? last.Last : 0;

    /// <param name="cutFrom">The index from which a cut was interrupted, 0 if none was.</param>
    public static LogFiles Open(string directory, long cutFrom)
    {
        foreach (var left in Directory.GetFiles(directory, SpareSegment.Pattern))
        {
            File.Delete(left);
        }

        var paths = Directory.GetFiles(directory, "*" + Extension).Order(StringComparer.Ordinal).ToList();
        while (cutFrom > 0 && paths.Count > 1 && FirstOf(paths[^1]) >= cutFrom)
        {
            File.Delete(paths[^1]);
            paths.RemoveAt(paths.Count - 1);
        }

        var segments = new List<LogSegment>();
        try
        {
            foreach (var path in paths)
            {
                var segment = SegmentReader.Open(path, cutFrom, path == paths[^1]);
                segments.Add(segment);
                if (segment.First != FirstOf(path) || (segments.Count > 1 && segments[^2].Last + 1 != segment.First))
                {
                    throw new LogDamageException($"'{path}' does not follow the part of the log before it: entries are missing.");
                }
            }

            var files = new LogFiles(directory, [.. segments]);
            if (cutFrom > 0)
            {
                files.CutFrom(cutFrom);
            }

            files.CheckTerms();
            return files;
        }
        catch
        {
            segments.ForEach(static s => s.Release());
            throw;
        }
    }

    /// <summary>Begins an empty log with the first segment.</summary>
    public void Begin(long first, long previousTerm) => Append(first, previousTerm, 0);

    /// <summary>Writes entries after the last, and returns when they are on disk.</summary>
    public void Write(ReadOnlySpan<StoredEntry> entries, long flushed)
    {
        var previousTerm = _segments[^1] is { } newest && newest.Last >= newest.First ? newest[newest.Last].Term : _segments[^1].PreviousTerm;
        while (!entries.IsEmpty)
        {
            var segment = Current(entries[0], previousTerm);
            var (count, bytes) = (0, 0L);
            while (count < entries.Length && segment.Fits(bytes + RecordFormat.Measure(entries[count].ContentLength)))
            {
                bytes += RecordFormat.Measure(entries[count++].ContentLength);
            }

            // Each segment is on disk before the next one begins, so that only the last can have a torn end.
            segment.Write(entries[..count], flushed);
            segment.Flush();
            flushed = entries[count - 1].Index;
            previousTerm = entries[count - 1].Term;
            entries = entries[count..];
            if (2 * segment.End > segment.Capacity)
            {
                _spare.Prepare();
            }
        }
    }

    /// <summary>Removes the entries from an index on; <see cref="Open"/> finishes an interrupted removal.</summary>
    public void CutFrom(long index)
    {
        while (_segments is [.., var last] && last.Last >= index)
        {
            if (last.First < index || _segments.Length == 1)
            {
                last.CutFrom(Math.Max(index, last.First));
                return;
            }

            Remove(_segments[^1]);
        }
    }

    /// <summary>Removes whole segments that hold no entry after an index.</summary>
    public void DropTo(long index)
    {
        while (_segments.Length > 1 && _segments[0].Last <= index)
        {
            Remove(_segments[0]);
        }
    }

    /// <summary>Removes all segments, the newest first, so that an interruption leaves no gap.</summary>
    public void Clear()
    {
        while (_segments.Length > 0)
        {
            Remove(_segments[^1]);
        }
    }

    /// <summary>The term of an entry, or of the one before the first.</summary>
    public long TermAt(long index)
    {
        lock (_lock)
        {
            return _segments is [var first, ..] && index == first.First - 1 ? first.PreviousTerm : Find(index)[index].Term;
        }
    }

    /// <summary>Adds the entries of a range to a list, which keeps the segments open.</summary>
    public void Capture(long from, long to, LogEntryList list)
    {
        lock (_lock)
        {
            while (from <= to)
            {
                var segment = Find(from);
                var end = Math.Min(to, segment.Last);
                list.Add(segment, from, end);
                from = end + 1;
            }
        }
    }

    /// <summary>The largest index after which there are at least so many bytes; 0 if there is none.</summary>
    public long IndexBefore(long bytes)
    {
        lock (_lock)
        {
            for (var i = _segments.Length - 1; i >= 0; i--)
            {
                var segment = _segments[i];
                var used = segment.End - SegmentFormat.HeadBytes;
                if (used >= bytes)
                {
                    var (places, count) = segment.Records;
                    var limit = segment.End - bytes;
                    var behind = places.AsSpan(0, count);
                    var found = 0;
                    while (found < behind.Length && behind[found].Offset <= limit)
                    {
                        found++;
                    }

                    return segment.First + found - 2;
                }

                bytes -= used;
            }

            return 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _spare.DisposeAsync().ConfigureAwait(false);
        Close();
    }

    /// <summary>Closes the files of a log that was not used yet.</summary>
    public void Close()
    {
        foreach (var segment in _segments)
        {
            segment.Release();
        }
    }

    private static long FirstOf(string path)
        => long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            ? first
            : throw new LogDamageException($"'{path}' is no part of the log.");

    private LogSegment Find(long index)
    {
        var segments = _segments;
        var (low, high) = (0, segments.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = segments[middle].First <= index ? (middle, high) : (low, middle - 1);
        }

        return segments.Length > 0 && index >= segments[low].First && index <= segments[low].Last
            ? segments[low]
            : throw new ArgumentOutOfRangeException(nameof(index), index, "The log does not hold the entry.");
    }

    private LogSegment Current(StoredEntry next, long previousTerm)
    {
        var last = _segments[^1];
        if (next.Index != last.Last + 1)
        {
            throw new InvalidOperationException($"Entry {next.Index} after {last.Last}.");
        }

        var bytes = RecordFormat.Measure(next.ContentLength);
        return last.Fits(bytes) ? last : Append(next.Index, previousTerm, bytes);
    }

    private LogSegment Append(long first, long previousTerm, long bytesMin)
    {
        var name = Path.Combine(_directory, first.ToString("D20", CultureInfo.InvariantCulture) + Extension);
        var segment = _spare.Take(name, first, previousTerm, bytesMin + SegmentFormat.HeadBytes);
        var empty = _segments is [.., var last] && last.First == first ? last : null;
        lock (_lock)
        {
            _segments = [.. _segments.Where(s => s != empty), segment];
        }

        // The first entry did not fit into the segment; the new file has taken its name.
        empty?.Release();
        return segment;
    }

    private void Remove(LogSegment segment)
    {
        lock (_lock)
        {
            _segments = [.. _segments.Where(s => s != segment)];
        }

        File.Delete(segment.Path);
        DurableFile.FlushDirectory(_directory);
        segment.Release();
    }

    private void CheckTerms()
    {
        var before = _segments is [var first, ..] ? first.PreviousTerm : 0;
        foreach (var segment in _segments)
        {
            var (places, count) = segment.Records;
            for (var i = 0; i < count; i++)
            {
                if (places[i].Term < before)
                {
                    throw new LogDamageException(
                        $"The terms of the log go down at index {segment.First + i} ({before}, then {places[i].Term}): its end is a mixture.");
                }

                before = places[i].Term;
            }
        }
    }
}
