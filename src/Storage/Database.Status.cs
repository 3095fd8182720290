using System.Globalization;

namespace Rqlite.Pg.Storage;

public sealed partial class Database
{
    /// <summary>The version of the bundled SQLite.</summary>
    public static unsafe string SqliteVersion => Native.Text(Native.sqlite3_libversion());

    /// <summary>The sizes and counts of the database at this moment; reads no page of it.</summary>
    public DatabaseFigures Figures()
    {
        var (open, idle) = (_readers.Open, _readers.Idle);
        return new(FileLength(MainFile), FileLength(MainFile + "-wal"), WalBytes, _options.ReadersMax, open, Math.Max(0, open - idle), _readers.Waiting);

        static long FileLength(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
    }

    /// <summary>The <c>sqlite3</c> section of <c>/status</c>, in rqlite's key names.</summary>
    /// <exception cref="StorageException">The file cannot be read.</exception>
    public unsafe IReadOnlyDictionary<string, object?> Status()
    {
        var path = MainFile;
        var main = new FileInfo(path);
        var wal = new FileInfo(path + "-wal");

        // A connection of its own, so that the status is available also when all readers are in use.
        using var reader = Connection.Open(path, _options, writer: false, clock: null);
        var compileOptions = new List<object?>();
        using (var options = reader.Prepare("PRAGMA compile_options"))
        {
            while (options.Step() == ResultCode.Row)
            {
                compileOptions.Add(options.Text(0));
            }
        }

        var size = main.Exists ? main.Length : 0;
        return new Dictionary<string, object?>
        {
            ["version"] = SqliteVersion,
            ["source_id"] = Native.Text(Native.sqlite3_sourceid()),
            ["path"] = path,
            ["size"] = size,
            ["wal_size"] = wal.Exists ? wal.Length : 0,
            ["db_size"] = (reader.ScalarInteger("PRAGMA page_count") ?? 0) * (reader.ScalarInteger("PRAGMA page_size") ?? 0),
            ["db_size_friendly"] = Friendly(size),
            ["last_modified"] = main.LastWriteTimeUtc.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture),
            ["compile_options"] = compileOptions,
            ["extensions"] = new List<object?>(),
            ["mem_stats"] = MemoryStatus(reader),
            ["pragmas"] = new Dictionary<string, object?>
            {
                ["rw"] = Pragmas("1", "0"),
                ["ro"] = Pragmas(Text(reader, "synchronous"), Text(reader, "foreign_keys")),
            },
            ["conn_pool_stats"] = new Dictionary<string, object?>
            {
                ["rw"] = PoolStatus(1, 1, 0),
                ["ro"] = ReadersStatus(),
            },
        };
    }

    private static Dictionary<string, object?> MemoryStatus(Connection reader)
    {
        var status = new Dictionary<string, object?>();
        foreach (var name in (string[])["max_page_count", "page_count", "page_size", "hard_heap_limit", "soft_heap_limit", "cache_size", "freelist_count"])
        {
            status[name] = reader.ScalarInteger("PRAGMA " + name) ?? 0;
        }

        return status;
    }

    private static Dictionary<string, object?> Pragmas(string synchronous, string foreignKeys) => new()
    {
        ["synchronous"] = synchronous,
        ["journal_mode"] = "wal",
        ["foreign_keys"] = foreignKeys,
        ["wal_autocheckpoint"] = "0",
        ["busy_timeout"] = Connection.BusyTimeoutMilliseconds.ToString(CultureInfo.InvariantCulture),
    };

    private Dictionary<string, object?> ReadersStatus()
    {
        var status = PoolStatus(_options.ReadersMax, _readers.Open, _readers.Idle);
        status["waiting"] = (long)_readers.Waiting;
        return status;
    }

    private static Dictionary<string, object?> PoolStatus(long max, long open, long idle) => new()
    {
        ["max_open_connections"] = max,
        ["open_connections"] = open,
        ["in_use"] = open - idle,
        ["idle"] = idle,
    };

    private static string Text(Connection reader, string pragma) => reader.Scalar("PRAGMA " + pragma) ?? "";

    /// <summary>A number of bytes as rqlite shows it to people.</summary>
    public static string Friendly(long bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        var value = (double)bytes;
        var unit = 0;
        for (; value >= 1000 && unit < units.Length - 1; unit++)
        {
            value /= 1000;
        }

        return value.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + units[unit];
    }
}
