using System.Buffers;
using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>Entries whose effect is known for every index, so that a database can be checked against the index it claims.</summary>
internal static class Workload
{
    public const int Keys = 97;
    public const long Term = 3;
    private const int PadBytes = 3000;

    public static void Apply(Database database, long from, long through)
    {
        for (var index = from; index <= through; index++)
        {
            var stamp = new EntryStamp(index, Term, 1_700_000_000_000_000 + index, (ulong)index);
            var batch = new StatementBatch(Entry(index), BatchOptions.Atomic);
            database.Writer.Apply(stamp, [new ApplyCommand(default, batch)], null);
        }
    }

    /// <summary>Loads a file that holds what the entries up to that of the load would have made.</summary>
    public static async Task LoadAsync(Database database)
    {
        if (await database.PendingLoadAsync(default) is { } left)
        {
            // A process died in the middle of it.
            await ApplyAsync(database, database.AppliedIndex + 1, LoadTable.Remove(left.Id));
        }

        var first = database.AppliedIndex + 1;
        var last = first + 2;
        using var file = new Scratch();
        file.Run("""
            CREATE TABLE latest(k INTEGER PRIMARY KEY, v INTEGER NOT NULL, pad BLOB NOT NULL);
            CREATE TABLE total(n INTEGER NOT NULL, s INTEGER NOT NULL);
            """);
        file.Run($"INSERT INTO total VALUES({last}, {last * (last + 1) / 2})");
        for (var index = Math.Max(2, last - Keys + 1); index <= last; index++)
        {
            file.Run($"INSERT INTO latest VALUES({index % Keys}, {index}, x'{Convert.ToHexString(Pad(index))}')");
        }

        await using var upload = await database.ReceiveUploadAsync(new MemoryStream(file.Bytes()), default);
        await ApplyAsync(database, first, LoadTable.Begin(upload.Load.Id));
        await ApplyAsync(database, first + 1, LoadTable.Add(upload.Load.Id, 1, upload.ReadChunk(1)));
        Assert.True(database.ApplyLoad(Stamp(last), upload.Load));
    }

    private static EntryStamp Stamp(long index) => new(index, Term, 1_700_000_000_000_000 + index, (ulong)index);

    private static async Task ApplyAsync(Database database, long index, StatementBatch with)
    {
        var results = new CommandResult?[2];
        database.Writer.Apply(
            Stamp(index), [new ApplyCommand(default, new StatementBatch(Entry(index), BatchOptions.Atomic)), new ApplyCommand(default, with)], results);
        Assert.DoesNotContain("changed 0", (await TestDatabase.ResultsAsync(results[1]!))[^1], StringComparison.Ordinal);
    }

    private static List<Statement> Entry(long index) => index == 1
        ?
        [
            Sql("CREATE TABLE latest(k INTEGER PRIMARY KEY, v INTEGER NOT NULL, pad BLOB NOT NULL)"),
            Sql("CREATE TABLE total(n INTEGER NOT NULL, s INTEGER NOT NULL)"),
            Sql("INSERT INTO total VALUES(1, 1)"),
        ]
        :
        [
            Sql("INSERT OR REPLACE INTO latest VALUES(?, ?, ?)", index % Keys, index, Pad(index)),
            Sql("UPDATE total SET n = n + 1, s = s + ?", index),
        ];

    public static Statement Sql(string text, params object[] values)
    {
        var parameters = new ArrayBufferWriter<byte>();
        foreach (var value in values)
        {
            switch (value)
            {
                case long integer:
                    ParameterEncoding.WriteInteger(parameters, integer);
                    break;
                case byte[] blob:
                    ParameterEncoding.WriteBlob(parameters, blob);
                    break;
                default:
                    throw new ArgumentException(value.GetType().Name);
            }
        }

        return new Statement(Encoding.UTF8.GetBytes(text), parameters.WrittenMemory.ToArray());
    }

    private static byte[] Pad(long index)
    {
        var pad = new byte[PadBytes];
        new Random((int)index).NextBytes(pad);
        return pad;
    }

    /// <summary>Opens a closed database directory as a node would, checks it, closes it, and returns the applied index.</summary>
    public static async Task<long> CheckClosedAsync(string directory)
    {
        await using var database = Open(directory);
        return await CheckAsync(database);
    }

    /// <summary>Checks that the content is exactly that of the applied index seen in one snapshot.</summary>
    public static async Task<long> CheckAsync(Database database)
    {
        using var lease = await database.RentReaderAsync(default);
        lease.BeginSnapshot();
        if (await NumberAsync(lease, "SELECT count(*) FROM sqlite_schema WHERE name = 'total'") == 0)
        {
            return 0;
        }

        var index = await NumberAsync(lease, "SELECT n FROM total");
        Assert.Equal(index * (index + 1) / 2, await NumberAsync(lease, "SELECT s FROM total"));
        Assert.Equal(Math.Min(index - 1, Keys), await NumberAsync(lease, "SELECT count(*) FROM latest"));
        Assert.Equal(0, await NumberAsync(lease, string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT count(*) FROM latest WHERE v % {Keys} <> k OR v > {index} OR v <= {index - Keys} OR length(pad) <> {PadBytes}")));
        Assert.Equal("ok", await TextAsync(lease, "PRAGMA integrity_check"));
        return index;
    }

    public static Database Open(string directory, StorageFiles? files = null, Func<StorageOptions, StorageOptions>? options = null)
    {
        var settings = new StorageOptions { Directory = directory, WalLimitBytes = 256 << 10, ReadersMax = 8 };
        return Database.Open(
            options?.Invoke(settings) ?? settings, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance,
            files ?? StorageFiles.Default);
    }

    public static async Task<long> NumberAsync(ReaderLease lease, string sql)
    {
        await using var rows = lease.Run(Sql(sql), BatchOptions.None, null, ownsLease: false, default);
        if (!await NextAsync(rows))
        {
            Assert.Fail($"{sql}: {rows.Outcome.Error?.Message ?? "no row"}");
        }

        return rows[0].Integer;
    }

    public static async Task<string> TextAsync(ReaderLease lease, string sql)
    {
        await using var rows = lease.Run(Sql(sql), BatchOptions.None, null, ownsLease: false, default);
        Assert.True(await NextAsync(rows));
        return Encoding.UTF8.GetString(rows[0].Bytes);
    }

    private static async ValueTask<bool> NextAsync(RowCursor rows)
    {
        while (await rows.WaitToReadAsync(default))
        {
            if (rows.TryRead())
            {
                return true;
            }
        }

        return false;
    }
}
