namespace Rqlite.Pg.Cluster.Tests;

public sealed class ReapTests
{
    [Fact]
    public async Task Lost_nodes_are_removed_one_by_one_as_long_as_the_rest_has_a_majority()
    {
        await using var cluster = await TestCluster.StartAsync(
            5, static o => o with { ReapVoterAfter = TimeSpan.FromSeconds(2), ReapReplicaAfter = TimeSpan.FromSeconds(2) });
        await cluster.AddAsync("r1", "n1", static o => o with { NonVoter = true });
        await cluster.HasMembersAsync(6);
        await cluster["r1"].KillAsync();
        await cluster["n5"].KillAsync();
        await cluster["n4"].KillAsync();
        await cluster.HasMembersAsync(3);
        await cluster.WriteAsync("three");

        // Of three voters one is lost: the two that are left are a majority of two. Then there is none without the other.
        await cluster["n3"].KillAsync();
        await cluster.HasMembersAsync(2);
        await cluster["n2"].KillAsync();
        await Task.Delay(5000);
        Assert.Equal(2, cluster["n1"].Replica!.Members.Nodes.Count);
        await cluster["n2"].StartAsync();
        await cluster.WriteAsync("two");
        await cluster.SameEverywhereAsync();
    }

    [Fact]
    public async Task Without_the_options_nobody_is_removed()
    {
        await using var cluster = await TestCluster.StartAsync(3, static o => o with { ReapReplicaAfter = TimeSpan.FromSeconds(1) });
        await cluster["n3"].KillAsync();
        await cluster.WriteAsync("two of three");
        await Task.Delay(4000);
        Assert.Equal(3, cluster["n1"].Replica!.Members.Nodes.Count);
    }
}
