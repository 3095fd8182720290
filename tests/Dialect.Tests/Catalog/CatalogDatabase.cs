using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Tests.Catalog;

/// <summary>A database with the catalogs, driven by statements of SQLite.</summary>
internal sealed class CatalogDatabase : IAsyncDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "catalog-tests-" + Guid.NewGuid().ToString("N"));
    private readonly Database _database;
    private long _index;

    public CatalogDatabase() => _database = Database.Open(
        new StorageOptions
        {
            Directory = _directory,
            Sql = Implementations.Extensions with
            {
                Functions = [.. Implementations.Extensions.Functions, new("t_load", 0, Purity.Stable, (in FunctionCall call) =>
                {
                    Loaded = SnapshotCache.Of(call.Statement.Sql);
                    call.Return(call.Statement.Sql.SchemaStamp);
                })],
                Tables = [.. Implementations.Extensions.Tables.Where(table => !table.Name.StartsWith('_')), .. SystemTables.Create(_ => true)],
            },
            Node = new NodeSql([], SystemTables.CreateOfNode((_, _) => [])),
        },
        NullLoggerFactory.Instance);

    public CallerSession Caller { get; set; } = Session("postgres", "catalog", "public");

    private SchemaSnapshot? Loaded { get; set; }

    public static CallerSession Session(string user, string database, params string[] path) => new(Guid.Empty, 1, 42, [], 0)
    {
        Settings = new SessionSettings(user, user, database, path, new Dictionary<string, string>
        {
            ["DateStyle"] = "ISO, MDY",
            ["IntervalStyle"] = "postgres",
            ["TimeZone"] = "UTC",
            ["extra_float_digits"] = "1",
            ["bytea_output"] = "hex",
            ["work_mem"] = "8MB",
            ["rqlite.consistency"] = "weak",
        }),
    };

    /// <summary>Applies statements as one entry. A text that begins with @ is one of ours.</summary>
    public async Task ApplyAsync(params string[] sql)
    {
        var statements = sql.Select(text => text.StartsWith('@')
            ? Statement.Ours(Encoding.UTF8.GetBytes(text[1..]))
            : new Statement(Encoding.UTF8.GetBytes(text), default)).ToArray();
        var results = new CommandResult?[1];
        _database.Writer.Apply(
            new EntryStamp(++_index, 1, 1_700_000_000_000_000, 7),
            [new ApplyCommand(default, new StatementBatch(statements, BatchOptions.Atomic) { Caller = Caller })], results);
        var encoded = new EncodedResults(results[0]!.Encoded);
        while (await encoded.NextAsync(default) is { } cursor)
        {
            Assert.Null((await ReadAsync(cursor, [])).Error?.Message);
        }
    }

    public Task ApplyAsync(IEnumerable<Step> steps) => ApplyAsync([.. steps.Select(step => (step.Internal ? "@" : "") + step.Sql)]);

    /// <summary>Runs a statement in PostgreSQL's dialect; an error by its SQLSTATE and message, else the rows of the answer.</summary>
    public async Task<string> RunAsync(string text)
    {
        var translation = Translator.Translate(Translator.Parse(text), text, new TranslationContext(await LoadAsync(), ["public"], "postgres", "catalog"), [])!;
        Statement[] steps =
        [
            .. translation.Steps.Select(step => step.Internal
                ? Statement.Ours(Encoding.UTF8.GetBytes(step.Sql)) : Statement.Typed(Encoding.UTF8.GetBytes(step.Sql), default)),
        ];
        return await WriteAsync(BatchOptions.ForeignKeys, steps is [var only] ? only : Statement.Group(steps, translation.Answer));
    }

    /// <summary>Runs statements in SQLite's dialect, each for itself, as one entry; a line for each as <see cref="RunAsync"/> answers.</summary>
    public Task<string> WriteAsync(params string[] sql) =>
        WriteAsync(BatchOptions.ForeignKeys, [.. sql.Select(text => new Statement(Encoding.UTF8.GetBytes(text), default))]);

    public ValueTask<UInt128> HashAsync() => _database.ContentHashAsync(default);

    private async Task<string> WriteAsync(BatchOptions options, params Statement[] statements)
    {
        var results = new CommandResult?[1];
        _database.Writer.Apply(
            new EntryStamp(++_index, 1, 1_700_000_000_000_000, 7 + (ulong)_index),
            [new ApplyCommand(default, new StatementBatch(statements, options) { Caller = Caller })], results);
        var lines = new List<string>();
        var encoded = new EncodedResults(results[0]!.Encoded);
        while (await encoded.NextAsync(default) is { } cursor)
        {
            var (rows, error) = await ReadAsync(cursor, []);
            lines.Add(error is not null ? $"{error.SqlState ?? $"{error.ResultCode}"}: {error.Message}"
                : string.Join(';', rows.Select(row => string.Join('|', row.Select(value => value ?? "NULL")))));
        }

        return string.Join('\n', lines);
    }

    /// <summary>The snapshot as a statement on a reader sees it.</summary>
    public async Task<SchemaSnapshot> LoadAsync()
    {
        await QueryAsync("SELECT t_load()");
        return Loaded!;
    }

    /// <summary>Rows as they are, with a bar between values; an error by its SQLSTATE and message.</summary>
    public async Task<string> QueryAsync(string sql)
    {
        using var lease = await _database.RentReaderAsync(default);
        lease.Caller = Caller;
        await using var cursor = lease.Run(new Statement(Encoding.UTF8.GetBytes(sql), default), BatchOptions.None, null, ownsLease: false, default);
        var (rows, error) = await ReadAsync(cursor, []);
        return error is null ? string.Join(';', rows.Select(row => string.Join('|', row.Select(value => value ?? "NULL"))))
            : $"{error.SqlState}: {error.Message}";
    }

    /// <summary>The rows of a relation, each value as text.</summary>
    public async Task<List<string?[]>> RowsAsync(string schema, string name)
    {
        var relation = SystemRelations.Find(schema, name)!;
        using var lease = await _database.RentReaderAsync(default);
        lease.Caller = Caller;
        var columns = string.Join(", ", relation.Columns.Select(column => $"\"{column.Name}\""));
        var sql = $"SELECT {columns} FROM \"{relation.SqliteName}\"";
        await using var cursor = lease.Run(new Statement(Encoding.UTF8.GetBytes(sql), default), BatchOptions.None, null, ownsLease: false, default);
        var (rows, error) = await ReadAsync(cursor, [.. relation.Columns.Select(c => TypeOf(c.Type))]);
        Assert.Null(error?.Message);
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task<(List<string?[]> Rows, StatementError? Error)> ReadAsync(RowCursor cursor, PgType[] types)
    {
        var rows = new List<string?[]>();
        while (await cursor.WaitToReadAsync(default))
        {
            while (cursor.TryRead())
            {
                var row = new string?[cursor.Schema.Columns.Count];
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = types.Length == 0 ? Plain(cursor[i]) : Text(cursor[i], types[i]);
                }

                rows.Add(row);
            }
        }

        return (rows, cursor.Outcome.Error);
    }

    // The reg types are shown as numbers.
    private static PgType TypeOf(uint type) => SystemDomains.Find(type)?.Base
        ?? new PgType(type is PgTypes.RegProc or PgTypes.RegType ? PgTypes.Oid : type);

    private static string? Plain(SqliteValue value) => value.Class switch
    {
        StorageClass.Integer => value.Integer.ToString(CultureInfo.InvariantCulture),
        StorageClass.Real => value.Real.ToString("R", CultureInfo.InvariantCulture),
        StorageClass.Text => Encoding.UTF8.GetString(value.Bytes),
        StorageClass.Blob => Convert.ToHexString(value.Bytes),
        _ => null,
    };

    private static string? Text(SqliteValue value, PgType type)
    {
        if (value.Class == StorageClass.Null)
        {
            return null;
        }

        var output = new ArrayBufferWriter<byte>();
        Codec.For(type.Oid).WriteText(value, type, ValueContext.Default, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
