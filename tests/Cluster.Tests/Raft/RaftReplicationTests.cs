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
    public async Task Readers_on_different_nodes_never_go_back_while_the_lead_moves()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        using var stop = new CancellationTokenSource();
        long seen = 0, reads = 0;
        var loops = cluster.Nodes.Select(ReadAsync).Append(WriteAsync()).ToList();
        for (var round = 0; round < 6; round++)
        {
            var leader = await cluster.LeaderAsync();
            var (term, before) = (leader.Replica!.Log.Term, Volatile.Read(ref reads));
            if (round % 2 == 0)
            {
                await leader.Replica.Raft!.Transport.ResignAsync(TestCluster.Limit);
            }
            else
            {
                await leader.RestartAsync();
            }

            await TestCluster.Until(
                () => cluster.Running.Any(n => n.Replica!.Log.IsLeader && n.Replica.Log.Term > term), "another term has a leader");
            await TestCluster.Until(() => Volatile.Read(ref reads) > before + 50, "reads go on");
        }

        await stop.CancelAsync();
        await Task.WhenAll(loops).WaitAsync(TestCluster.Patience);

        async Task ReadAsync(TestNode node)
        {
            while (!stop.IsCancellationRequested)
            {
                // What any reader has seen before this read began, this one must see too.
                var floor = Volatile.Read(ref seen);
                try
                {
                    if (node.Replica?.Log is { } log)
                    {
                        await log.WaitForApplyAsync(await log.ReadIndexAsync(TestCluster.Limit), TestCluster.Limit);
                        var now = node.Storage.AppliedIndex;
                        Assert.True(now >= floor, $"{node.Options.NodeId} read {now} after {floor} had been read");
                        InterlockedMax(ref seen, now);
                        Interlocked.Increment(ref reads);
                    }
                }
                catch (ClusterException)
                {
                    // No leader for the moment, or the node is restarting.
                }

                await Task.Delay(1);
            }
        }

        async Task WriteAsync()
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await cluster.WriteAsync($"{i}");
            }
        }

        static void InterlockedMax(ref long target, long value)
        {
            for (var old = Volatile.Read(ref target); old < value;)
            {
                old = Interlocked.CompareExchange(ref target, value, old) is var found && found == old ? value : found;
            }
        }
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
                var read = await node.Replica!.Log.ReadIndexAsync(TestCluster.Limit);
                Assert.True(read >= index, $"{read} < {index}");
                await node.Replica.Log.WaitForApplyAsync(read, TestCluster.Limit);
                Assert.Contains($"{i}", node.Storage.Texts);
            }
        }
    }
}
