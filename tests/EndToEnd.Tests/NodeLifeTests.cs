using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Nodes that are lost, replaced, promoted and demoted, on real processes.</summary>
public sealed class NodeLifeTests
{
    [Fact]
    public async Task One_of_three_nodes_goes_on_by_peers_json_with_its_data_when_two_are_lost_for_good()
    {
        using var cluster = await TestCluster.StartAsync(3);
        await IdInserts.CreateTableAsync(cluster.Nodes[0].Api);
        await using var inserts = IdInserts.Start(cluster.Options, clients: 4, seed: 1);
        await inserts.MoreAsync(300, cluster.Logs);
        await inserts.StopAsync();
        await Contents.SyncAsync(cluster.Nodes[1]);
        await cluster.KillAllAsync();
        Directory.Delete(cluster.Options[0].Data, recursive: true);
        Directory.Delete(cluster.Options[2].Data, recursive: true);

        // Alone it has no majority.
        var survivor = cluster.Restart(1);
        await survivor.LineAsync("Members: ");
        Assert.NotEqual(200, (await survivor.Api.GetAsync("/readyz")).Status);
        await survivor.KillAsync();

        var own = cluster.Options[1];
        var peers = Path.Combine(own.Data, "raft", "peers.json");
        await File.WriteAllTextAsync(peers, $"[{{\"id\": \"{own.Id}\", \"address\": \"localhost:{own.RaftPort}\", \"non_voter\": false, }}]");
        var refused = await NodeProcess.RunAsync([.. own.Arguments()]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("peers.json' is not JSON", refused.Errors.Split("fatal: ")[1], StringComparison.Ordinal);
        await File.WriteAllTextAsync(peers, $"[{{\"id\": \"{own.Id}\", \"address\": \"localhost:{own.RaftPort}\", \"non_voter\": false}}]");
        survivor = await cluster.Restart(1).ReadyAsync();
        await survivor.LineAsync("Recovered by peers.json");
        Assert.False(File.Exists(peers));
        Assert.True(File.Exists(Path.Combine(own.Data, "raft", "peers.info")));

        foreach (var lost in (int[])[0, 2])
        {
            cluster.Options[lost] = cluster.Options[lost] with { Join = $"http://localhost:{own.HttpPort}" };
            await cluster.Restart(lost).ReadyAsync();
        }

        await cluster.MembersAsync(3);
        Assert.Equal(200, (await cluster.Nodes[0].Api.ExecuteAsync($"INSERT INTO {IdInserts.Table}(id, client) VALUES(-1, 0)")).Status);
        await survivor.KillAsync();
        await cluster.LeaderAsync(except: 1);
        await cluster.Restart(1).ReadyAsync();
        var outcomes = inserts.Outcomes.Append(new(-1, Histories.Outcome.Ok)).ToDictionary();
        var verdict = await Contents.CheckAsync(cluster.Nodes, outcomes);
        Assert.True(verdict.Passed, $"{verdict.Explanation}\n{cluster.Logs()}");
    }

    /// <summary>The leader is stopped and comes back as a read replica, then as a voter again; another node's kill shows whose vote counts.</summary>
    [Fact]
    public async Task The_leader_becomes_a_read_replica_and_a_voter_again_while_writes_go_on()
    {
        using var cluster = await TestCluster.StartAsync(4);
        await IdInserts.CreateTableAsync(cluster.Nodes[0].Api);
        await using var inserts = IdInserts.Start(cluster.Options, clients: 4, seed: 2);
        await inserts.MoreAsync(100, cluster.Logs);
        var leader = await cluster.LeaderAsync();
        Assert.Equal(0, await cluster.Nodes[leader].TerminateAsync());
        Assert.Contains("transfers leadership", cluster.Logs(), StringComparison.Ordinal);
        var flags = cluster.Options[leader].Extra;
        cluster.Options[leader] = cluster.Options[leader] with { Extra = [.. flags, "-raft-non-voter"] };
        await cluster.Restart(leader).ReadyAsync();
        await VotersAsync(cluster, (leader + 1) % 4, 3);
        await cluster.Nodes[leader].LineAsync("is a read replica now");
        await inserts.MoreAsync(100, cluster.Logs);

        // Killed and started with the same flags it stays what it is.
        await cluster.Nodes[leader].KillAsync();
        await cluster.Restart(leader).ReadyAsync();
        await VotersAsync(cluster, leader, 3);
        await cluster.Nodes[leader].KillAsync();
        cluster.Options[leader] = cluster.Options[leader] with { Extra = flags };
        await cluster.Restart(leader).ReadyAsync();
        await VotersAsync(cluster, leader, 4);
        await inserts.MoreAsync(100, cluster.Logs);
        var reply = await cluster.Nodes[leader].Api.SendAsync(HttpMethod.Post, "/leader?wait", $"{{\"id\":\"{cluster.Options[leader].Id}\"}}", "application/json");
        Assert.True(reply.Status == 200, $"{reply}\n{cluster.Logs()}");
        Assert.Equal(leader, await cluster.LeaderAsync());
        await inserts.MoreAsync(100, cluster.Logs);
        await inserts.StopAsync();
        var verdict = await Contents.CheckAsync(cluster.Nodes, inserts.Outcomes);
        Assert.True(verdict.Passed, $"{verdict.Explanation}\n{cluster.Logs()}");
    }

    [Fact]
    public async Task The_leader_removes_a_node_that_is_lost_and_it_comes_back_with_its_folder()
    {
        using var cluster = await TestCluster.StartAsync(3, ["-raft-reap-node-timeout", "3s"]);
        (await cluster.Nodes[0].Api.ExecuteAsync("CREATE TABLE t(x)")).Result();
        var leader = await cluster.LeaderAsync();
        var lost = (leader + 1) % 3;
        await cluster.Nodes[lost].KillAsync();
        await cluster.Nodes[leader].LineAsync($"{cluster.Options[lost].Id} at localhost:{cluster.Options[lost].RaftPort} is removed from the cluster");
        await VotersAsync(cluster, leader, 2);
        (await cluster.Nodes[leader].Api.ExecuteAsync("INSERT INTO t VALUES(1)")).Result();

        cluster.Options[lost] = cluster.Options[lost] with { Join = $"http://localhost:{cluster.Options[leader].HttpPort}" };
        await cluster.Restart(lost).ReadyAsync();
        await VotersAsync(cluster, lost, 3);
        Assert.Equal(1, (await cluster.Nodes[lost].Api.QueryAsync("linearizable", "SELECT count(*) FROM t")).Scalar().GetInt64());
    }

    [Fact]
    public async Task Nodes_that_end_all_at_once_say_so_in_plain_words()
    {
        using var cluster = await TestCluster.StartAsync(3);
        (await cluster.Nodes[0].Api.ExecuteAsync("CREATE TABLE t(x)")).Result();
        Assert.All(await Task.WhenAll(cluster.Nodes.Select(static n => n.TerminateAsync())), static code => Assert.Equal(0, code));
        Assert.DoesNotContain("canceled", cluster.Logs(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("warn", string.Join('\n', cluster.Nodes.SelectMany(static n => n.Log.Split("stopping").Skip(1))), StringComparison.Ordinal);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => cluster.Restart(i).ReadyAsync()));
        (await cluster.Nodes[0].Api.ExecuteAsync("INSERT INTO t VALUES(1)")).Result();
    }

    [Fact]
    public async Task A_rolling_restart_loses_no_write()
    {
        using var cluster = await TestCluster.StartAsync(3);
        await IdInserts.CreateTableAsync(cluster.Nodes[0].Api);
        await using var inserts = IdInserts.Start(cluster.Options, clients: 4, seed: 3);
        await inserts.MoreAsync(100, cluster.Logs);
        inserts.ForgetGap();
        var leader = await cluster.LeaderAsync();
        foreach (var node in (int[])[(leader + 1) % 3, (leader + 2) % 3, leader])
        {
            Assert.Equal(0, await cluster.Nodes[node].TerminateAsync());
            await cluster.Restart(node).ReadyAsync();
            await Until.TrueAsync("it has caught up", async () => (await cluster.Nodes[node].Api.GetAsync("/readyz?sync")).Status == 200, cluster.Logs);
            await inserts.MoreAsync(50, cluster.Logs);
        }

        await inserts.StopAsync();
        Console.WriteLine($"longest gap between two acknowledgements in a rolling restart: {inserts.LongestGap.TotalMilliseconds:0} ms");
        var verdict = await Contents.CheckAsync(cluster.Nodes, inserts.Outcomes);
        Assert.True(verdict.Passed, $"{verdict.Explanation}\n{cluster.Logs()}");
    }

    [Theory]
    [InlineData("{\"name\":\"localhost\",\"port\":PORT}", false)]
    [InlineData("{\"name\":\"$RQLITE_TEST_NAME\",\"port\":PORT}", true)]
    public async Task Nodes_find_one_another_by_a_host_name(string config, bool inFile)
    {
        using var folder = new TempFolder();
        var first = new NodeOptions { Id = "n1", Data = folder.Sub("n1") };
        config = config.Replace("PORT", first.RaftPort.ToString(), StringComparison.Ordinal);
        if (inFile)
        {
            await File.WriteAllTextAsync(folder.Sub("disco.json"), config);
            config = folder.Sub("disco.json");
        }

        first = first with
        {
            Extra = ["-disco-mode", "dns", "-disco-config", config, "-bootstrap-expect", "1"],
            Environment = new Dictionary<string, string> { ["RQLITE_TEST_NAME"] = "localhost" },
        };
        using var founder = await NodeProcess.Start(first).ReadyAsync();
        (await founder.Api.ExecuteAsync("CREATE TABLE t(x)")).Result();
        var replica = first with
        {
            Id = "r1", Data = folder.Sub("r1"), HttpPort = Ports.Take(), RaftPort = Ports.Take(), PgPort = Ports.Take(),
            Extra = ["-disco-mode", "dns", "-disco-config", config, "-raft-non-voter"],
        };
        using var second = await NodeProcess.Start(replica).ReadyAsync();
        Assert.Equal(0, (await second.Api.QueryAsync("none", "SELECT count(*) FROM t")).Scalar().GetInt64());
        Assert.Equal(2, (await founder.Api.GetAsync("/status?key=store.nodes")).Json.GetArrayLength());
    }

    [Theory]
    [InlineData("{\"name\":1}", "name: 1 cannot be")]
    [InlineData("{\"port\":0}", "port: 0 cannot be")]
    [InlineData("{\"service\":\"x\"}", "service: \"x\" cannot be")]
    [InlineData("{", "not JSON")]
    [InlineData("/no/such/file", "/no/such/file")]
    public async Task A_configuration_of_the_discovery_that_cannot_be_is_refused(string config, string told)
    {
        using var folder = new TempFolder();
        var options = new NodeOptions
        {
            Id = "n1", Data = folder.Sub("n1"), Extra = ["-disco-mode", "dns", "-disco-config", config, "-bootstrap-expect", "1"],
        };
        var result = await NodeProcess.RunAsync([.. options.Arguments()]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("-disco-config", result.Errors.Split("fatal: ")[1], StringComparison.Ordinal);
        Assert.Contains(told, result.Errors.Split("fatal: ")[1], StringComparison.Ordinal);
        Assert.False(Path.Exists(options.Data));
    }

    private static Task VotersAsync(TestCluster cluster, int asked, int count) => Until.TrueAsync($"{count} voters", async () =>
    {
        var nodes = await cluster.Nodes[asked].Api.GetAsync("/status?key=store.nodes");
        return nodes.Status == 200 && nodes.Json.EnumerateArray().Count(static n => n.GetProperty("suffrage").GetString() == "voter") == count;
    }, cluster.Logs);
}
