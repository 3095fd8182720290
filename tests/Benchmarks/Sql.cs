using System.Globalization;
using System.Text;
using Npgsql;

namespace Rqlite.Pg.Benchmarks;

/// <summary>Connections and the data that both servers are given alike.</summary>
internal static class Sql
{
    public static async Task<NpgsqlConnection> OpenAsync(int port)
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres;Pooling=false;Server Compatibility Mode=NoTypeLoading;Command Timeout=120");
        await connection.OpenAsync();
        return connection;
    }

    public static async Task RunAsync(Server server, params string[] statements)
    {
        await using var connection = await OpenAsync(server.PgPorts[0]);
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Fills <paramref name="table"/> (id, val of 84 characters) by inserts of a thousand rows each; answers the seconds it took.</summary>
    public static async Task<double> LoadAsync(Server server, string table, int rows)
    {
        await RunAsync(server, $"DROP TABLE IF EXISTS {table}", $"CREATE TABLE {table} (id integer PRIMARY KEY, val text)");
        await using var connection = await OpenAsync(server.PgPorts[0]);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var text = new StringBuilder();
        for (var first = 1; first <= rows; first += 1000)
        {
            text.Clear().Append("INSERT INTO ").Append(table).Append(" VALUES ");
            for (var id = first; id < first + 1000 && id <= rows; id++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{(id == first ? "" : ",")}({id},'{id:D12}{new string('x', 72)}')");
            }

            await using var command = new NpgsqlCommand(text.ToString(), connection);
            await command.ExecuteNonQueryAsync();
        }

        var seconds = clock.Elapsed.TotalSeconds;
        if (server is PostgresServer)
        {
            await RunAsync(server, $"VACUUM ANALYZE {table}");
        }

        return seconds;
    }
}
