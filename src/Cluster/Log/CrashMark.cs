using System.IO.MemoryMappedFiles;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Records in a small file which entry is being applied, so that a start knows at which entry the process ended, and how many times in a row.
/// Written through a memory map: the mark survives the process and costs nothing; a power cut may lose it.
/// </summary>
internal sealed class CrashMark : IDisposable
{
    /// <summary>After so many ends at one entry the node tells the operator what to do, instead of trying again.</summary>
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

    /// <summary>How many times in a row the process ended there.</summary>
    public long Crashes => _view.ReadInt64(CountAt);

    /// <summary>Marks an entry as being applied. An exception leaves the mark.</summary>
    public void Begin(long index) => _view.Write(ApplyingAt, index);

    /// <summary>Removes the mark: the entry is applied, or was undone since the node stops.</summary>
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
