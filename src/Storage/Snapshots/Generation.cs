using Microsoft.Win32.SafeHandles;

namespace Rqlite.Pg.Storage;

/// <summary>
/// One database directory in use, counted by its users (the database, each reader, a checkpoint, a copy). The last one to leave closes
/// our own descriptor of the main file, after SQLite's: closing any descriptor of it drops the process's POSIX locks.
/// </summary>
internal sealed class Generation
{
    private readonly StorageFiles _files;
    private readonly Lock _lock = new();
    private SafeFileHandle? _main;
    private int _users = 1;

    public Generation(long number, string folder, StorageFiles files)
    {
        Number = number;
        Folder = folder;
        MainPath = Path.Combine(folder, GenerationDirectory.MainName);
        WalPath = MainPath + "-wal";
        _files = files;
    }

    public long Number { get; }

    public string Folder { get; }

    public string MainPath { get; }

    public string WalPath { get; }

    /// <summary>Set once, before the generation is shared; closed with it.</summary>
    public Checkpointer? Checkpointer { get; set; }

    /// <summary>
    /// Held by a copy, which needs the main file unchanged, or by a checkpoint, which changes it. An install needs neither: it changes files of
    /// its own.
    /// </summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Our own descriptor of the main file, one a generation, opened when first needed.</summary>
    public SafeFileHandle Main
    {
        get
        {
            lock (_lock)
            {
                return _main ??= File.OpenHandle(
                    MainPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.None);
            }
        }
    }

    public bool TryAddUser()
    {
        lock (_lock)
        {
            if (_users == 0)
            {
                return false;
            }

            _users++;
            return true;
        }
    }

    public void RemoveUser()
    {
        lock (_lock)
        {
            if (--_users > 0)
            {
                return;
            }

            Checkpointer?.Dispose();
            _main?.Dispose();
            Gate.Dispose();
        }
    }

    /// <summary>Deletes the files of a superseded generation; false while they are in use.</summary>
    public bool TryDelete()
    {
        lock (_lock)
        {
            if (_users > 0)
            {
                return false;
            }
        }

        _files.DeleteDirectory(Folder);
        return true;
    }
}
