using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;
using Rqlite.Pg.Histories;

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

    /// <summary>
    /// The hardest moment for one write: nothing after it tells the followers to commit it, and both die with its acknowledgement. The
    /// same pattern without the log's flush does lose: see the program of tests/Chaos, <c>--control</c>.
    /// </summary>
    [Fact]
    public async Task A_lone_write_outlives_both_followers_death_and_the_leaders_disk()
    {
        using var cluster = await TestCluster.StartAsync(3);
        await IdInserts.CreateTableAsync(cluster.Nodes[0].Api);
        var outcomes = new Dictionary<long, Outcome>();
        for (var round = 1; round <= 3; round++)
        {
            var leader = await cluster.LeaderAsync();
            var followers = Enumerable.Range(0, 3).Where(i => i != leader).ToArray();
            await Task.WhenAll(cluster.Nodes.Select(Contents.SyncAsync));
            var reply = await cluster.Nodes[leader].Api.ExecuteAsync($"INSERT INTO {IdInserts.Table}(id, client) VALUES(?, ?)", round, 0);
            Signals.Send(cluster.Nodes[followers[0]].Id, Signals.Kill);
            Signals.Send(cluster.Nodes[followers[1]].Id, Signals.Kill);
            outcomes[round] = reply.Outcome;
            Assert.True(reply.Ok, reply.ToString());
            await cluster.KillAllAsync();
            cluster.Wipe(leader);
            var survivors = followers.Select(cluster.Restart).ToArray();
            await Task.WhenAll(survivors.Select(n => n.ReadyAsync()));
            var verdict = await Contents.CheckAsync(survivors, outcomes);
            Assert.True(verdict.Passed, $"round {round}: {verdict.Explanation}\n{cluster.Logs()}");
            await cluster.Restart(leader).ReadyAsync();
            await cluster.MembersAsync(3);
        }
    }
}
