using System.Collections.Concurrent;
using Npgsql;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Clients that insert two rows in each transaction, on all nodes, and remember what they were told about it.</summary>
internal sealed class TransactionPairs(IReadOnlyList<NodeOptions> nodes, string table)
{
    private readonly ConcurrentDictionary<long, string> _fates = new();
    private long _nextId;
    private int _acknowledged;

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    public static string ConnectionString(NodeOptions node) =>
        $"Host=localhost;Port={node.PgPort};Username=postgres;Database=postgres;Pooling=false;Server Compatibility Mode=NoTypeLoading;Timeout=30;Command Timeout=60";

    public Task RunAsync(int clients, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => ClientAsync(client, stop), CancellationToken.None)));

    public async Task<Dictionary<long, long>> ReadAsync(NpgsqlConnection connection)
    {
        var rows = new Dictionary<long, long>();
        await using var command = new NpgsqlCommand($"SELECT id, other FROM {table}", connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(Convert.ToInt64(reader[0]), Convert.ToInt64(reader[1]));
        }

        return rows;
    }

    /// <summary>Pairs are whole; what was acknowledged is there, and what was refused is not.</summary>
    public void Check(Dictionary<long, long> rows)
    {
        foreach (var (id, other) in rows)
        {
            Assert.True(rows.TryGetValue(other, out var back) && back == id, $"half of the pair {id}, {other}");
        }

        foreach (var (id, fate) in _fates)
        {
            var there = rows.ContainsKey(id);
            Assert.True(fate == "unknown" || there == (fate == "ok"), $"{id} is {(there ? "there" : "not there")} but was answered {fate}");
        }
    }

    private async Task ClientAsync(int client, CancellationToken stop)
    {
        NpgsqlConnection? connection = null;
        for (var turn = client; !stop.IsCancellationRequested; turn++)
        {
            var id = Interlocked.Add(ref _nextId, 2);
            var committing = false;
            try
            {
                connection ??= await OpenAsync(turn);
                await ExecuteAsync(connection, "BEGIN");
                await ExecuteAsync(connection, $"INSERT INTO {table} VALUES ({id}, {id + 1})");
                await ExecuteAsync(connection, $"INSERT INTO {table} VALUES ({id + 1}, {id})");
                committing = true;
                await ExecuteAsync(connection, "COMMIT");
                _fates[id] = "ok";
                Interlocked.Increment(ref _acknowledged);
            }
            catch (PostgresException e) when (e.Severity == "ERROR" && e.SqlState != "40003")
            {
                _fates[id] = e.SqlState;
                await EndAsync(connection!);
                connection = null;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException or InvalidOperationException)
            {
                _fates[id] = committing ? "unknown" : "lost";
                await EndAsync(connection);
                connection = null;
                await Task.Delay(20, CancellationToken.None);
            }
        }

        await EndAsync(connection);
    }

    private async Task<NpgsqlConnection> OpenAsync(int turn)
    {
        var connection = new NpgsqlConnection(ConnectionString(nodes[turn % nodes.Count]));
        await connection.OpenAsync(CancellationToken.None);
        return connection;
    }

    private static async Task EndAsync(NpgsqlConnection? connection)
    {
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
