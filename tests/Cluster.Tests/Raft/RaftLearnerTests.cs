namespace Rqlite.Pg.Cluster.Tests;

public sealed class RaftLearnerTests
{
    private static Task<TestCluster> StartAsync()
        => TestCluster.StartAsync(1, static o => o with { TrailingEntries = 20, SnapshotStep = 10 });

    [Fact]
    public async Task A_read_replica_follows_without_a_vote_through_a_change_of_leaders()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WriteAsync("before");
        var replica = await cluster.AddAsync("r1", "n1", static o => o with { NonVoter = true });
        await cluster.HasMembersAsync(4);
        Assert.Equal(3, cluster["n1"].Replica!.Members.Voters.Count());
        var leader = await cluster.LeaderAsync();
        await leader.StopAsync();
        await cluster.WriteAsync("after");
        await TestCluster.Until(() => replica.Storage.Texts.Contains("after"), "the replica has it");
        Assert.Contains("before", replica.Storage.Texts);
        await TestCluster.Until(() => replica.Replica!.Log.Leader is not null, "the replica knows the leader");
        var read = await replica.Replica!.Log.ReadIndexAsync(TestCluster.Limit);
        await replica.Replica.Log.WaitForApplyAsync(read, TestCluster.Limit);
        await Assert.ThrowsAsync<ClusterException>(() => replica.WriteAsync("never"));
    }

    [Fact]
    public async Task A_read_replica_gets_a_copy_and_goes_on_after_a_restart_and_a_power_cut()
    {
        await using var cluster = await StartAsync();
        for (var i = 0; i < 100; i++)
        {
            await cluster.WriteAsync($"{i}");
        }

        await TestCluster.Until(() => cluster["n1"].Replica!.Raft!.BaseIndex > 50, "the log is cut");
        var replica = await cluster.AddAsync("r1", "n1", static o => o with { NonVoter = true });
        await cluster.SameEverywhereAsync();
        Assert.Equal(1, replica.Storage.Copies);
        await cluster.WriteAsync("more");
        await cluster.SameEverywhereAsync();
        await replica.StopAsync();
        replica.Storage.CutPower();
        await cluster.WriteAsync("meanwhile");
        await replica.StartAsync();
        await cluster.SameEverywhereAsync();
        Assert.Equal(102, replica.Storage.Texts.Distinct().Count());
    }

    [Fact]
    public async Task A_read_replica_cannot_found_a_cluster()
    {
        await using var cluster = new TestCluster();
        var error = await Assert.ThrowsAsync<ClusterException>(() => cluster.AddAsync("r1", null, static o => o with { NonVoter = true }));
        Assert.Contains("-join", error.Message, StringComparison.Ordinal);
    }
}
