using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>peers.json after the majority is lost for good. The tests of this class share a hook, so they run one after the other.</summary>
public sealed class QuorumRecoveryTests : IDisposable
{
    public void Dispose() => QuorumRecovery.StepDone = null;

    /// <summary>A crash after any step leaves a folder from which the next start goes on; the data and the log's uncommitted end are kept.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("identity")]
    [InlineData("members")]
    [InlineData("renamed")]
    public async Task A_survivor_goes_on_alone_with_all_that_it_has_also_after_a_crash_in_between(string? crash)
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WriteAsync("kept");
        await cluster.SameEverywhereAsync();
        var survivor = cluster["n3"];
        await ArrivedAsync(survivor);
        var former = survivor.Replica!.Identity.ClusterId;
        await Task.WhenAll(cluster.Nodes.Select(static n => n.KillAsync()));
        Write(survivor, Entry(survivor));
        if (crash is not null)
        {
            QuorumRecovery.StepDone = step => Crash(step == crash);
            await Assert.ThrowsAsync<InvalidOperationException>(survivor.StartAsync);
            QuorumRecovery.StepDone = null;
        }

        await survivor.StartAsync();
        await TestCluster.Until(() => survivor.Replica!.Log.IsLeader, "the survivor leads");
        await survivor.WriteAsync("alone");
        Assert.Equal(["kept", "alone"], survivor.Storage.Texts.Distinct());
        Assert.NotEqual(former, survivor.Replica!.Identity.ClusterId);
        Assert.False(File.Exists(PeersFile.PathIn(survivor.Options.DataDirectory)));
        Assert.True(File.Exists(PeersFile.InfoPathIn(survivor.Options.DataDirectory)));

