using System.Collections.Concurrent;
using Npgsql;
using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Chaos;

/// <summary>Clients that insert unique ids over the PostgreSQL protocol: single statements and transactions of two rows.</summary>
internal sealed class PgInserts : IAsyncDisposable
{
    /// <summary>SQLSTATEs that say that nothing happened.</summary>
    private static readonly HashSet<string> Refusals = ["40001", "57P03", "25006", "53300", "55P03", "57P01"];
    private readonly ConcurrentDictionary<long, Outcome> _outcomes = new();
    private readonly ConcurrentQueue<string> _surprises = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _clients;
    private long _nextId;
    private long _acknowledged;

    private PgInserts(IReadOnlyList<NodeOptions> nodes, int clients, int seed, long firstId)
    {
        _nextId = firstId;
        _clients = [.. Enumerable.Range(0, clients).Select(c => Task.Run(() => RunClientAsync(nodes, new Random(seed + c))))];
    }

    public IReadOnlyDictionary<long, Outcome> Outcomes => _outcomes;

    public IReadOnlyCollection<string> Surprises => _surprises;

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public static PgInserts Start(IReadOnlyList<NodeOptions> nodes, int clients, int seed, long firstId) => new(nodes, clients, seed, firstId);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunClientAsync(IReadOnlyList<NodeOptions> nodes, Random random)
    {
        while (!_stop.IsCancellationRequested)
        {
            var port = nodes[random.Next(nodes.Count)].PgPort;
            try
            {
                await using var connection = new NpgsqlConnection(
                    $"Host=localhost;Port={port};Username=postgres;Database=postgres;Pooling=false;Server Compatibility Mode=NoTypeLoading;Timeout=8;Command Timeout=10");
                await connection.OpenAsync();
                for (var i = 0; i < 50 && !_stop.IsCancellationRequested; i++)
                {
                    await PairAsync(connection, transaction: random.Next(2) == 0);
                }
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException or IOException)
            {
                Note(e);
                await Task.Delay(random.Next(20, 100));
            }
        }
    }

    private async Task PairAsync(NpgsqlConnection connection, bool transaction)
    {
        var first = Interlocked.Add(ref _nextId, 2) - 2;
        _outcomes[first] = _outcomes[first + 1] = Outcome.Unknown;
        try
        {
            if (transaction)
            {
                await using var open = await connection.BeginTransactionAsync();
                await InsertAsync(connection, $"({first}, -1)");
                await InsertAsync(connection, $"({first + 1}, -1)");
                await open.CommitAsync();
            }
            else
            {
                await InsertAsync(connection, $"({first}, -2), ({first + 1}, -2)");
            }

            _outcomes[first] = _outcomes[first + 1] = Outcome.Ok;
            Interlocked.Add(ref _acknowledged, 2);
        }
        catch (PostgresException e) when (Refusals.Contains(e.SqlState))
        {
            _outcomes[first] = _outcomes[first + 1] = Outcome.Failed;
            Note(e);
            await Task.Delay(20);
        }
    }

    private static async Task InsertAsync(NpgsqlConnection connection, string values)
    {
        await using var command = new NpgsqlCommand($"INSERT INTO {IdInserts.Table}(id, client) VALUES {values}", connection);
        await command.ExecuteNonQueryAsync();
    }

    private void Note(Exception e)
    {
        _surprises.Enqueue(e.Message);
        while (_surprises.Count > 200 && _surprises.TryDequeue(out _))
        {
        }
    }
}
