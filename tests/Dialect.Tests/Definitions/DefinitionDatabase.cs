using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Dialect.Tests.Catalog;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Tests.Definitions;

/// <summary>A database that runs statements of PostgreSQL's dialect, each as one entry.</summary>
internal sealed class DefinitionDatabase : IAsyncDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "definition-tests-" + Guid.NewGuid().ToString("N"));
    private readonly CallerSession _caller = CatalogDatabase.Session("postgres", "definition_oracle", "public");
    private Database _database;
    private SchemaSnapshot? _loaded;
    private long _index;
    private long _offset;

    public DefinitionDatabase() => _database = Open();

    public Database Database => _database;

    public long Index => _index;

    /// <summary>The answer in lines: rows, notices, and at last the tag or the error.</summary>
    public async Task<string> RunAsync(string sql)
    {
        try
        {
            if (await TranslateAsync(sql) is not { } translation)
            {
                return "!not translated";
            }

            return await AnswerAsync(translation, translation.Steps.Count == 0 ? null : Apply([.. translation.Steps.Select(StatementOf)], translation.Answer));
        }
        catch (DialectException e)
        {
            return $"!{e.SqlState}|{e.Message}|{e.Detail}|{e.Hint}|{(e.Position > 0 ? e.Position : "")}";
        }
        catch (TypeException e)
        {
            return $"!{e.SqlState}|{e.Message}|{e.Detail}|{e.Hint}|";
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return $"!{e}";
        }
    }

    public async Task<Translation?> TranslateAsync(string sql) =>
        Translator.Translate(Translator.Parse(sql), sql, new TranslationContext(await LoadAsync(), ["public"], "postgres", "definition_oracle"), []);

    /// <summary>Applies some of a translation's steps and then one that fails, as one entry.</summary>
    /// <returns>The error.</returns>
    public async Task<string?> FailAfterAsync(Translation translation, int steps)
    {
        var result = Apply([.. translation.Steps.Take(steps).Select(StatementOf), Statement.Ours("SELECT * FROM nowhere"u8.ToArray())], -1);
        var encoded = new EncodedResults(result.Encoded);
        string? error = null;
        while (await encoded.NextAsync(default) is { } cursor)
        {
            error ??= (await ReadAsync(cursor, [])).Error?.Message;
        }

        return error;
    }

    /// <summary>Applies a statement of SQLite, as HTTP does.</summary>
    public void ApplySqlite(string sql) => Apply([new Statement(Encoding.UTF8.GetBytes(sql), default)], 0);

    /// <summary>Leaves free pages behind, so that all tables to come lie elsewhere.</summary>
    public void Fill()
    {
        foreach (var sql in (string[])["CREATE TABLE filler(x)", "INSERT INTO filler VALUES (zeroblob(100000))", "DROP TABLE filler"])
        {
            ApplySqlite(sql);
        }

        _index = 0;
        _offset = 3;
    }

    /// <summary>Rows of a query of SQLite, with a bar between values.</summary>
    public async Task<List<string>> SqliteAsync(string sql)
    {
        using var lease = await _database.RentReaderAsync(default);
        lease.Caller = _caller;
        await using var cursor = lease.Run(Statement.Ours(Encoding.UTF8.GetBytes(sql)), BatchOptions.None, null, ownsLease: false, default);
        var (rows, error) = await ReadAsync(cursor, []);
        Assert.Null(error?.Message);
        return rows;
    }

    public async Task ReopenAsync()
    {
        await _database.DisposeAsync();
        _database = Open();
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private Database Open() => Storage.Database.Open(
        new StorageOptions
        {
            Directory = _directory,
            Sql = Implementations.Extensions with
            {
                Functions = [.. Implementations.Extensions.Functions, new("t_load", 0, Purity.Stable, (in FunctionCall call) =>
                {
                    _loaded = SnapshotCache.Of(call.Statement.Sql);
                    call.Return(call.Statement.Sql.SchemaStamp);
                })],
                Tables = [.. Implementations.Extensions.Tables.Where(table => !table.Name.StartsWith('_')), .. SystemTables.Create(_ => true)],
            },
            Node = new NodeSql([], SystemTables.CreateOfNode((_, _) => [])),
        },
        NullLoggerFactory.Instance);

    private async Task<SchemaSnapshot> LoadAsync()
    {
        await SqliteAsync("SELECT t_load()");
        return _loaded!;
    }

    private static Statement StatementOf(Step step)
    {
        var sql = Encoding.UTF8.GetBytes(step.Sql);
        return step.Internal ? Statement.Ours(sql) : Statement.Typed(sql, default);
    }

    private CommandResult Apply(Statement[] statements, int answer)
    {
        var results = new CommandResult?[1];
        var statement = statements.Length == 1 ? statements[0] : Statement.Group(statements, answer);
        _database.Writer.Apply(
            new EntryStamp(++_index + _offset, 1, 1_767_225_600_000_000, (ulong)_index),
            [new ApplyCommand(default, new StatementBatch([statement], BatchOptions.Atomic | BatchOptions.ForeignKeys) { Caller = _caller })],
            results);
        return results[0]!;
    }

    private async Task<string> AnswerAsync(Translation translation, CommandResult? result)
    {
        var lines = translation.Notices.Select(n => $"{n.Severity} {n.SqlState}|{n.Message}|{n.Detail}|{n.Hint}").ToList();
        var count = 0L;
        if (result is not null)
        {
            var encoded = new EncodedResults(result.Encoded);
            await using var cursor = (await encoded.NextAsync(default))!;
            var types = translation.Columns?.Select(column => column.Type).ToArray();
            var (rows, error) = await ReadAsync(cursor, types);
            if (error is not null)
            {
                return $"!{error.SqlState ?? PrepareErrors.From(error.Message)?.SqlState ?? "SQLite"}|{error.Message}|{error.Detail}|{error.Hint}|";
            }

            lines.InsertRange(0, rows);
            count = translation.Tag == "SELECT" && types is not null ? rows.Count : cursor.Outcome.RowsAffected;
        }

        lines.Add(translation.Tag switch
        {
            "INSERT" => $"INSERT 0 {count}",
            "SELECT" or "UPDATE" or "DELETE" => $"{translation.Tag} {count}",
            _ => translation.Tag,
        });
        return string.Join('\n', lines);
    }

    private async Task<(List<string> Rows, StatementError? Error)> ReadAsync(RowCursor cursor, PgType[]? types)
    {
        var rows = new List<string>();
        while (await cursor.WaitToReadAsync(default))
        {
            while (cursor.TryRead())
            {
                var row = new string[cursor.Schema.Columns.Count];
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = Text(cursor[i], types is { Length: > 0 } ? types[i] : null);
                }

                rows.Add(string.Join('|', row));
            }
        }

        return (rows, cursor.Outcome.Error);
    }

    private string Text(SqliteValue value, PgType? type)
    {
        if (value.Class == StorageClass.Null)
        {
            return "~";
        }

        if (type is not { } known)
        {
            return value.Class == StorageClass.Integer ? $"{value.Integer}" : Encoding.UTF8.GetString(value.Bytes);
        }

        var output = new ArrayBufferWriter<byte>();
        var carried = StoredTypes.Carried(known, _loaded!);
        Codec.For(carried.Oid).WriteText(value, carried, ValueContext.Default, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
