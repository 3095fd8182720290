namespace Rqlite.Pg.Cluster.Tests;

public sealed class RaftFiveNodeTests
{
    /// <summary>A copy's reply must not count as entries: with five nodes it could make an entry look committed that two nodes hold.</summary>
    [Fact]
    public async Task With_five_nodes_and_a_copy_under_way_no_acknowledged_write_is_lost_when_the_leader_dies()
    {
        await using var cluster = await TestCluster.StartAsync(5, static o => o with { TrailingEntries = 20, SnapshotStep = 10 });
        var leader = await cluster.LeaderAsync();
        var followers = cluster.Nodes.Where(n => n != leader).ToList();
        await followers[0].StopAsync();
        var written = new List<string>();
        await WriteAsync(80);
        await TestCluster.Until(() => cluster.Running.All(static n => n.Replica!.Raft!.BaseIndex > 30), "the log is cut");
        await followers[1].StopAsync();
        var starting = followers[0].StartAsync();
        await WriteAsync(20);
        await starting;
        await leader.StopAsync();
        await followers[1].StartAsync();
        await WriteAsync(10);
        await leader.StartAsync();
        await WriteAsync(1);
        await cluster.SameEverywhereAsync();
        foreach (var node in cluster.Nodes)
        {
            Assert.Empty(written.Except(node.Storage.Texts));
        }

        async Task WriteAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var text = $"w{written.Count}";
                await cluster.WriteAsync(text);
                written.Add(text);
            }
        }
    }
}