        // The members that were lost stay apart, and new ones join.
        await cluster["n1"].StartAsync();
        await cluster.AddAsync("n4", "n3");
        await cluster.AddAsync("n5", "n3");
        await TestCluster.Until(() => survivor.Replica.Members.Nodes.Count == 3 && cluster["n5"].Replica!.Members.Nodes.Count == 3, "three members");
        await survivor.RestartAsync();
        await TestCluster.Until(() => survivor.Replica!.Log.Leader is not null, "a leader of the new cluster");
        Assert.DoesNotContain("alone", cluster["n1"].Storage.Texts);
        Assert.Equal(["n3", "n4", "n5"], survivor.Replica!.Members.Nodes.Select(static n => n.Node.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_survivors_of_five_that_follow_the_same_file_go_on_together()
    {
        await using var cluster = await TestCluster.StartAsync(5);
        await cluster.WriteAsync("kept");
        await cluster.SameEverywhereAsync();
        await Task.WhenAll(cluster.Nodes.Select(ArrivedAsync));
        await Task.WhenAll(cluster.Nodes.Select(static n => n.KillAsync()));
        TestNode[] survivors = [cluster["n2"], cluster["n4"]];
        foreach (var survivor in survivors)
        {
            Write(survivor, string.Join(',', survivors.Select(Entry)));
        }

        // The first is stopped amid its recovery: the second must come to the same cluster.
        QuorumRecovery.StepDone = static step => Crash(step == "identity");
        await Assert.ThrowsAsync<InvalidOperationException>(survivors[0].StartAsync);
        QuorumRecovery.StepDone = null;
        await survivors[0].StartAsync();
        await survivors[1].StartAsync();
        await TestCluster.Until(() => survivors.Any(static n => n.Replica!.Log.IsLeader), "a leader");
        await cluster.WriteAsync("together");
        await cluster.SameEverywhereAsync();
        Assert.All(survivors, static n => Assert.Equal(2, n.Replica!.Members.Nodes.Count));
        Assert.Equal(survivors[0].Replica!.Identity.ClusterId, survivors[1].Replica!.Identity.ClusterId);
        await TestCluster.Until(() => survivors.All(n => n.Replica!.MembersVersion == survivors[0].Replica!.MembersVersion), "the list from the log");
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{}", "must be an array")]
    [InlineData("[]", "at least one voter")]
    [InlineData("[1]", "must be an object")]
    [InlineData("[{\"id\":\"n3\"}]", "needs an id and an address")]
    [InlineData("[{\"id\":\"n3\",\"address\":\"http://h:1\"}]", "without a scheme")]
    [InlineData("[{\"id\":\"n3\",\"address\":\"OWN\",\"voter\":true}]", "\"voter\" must not be there")]
    [InlineData("[{\"id\":\"n3\",\"id\":\"n3\",\"address\":\"OWN\"}]", "\"id\" twice")]
    [InlineData("[{\"id\":\"n3\",\"address\":\"OWN\",\"non_voter\":true}]", "a read replica")]
    [InlineData("[{\"id\":\"n3\",\"address\":\"OWN\"},{\"id\":\"n3\",\"address\":\"h:1\"}]", "'n3' twice")]
    [InlineData("[{\"id\":\"n3\",\"address\":\"OWN\"},{\"id\":\"n1\",\"address\":\"OWN\"}]", "twice")]
    [InlineData("[{\"id\":\"n1\",\"address\":\"h:1\"}]", "does not name this node")]
    [InlineData("[{\"id\":\"n3\",\"address\":\"h:1\"}]", "-raft-adv-addr")]
    [InlineData("[{\"id\":\"n3\",\"address\":\"OWN\"},{\"id\":\"n9\",\"address\":\"h:1\"}]", "'n9', which was no voter")]
    public async Task A_file_that_cannot_be_followed_is_refused_and_changes_nothing(string content, string told)
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var node = await cluster.AddAsync("n3", "n1");
        await cluster.HasMembersAsync(2);
        await ArrivedAsync(node);
        var former = node.Replica!.Identity.ClusterId;
        await node.StopAsync();
        var path = PeersFile.PathIn(node.Options.DataDirectory);
        await File.WriteAllTextAsync(path, content.Replace("OWN", node.Options.RaftAddress, StringComparison.Ordinal));
        var error = await Assert.ThrowsAsync<InvalidDataException>(node.StartAsync);
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        File.Delete(path);
        await node.StartAsync();
        Assert.Equal(former, node.Replica!.Identity.ClusterId);
        await cluster.WriteAsync("goes on");
        await cluster.SameEverywhereAsync();
    }

    [Fact]
    public async Task A_read_replica_and_a_removed_node_have_nothing_to_recover_from()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var replica = await cluster.AddAsync("r1", "n1", static o => o with { NonVoter = true });
        await cluster.HasMembersAsync(4);
        await Task.WhenAll(cluster.Nodes.Select(ArrivedAsync));
        await replica.StopAsync();
        Write(replica, Entry(replica));
        Assert.Contains("read replica", (await Assert.ThrowsAsync<InvalidDataException>(replica.StartAsync)).Message, StringComparison.Ordinal);
        var removed = cluster["n3"];
        await removed.StopAsync();
        using (var store = new MemberStore(Path.Combine(removed.Options.DataDirectory, "raft", "members")))
        {
            store.Load();
            store.Replace(store.Members.Without(store.Members.Find("n3")!), store.Version + 1);
        }

        Write(removed, Entry(removed));
        Assert.Contains("was removed", (await Assert.ThrowsAsync<InvalidDataException>(removed.StartAsync)).Message, StringComparison.Ordinal);
    }

    private static Task ArrivedAsync(TestNode node) => TestCluster.Until(() => !node.Replica!.Identity.AwaitsDatabase, "the database has arrived");

    private static string Entry(TestNode node) => $"{{\"id\":\"{node.Options.NodeId}\",\"address\":\"{node.Options.RaftAddress}\",\"non_voter\":false}}";

    private static void Write(TestNode node, string entries) => File.WriteAllText(PeersFile.PathIn(node.Options.DataDirectory), $"[{entries}]");

    private static void Crash(bool now)
    {
        if (now)
        {
            throw new InvalidOperationException("killed");
        }
    }
}
