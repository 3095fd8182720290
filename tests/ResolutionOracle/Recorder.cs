using System.Data;
using System.Globalization;
using System.Text;
using Npgsql;

namespace Rqlite.Pg.ResolutionOracle;

/// <summary>
/// Asks PostgreSQL what an expression becomes: each is the only column of a view, whose tree is read back from pg_rewrite. A column of a pseudo type
/// cannot be one of a view; of that only the type is recorded.
/// </summary>
internal sealed class Recorder : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly Dictionary<uint, string> _types = [];
    private readonly Dictionary<uint, int> _arities = [];

    private Recorder(NpgsqlConnection connection) => _connection = connection;

    public static async Task<Recorder> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Include Error Detail=true");
        await connection.OpenAsync();
        var recorder = new Recorder(connection);
        await recorder.ExecuteAsync(Objects.Definition);
        await connection.ReloadTypesAsync();
        foreach (var row in await recorder.ReadAsync("SELECT oid::text, typname FROM pg_type"))
        {
            recorder._types[uint.Parse(row[0], CultureInfo.InvariantCulture)] = row[1];
        }

        foreach (var row in await recorder.ReadAsync("SELECT oid::text, pronargs FROM pg_proc"))
        {
            recorder._arities[uint.Parse(row[0], CultureInfo.InvariantCulture)] = int.Parse(row[1], CultureInfo.InvariantCulture);
        }

        return recorder;
    }

    public async Task<List<string[]>> ReadAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string[]>();
        while (await reader.ReadAsync())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetString(i))]);
        }

        return rows;
    }

    public async Task<int> RecordAsync(string path, IEnumerable<Question> questions)
    {
        await using var file = new StreamWriter(path, false, new UTF8Encoding(false)) { NewLine = "\n" };
        var seen = new HashSet<Question>();
        foreach (var question in questions)
        {
            if (seen.Add(question))
            {
                await file.WriteLineAsync($"{Escape(question.Shown)}\t{Escape(await AskAsync(question))}");
            }
        }

        return seen.Count;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<string> AskAsync(Question question)
    {
        var prefix = question.Kind switch
        {
            QuestionKind.Select => "CREATE TEMP VIEW v AS SELECT ",
            QuestionKind.Assign => "CREATE RULE r AS ON INSERT TO v DO INSTEAD INSERT INTO w VALUES (",
            _ => "CREATE TEMP VIEW v AS SELECT passed(",
        };
        var suffix = question.Kind == QuestionKind.Select ? " AS x" + question.From : ")";
        try
        {
            await ExecuteAsync("BEGIN" + question.Kind switch
            {
                QuestionKind.Assign => $"; CREATE TEMP TABLE v (c int4); CREATE TEMP TABLE w (c {question.Target})",
                QuestionKind.Pass => $"; CREATE FUNCTION passed({question.Target}) RETURNS int4 LANGUAGE sql AS 'SELECT 1'",
                _ => "",
            });
            await ExecuteAsync(prefix + question.Expression + suffix);
            var rows = await ReadAsync("SELECT ev_action FROM pg_rewrite WHERE ev_class = 'v'::regclass");
            return "=" + new Outline(oid => _types[oid], oid => _arities[oid], prefix.Length).Describe(NodeTree.Parse(rows[0][0]), question.Kind == QuestionKind.Pass);
        }
        catch (PostgresException e) when (e.SqlState == "42P16" && e.MessageText.Contains("pseudo-type", StringComparison.Ordinal))
        {
            return question.Kind == QuestionKind.Assign ? "?" : "~" + await DescribeAsync("SELECT " + question.Expression + suffix);
        }
        catch (PostgresException e)
        {
            return $"!{e.SqlState}|{(e.Position == 0 ? 0 : e.Position - prefix.Length)}|{e.MessageText}|{e.Detail}|{e.Hint}";
        }
        finally
        {
            await ExecuteAsync("ROLLBACK");
        }
    }

    private async Task<string> DescribeAsync(string sql)
    {
        await ExecuteAsync("ROLLBACK");
        await using var command = new NpgsqlCommand(sql, _connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SchemaOnly);
        return _types[reader.GetDataTypeOID(0)];
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\t", "\\t", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
