using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Rqlite.Pg.TypesOracle;

/// <summary>Asks PostgreSQL and writes its answers: operation, settings, outcome, arguments.</summary>
internal sealed class Recorder : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private string _settings = "";

    private Recorder(NpgsqlConnection connection) => _connection = connection;

    public static async Task<Recorder> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Include Error Detail=true");
        await connection.OpenAsync();
        var recorder = new Recorder(connection);
        await recorder.ExecuteAsync("SET timezone = 'UTC'");
        return recorder;
    }

    public async Task<int> RecordAsync(string path, IEnumerable<OracleCase> cases)
    {
        await using var file = new StreamWriter(path, false, new UTF8Encoding(false)) { NewLine = "\n" };
        var seen = new HashSet<string>();
        foreach (var item in cases)
        {
            var key = string.Join('\t', [item.Operation, item.Settings, .. item.Arguments.Select(Escape)]);
            if (!seen.Add(key))
            {
                continue;
            }

            await ApplyAsync(item.Settings);
            var outcome = await AskAsync(Operations.Sql[item.Operation], item.Arguments);
            await file.WriteLineAsync(string.Join('\t', [item.Operation, item.Settings, Escape(outcome), .. item.Arguments.Select(Escape)]));
        }

        await ApplyAsync("");
        return seen.Count;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task ApplyAsync(string settings)
    {
        if (settings == _settings)
        {
            return;
        }

        await ExecuteAsync("RESET ALL; SET timezone = 'UTC'");
        foreach (var setting in settings.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = setting.IndexOf('=');
            await ExecuteAsync($"SET {setting[..at]} = {(setting[..at] == "DateStyle" ? setting[(at + 1)..] : $"'{setting[(at + 1)..]}'")}");
        }

        _settings = settings;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string> AskAsync(string sql, string[] arguments)
    {
        // Npgsql closes the connection after some errors, such as those of internal limits.
        if (_connection.FullState != System.Data.ConnectionState.Open)
        {
            await _connection.CloseAsync();
            await _connection.OpenAsync();
            await ExecuteAsync("SET timezone = 'UTC'");
            var settings = _settings;
            _settings = "";
            await ApplyAsync(settings);
        }

        await using var command = new NpgsqlCommand(sql, _connection) { AllResultTypesAreUnknown = true };
        if (sql.Contains("{0}", StringComparison.Ordinal))
        {
            // A literal, whose type's modifier the input function gets to see.
            command.CommandText = sql.Replace("{0}", $"'{arguments[0].Replace("'", "''", StringComparison.Ordinal)}'", StringComparison.Ordinal);
            arguments = [];
        }

        foreach (var argument in arguments)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = argument, NpgsqlDbType = NpgsqlDbType.Unknown });
        }

        try
        {
            return await command.ExecuteScalarAsync() is string text ? "=" + text : "N";
        }
        catch (PostgresException e)
        {
            return $"!{e.SqlState}|{e.MessageText}|{e.Detail}|{e.Hint}";
        }
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\t", "\\t", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);
}
