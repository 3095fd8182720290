using System.IO.MemoryMappedFiles;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Remembers in a small file which entry is being applied, so that a start knows at which entry the process ended, and how often it has ended
/// there. Written through a memory map: it survives the process and costs nothing; a power cut may lose it.
/// </summary>
internal sealed class CrashMark : IDisposable
{
    /// <summary>So often a node may end while it applies an entry, before it says what to do instead of trying again.</summary>
    public const long CrashesMax = 3;

    private const string FileName = "applying";
    private const int ApplyingAt = 0;
    private const int CrashedAt = 8;
    private const int CountAt = 16;
    private const int Bytes = 24;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    /// <param name="directory">The node's data directory.</param>
    public CrashMark(string directory)
    {
        Path = System.IO.Path.Combine(directory, FileName);
        _file = MemoryMappedFile.CreateFromFile(Path, FileMode.OpenOrCreate, null, Bytes);
        _view = _file.CreateViewAccessor(0, Bytes);
        if (_view.ReadInt64(ApplyingAt) is > 0 and var index)
        {
            _view.Write(CountAt, CrashedIndex == index ? Crashes + 1 : 1);
            _view.Write(CrashedAt, index);
            _view.Write(ApplyingAt, 0L);
        }
    }

    public string Path { get; }

    /// <summary>The entry at which the process ended; 0 if it ended otherwise, or the entry has been applied since.</summary>
    public long CrashedIndex => _view.ReadInt64(CrashedAt);

    /// <summary>How often it ended there, one time after the other.</summary>
    public long Crashes => _view.ReadInt64(CountAt);

    /// <summary>An entry begins to be applied. An exception leaves the mark.</summary>
    public void Begin(long index) => _view.Write(ApplyingAt, index);

    /// <summary>The entry is applied, or was undone since the node stops.</summary>
    public void End(bool applied)
    {
        _view.Write(ApplyingAt, 0L);
        if (applied && CrashedIndex != 0)
        {
            Forget();
        }
    }

    private void Forget()
    {
        _view.Write(CrashedAt, 0L);
        _view.Write(CountAt, 0L);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
