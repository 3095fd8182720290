namespace Rqlite.Pg.Cluster.Tests;

public sealed class RaftCopyTests
{
    private static Task<TestCluster> StartAsync(int count)
        => TestCluster.StartAsync(count, static o => o with { TrailingEntries = 20, SnapshotStep = 10 });

    [Fact]
    public async Task A_follower_far_behind_gets_a_copy_and_then_entries()
    {
        await using var cluster = await StartAsync(3);
        var away = cluster.Nodes.First(n => !n.Replica!.Log.IsLeader);
        await away.StopAsync();
        await WriteManyAsync(cluster, 100);
        await TestCluster.Until(() => cluster.Running.All(static n => n.Replica!.Raft!.BaseIndex > 50), "the log is cut");
        await away.StartAsync();
        await WriteManyAsync(cluster, 5);
        await cluster.SameEverywhereAsync();
        Assert.Equal(1, away.Storage.Copies);
        Assert.Equal(105, away.Storage.Texts.Distinct().Count());
        Assert.True(away.Replica!.Raft!.BaseIndex <= away.Storage.AppliedIndex);

        // What it installed and got is still there, and enough, after a restart.
        await away.RestartAsync();
        await WriteManyAsync(cluster, 1);
        await cluster.SameEverywhereAsync();
    }

    [Fact]
    public async Task A_follower_a_little_behind_gets_entries_and_no_copy()
    {
        await using var cluster = await StartAsync(3);
        await WriteManyAsync(cluster, 60);
        await cluster.SameEverywhereAsync();
        var away = cluster.Nodes.First(n => !n.Replica!.Log.IsLeader);
        await away.StopAsync();
        await WriteManyAsync(cluster, 5);
        await away.StartAsync();
        await cluster.SameEverywhereAsync();
        Assert.Equal(0, away.Storage.Copies);
    }

    [Fact]
    public async Task A_joining_node_gets_a_copy_of_a_log_that_was_cut()
    {
        await using var cluster = await StartAsync(1);
        await WriteManyAsync(cluster, 100);
        await TestCluster.Until(() => cluster["n1"].Replica!.Raft!.BaseIndex > 50, "the log is cut");
        var joined = await cluster.AddAsync("n2", "n1");
        await cluster.HasMembersAsync(2);
        await WriteManyAsync(cluster, 1);
        await cluster.SameEverywhereAsync();
        Assert.Equal(1, joined.Storage.Copies);
    }

    [Fact]
    public async Task Writes_go_on_while_a_copy_is_on_its_way_and_its_receiver_catches_up()
    {
        await using var cluster = await StartAsync(3);
        var away = cluster.Nodes.First(n => !n.Replica!.Log.IsLeader);
        await away.StopAsync();
        await WriteManyAsync(cluster, 100);
        await TestCluster.Until(() => cluster.Running.All(static n => n.Replica!.Raft!.BaseIndex > 50), "the log is cut");
        var asked = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        foreach (var node in cluster.Running)
        {
            node.Storage.BeforeCopy = () =>
            {
                asked.TrySetResult();
                return go.Task;
            };
        }

        await away.StartAsync();
        await asked.Task.WaitAsync(TestCluster.Patience);
        await WriteManyAsync(cluster, 50);
        go.SetResult();
        await WriteManyAsync(cluster, 50);
        await cluster.SameEverywhereAsync();
        Assert.Equal(200, away.Storage.Texts.Distinct().Count());
    }

    /// <summary>Terms below the base are the base's term: a leader that goes on from there must still be accepted.</summary>
    [Fact]
    public async Task A_follower_with_a_copy_accepts_entries_across_a_change_of_term_below_its_base()
    {
        await using var cluster = await StartAsync(3);
        var away = cluster.Nodes.First(n => !n.Replica!.Log.IsLeader);
        await away.StopAsync();
        await WriteManyAsync(cluster, 60);
        await TestCluster.Until(() => cluster.Running.All(static n => n.Replica!.Raft!.BaseIndex > 20), "the log is cut");
        var leader = await cluster.LeaderAsync();
        var term = leader.Replica!.Raft!.Term;
        await leader.RestartAsync();
        await TestCluster.Until(() => cluster.Running.Any(n => n.Replica!.Log.IsLeader && n.Replica.Raft!.Term > term), "a new term");
        await WriteManyAsync(cluster, 10);
        await away.StartAsync();
        await WriteManyAsync(cluster, 10);
        await cluster.SameEverywhereAsync();
        Assert.Equal(1, away.Storage.Copies);
    }

    [Fact]
    public async Task A_database_that_lost_what_was_not_durable_gets_it_from_the_log()
    {
        await using var cluster = await StartAsync(1);
        await WriteManyAsync(cluster, 100);
        var node = cluster["n1"];
        await node.StopAsync();
        node.Storage.CutPower();
        await node.StartAsync();
        await WriteManyAsync(cluster, 1);
        Assert.Equal(101, node.Storage.Texts.Distinct().Count());
    }

    [Fact]
    public async Task A_database_older_than_the_log_is_refused()
    {
        await using var cluster = await StartAsync(1);
        await WriteManyAsync(cluster, 100);
        await TestCluster.Until(() => cluster["n1"].Replica!.Raft!.BaseIndex > 50, "the log is cut");
        var node = cluster["n1"];
        await node.StopAsync();
        node.Storage = new MemoryStorage();
        var error = await Assert.ThrowsAsync<InvalidDataException>(node.StartAsync);
        Assert.Contains("database is older than the log", error.Message, StringComparison.Ordinal);
        Assert.Contains("-join", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("missing")]
    public async Task A_log_that_lost_its_term_is_refused(string how)
    {
        await using var cluster = await StartAsync(1);
        await WriteManyAsync(cluster, 10);
        var node = cluster["n1"];
        await node.StopAsync();
        var state = Path.Combine(node.Options.DataDirectory, "raft", "state");
        if (how == "empty")
        {
            await File.WriteAllBytesAsync(state, []);
        }
        else
        {
            File.Delete(state);
        }

        var error = await Assert.ThrowsAsync<InvalidDataException>(node.StartAsync);
        Assert.Contains("log", error.Message, StringComparison.Ordinal);
    }

    private static async Task WriteManyAsync(TestCluster cluster, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await cluster.WriteAsync($"{i} {Guid.NewGuid()}");
        }
    }
}
