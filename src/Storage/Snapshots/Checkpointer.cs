namespace Rqlite.Pg.Storage;

/// <summary>
/// Moves one generation's WAL into its main file. A checkpoint that returns OK proves nothing (with a reader on an older snapshot it syncs
/// nothing at all): our own sync of the WAL decides which entries survive a power loss, and the checkpoint merely keeps the WAL small. Owns its
/// connection; used by one background thread at a time.
/// </summary>
internal sealed unsafe class Checkpointer : IDisposable
{
    private const int WalFrameHead = 24;

    // The writer stands still meanwhile; a point read ends well within this time, a scan is not waited for.
    private const int ReadersMilliseconds = 5;
    private readonly Generation _generation;
    private readonly StorageFiles _files;
    private readonly Connection _connection;
    private bool _namesDurable;

    public Checkpointer(Generation generation, StorageOptions options, StorageFiles files)
    {
        _generation = generation;
        _files = files;
        _connection = Connection.Open(generation.MainPath, options, writer: true, clock: null);
        _connection.Config(Native.ConfigNoCheckpointOnClose, true);
        _connection.Check(Native.sqlite3_busy_timeout(_connection.Handle, ReadersMilliseconds), "busy timeout");
        FrameLength = WalFrameHead + (int)(_connection.ScalarInteger("PRAGMA page_size") ?? 0);
    }

    public int FrameLength { get; }

    /// <summary>Makes the present content of the WAL durable; needs no gate, since nothing is moved.</summary>
    public void SyncWal()
    {
        if (File.Exists(_generation.WalPath))
        {
            // SQLite keeps no POSIX locks on the WAL, so a descriptor of it may be opened and closed.
            _files.SyncFile(_generation.WalPath);
        }

        if (!_namesDurable)
        {
            // The WAL's own name must survive as well, once it has been created.
            _files.SyncDirectory(_generation.Folder);
            _namesDurable = true;
        }
    }

    /// <summary>Copies the part of the WAL that readers allow. The caller holds the gate.</summary>
    /// <returns>The bytes in the WAL's present round, and how many of them are copied.</returns>
    public (long Log, long Copied) Copy() => Checkpoint(Native.CheckpointPassive);

    /// <summary>
    /// Waits a moment for the readers that still need the WAL. Used while the writer pauses and the WAL is wholly copied: there is then nothing
    /// to copy here, and no later reader can hold this up.
    /// </summary>
    public void AwaitReaders() => Checkpoint(Native.CheckpointRestart);

    /// <summary>Empties the WAL; for a database that is being closed.</summary>
    public void Truncate() => Checkpoint(Native.CheckpointTruncate);

    /// <summary>Syncs the main file here, in the background, so that the copy between two transactions finds little left to sync.</summary>
    public void SyncMain() => _files.Sync(_generation.Main, _generation.MainPath);

    private (long Log, long Copied) Checkpoint(int mode)
    {
        int frames, copied;
        fixed (byte* main = "main\0"u8)
        {
            var code = Native.sqlite3_wal_checkpoint_v2(_connection.Handle, main, mode, &frames, &copied);
            if ((code & 0xff) != ResultCode.Busy)
            {
                _connection.Check(code, $"cannot checkpoint {_generation.MainPath}");
            }
        }

        return (Math.Max(frames, 0) * (long)FrameLength, Math.Max(copied, 0) * (long)FrameLength);
    }

    public void Dispose() => _connection.Dispose();
}
