using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Support;

/// <summary>A real database of one node without Raft, in a folder of its own that goes away with it.</summary>
public sealed class StandaloneDatabase : IAsyncDisposable
{
    private readonly string _folder;
    private readonly bool _ownsFolder;
    private readonly ClusterDatabase _database;
    private readonly LocalLog _log;

    private StandaloneDatabase(string folder, bool ownsFolder, Database storage, RequestLimits limits)
    {
        _folder = folder;
        _ownsFolder = ownsFolder;
        Storage = storage;
        var self = new NodeDescription("node1", "localhost:4002", "localhost:4001", "localhost:5001", Voter: true);
        var applier = new EntryApplier(storage);
        _log = new(applier, storage.AppliedIndex, self);
        _database = new(_log, applier, storage, new NoPeers(), limits, TimeProvider.System);
        _database.StartLocks(TimeSpan.FromSeconds(10), NullLogger.Instance);
        Control = new(_log, storage);
    }

    public IDatabase Database => _database;

    public StandaloneControl Control { get; }

    public string Folder => _folder;

    /// <summary>A transaction has the writer.</summary>
    public bool WriterHeld => _database.WriterHeld;

    /// <summary>Transactions and commands that wait for the writer.</summary>
    public int WritersWaiting => _database.WritersWaiting;

    public Database Storage { get; }

    /// <summary>How many readers somebody has now.</summary>
    public long ReadersInUse
    {
        get
        {
            var pools = (IReadOnlyDictionary<string, object?>)Storage.Status()["conn_pool_stats"]!;
            return (long)((IReadOnlyDictionary<string, object?>)pools["ro"]!)["in_use"]!;
        }
    }

    /// <param name="folder">Kept when the database is disposed; null for a new folder that is deleted.</param>
    public static StandaloneDatabase Open(
        string? folder = null, RequestLimits? limits = null, Func<StorageOptions, StorageOptions>? configure = null)
    {
        var directory = folder ?? Directory.CreateTempSubdirectory("rqlite-pg-").FullName;
        var options = new StorageOptions { Directory = Path.Combine(directory, "db") };
        var storage = Rqlite.Pg.Storage.Database.Open(configure?.Invoke(options) ?? options, NullLoggerFactory.Instance);
        return new(directory, folder is null, storage, limits ?? new());
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await Storage.DisposeAsync();
        if (_ownsFolder)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
