using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>Requests that run on the leader for clients of other nodes that do not read on, or have left.</summary>
public sealed class RaftLongReadTests : IAsyncLifetime
{
    private const string Huge = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i, randomblob(1000) FROM n";

    private readonly TestNodes _nodes = new();

    public async Task InitializeAsync()
    {
        var first = await _nodes.StartAsync("n1");
        await TestCluster.Until(() => first.IsLeader, "a leader");
        await _nodes.StartAsync("n2", first, adjust: static options => options with { RequestConnectionsMax = 2 });
        await _nodes.ReadyAsync();
        await using var made = await first.Database.ExecuteAsync(new([Sql("CREATE TABLE t(a)")], BatchOptions.None), new WriteOptions(), default);
    }

    public async Task DisposeAsync() => await _nodes.DisposeAsync();

    [Fact]
    public async Task Answers_that_nobody_reads_on_give_their_connections_to_others()
    {
        var follower = _nodes[1].Database;
        var stalled = new List<RowCursor>();
        for (var i = 0; i < 4; i++)
        {
            var cursor = await follower.ReadAsync(Sql(Huge), BatchOptions.None, ReadOptions.Default, default);
            stalled.Add(cursor);
            Assert.True(await cursor.WaitToReadAsync(default) && cursor.TryRead());
            Assert.True(cursor.HoldsReader);
        }

        await using (var written = await follower.ExecuteAsync(new([Sql("INSERT INTO t VALUES(7)")], BatchOptions.None), new WriteOptions(), default))
        {
            Assert.True(written.RaftIndex > 0);
        }

        await using (var cursor = await follower.ReadAsync(Sql("SELECT a FROM t"), BatchOptions.None, ReadOptions.Default, default))
        {
            Assert.True(await cursor.WaitToReadAsync(default) && cursor.TryRead());
            Assert.Equal(7, cursor[0].Integer);
        }

        var told = await Assert.ThrowsAsync<ClusterException>(async () =>
        {
            while (await stalled[0].WaitToReadAsync(default))
            {
                stalled[0].TryRead();
            }
        });
        Assert.Equal(ClusterError.Busy, told.Error);
        foreach (var cursor in stalled)
        {
            await cursor.DisposeAsync();
        }

        await TestCluster.Until(() => ReadersInUse(_nodes[0]) == 0, "the leader reads for nobody");
    }

    [Fact]
    public async Task A_strong_read_streams_to_another_node()
    {
        var read = ReadOptions.Default with { Consistency = ReadConsistency.Strong };
        await using (var cursor = await _nodes[1].Database.ReadAsync(Sql(Huge), BatchOptions.None, read, default))
        {
            Assert.True(await cursor.WaitToReadAsync(default) && cursor.TryRead());
            Assert.Equal(1, cursor[0].Integer);
        }

        await TestCluster.Until(() => ReadersInUse(_nodes[0]) == 0, "the leader reads for nobody");
    }

    [Theory]
    [InlineData("SELECT count(*) FROM c")]
    [InlineData("SELECT n FROM c WHERE n < 0")]
    public async Task A_write_on_another_node_that_is_cancelled_while_it_runs_has_not_happened(string endless)
    {
        using var cancel = new CancellationTokenSource();
        var writing = _nodes[1].Database.ExecuteAsync(
            new([Sql($"INSERT INTO t WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) {endless}")], BatchOptions.None),
            new WriteOptions(), cancel.Token).AsTask();
        await Task.Delay(200);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        await using var written = await _nodes[1].Database.ExecuteAsync(new([Sql("INSERT INTO t VALUES(7)")], BatchOptions.None), new WriteOptions(), default);
        await using var cursor = await _nodes[1].Database.ReadAsync(Sql("SELECT count(*) FROM t"), BatchOptions.None, ReadOptions.Default, default);
        Assert.True(await cursor.WaitToReadAsync(default) && cursor.TryRead());
        Assert.Equal(1, cursor[0].Integer);
    }

    private static long ReadersInUse(ClusterNode node)
    {
        var pools = (IReadOnlyDictionary<string, object?>)((IReadOnlyDictionary<string, object?>)node.Status()["sqlite3"]!)["conn_pool_stats"]!;
        return (long)((IReadOnlyDictionary<string, object?>)pools["ro"]!)["in_use"]!;
    }

    private static Statement Sql(string sql) => new(Encoding.UTF8.GetBytes(sql), default);
}
