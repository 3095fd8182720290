using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Support;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>
/// Statements of PostgreSQL's dialect, up to the texts that SQLite prepares: an error has a place within the text, and a translation is SQL.
/// </summary>
internal sealed class DialectTarget : IFuzzTarget
{
    private readonly Lazy<Task<TranslationContext>> _context;
    private readonly Lazy<StandaloneDatabase> _database = new(() => StandaloneDatabase.Open(
        configure: static options => options with { Sql = Implementations.Extensions }));

    public DialectTarget() => _context = new(() => Task.Run(CreateAsync));

    public string Name => "dialect";

    public IEnumerable<byte[]> Seeds => Statements("lowering.sql").Concat(Statements("binding-statements.sql")).Select(Encoding.UTF8.GetBytes);

    public async ValueTask RunAsync(byte[] input)
    {
        var context = await _context.Value;
        var text = Encoding.UTF8.GetString(input).Replace('\0', ' ');
        Translation? translation;
        try
        {
            translation = Translator.Translate(Translator.Parse(text), text, context, []);
        }
        catch (DialectException e)
        {
            // PostgreSQL has this internal error too, for a field of a row of unknown literals.
            if ((e.SqlState is "XX000" && !e.Message.StartsWith("failed to find conversion function", StringComparison.Ordinal)) || e.Position < 0 || e.Position > text.Length + 1)
            {
                throw new InvalidOperationException($"{e.SqlState} at {e.Position} of {text.Length}: {e.Message}", e);
            }

            return;
        }

        // Steps of ours that follow others may name what those create.
        foreach (var step in (translation?.Steps ?? []).Where(static step => !step.Internal))
        {
            var shape = await _database.Value.Database.DescribeAsync(
                new Statement(Encoding.UTF8.GetBytes(step.Sql), default), BatchOptions.ForeignKeys, 0, CancellationToken.None);
            if (shape.Error is { } error && PrepareErrors.From(error.Message) is null)
            {
                throw new InvalidOperationException($"{error.Message}: {step.Sql}");
            }
        }
    }

    private async Task<TranslationContext> CreateAsync()
    {
        var database = _database.Value.Database;
        foreach (var sql in Statements("lowering-schema.sql"))
        {
            var translation = Translator.Translate(Translator.Parse(sql), sql, await ContextAsync(), [])!;
            var steps = translation.Steps.Select(static step =>
                step.Internal ? Statement.Ours(Encoding.UTF8.GetBytes(step.Sql)) : new Statement(Encoding.UTF8.GetBytes(step.Sql), default)).ToArray();
            await using var result = await database.ExecuteAsync(
                new StatementBatch([Statement.Group(steps, -1)], BatchOptions.Atomic | BatchOptions.ForeignKeys), new(), CancellationToken.None);
            while (await result.NextAsync(CancellationToken.None) is { } cursor)
            {
                while (await cursor.WaitToReadAsync(CancellationToken.None))
                {
                    while (cursor.TryRead())
                    {
                    }
                }

                if (cursor.Outcome.Error is { } error)
                {
                    throw new InvalidOperationException($"{sql}: {error.Message}");
                }
            }
        }

        return await ContextAsync();
    }

    private async Task<TranslationContext> ContextAsync() => new(
        await _database.Value.Database.InspectAsync(SnapshotCache.Of, 0, CancellationToken.None), ["public"], "postgres", "postgres");

    private static string[] Statements(string file) => [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Dialect", file))
        .Select(static line => line.Trim().TrimEnd(';')).Where(static line => line.Length > 0 && !line.StartsWith("--", StringComparison.Ordinal))];
}
