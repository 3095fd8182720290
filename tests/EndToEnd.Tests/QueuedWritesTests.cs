using Rqlite.Pg.Harness;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Queued writes over three processes: what is acknowledged is there, once, whoever dies.</summary>
public sealed class QueuedWritesTests
{
    private const int Clients = 6;

    [Fact]
    public async Task An_awaited_write_is_there_once_though_leaders_are_killed_meanwhile()
    {
        using var cluster = await TestCluster.StartAsync(3);
        await CreateTableAsync(cluster);
        for (var round = 0; round < 3; round++)
        {
            var leader = await cluster.LeaderAsync();
            using var stop = new CancellationTokenSource();
            var acknowledged = 0;
            var clients = Enumerable.Range(0, Clients).Select(i => WriteAsync(
                cluster.Options[i % 3].HttpPort, $"r{round}c{i}n", "?queue&wait&timeout=20s", () => Interlocked.Increment(ref acknowledged), stop.Token)).ToArray();
            await Until.TrueAsync("queued writes are acknowledged", () => Task.FromResult(Volatile.Read(ref acknowledged) > 60), cluster.Logs);
            await cluster.Nodes[leader].KillAsync();
            var before = Volatile.Read(ref acknowledged);
            await Until.TrueAsync(
                "queued writes are acknowledged again", () => Task.FromResult(Volatile.Read(ref acknowledged) > before + 60), cluster.Logs);
            stop.Cancel();
            var outcomes = await Task.WhenAll(clients);
            await cluster.Restart(leader).ReadyAsync();
            for (var i = 0; i < Clients; i++)
            {
                await CheckAsync(cluster, $"r{round}c{i}n", outcomes[i]);
            }
        }
    }

    [Fact]
    public async Task What_was_queued_is_there_after_its_node_was_asked_to_stop()
    {
        // Batches that fill by neither number nor time: the stop alone runs them.
        using var cluster = await TestCluster.StartAsync(3, ["-write-queue-timeout", "1h", "-write-queue-batch-size", "100000"]);
        await CreateTableAsync(cluster);
        var leader = await cluster.LeaderAsync();
        foreach (var node in new[] { leader, (leader + 1) % 3 })
        {
            var name = $"stop{node}n";
            var sent = new List<Task<Reply>>();
            for (var i = 0; i < 300; i++)
            {
                sent.Add(cluster.Nodes[node].Api.ExecuteAsync([new object[] { "INSERT INTO queued(name) VALUES(?)", $"{name}{i}" }], "?queue"));
            }

            var replies = await Task.WhenAll(sent);
            Assert.All(replies, reply => Assert.True(reply.Clean, reply.ToString()));
            Assert.Equal(300, replies.Select(reply => reply.Json.GetProperty("sequence_number").GetInt64()).Distinct().Count());
            Assert.Equal(0, await cluster.Nodes[(node + 2) % 3].Api.CountAsync(name));
            Assert.Equal(0, await cluster.Nodes[node].TerminateAsync());
            var other = await cluster.LeaderAsync(except: node);
            Assert.Equal(300, await cluster.Nodes[other].Api.CountAsync(name));
            Assert.DoesNotContain("queued write with sequence number", cluster.AllLogs(), StringComparison.Ordinal);
            await cluster.Restart(node).ReadyAsync();
        }
    }

    [Fact]
    public async Task An_error_of_a_statement_that_nobody_waits_for_is_in_the_log_and_counted()
    {
        using var cluster = await TestCluster.StartAsync(1);
        var node = cluster.Nodes[0];
        var reply = await node.Api.ExecuteAsync(["INSERT INTO nosuch VALUES(1)"], "?queue");
        Assert.True(reply.Clean, reply.ToString());
        await node.LineAsync($"queued write with sequence number {reply.Json.GetProperty("sequence_number").GetInt64()}");
        var status = (await node.Api.GetAsync("/status?key=http.queue._default")).Json;
        Assert.Equal(1, status.GetProperty("statements_failed").GetInt64());
        Assert.Equal(reply.Json.GetProperty("sequence_number").GetInt64(), status.GetProperty("sequence_number").GetInt64());
    }

    private static async Task CreateTableAsync(TestCluster cluster) =>
        (await cluster.Nodes[0].Api.ExecuteAsync("CREATE TABLE queued (id INTEGER PRIMARY KEY, name TEXT)")).Result();

    /// <summary>Writes one name after the other, and tells what is known of each.</summary>
    private static async Task<Outcome[]> WriteAsync(int port, string prefix, string query, Action acknowledged, CancellationToken stop)
    {
        using var api = new Api(port);
        var outcomes = new List<Outcome>();
        while (!stop.IsCancellationRequested)
        {
            var reply = await api.ExecuteAsync([new object[] { "INSERT INTO queued(name) VALUES(?)", $"{prefix}{outcomes.Count}" }], query, default);

            // A wait that is over says nothing about the write, which is still queued.
            outcomes.Add(reply.Status == 408 ? Outcome.Unknown : reply.Clean ? Outcome.Ok : reply.Outcome);
            if (reply.Clean)
            {
                acknowledged();
            }
            else
            {
                await Task.Delay(100, CancellationToken.None);
            }
        }

        return [.. outcomes];
    }

    private static async Task CheckAsync(TestCluster cluster, string prefix, Outcome[] outcomes)
    {
        var leader = await cluster.LeaderAsync();
        var reply = await cluster.Nodes[leader].Api.QueryAsync("strong", $"SELECT name FROM queued WHERE name GLOB '{prefix}*'");
        var found = reply.Rows().Select(row => row[0].GetString()!).GroupBy(name => name).ToDictionary(group => group.Key, group => group.Count());
        for (var i = 0; i < outcomes.Length; i++)
        {
            var count = found.GetValueOrDefault($"{prefix}{i}");
            var expected = outcomes[i] switch { Outcome.Ok => count == 1, Outcome.Failed => count == 0, _ => count <= 1 };
            Assert.True(expected, $"{prefix}{i} was {outcomes[i]} and is there {count} times\n{cluster.Logs()}");
        }
    }
}

internal static class QueuedRows
{
    public static async Task<long> CountAsync(this Api api, string prefix) =>
        (await api.QueryAsync("strong", $"SELECT count(*) FROM queued WHERE name GLOB '{prefix}*'")).Scalar().GetInt64();
}
