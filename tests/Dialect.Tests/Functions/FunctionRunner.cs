using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Tests.Functions;

/// <summary>Calls functions through SQLite: arguments are read by their codecs, the answer is written by its own.</summary>
internal sealed class FunctionRunner : IAsyncDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "function-tests-" + Guid.NewGuid().ToString("N"));
    private readonly Database _database;
    private readonly StoredValue _stored = new();
    private ReaderLease? _lease;
    private long _index;

    public FunctionRunner() => _database = Database.Open(
        new StorageOptions { Directory = _directory, Sql = Implementations.Extensions }, NullLoggerFactory.Instance);

    /// <summary>Answers a recorded call; null if only the lowering knows how to call the function.</summary>
    public async Task<string?> AnswerAsync(FunctionRow row)
    {
        if (Implementations.Find(Builtins.FindFunction(row.Signature)!.Oid) is not { } implementation)
        {
            return "not implemented";
        }

        return LoweredCall.Sql(row, implementation) is { } sql ? await RunAsync(row, sql) : null;
    }

    /// <summary>Runs a query of SQLite with the row's arguments.</summary>
    public async Task<string> RunAsync(FunctionRow row, string sql)
    {
        var parameters = new ArrayBufferWriter<byte>();
        try
        {
            Bind(row, parameters);
        }
        catch (TypeException e)
        {
            return Shown(e.SqlState, e.Message, e.Detail, e.Hint);
        }

        var statement = new Statement(Encoding.UTF8.GetBytes(sql), parameters.WrittenMemory);
        if (row.SessionSettings.Count > 0)
        {
            return await OnWriterAsync(row, statement);
        }

        _lease ??= await _database.RentReaderAsync(default);
        await using var cursor = _lease.Run(statement, BatchOptions.None, null, ownsLease: false, default);
        return await ReadAsync(row, cursor);
    }

    public async ValueTask DisposeAsync()
    {
        _lease?.Dispose();
        await _database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static string Shown(string sqlState, string message, string? detail, string? hint) => $"!{sqlState}|{message}|{detail}|{hint}";

    private void Bind(FunctionRow row, IBufferWriter<byte> output)
    {
        var context = ContextOf(row);
        var function = Builtins.FindFunction(row.Signature)!;
        var direct = Builtins.FindAggregate(function.Oid) is { Kind: not 'n' } aggregate ? aggregate.DirectArguments : 0;
        for (var i = 0; i < row.Arguments.Length && row.Types.Length > 0; i++)
        {
            if (row.Arguments[i] is not { } text)
            {
                ParameterEncoding.WriteNull(output);
                continue;
            }

            var type = row.Types[i < direct ? i : direct + ((i - direct) % (row.Types.Length - direct))];
            Codec.For(type).ReadText(Encoding.UTF8.GetBytes(text), new PgType(type), context, _stored);
            Write(_stored.Value, output);
        }
    }

    private static void Write(in SqliteValue value, IBufferWriter<byte> output)
    {
        switch (value.Class)
        {
            case StorageClass.Integer:
                ParameterEncoding.WriteInteger(output, value.Integer);
                break;
            case StorageClass.Real:
                ParameterEncoding.WriteReal(output, value.Real);
                break;
            case StorageClass.Text:
                ParameterEncoding.WriteText(output, value.Bytes);
                break;
            default:
                ParameterEncoding.WriteBlob(output, value.Bytes);
                break;
        }
    }

    /// <summary>Settings of a session travel with a command to the writer.</summary>
    private async Task<string> OnWriterAsync(FunctionRow row, Statement statement)
    {
        var settings = SettingsOf(row);
        var caller = new CallerSession(Guid.Empty, 1, 1, [], 0) { Settings = new SessionSettings("postgres", "postgres", "postgres", ["public"], settings) };
        var batch = new StatementBatch([statement], BatchOptions.None) { Caller = caller };
        var results = new CommandResult?[1];
        _database.Writer.Apply(new EntryStamp(++_index, 1, 1_000_000_000_000, 7), [new ApplyCommand(default, batch)], results);
        var encoded = new EncodedResults(results[0]!.Encoded);
        return await ReadAsync(row, (await encoded.NextAsync(default))!);
    }

    private static Dictionary<string, string> SettingsOf(FunctionRow row)
    {
        var settings = new Dictionary<string, string>
        {
            ["DateStyle"] = "ISO, MDY",
            ["IntervalStyle"] = "postgres",
            ["TimeZone"] = "UTC",
            ["extra_float_digits"] = "1",
            ["bytea_output"] = "hex",
        };
        foreach (var (name, value) in row.SessionSettings)
        {
            settings[settings.Keys.FirstOrDefault(k => k.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name] = value;
        }

        return settings;
    }

    /// <summary>The surroundings in which the session of a row reads and writes values.</summary>
    private static ValueContext ContextOf(FunctionRow row)
    {
        var settings = SettingsOf(row);
        return new ValueContext(FormatSettings.Read(name => settings[name]));
    }

    private async Task<string> ReadAsync(FunctionRow row, RowCursor cursor)
    {
        var rows = new List<string>();
        try
        {
            while (await cursor.WaitToReadAsync(default))
            {
                while (cursor.TryRead())
                {
                    rows.Add(string.Join('|', Enumerable.Range(0, cursor.Schema.Columns.Count).Select(i => Text(cursor[i], row, i))));
                }
            }
        }
        catch (TypeException e)
        {
            return Shown(e.SqlState, e.Message, e.Detail, e.Hint);
        }

        return cursor.Outcome.Error is not { } error ? rows.Count == 0 ? "no rows" : string.Join("; ", rows)
            : error.SqlState is { } sqlState ? Shown(sqlState, error.Message, error.Detail, error.Hint)
            : $"SQLite: {error.Message}";
    }

    private static string Text(in SqliteValue value, FunctionRow row, int column)
    {
        if (value.Class == StorageClass.Null)
        {
            return "N";
        }

        var type = column < row.Results.Length ? row.Results[column] : PgTypes.Text;
        var output = new ArrayBufferWriter<byte>();
        Codec.For(type).WriteText(value, new PgType(type), ContextOf(row), output);
        return "=" + Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
