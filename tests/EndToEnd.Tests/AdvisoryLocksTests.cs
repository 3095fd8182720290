using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Advisory locks of clients on three processes, and what becomes of them when clients and nodes are killed.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class AdvisoryLocksTests(ThreeNodes three)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    private TestCluster Cluster => three.Cluster;

    [ClientFact("psql")]
    public async Task A_killed_client_gives_its_lock_back()
    {
        var node = Cluster.Options[1];
        var start = new ProcessStartInfo("psql", ["-XqAt", "-h", "localhost", "-p", $"{node.PgPort}", "-U", "postgres", "postgres"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        using var psql = Process.Start(start)!;
        await psql.StandardInput.WriteLineAsync("select pg_try_advisory_lock(101);");
        await psql.StandardInput.FlushAsync();
        Assert.Equal("t", await psql.StandardOutput.ReadLineAsync().WaitAsync(Bound));
        await using var other = await OpenAsync(2);
        Assert.Equal(false, await ScalarAsync(other, "select pg_try_advisory_lock(101)"));
        psql.Kill();
        await psql.WaitForExitAsync().WaitAsync(Bound);
        await ScalarAsync(other, "select pg_advisory_lock(101)");
    }

    [Fact]
    public async Task Who_waits_for_a_lock_and_for_whom()
    {
        await using var holder = await OpenAsync(0);
        await using var elsewhere = await OpenAsync(1);
        await using var waiter = await OpenAsync(0);
        await using var watcher = await OpenAsync(0);
        await ScalarAsync(holder, "select pg_advisory_lock(105)");
        await ScalarAsync(elsewhere, "select pg_advisory_lock(106)");
        foreach (var (key, blocker, owner) in new[] { (105, holder.ProcessID, holder), (106, 0, elsewhere) })
        {
            var taken = ScalarAsync(waiter, $"select pg_advisory_lock({key})");
            while (!((int[])(await ScalarAsync(watcher, $"select pg_blocking_pids({waiter.ProcessID})"))!).SequenceEqual([blocker]))
            {
                Assert.False(taken.IsCompleted);
            }

            await ScalarAsync(owner, $"select pg_advisory_unlock({key})");
            await taken;
            Assert.Equal(Array.Empty<int>(), await ScalarAsync(watcher, $"select pg_blocking_pids({waiter.ProcessID})"));
        }
    }

    [Fact]
    public async Task A_killed_node_loses_its_locks()
    {
        var victim = (await Cluster.LeaderAsync() + 1) % Cluster.Count;
        await using var holder = await OpenAsync(victim);
        await using var other = await OpenAsync((victim + 1) % Cluster.Count);
        await ScalarAsync(holder, "select pg_advisory_lock(102)");
        await Cluster.Nodes[victim].KillAsync();
        Assert.Equal(false, await ScalarAsync(other, "select pg_try_advisory_lock(102)"));
        await ScalarAsync(other, "select pg_advisory_lock(102)");
        await Cluster.Restart(victim).ReadyAsync();
    }

    [Fact]
    public async Task What_a_restarted_node_held_is_free_soon()
    {
        var victim = (await Cluster.LeaderAsync() + 1) % Cluster.Count;
        await using var holder = await OpenAsync(victim);
        await using var other = await OpenAsync((victim + 1) % Cluster.Count);
        await ScalarAsync(holder, "select pg_advisory_lock(103)");
        await Cluster.Nodes[victim].KillAsync();
        await Cluster.Restart(victim).ReadyAsync();
        await ScalarAsync(other, "select pg_advisory_lock(103)");
    }

    [Fact]
    public async Task A_stopped_process_that_goes_on_after_its_lease_ends_the_session()
    {
        var victim = (await Cluster.LeaderAsync() + 1) % Cluster.Count;
        await using var holder = await OpenAsync(victim);
        await using var other = await OpenAsync((victim + 1) % Cluster.Count);
        await ScalarAsync(holder, "select pg_advisory_lock(104)");
        Cluster.Nodes[victim].Pause();
        try
        {
            await ScalarAsync(other, "select pg_advisory_lock(104)");
        }
        finally
        {
            Cluster.Nodes[victim].Resume();
        }

        var error = await Assert.ThrowsAnyAsync<NpgsqlException>(() => ScalarAsync(holder, "select 1"));
        Assert.Equal("57P01", Assert.IsType<PostgresException>(error).SqlState);
        await Cluster.ReadyAsync();
    }

    [Fact]
    public async Task Read_and_write_under_a_lock_lose_nothing_while_leaders_are_killed()
    {
        var table = $"counted{Random.Shared.Next()}";
        await using (var setup = await OpenAsync(0))
        {
            await ScalarAsync(setup, $"create table {table} (n integer)");
            await ScalarAsync(setup, $"insert into {table} values (0)");
        }

        var written = new ConcurrentQueue<int>();
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 2 * Cluster.Count).Select(client => Task.Run(() => IncrementAsync(client, table, written, stop.Token))).ToArray();
        for (var kill = 0; kill < 2; kill++)
        {
            var before = written.Count;
            await Until.TrueAsync("increments", () => Task.FromResult(written.Count > before + 50), Cluster.Logs);
            var leader = await Cluster.LeaderAsync();
            await Cluster.Nodes[leader].KillAsync();
            before = written.Count;
            await Until.TrueAsync("increments behind a kill", () => Task.FromResult(written.Count > before + 50), Cluster.Logs);
            await Cluster.Restart(leader).ReadyAsync();
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients).WaitAsync(Bound);
        await Cluster.ReadyAsync();
        Assert.Equal(written.Count, written.Distinct().Count());
        await using var check = await OpenAsync(0);
        Assert.True(Convert.ToInt32(await ScalarAsync(check, $"select n from {table}")) >= written.Max());
    }

    /// <summary>Reads the number and writes the next one, under the lock; what was acknowledged is noted.</summary>
    private async Task IncrementAsync(int client, string table, ConcurrentQueue<int> written, CancellationToken stop)
    {
        NpgsqlConnection? connection = null;
        for (var turn = client; !stop.IsCancellationRequested; turn++)
        {
            try
            {
                connection ??= await OpenAsync(turn % Cluster.Count);
                await ScalarAsync(connection, "select pg_advisory_lock(105)");
                var n = Convert.ToInt32(await ScalarAsync(connection, $"select n from {table}"));
                await ScalarAsync(connection, $"update {table} set n = {n + 1}");
                written.Enqueue(n + 1);
                await ScalarAsync(connection, "select pg_advisory_unlock(105)");
            }
            catch (Exception e) when (e is NpgsqlException or System.Net.Sockets.SocketException or TimeoutException or IOException)
            {
                // Whatever it still holds goes with the connection.
                await (connection?.DisposeAsync() ?? default);
                connection = null;
                await Task.Delay(50, CancellationToken.None);
            }
        }

        await (connection?.DisposeAsync() ?? default);
    }

    private async Task<NpgsqlConnection> OpenAsync(int node)
    {
        var connection = new NpgsqlConnection(TransactionPairs.ConnectionString(Cluster.Options[node]));
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
