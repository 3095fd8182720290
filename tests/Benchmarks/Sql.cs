using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using Rqlite.Pg.Harness;

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

    /// <summary>Connects as an application does, and asks once.</summary>
    /// <param name="loadsTypes">The driver knows nothing of the server yet, and reads its types.</param>
    public static async Task ConnectAsync(Server server, bool loadsTypes)
    {
        // The driver keeps what it has loaded with the source.
        var text = $"Host=127.0.0.1;Port={server.PgPorts[0]};Username=postgres;Database=postgres;Pooling=false"
            + (loadsTypes ? "" : ";Server Compatibility Mode=NoTypeLoading");
        await using var source = NpgsqlDataSource.Create(text);
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("select 1", connection);
        await command.ExecuteScalarAsync();
    }

    public static async Task PsqlAsync(Server server, string command)
    {
        var start = new ProcessStartInfo("psql")
        {
            ArgumentList = { "-X", "-h", "127.0.0.1", "-p", $"{server.PgPorts[0]}", "-U", "postgres", "-d", "postgres", "-c", command },
            Environment = { ["PAGER"] = "" },
        };
        var result = await CommandLine.RunAsync(start, null, TimeSpan.FromMinutes(1));
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"psql against {server.Name}: {result}");
        }
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
