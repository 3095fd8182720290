using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>Read replicas that become voters, and the reverse, by a start with the other flag. The tests of this class share a hook.</summary>
public sealed class RoleChangeTests : IDisposable
{
    public void Dispose() => RoleChange.StepDone = null;

    [Theory]
    [InlineData(null)]
    [InlineData("deleted")]
    [InlineData("term")]
    [InlineData("base")]
    [InlineData("log")]
    [InlineData("voter")]
    public async Task A_read_replica_becomes_a_voter_whose_vote_counts_also_after_a_crash_in_between(string? crash)
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var node = await cluster.AddAsync("n3", "n1", static o => o with { NonVoter = true });
        await cluster.HasMembersAsync(3);
        await cluster.WriteAsync("before");
        await cluster.SameEverywhereAsync();
        await node.KillAsync();
        await cluster.WriteAsync("meanwhile");
        await ChangeAsync(node, voter: true, crash);
        await TestCluster.Until(() => cluster.Running.All(static n => n.Replica!.Members.Voters.Count() == 3), "three voters everywhere");
        await cluster.WriteAsync("three");
        await cluster.SameEverywhereAsync();

        // One of the first two is enough together with the new voter, and the new voter can lead.
        await cluster["n2"].KillAsync();
        await cluster.WriteAsync("without n2");
        await node.Replica!.Membership.StepDownAsync(("n3", 0), TestCluster.Limit);
        await TestCluster.Until(() => node.Replica.Log.IsLeader, "n3 leads");
        await cluster.WriteAsync("under n3");
        await cluster["n2"].StartAsync();
        await cluster.SameEverywhereAsync();
        Assert.Equal(["before", "meanwhile", "three", "without n2", "under n3"], node.Storage.Texts.Distinct());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("replica")]
    [InlineData("deleted")]
    public async Task A_voter_becomes_a_read_replica_also_after_a_crash_in_between(string? crash)
    {
        await using var cluster = await TestCluster.StartAsync(4);
        await cluster.WriteAsync("before");
        var node = cluster["n4"];
        await node.KillAsync();
        if (crash is not null)
        {
            RoleChange.StepDone = step => Crash(step == crash);
            node.Options = node.Options with { NonVoter = true };
            await node.StartAsync();
            await TestCluster.Until(() => node.Replica!.Identity.Voter == false, "the role is noted");
            await node.KillAsync();
            RoleChange.StepDone = null;
        }

        await ChangeAsync(node, voter: false, null);
        await TestCluster.Until(() => cluster.Running.All(static n => n.Replica!.Members.Voters.Count() == 3), "three voters everywhere");
        await cluster.WriteAsync("after");
        await cluster.SameEverywhereAsync();
        Assert.Equal(["before", "after"], node.Storage.Texts.Distinct());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(node.Options.DataDirectory, "raft"), "*.log"));

        // Its vote is not needed any more.
        await node.KillAsync();
        await cluster["n3"].KillAsync();
        await cluster.WriteAsync("two of three");
    }

    /// <summary>Until the leader has agreed, the log stays: it may have entries that were acknowledged, and no other voter may have them.</summary>
    [Fact]
    public async Task A_voter_that_finds_no_leader_keeps_its_log_and_can_be_a_voter_again()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WriteAsync("acknowledged");
        await Task.WhenAll(cluster.Nodes.Select(static n => n.KillAsync()));
        var node = cluster["n3"];
        node.Options = node.Options with { NonVoter = true };
        await node.StartAsync();
        await cluster["n1"].StartAsync();
        await Task.Delay(1500);
        Assert.True(node.Replica!.Identity.Voter);
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(node.Options.DataDirectory, "raft"), "*.log"));
        Assert.DoesNotContain(cluster.Running, static n => n.Replica!.Log.IsLeader);
        await node.KillAsync();
        node.Options = node.Options with { NonVoter = false };
        await node.StartAsync();
        await cluster.WriteAsync("as a voter");
        await cluster["n2"].StartAsync();
        await cluster.SameEverywhereAsync();
        Assert.Equal(["acknowledged", "as a voter"], node.Storage.Texts.Distinct());
    }

    /// <summary>A vote that was given in a term must still be known after the node was a read replica.</summary>
    [Fact]
    public async Task Term_and_vote_stay_when_a_voter_is_demoted_and_promoted_again()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        await cluster.WriteAsync("x");
        var node = cluster["n4"];
        await node.StopAsync();
        var path = TermFile.PathIn(Path.Combine(node.Options.DataDirectory, "raft"));
        var before = Read(path);
        Assert.True(before.Term > 0);
        await ChangeAsync(node, voter: false, null);
        await TestCluster.Until(() => !node.Replica!.Identity.Voter, "it is a read replica");
        await node.StopAsync();
        Assert.Equal(before with { CutFrom = 0 }, Read(path));
        await ChangeAsync(node, voter: true, null);
        await TestCluster.Until(() => cluster.Running.All(static n => n.Replica!.Members.Voters.Count() == 4), "four voters everywhere");
        await node.StopAsync();
        Assert.True(Read(path).Term >= before.Term);
    }

    [Theory]
    [InlineData(1, "only voter")]
    [InlineData(2, "one of two voters")]
    public async Task A_voter_without_a_majority_of_others_cannot_become_a_read_replica(int voters, string told)
    {
        await using var cluster = await TestCluster.StartAsync(voters);
        var node = cluster[$"n{voters}"];
        await node.StopAsync();
        node.Options = node.Options with { NonVoter = true };
        Assert.Contains(told, (await Assert.ThrowsAsync<ClusterException>(node.StartAsync)).Message, StringComparison.Ordinal);
        node.Options = node.Options with { NonVoter = false };
        await node.StartAsync();
        await cluster.WriteAsync("still a voter");
    }

    /// <summary>Writes go on while nodes change their roles and are killed; whatever was acknowledged stays.</summary>
    [Fact]
    public async Task No_acknowledged_write_is_lost_while_roles_change_and_nodes_are_killed()
    {
        await using var cluster = await TestCluster.StartAsync(5);
        using var stop = new CancellationTokenSource();
        var written = new List<string>();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await cluster.WriteAsync($"w{i}");
                written.Add($"w{i}");
            }
        });
        var random = new Random(7);
        for (var round = 0; round < 8; round++)
        {
            var node = cluster[$"n{1 + random.Next(5)}"];
            await node.KillAsync();
            node.Options = node.Options with { NonVoter = !node.Options.NonVoter && cluster.Nodes.Count(static n => !n.Options.NonVoter) > 3 };
            await node.StartAsync();
            if (random.Next(2) == 0)
            {
                // Killed again, somewhere amid the change.
                await Task.Delay(random.Next(400));
                await node.KillAsync();
                await node.StartAsync();
            }

            var voters = cluster.Nodes.Count(static n => !n.Options.NonVoter);
            await TestCluster.Until(
                () => cluster.Running.All(n => n.Replica!.Members.Voters.Count() == voters && n.Replica.Identity.Voter == !n.Options.NonVoter), $"{voters} voters in round {round}");
        }

        await stop.CancelAsync();
        await writing;
        await cluster.SameEverywhereAsync();
        Assert.All(cluster.Running, node => Assert.Empty(written.Except(node.Storage.Texts)));
    }

    private static async Task ChangeAsync(TestNode node, bool voter, string? crash)
    {
        node.Options = node.Options with { NonVoter = !voter };
        if (crash is not null)
        {
            RoleChange.StepDone = step => Crash(step == crash);
            await Assert.ThrowsAsync<InvalidOperationException>(node.StartAsync);
            RoleChange.StepDone = null;
        }

        await node.StartAsync();
    }

    private static TermState Read(string path)
    {
        using var file = TermFile.Open(Path.GetDirectoryName(path)!);
        return file.State;
    }

    private static void Crash(bool now)
    {
        if (now)
        {
            throw new InvalidOperationException("killed");
        }
    }
}
