using System.Data;
using System.Globalization;
using System.Text;
using Npgsql;

namespace Rqlite.Pg.ResolutionOracle;

/// <summary>
/// Asks PostgreSQL what an expression becomes: each is the only column of a view, whose tree is read back from pg_rewrite. A column of a
/// pseudo type cannot be one of a view; of that only the type is recorded.
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
        var answer = await AskAsync(question, test: false);

        // A view cannot have a column without a collation, but a test of it.
        if (answer.Contains("for view column", StringComparison.Ordinal))
        {
            answer = await AskAsync(question, test: true);
        }

        // A missing collation is an error of the functions that need one, when they are called.
        return question.From.Length > 0 && answer[0] == '=' ? await RunAsync(question) ?? answer : answer;
    }

    /// <param name="test">Asks about <c>(expression) IS NULL</c>.</param>
    private async Task<string> AskAsync(Question question, bool test)
    {
        var (prefix, suffix) = question.Kind switch
        {
            QuestionKind.Select when test => ("CREATE TEMP VIEW v AS SELECT (", ") IS NULL AS x" + question.From),
            QuestionKind.Select => ("CREATE TEMP VIEW v AS SELECT ", " AS x" + question.From),
            QuestionKind.Assign => ("CREATE RULE r AS ON INSERT TO v DO INSTEAD INSERT INTO w VALUES (", ")"),
            _ => ("CREATE TEMP VIEW v AS SELECT passed(", ")"),
        };
        var sql = prefix + question.Expression + suffix;
        try
        {
            await ExecuteAsync("BEGIN" + question.Kind switch
            {
                QuestionKind.Assign => $"; CREATE TEMP TABLE v (c int4); CREATE TEMP TABLE w (c {question.Target})",
                QuestionKind.Pass => $"; CREATE FUNCTION passed({question.Target}) RETURNS int4 LANGUAGE sql AS 'SELECT 1'",
                _ => "",
            });
            await ExecuteAsync(sql);
            var rows = await ReadAsync("SELECT ev_action FROM pg_rewrite WHERE ev_class = 'v'::regclass");
            var outline = new Outline(oid => _types[oid], oid => _arities[oid], sql, prefix.Length);
            return "=" + outline.Describe(NodeTree.Parse(rows[0][0]), test || question.Kind == QuestionKind.Pass);
        }
        catch (PostgresException e) when (e.SqlState == "42P16" && e.MessageText.Contains("pseudo-type", StringComparison.Ordinal))
        {
            return "~" + await DescribeAsync("SELECT " + question.Expression + suffix);
        }
        catch (PostgresException e)
        {
            return Describe(e, prefix.Length);
        }
        finally
        {
            await ExecuteAsync("ROLLBACK");
        }
    }

    private async Task<string?> RunAsync(Question question)
    {
        try
        {
            await ReadAsync($"SELECT {question.Expression}{question.From}");
            return null;
        }
        catch (PostgresException e)
        {
            return e.SqlState == "42P22" ? Describe(e, 0) : null;
        }
    }

    private static string Describe(PostgresException e, int prefix) =>
        $"!{e.SqlState}|{(e.Position == 0 ? 0 : e.Position - prefix)}|{e.MessageText}|{e.Detail}|{e.Hint}";

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
