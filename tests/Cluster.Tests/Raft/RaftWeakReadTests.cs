using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>How long a leader that was cut off takes its lead for sure.</summary>
public sealed class RaftWeakReadTests
{
    [Fact]
    public async Task A_leader_that_falls_silent_doubts_its_lead_before_another_one_has_it()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        for (var round = 0; round < 3; round++)
        {
            var old = await cluster.LeaderAsync();
            await TestCluster.Until(() => old.Replica!.Log.HeardQuorum, "a majority follows the leader");
            var others = cluster.Running.Where(node => node != old).ToList();
            old.Network.Silence();
            await TestCluster.Until(
                () =>
                {
                    // In this order: the old one is asked when the new one leads already.
                    var elected = others.Any(static node => node.Replica!.Log.IsLeader);
                    var sure = old.Replica!.Log is { IsLeader: true, HeardQuorum: true };
                    Assert.False(elected && sure, "two nodes are sure of their lead");
                    return elected;
                },
                "a new leader");
            await old.KillAsync();
            await old.StartAsync();
        }
    }

    [Fact]
    public async Task A_follower_has_heard_no_majority_and_a_leader_alone_needs_none()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var leader = await cluster.LeaderAsync();
        await TestCluster.Until(() => leader.Replica!.Log.HeardQuorum, "it is a majority by itself");
        await cluster.AddAsync("n2", join: "n1");
        await cluster.HasMembersAsync(2);
        await TestCluster.Until(() => !cluster["n2"].Replica!.Log.HeardQuorum, "the follower has heard of none");
        await TestCluster.Until(() => leader.Replica!.Log.HeardQuorum, "the second node follows");
        cluster["n2"].Network.Silence();
        await TestCluster.Until(() => !leader.Replica!.Log.HeardQuorum, "the leader misses its majority");
    }

    [Theory]
    [InlineData(new long[0], long.MaxValue)]
    [InlineData(new long[] { 5 }, 5)]
    [InlineData(new long[] { 5, 9 }, 9)]
    [InlineData(new long[] { 9, 5, 7 }, 7)]
    [InlineData(new long[] { 1, 9, 5, 7 }, 7)]
    public void The_contact_of_a_majority_is_that_of_its_oldest_member(long[] others, long expected)
    {
        var quorum = new QuorumContact();
        Assert.Equal(QuorumContact.Never, quorum.At);
        quorum.Update(others);
        Assert.Equal(expected, quorum.At);
    }
}
