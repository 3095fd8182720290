using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;

namespace Rqlite.Pg.EndToEnd.Tests;

public sealed class DestroyedDiskTests
{
    /// <summary>What a quorum acknowledged must be on two disks; so it has to survive the third's loss, and the loss of all memory.</summary>
    [Fact]
    public async Task All_killed_and_the_leaders_disk_destroyed_lose_nothing_acknowledged()
    {
        using var cluster = await TestCluster.StartAsync(3);
        await IdInserts.CreateTableAsync(cluster.Nodes[0].Api);
        for (var round = 0; round < 2; round++)
        {
            await using var inserts = IdInserts.Start(cluster.Options, clients: 8, seed: round, firstId: 1 + (round * 1_000_000));
            await inserts.MoreAsync(400, cluster.Logs);
            var leader = await cluster.LeaderAsync();
            await cluster.KillAllAsync();
            await inserts.StopAsync();
            cluster.Wipe(leader);

            // The survivors are a quorum and carry on alone; only then does the empty third come back.
            var survivors = Enumerable.Range(0, 3).Where(i => i != leader).Select(cluster.Restart).ToArray();
            await Task.WhenAll(survivors.Select(n => n.ReadyAsync()));
            await CheckAsync(survivors);
            await cluster.Restart(leader).ReadyAsync();
            await CheckAsync(cluster.Nodes);
            (await cluster.Nodes[0].Api.ExecuteAsync($"DELETE FROM {IdInserts.Table}")).Result();

            async Task CheckAsync(IReadOnlyList<NodeProcess> nodes)
            {
                var verdict = await Contents.CheckAsync(nodes, inserts.Outcomes);
                Assert.True(verdict.Passed, $"round {round}: {verdict.Explanation}\n{cluster.Logs()}");
            }
        }
    }
}
