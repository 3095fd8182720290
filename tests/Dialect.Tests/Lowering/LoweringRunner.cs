using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Statement = Rqlite.Pg.Storage.Statement;

namespace Rqlite.Pg.Dialect.Tests.Lowering;

/// <summary>Runs statements of PostgreSQL through parser, binder, lowering and SQLite.</summary>
internal sealed class LoweringRunner : IAsyncDisposable
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _directory = Path.Combine(Path.GetTempPath(), "lowering-tests-" + Guid.NewGuid().ToString("N"));
    private readonly Database _database;
    private long _index;

    public LoweringRunner(string schema)
    {
        Schema = new LoweringSchema(schema);
        var extensions = Implementations.Extensions;

        // The schema is none of the database's.
        extensions = extensions with
        {
            Functions = [.. extensions.Functions.Where(f => Schema.EnumFunctions.All(own => own.Name != f.Name)), .. Schema.EnumFunctions],
        };

        _database = Database.Open(new StorageOptions { Directory = _directory, Sql = extensions }, NullLoggerFactory.Instance);
        foreach (var definition in Schema.Definitions)
        {
            Apply(new Statement(Encoding.UTF8.GetBytes(definition), default));
        }
    }

    public LoweringSchema Schema { get; }

    public BoundStatement Bind(string sql, params uint[] parameters) => Binder.Bind(
        (Dialect.Syntax.Statement)Parser.Parse(sql)[0], sql, new BindContext(Schema, ["public"], new ParameterTypes(parameters))
        {
            User = "postgres", Database = "postgres", Text = sql, Literals = LiteralTokens.Of(sql),
        });

    public LoweredQuery Lower(BoundStatement bound, string sql, bool lifts = false) => Lowerer.Lower(
        bound.Query, new LoweringContext(Schema, sql) { Lifting = lifts ? new LiteralLifting(LiteralTokens.Of(sql), Schema) : null });

    /// <summary>The rows as JSON, or an error as its SQLSTATE and message.</summary>
    public async Task<string> RunAsync(string sql, bool lifts, bool sorted)
    {
        try
        {
            var bound = Bind(sql);
            return await RunAsync(bound, Lower(bound, sql, lifts), [], sorted);
        }
        catch (DialectException e)
        {
            return $"!{e.SqlState} {e.Message}";
        }
        catch (TypeException e)
        {
            return $"!{e.SqlState} {e.Message}";
        }
        catch (Exception e)
        {
            return $"!{e}";
        }
    }

    public async Task<string> RunAsync(BoundStatement bound, LoweredQuery lowered, string?[] arguments, bool sorted)
    {
        Statement[] statements = [.. lowered.Steps.Select(step => ToStatement(step, arguments))];
        var result = Apply(statements.Length == 1 ? statements[0] : Statement.Group(statements, lowered.Answer));
        var encoded = new EncodedResults(result.Encoded);
        var cursor = (await encoded.NextAsync(default))!;
        PgType[] types = [.. bound.Query.Visible.Select(target => target.Value.Type)];
        var rows = new List<string>();
        while (await cursor.WaitToReadAsync(default))
        {
            while (cursor.TryRead())
            {
                var values = new string?[types.Length];
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = Text(cursor[i], types[i]);
                }

                rows.Add(JsonSerializer.Serialize(values, s_json));
            }
        }

        if (cursor.Outcome.Error is { } error)
        {
            var deep = PrepareErrors.From(error.Message);
            return $"!{error.SqlState ?? deep?.SqlState ?? "SQLite"} {deep?.Message ?? error.Message}";
        }

        if (sorted)
        {
            rows.Sort(StringComparer.Ordinal);
        }

        return $"[{string.Join(",", rows)}]";
    }

    /// <summary>SQLite's plan of a query.</summary>
    public async Task<string> ExplainAsync(string sql, bool lifts = false)
    {
        var step = Lower(Bind(sql), sql, lifts).Steps[0];
        var explained = ToStatement(step with { Sql = "EXPLAIN QUERY PLAN " + step.Sql }, []);
        using var lease = await _database.RentReaderAsync(default);
        await using var cursor = lease.Run(explained, BatchOptions.None, null, ownsLease: false, default);
        var plan = new StringBuilder();
        while (await cursor.WaitToReadAsync(default))
        {
            while (cursor.TryRead())
            {
                plan.AppendLine(Encoding.UTF8.GetString(cursor[3].Bytes));
            }
        }

        return cursor.Outcome.Error is { } error ? error.Message : plan.ToString();
    }

    private Statement ToStatement(Step step, string?[] arguments)
    {
        var parameters = new ArrayBufferWriter<byte>();
        foreach (var parameter in step.Parameters)
        {
            Encode(parameter.Literal is { } literal ? literal.Text : arguments[parameter.Number - 1], parameter.Type, parameters);
        }

        return new Statement(Encoding.UTF8.GetBytes(step.Sql), parameters.WrittenMemory);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private void Encode(string? text, PgType type, IBufferWriter<byte> output)
    {
        if (text is null)
        {
            ParameterEncoding.WriteNull(output);
            return;
        }

        var stored = new StoredValue();
        Codec.For(StoredTypes.Carried(type, Schema).Oid).ReadText(Encoding.UTF8.GetBytes(text), new PgType(type.Oid), ValueContext.Default, stored);
        var value = stored.Value;
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

    private CommandResult Apply(Statement statement)
    {
        var settings = new Dictionary<string, string>
        {
            ["DateStyle"] = "ISO, MDY",
            ["IntervalStyle"] = "postgres",
            ["TimeZone"] = "UTC",
            ["extra_float_digits"] = "1",
            ["bytea_output"] = "hex",
        };
        var caller = new CallerSession(Guid.Empty, 1, 1, [], 0)
        {
            Settings = new SessionSettings("postgres", "postgres", "postgres", ["public"], settings),
        };
        var results = new CommandResult?[1];
        _database.Writer.Apply(
            new EntryStamp(++_index, 1, 1_767_225_600_000_000, 7),
            [new ApplyCommand(default, new StatementBatch([statement], BatchOptions.None) { Caller = caller })],
            results);
        return results[0]!;
    }

    private string? Text(in SqliteValue value, PgType type)
    {
        if (value.Class == StorageClass.Null)
        {
            return null;
        }

        var output = new ArrayBufferWriter<byte>();
        var carried = StoredTypes.Carried(type, Schema);
        Codec.For(carried.Oid).WriteText(value, carried, ValueContext.Default, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
