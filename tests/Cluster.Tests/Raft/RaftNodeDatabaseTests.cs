using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>Whole nodes over real databases.</summary>
public sealed class RaftNodeDatabaseTests : IAsyncLifetime
{
    private readonly TestNodes _nodes = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _nodes.DisposeAsync();

    [Fact]
    public async Task A_write_on_any_of_three_nodes_is_read_on_every_node_and_survives_restarts()
    {
        var first = await _nodes.StartAsync("n1", null, adjust: Often);
        await TestCluster.Until(() => first.IsLeader, "a leader");
        var second = await _nodes.StartAsync("n2", first, adjust: Often);
        var third = await _nodes.StartAsync("n3", first, adjust: Often);
        await TestCluster.Until(() => third.Ready && second.Ready, "all ready");
        await ExecuteAsync(first, "CREATE TABLE t(x)");
        await ExecuteAsync(second, "INSERT INTO t VALUES(1)");
        await ExecuteAsync(third, "INSERT INTO t VALUES(2)");
        foreach (var node in _nodes)
        {
            Assert.Equal(3, await SumAsync(node));
        }

        var reports = await second.NodesAsync(TestCluster.Patience, CancellationToken.None);
        Assert.Equal(["n1", "n2", "n3"], reports.Select(static r => r.Node.Id));
        Assert.All(reports, static r => Assert.True(r.Reachable, r.Error));
        Assert.Single(reports, static r => r.Leader);
        await third.SyncAsync(TestCluster.Patience, CancellationToken.None);
        Assert.True((bool)third.Status()["ready"]!);
        foreach (var node in _nodes.ToList())
        {
            await _nodes.StopAsync(node);
        }

        foreach (var id in (string[])["n1", "n2", "n3"])
        {
            await _nodes.StartAsync(id, null, adjust: Often);
        }

        await _nodes.ReadyAsync();
        await ExecuteAsync(_nodes[1], "INSERT INTO t VALUES(4)");
        foreach (var node in _nodes)
        {
            Assert.Equal(7, await SumAsync(node));
        }
    }

    [Fact]
    public async Task A_node_that_joins_late_gets_a_copy_of_the_database()
    {
        var first = await _nodes.StartAsync("n1", null, adjust: Often);
        await TestCluster.Until(() => first.IsLeader, "a leader");
        await ExecuteAsync(first, "CREATE TABLE t(x)");
        for (var i = 0; i < 60; i++)
        {
            await ExecuteAsync(first, "INSERT INTO t VALUES(1)");
        }

        await TestCluster.Until(
            () => (long)((IReadOnlyDictionary<string, object?>)first.Status()["raft"]!)["last_snapshot_index"]! > 20, "the log is cut");
        var late = await _nodes.StartAsync("n2", first, adjust: Often);
        await TestCluster.Until(() => late.Ready, "it is ready");
        Assert.Equal(60, await SumAsync(late));
        await ExecuteAsync(late, "INSERT INTO t VALUES(40)");
        Assert.Equal(100, await SumAsync(late));
    }

    private static ClusterOptions Often(ClusterOptions options)
        => options with { SnapshotInterval = TimeSpan.FromMilliseconds(50), TrailingEntries = 20, SnapshotStep = 10 };

    private static Statement Sql(string text) => new(Encoding.UTF8.GetBytes(text), default);

    private static async Task ExecuteAsync(ClusterNode node, string sql)
    {
        await using var result = await node.Database.ExecuteAsync(
            new StatementBatch([Sql(sql)], BatchOptions.None), WriteOptions.Default, CancellationToken.None);
        await using var rows = await result.NextAsync(CancellationToken.None);
        while (await rows!.WaitToReadAsync(CancellationToken.None))
        {
        }

        Assert.Null(rows.Outcome.Error);
    }

    private static async Task<long> SumAsync(ClusterNode node)
    {
        await using var rows = await node.Database.ReadAsync(
            Sql("SELECT sum(x) FROM t"), BatchOptions.None, new ReadOptions { Consistency = ReadConsistency.Linearizable }, CancellationToken.None);
        Assert.True(await rows.WaitToReadAsync(CancellationToken.None));
        while (!rows.TryRead())
        {
            Assert.True(await rows.WaitToReadAsync(CancellationToken.None));
        }

        return rows[0].Integer;
    }
}
