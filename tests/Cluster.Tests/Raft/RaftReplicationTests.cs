namespace Rqlite.Pg.Cluster.Tests;

public sealed class RaftReplicationTests
{
    [Fact]
    public async Task One_node_proposes_applies_and_remembers_after_a_restart()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        await cluster["n1"].WriteAsync("a");
        await cluster["n1"].WriteAsync("b");
        await cluster["n1"].RestartAsync();
        await cluster.LeaderAsync();
        await cluster["n1"].WriteAsync("c");
        Assert.Equal(["a", "b", "c"], cluster["n1"].Storage.Texts);
    }

    [Fact]
    public async Task Three_nodes_apply_the_same_entries_in_the_same_order()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        for (var i = 0; i < 50; i++)
        {
            await cluster.WriteAsync($"{i}");
        }

        await cluster.SameEverywhereAsync();
        Assert.Equal(50, cluster["n3"].Storage.Texts.Count);
    }

    [Fact]
    public async Task Writes_go_on_after_the_leader_stopped_and_nothing_acknowledged_is_lost()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WriteAsync("before");
        var leader = await cluster.LeaderAsync();
        await leader.StopAsync();
        await cluster.WriteAsync("after");
        await leader.StartAsync();
        await cluster.WriteAsync("back");
        await cluster.SameEverywhereAsync();
        Assert.All(cluster.Nodes, static n => Assert.Contains("before", n.Storage.Texts));
        Assert.All(cluster.Nodes, static n => Assert.Contains("after", n.Storage.Texts));
    }

    [Fact]
    public async Task All_nodes_restart_and_go_on()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WriteAsync("one");
        await Task.WhenAll(cluster.Nodes.Select(static n => n.StopAsync()));
        await Task.WhenAll(cluster.Nodes.Select(static n => n.StartAsync()));
        await cluster.WriteAsync("two");
        await cluster.SameEverywhereAsync();
        Assert.Contains("one", cluster["n2"].Storage.Texts);
    }

    [Fact]
    public async Task A_read_index_covers_every_write_acknowledged_before_on_any_node()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        for (var i = 0; i < 20; i++)
        {
            var index = await (await cluster.LeaderAsync()).WriteAsync($"{i}");
            foreach (var node in cluster.Nodes)
            {
                var read = await node.Replica!.Log.ReadIndexAsync(CancellationToken.None);
                Assert.True(read >= index, $"{read} < {index}");
                await node.Replica.Log.WaitForApplyAsync(read, CancellationToken.None);
                Assert.Contains($"{i}", node.Storage.Texts);
            }
        }
    }
}
