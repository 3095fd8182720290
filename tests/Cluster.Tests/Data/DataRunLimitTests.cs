using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Writes that the leader cannot run to their end are in no entry, and others go on.</summary>
public sealed class DataRunLimitTests
{
    private const string Endless = "INSERT INTO t WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT -n FROM c";
    private static readonly RequestLimits s_short = new() { WriteTimeout = TimeSpan.FromMilliseconds(200) };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task The_nodes_limit_undoes_a_write_on_whichever_node_it_comes_in(int node)
    {
        await using var cluster = new FakeCluster(2, s_short);
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a)");
        var before = cluster.LastIndex;
        await using var result = await cluster.Nodes[node].Database.ExecuteAsync(
            Sql.Batch("INSERT INTO t VALUES(1)", Endless), WriteOptions.Default, default);
        var texts = await result.TextAsync();
        Assert.StartsWith("error: not executed: statement 2 of the request was refused", texts[0], StringComparison.Ordinal);
        Assert.Equal("error: the write ran longer than the node's -write-timeout of 0.2 s", texts[1]);
        Assert.Equal((0, before), (result.RaftIndex, cluster.LastIndex));
        Assert.Equal("0", await cluster.Nodes[0].Database.ReadAsync("SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task The_nodes_limit_holds_for_each_statement_of_a_transaction(int node)
    {
        await using var cluster = new FakeCluster(2, s_short);
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a)");
        await using var transaction = await cluster.Nodes[node].Database.BeginAsync(new(), null, default);
        Assert.Equal("changed 1", await Sql.TextAsync(await transaction.RunAsync(Sql.Statement("INSERT INTO t VALUES(1)"), null, default)));
        Assert.Equal(
            "error: the write ran longer than the node's -write-timeout of 0.2 s",
            await Sql.TextAsync(await transaction.RunAsync(Sql.Statement(Endless), null, default)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task The_statements_own_limit_undoes_it(int node)
    {
        await using var cluster = new FakeCluster(2);
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a)");
        var before = cluster.LastIndex;
        await using var result = await cluster.Nodes[node].Database.ExecuteAsync(
            Sql.Batch(Endless), new() { StatementTimeout = TimeSpan.FromMilliseconds(200) }, default);
        Assert.Equal(["error: query timeout"], await result.TextAsync());
        Assert.Equal(before, cluster.LastIndex);
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_its_write_and_knows_that_nothing_happened()
    {
        await using var cluster = new FakeCluster(2);
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a)");
        var before = cluster.LastIndex;
        using var leaving = new CancellationTokenSource(200);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await cluster.Nodes[0].Database.ExecuteAsync(Sql.Batch(Endless), WriteOptions.Default, leaving.Token));
        await cluster.Nodes[0].Database.ExecuteAsync("INSERT INTO t VALUES(1)");
        Assert.Equal(before + 1, cluster.LastIndex);
        Assert.Equal("1", await cluster.Nodes[0].Database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task Others_write_and_lose_nothing_while_some_do_not_end()
    {
        await using var cluster = new FakeCluster(1, s_short);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(a)");
        var endless = Enumerable.Range(0, 5).Select(_ => database.ExecuteAsync(Sql.Batch(Endless), WriteOptions.Default, default).AsTask()).ToArray();
        var writes = Enumerable.Range(0, 200).Select(i => database.ExecuteAsync(Sql.Batch($"INSERT INTO t VALUES({i})"), WriteOptions.Default, default).AsTask());
        foreach (var write in await Task.WhenAll(writes))
        {
            Assert.Equal(["changed 1"], await write.TextAsync());
        }

        foreach (var ended in await Task.WhenAll(endless))
        {
            Assert.StartsWith("error: the write ran longer", (await ended.TextAsync())[0], StringComparison.Ordinal);
        }

        Assert.Equal("200,0,199", await database.ReadAsync("SELECT count(*), min(a), max(a) FROM t"));
    }

    [Fact]
    public async Task A_write_that_does_not_end_is_ended_when_a_transaction_has_given_way_to_it()
    {
        await using var cluster = new FakeCluster(1, s_short);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(a)");
        await using var transaction = await database.BeginAsync(new() { WriterSlice = TimeSpan.FromMilliseconds(1) }, null, default);
        await using (await transaction.RunAsync(new("INSERT INTO t VALUES(1)"u8.ToArray(), default), null, default))
        {
        }

        await using var result = await database.ExecuteAsync(Sql.Batch(Endless), WriteOptions.Default, default).AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.StartsWith("error: the write ran longer", (await result.TextAsync())[0], StringComparison.Ordinal);
        Assert.True((await transaction.CommitAsync(default)).Index > 0);
        Assert.Equal("1", await database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task A_lost_lead_ends_what_runs_and_nothing_has_happened()
    {
        await using var cluster = new FakeCluster(2);
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a)");
        var running = cluster.Nodes[0].Database.ExecuteAsync(Sql.Batch(Endless), WriteOptions.Default with { Forward = false }, default).AsTask();
        cluster.Lead(cluster.Nodes[1]);
        var error = await Assert.ThrowsAsync<ClusterException>(() => running);
        Assert.Equal(ClusterError.NotLeader, error.Error);
        Assert.Equal(["changed 1"], await cluster.Nodes[1].Database.ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(1)"), WriteOptions.Default, default).TextAsync());
    }

    [Fact]
    public async Task A_node_that_stops_ends_what_runs()
    {
        await using var cluster = new FakeCluster(1);
        var node = cluster.Nodes[0];
        await node.Database.ExecuteAsync("CREATE TABLE t(a)");
        var running = node.Database.ExecuteAsync(Sql.Batch(Endless), WriteOptions.Default, default).AsTask();
        node.Storage.Writer.Stop();
        var closing = node.Database.DisposeAsync();
        var error = await Assert.ThrowsAsync<ClusterException>(() => running);
        Assert.Equal(ClusterError.NotReady, error.Error);
        await closing;
    }
}
