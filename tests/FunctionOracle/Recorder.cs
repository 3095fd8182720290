using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Rqlite.Pg.FunctionOracle;

/// <summary>Asks PostgreSQL and writes its answers: signature, types, settings, outcome, arguments.</summary>
internal sealed class Recorder : IAsyncDisposable
{
    private const string Defaults = "RESET ALL; SET timezone = 'UTC'; SET statement_timeout = '20s'";

    private readonly NpgsqlConnection _connection;
    private string _settings = "";

    private Recorder(NpgsqlConnection connection) => _connection = connection;

    public static async Task<Recorder> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Include Error Detail=true");
        await connection.OpenAsync();
        var recorder = new Recorder(connection);
        await recorder.ExecuteAsync(Defaults);
        return recorder;
    }

    public async Task<int> RecordAsync(string path, IEnumerable<FunctionCase> cases)
    {
        await using var file = new StreamWriter(path, false, new UTF8Encoding(false)) { NewLine = "\n" };
        var seen = new HashSet<string>();
        foreach (var item in cases)
        {
            var arguments = item.Arguments.Select(a => a is null ? "N" : "=" + Escape(a)).ToArray();
            if (!seen.Add(string.Join('\t', [item.Function.Signature, string.Join(' ', item.Types), item.Settings, .. arguments])))
            {
                continue;
            }

            await ApplyAsync(item.Settings);
            var (result, outcome) = await AskAsync(item);
            await file.WriteLineAsync(string.Join('\t',
                [item.Function.Signature, $"{string.Join(' ', item.Types)}>{result}", item.Settings, Escape(outcome), .. arguments]));
        }

        await ApplyAsync("");
        return seen.Count;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task ApplyAsync(string settings)
    {
        settings = string.Join(';', settings.Split(';').Where(s => !s.StartsWith("window=", StringComparison.Ordinal)));
        if (settings == _settings)
        {
            return;
        }

        await ExecuteAsync(Defaults);
        foreach (var setting in settings.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = setting.IndexOf('=');
            await ExecuteAsync($"SET {setting[..at]} = '{setting[(at + 1)..]}'");
        }

        _settings = settings;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<(string Types, string Outcome)> AskAsync(FunctionCase item)
    {
        // Npgsql closes the connection after some errors, such as those of internal limits.
        if (_connection.FullState != System.Data.ConnectionState.Open)
        {
            await _connection.CloseAsync();
            await _connection.OpenAsync();
            await ExecuteAsync(Defaults);
            var settings = _settings;
            _settings = "";
            await ApplyAsync(settings);
        }

        await using var command = new NpgsqlCommand(Calls.Sql(item), _connection) { AllResultTypesAreUnknown = true };
        foreach (var argument in item.Types.Length == 0 ? [] : item.Arguments)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = (object?)argument ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown });
        }

        var types = "";
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            types = string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(reader.GetDataTypeOID));
            var rows = new List<string>();
            while (await reader.ReadAsync())
            {
                var fields = new string[reader.FieldCount];
                for (var i = 0; i < fields.Length; i++)
                {
                    fields[i] = await reader.IsDBNullAsync(i) ? "N" : "=" + reader.GetString(i);
                }

                rows.Add(string.Join('|', fields));
            }

            return (types, rows.Count == 0 ? "no rows" : string.Join("; ", rows));
        }
        catch (PostgresException e)
        {
            return (types, $"!{e.SqlState}|{e.MessageText}|{e.Detail}|{e.Hint}");
        }
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\t", "\\t", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);
}
