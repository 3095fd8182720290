using Rqlite.Pg.Cluster.Tests.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests;

public sealed class AutoOptimizeTests : IAsyncLifetime
{
    private readonly TestNodes _nodes = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _nodes.DisposeAsync();

    [Fact]
    public async Task The_leader_analyzes_each_table_once_it_is_time_and_all_nodes_have_the_same_statistics()
    {
        static ClusterOptions Often(ClusterOptions options) => options with { AutoOptimize = TimeSpan.FromSeconds(1) };
        var first = await _nodes.StartAsync("n1", adjust: Often);
        await TestCluster.Until(() => first.IsLeader, "a leader");
        await _nodes.StartAsync("n2", first, adjust: Often);
        await _nodes.StartAsync("n3", first, voter: false, Often);
        await _nodes.ReadyAsync();
        await first.Database.ExecuteAsync(
            "CREATE TABLE \"a\"\"b\"(x)", "CREATE INDEX i ON \"a\"\"b\"(x)", "INSERT INTO \"a\"\"b\" VALUES(1), (1), (2), (3)", "CREATE TABLE empty(y)");
        var none = new ReadOptions { Consistency = ReadConsistency.None };
        foreach (var node in _nodes)
        {
            await UntilAsync(async () => await node.Database.ReadAsync(
                "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'", none) == "1"
                && await node.Database.ReadAsync("SELECT stat FROM sqlite_stat1 WHERE tbl = 'a\"b'", none) == "4 2");
        }

        Assert.Contains(_nodes, static node => ((Dictionary<string, object?>)node.Status()["auto_optimize"]!)["last_optimize"] is string { Length: > 0 });
        await first.Database.ExecuteAsync("INSERT INTO \"a\"\"b\" VALUES(4)");
        Assert.All(_nodes, static node => Assert.False(node.Stopped.IsCompleted));
    }

    [Fact]
    public async Task Zero_turns_it_off()
    {
        var node = await _nodes.StartAsync("n1");
        await TestCluster.Until(() => node.IsLeader, "a leader");
        Assert.False(node.Status().ContainsKey("auto_optimize"));
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TestCluster.Patience);
        while (!await holds())
        {
            await Task.Delay(100, limit.Token);
        }
    }
}
