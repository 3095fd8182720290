using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Storage;

/// <summary>
/// A node's database: one writer, a pool of readers, and the files beneath. The object stays the same when a copy replaces its files.
/// </summary>
public sealed partial class Database : IAsyncDisposable
{
    private const int DigestsKept = 4096;

    private readonly StorageOptions _options;
    private readonly ILogger _logger;
    private readonly ReaderPool _readers;
    private readonly TemporaryFiles _temporary;
    private readonly Lock _digestLock = new();
    private readonly (long Index, ulong Chained)[] _digests = new (long, ulong)[DigestsKept];
    private long _appliedIndex;
    private long _appliedTerm;
    private bool _disposed;

    private Database(StorageOptions options, ILogger logger, StorageFiles files)
    {
        _options = options;
        _logger = logger;
        _files = files;
        OwnerOnly.CreateDirectory(options.Directory);
        _directory = new GenerationDirectory(options.Directory, files);
        var current = FindGeneration();
        _generation = new Generation(current ?? FirstGeneration, _directory.PathOf(current ?? FirstGeneration), files);
        _temporary = new TemporaryFiles(options);
        var stamps = new SchemaStamps();
        _readers = new ReaderPool(_generation, options, _temporary, stamps);
        Writer = new Writer(options, _temporary, stamps, Publish, () => _readers.Reopen(_generation))
        {
            Notified = n => Notified?.Invoke(n),
            LocksGranted = g => LocksGranted?.Invoke(g),
        };
    }

    /// <summary>
    /// Receives the notifications of each entry after its commit, in their order, on the applier's thread, which must not be held up.
    /// </summary>
    public event Action<IReadOnlyList<Notification>>? Notified;

    /// <summary>Receives, after the commit, the waits for advisory locks that are over, on the applier's thread, which must not be held up.</summary>
    public event Action<IReadOnlyList<LockGrant>>? LocksGranted;

    /// <summary>Raised after a copy has replaced the database: entries that were never applied here are in it.</summary>
    public event Action? Replaced;

    public Writer Writer { get; }

    /// <summary>The last entry whose effects readers see.</summary>
    public long AppliedIndex => Volatile.Read(ref _appliedIndex);

    /// <summary>No reader has seen the effects of a later entry so far; it may be ahead of <see cref="AppliedIndex"/> for a moment.</summary>
    public long SeenIndex => Writer.Showing;

    /// <summary>Rises with every change to the definition of a sequence that this node has run, and with every copy that it has installed.</summary>
    public long SequenceChanges => Writer.SequenceChanges;

    public long AppliedTerm => Volatile.Read(ref _appliedTerm);

    /// <summary>
    /// The first entry that was applied but cannot be read yet, since a transaction on top of it has not ended; 0 if there is none.
    /// </summary>
    public long PendingFrom => Writer.Pending.From;

    /// <summary>The position that a received copy brought with it, else (0, 0).</summary>
    public (long Index, long Term) CopyBase => (Writer.Position.BaseIndex, Writer.Position.BaseTerm);

    internal string MainFile => _generation.MainPath;

    internal ReaderPool Readers => _readers;

    /// <exception cref="StorageException">The files cannot be opened or are not ours.</exception>
    public static Database Open(StorageOptions options, ILoggerFactory loggers) => Open(options, loggers, StorageFiles.Default);

    internal static Database Open(StorageOptions options, ILoggerFactory loggers, StorageFiles files)
    {
        options.Validate();
        var database = new Database(options, loggers.CreateLogger<Database>(), files);
        try
        {
            database.OpenFiles();
            return database;
        }
        catch
        {
            database._readers.Dispose();
            ((IDisposable)database.Writer).Dispose();
            database._generation.RemoveUser();
            throw;
        }
    }

    private void OpenFiles()
    {
        OpenGeneration();
        RestrictFiles();
        Remember(Writer.Position);
        StorageLog.Opened(_logger, MainFile, AppliedIndex, AppliedTerm);
    }

    /// <summary>
    /// Publishes a COMMIT: readers are renewed first, then the applied index is set, so that a caller who sees the index reads at least that
    /// far.
    /// </summary>
    private void Publish(AppliedPosition position)
    {
        _readers.CountCommit();
        Remember(position);
        AskForCheckpoint();
    }

    private void Remember(AppliedPosition position)
    {
        lock (_digestLock)
        {
            _digests[position.Index % DigestsKept] = (position.Index, position.Digest);
        }

        Volatile.Write(ref _appliedTerm, position.Term);
        Volatile.Write(ref _appliedIndex, position.Index);
    }

    /// <summary>Forgets the digests of the old history: a copy begins another one.</summary>
    private void Forget()
    {
        lock (_digestLock)
        {
            Array.Clear(_digests);
        }
    }

    /// <summary>The chained digest of all entries up to <paramref name="index"/>, if that is a recent entry of this database.</summary>
    public bool TryGetDigest(long index, out ulong chained)
    {
        lock (_digestLock)
        {
            var found = index > 0 && _digests[index % DigestsKept].Index == index;
            chained = found ? _digests[index % DigestsKept].Chained : 0;
            return found;
        }
    }

    /// <summary>Waits until an entry that was applied can be read.</summary>
    public ValueTask WaitUntilShownAsync(long index, CancellationToken token) => Writer.Pending.WaitAsync(index, token);

    /// <summary>Rents a reader; completes at once unless all are in use.</summary>
    public ValueTask<ReaderLease> RentReaderAsync(CancellationToken token) => _readers.RentAsync(null, token);

    /// <summary>Rents a reader; completes at once unless all are in use.</summary>
    /// <param name="limit">The longest wait, if it is shorter than <see cref="StorageOptions.ReaderWait"/>.</param>
    /// <exception cref="ReadersBusyException">No reader has come free in time.</exception>
    public ValueTask<ReaderLease> RentReaderAsync(TimeSpan? limit, CancellationToken token) => _readers.RentAsync(limit, token);

    /// <summary>Ends the read transactions of idle readers, so that the write-ahead log can be reset.</summary>
    internal void ReleaseIdleReaders() => _readers.ReleaseIdle();

    private void RestrictFiles()
    {
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            if (!OperatingSystem.IsWindows() && File.Exists(MainFile + suffix))
            {
                File.SetUnixFileMode(MainFile + suffix, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
    }

    /// <summary>Closes the files. All leases must have been given back, and no entry may be applied meanwhile.</summary>
    public ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            _readers.Dispose();
            CloseGeneration();
            StorageLog.Closed(_logger, MainFile, AppliedIndex);
        }

        return ValueTask.CompletedTask;
    }
}
