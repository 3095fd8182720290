using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>A database in a folder of its own, driven by SQL text; the folder goes with it.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly string _directory;
    private long _index;

    public TestDatabase(Func<StorageOptions, StorageOptions>? change = null)
    {
        _directory = Path.Combine(Path.GetTempPath(), "storage-tests-" + Guid.NewGuid().ToString("N"));
        Options = new StorageOptions { Directory = _directory };
        Options = change?.Invoke(Options) ?? Options;
        Database = Database.Open(Options, NullLoggerFactory.Instance);
    }

    public StorageOptions Options { get; }

    public Database Database { get; private set; }

    public long Time { get; set; } = 1_000_000_000_000;

    public ulong Seed { get; set; } = 7;

    public EntryStamp NextStamp() => new(++_index, 1, Time * 1000, Seed + (ulong)_index);

    /// <summary>A text that begins with @ is what this project writes itself (<see cref="Statement.Ours"/>); all others are clients'.</summary>
    public static Statement Sql(string sql, Action<IBufferWriter<byte>>? parameters = null)
    {
        if (sql.StartsWith('@'))
        {
            return Statement.Ours(Encoding.UTF8.GetBytes(sql[1..]), parameters);
        }

        var encoded = new ArrayBufferWriter<byte>();
        parameters?.Invoke(encoded);
        return new Statement(Encoding.UTF8.GetBytes(sql), encoded.WrittenMemory);
    }

    public static ApplyCommand Command(BatchOptions options, params string[] sql) =>
        new(default, new StatementBatch([.. sql.Select(text => Sql(text))], options));

    /// <summary>Applies one entry with one command and returns its results as text, one line each.</summary>
    public Task<string[]> ApplyAsync(params string[] sql) => ApplyAsync(BatchOptions.None, sql);

    public async Task<string[]> ApplyAsync(BatchOptions options, params string[] sql) => (await ApplyAsync(Command(options, sql)))[0];

    public async Task<string[][]> ApplyAsync(params ApplyCommand[] commands)
    {
        var results = new CommandResult?[commands.Length];
        Database.Writer.Apply(NextStamp(), commands, results);
        var texts = new string[commands.Length][];
        for (var i = 0; i < commands.Length; i++)
        {
            texts[i] = await ResultsAsync(results[i]!);
        }

        return texts;
    }

    public static async Task<string[]> ResultsAsync(CommandResult result)
    {
        var lines = new List<string>();
        var encoded = new EncodedResults(result.Encoded);
        while (await encoded.NextAsync(default) is { } cursor)
        {
            lines.Add(await TextAsync(cursor));
        }

        return [.. lines];
    }

    /// <summary>Rows as <c>a|b;c|d</c>, an error as <c>code: message</c>, with its SQLSTATE if it has one, a write as <c>changed n, last m</c>.</summary>
    public async Task<string> QueryAsync(string sql, Action<IBufferWriter<byte>>? parameters = null, BatchOptions options = BatchOptions.None)
    {
        var lease = await Database.RentReaderAsync(default);
        await using var cursor = lease.Run(Sql(sql, parameters), options, null, ownsLease: true, default);
        return await TextAsync(cursor);
    }

    public static async Task<string> TextAsync(RowCursor cursor)
    {
        var rows = new List<string>();
        while (await cursor.WaitToReadAsync(default))
        {
            while (cursor.TryRead())
            {
                rows.Add(Row(cursor));
            }
        }

        var outcome = cursor.Outcome;
        return outcome.Error is { } error ? $"{error.SqlState ?? error.ResultCode.ToString()}: {error.Message}"
            : cursor.Schema.Columns.Count == 0 && !outcome.ReadOnly ? $"changed {outcome.RowsAffected}, last {outcome.LastInsertRowId}"
            : string.Join(';', rows);
    }

    public static string Row(RowCursor cursor)
    {
        var values = new string[cursor.Schema.Columns.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Value(cursor[i]);
        }

        return string.Join('|', values);
    }

    public static string Value(SqliteValue value) => value.Class switch
    {
        StorageClass.Integer => value.Integer.ToString(),
        StorageClass.Real => value.Real.ToString("R"),
        StorageClass.Text => Encoding.UTF8.GetString(value.Bytes),
        StorageClass.Blob => "x'" + Convert.ToHexString(value.Bytes) + "'",
        _ => "NULL",
    };

    public async Task ReopenAsync()
    {
        await Database.DisposeAsync();
        Database = Database.Open(Options, NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
