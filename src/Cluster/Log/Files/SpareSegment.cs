namespace Rqlite.Pg.Cluster;

/// <summary>Creates segments, the next one ahead of time, so that no entry waits for its zeros to be written. Used by one caller at a time.</summary>
internal sealed class SpareSegment(string directory, long capacity) : IAsyncDisposable
{
    public const string Pattern = "next-*.tmp";

    private const long CapacityMin = 1 << 20;
    private const long CapacityMax = 16 << 20;

    private Task _making = Task.CompletedTask;
    private ZeroedFile? _made;
    private int _names;

    // Small at first: a node that writes little should not fill its disk with zeros.
    private long _capacity = Math.Clamp(capacity, CapacityMin / 2, CapacityMax);

    private long NextCapacity => Math.Min(2 * _capacity, CapacityMax);

    /// <summary>Begins to create the next segment.</summary>
    public void Prepare()
    {
        if (_making.IsCompleted && Volatile.Read(ref _made) is null)
        {
            var (path, length) = (NewPath(), NextCapacity);
            _making = Task.Run(() => TryMake(path, length));
        }
    }

    /// <summary>Takes a new segment, whose name and head are on disk.</summary>
    public LogSegment Take(string name, long first, long previousTerm, long bytesMin)
    {
        var zeros = Interlocked.Exchange(ref _made, null);
        if (zeros is null || zeros.Length < bytesMin)
        {
            zeros?.Delete();
            zeros = ZeroedFile.Create(NewPath(), Math.Max(bytesMin, NextCapacity));
        }

        try
        {
            Span<byte> content = stackalloc byte[SegmentFormat.HeadBytes];
            var head = SegmentFormat.Write(content, first, previousTerm, zeros.Length);
            RandomAccess.Write(zeros.File, content, 0);
            DurableFile.FlushData(zeros.File);
            File.Move(zeros.Path, name, overwrite: true);
            DurableFile.FlushDirectory(directory);
            _capacity = Math.Clamp(zeros.Length, CapacityMin, CapacityMax);
            return new(name, zeros.File, head, [], SegmentFormat.HeadBytes, head.Checksum);
        }
        catch
        {
            zeros.File.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _making.ConfigureAwait(false);
        _made?.Delete();
    }

    private string NewPath() => Path.Combine(directory, $"next-{_names++}.tmp");

    private void TryMake(string path, long length)
    {
        try
        {
            Volatile.Write(ref _made, ZeroedFile.Create(path, length));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The caller that needs the segment tries again, and gets the error.
        }
    }
}
