using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Notifications and sequences through clients as they are, while a leader is killed.</summary>
public sealed class NotificationsTests
{
    private const int Sent = 300;

    [Fact]
    public async Task What_is_committed_is_heard_once_and_in_order_on_the_nodes_that_stay_when_the_leader_is_killed()
    {
        using var cluster = await TestCluster.StartAsync(3);
        var leader = await cluster.LeaderAsync();
        var (ear, mouth) = ((leader + 1) % 3, (leader + 2) % 3);
        await using var listening = await OpenAsync(cluster, ear);
        var heard = new ConcurrentQueue<string>();
        listening.Notification += (_, e) => heard.Enqueue(e.Payload);
        await ExecuteAsync(listening, "CREATE SEQUENCE s; CREATE TABLE t (id bigint, n integer); LISTEN c");
        using var stop = new CancellationTokenSource();
        var hearing = HearAsync(listening, stop.Token);

        var acknowledged = new List<string>();
        var drawn = new List<long>();
        for (var i = 0; i < Sent; i++)
        {
            if (i == Sent / 3)
            {
                await cluster.Nodes[leader].KillAsync();
            }

            try
            {
                await using var sending = await OpenAsync(cluster, mouth);
                await using var insert = new NpgsqlCommand(
                    "INSERT INTO t SELECT nextval('s'), $1 WHERE pg_notify('c', $2) = '' RETURNING id", sending)
                {
                    Parameters = { new() { Value = i }, new() { Value = i.ToString(CultureInfo.InvariantCulture) } },
                };
                drawn.Add((long)(await insert.ExecuteScalarAsync())!);
                acknowledged.Add(i.ToString(CultureInfo.InvariantCulture));
            }
            catch (NpgsqlException)
            {
                // Between two leaders; it may have been committed all the same.
            }
        }

        var committed = await ReadAsync(cluster, mouth);
        await Until.TrueAsync("all is heard", () => Task.FromResult(heard.Count >= committed.Length), cluster.Logs);
        await stop.CancelAsync();
        await hearing;
        Assert.Equal(committed, heard);
        Assert.Empty(acknowledged.Except(committed));
        Assert.True(acknowledged.Count > Sent / 2, $"only {acknowledged.Count} were acknowledged");
        Assert.Equal(drawn.Count, drawn.Distinct().Count());
    }

    [ClientFact("psql")]
    public async Task Psql_hears_itself_on_any_node()
    {
        using var cluster = await TestCluster.StartAsync(3);
        for (var i = 0; i < 3; i++)
        {
            var result = await CommandLine.BashAsync(
                $"psql -X -A -t -v ON_ERROR_STOP=1 -h localhost -p {cluster.Options[i].PgPort} -U postgres -d postgres <<'SQL'\n"
                + $"CREATE SEQUENCE IF NOT EXISTS s;\nLISTEN c;\nNOTIFY c, 'from node {i}';\nSELECT nextval('s');\nSQL");
            Assert.True(result.ExitCode == 0, result.ToString());
            Assert.Contains($"Asynchronous notification \"c\" with payload \"from node {i}\" received", result.Output, StringComparison.Ordinal);
            Assert.Contains($"\n{i + 1}\n", result.Output, StringComparison.Ordinal);
        }
    }

    private static async Task HearAsync(NpgsqlConnection connection, CancellationToken token)
    {
        try
        {
            while (true)
            {
                await connection.WaitAsync(token);
            }
        }
        catch (OperationCanceledException)
        {
            // All that is expected has been heard.
        }
    }

    private static async Task<string[]> ReadAsync(TestCluster cluster, int node)
    {
        var read = "";
        await Until.TrueAsync("the rows", async () =>
        {
            try
            {
                await using var connection = await OpenAsync(cluster, node);
                await ExecuteAsync(connection, "SET rqlite.consistency = 'linearizable'");
                await using var select = new NpgsqlCommand("SELECT group_concat(n, ' ') FROM (SELECT n FROM t ORDER BY rowid)", connection);
                read = (string)(await select.ExecuteScalarAsync())!;
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }, cluster.Logs);
        return read.Split(' ');
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<NpgsqlConnection> OpenAsync(TestCluster cluster, int node)
    {
        var connection = new NpgsqlConnection(
            $"Host=localhost;Port={cluster.Options[node].PgPort};Username=postgres;Database=postgres;Pooling=false;Server Compatibility Mode=NoTypeLoading;Timeout=30;Command Timeout=60;Options=-c rqlite.dialect=sqlite");
        await connection.OpenAsync();
        return connection;
    }
}
