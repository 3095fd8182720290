using Rqlite.Pg.Cluster.Tests.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>Whole nodes whose database cannot follow the log any more: they stop, and the others go on.</summary>
public sealed class RaftBrokenDatabaseTests : IAsyncLifetime
{
    private static readonly TransactionOptions Patient = new() { WriterSlice = TimeSpan.Zero };
    private static readonly ReadOptions Own = new() { Consistency = ReadConsistency.None };
    private static readonly ReadOptions Newest = new() { Consistency = ReadConsistency.Linearizable };

    private readonly TestNodes _nodes = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _nodes.DisposeAsync();

    [Fact]
    public async Task A_commit_that_sqlite_refuses_stops_the_node_and_a_restart_has_the_transaction()
    {
        var node = await _nodes.StartAsync("n1");
        await TestCluster.Until(() => node.IsLeader, "a leader");
        await node.Database.ExecuteAsync("CREATE TABLE t(a)");
        var before = node.Storage.AppliedIndex;
        var transaction = await node.Database.BeginAsync(Patient, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(1)");
        node.Storage.Writer.Committing = static _ => throw new StorageException(10, "disk I/O error");
        var committing = transaction.CommitAsync(default).AsTask();
        await StoppedAsync(node, "disk I/O error");
        Assert.Equal(before, node.Storage.AppliedIndex);
        Assert.False(committing.IsCompletedSuccessfully);
        await _nodes.StopAsync(node);
        await Assert.ThrowsAsync<ClusterException>(() => committing).WaitAsync(TestCluster.Patience);
        node = await _nodes.StartAsync("n1");
        await TestCluster.Until(() => node.IsLeader, "a leader");
        Assert.Equal("1", await node.Database.ReadAsync("SELECT a FROM t", Newest));
    }

    [Fact]
    public async Task A_follower_on_which_a_transaction_has_other_effects_stops_and_the_others_go_on()
    {
        await FormAsync("n1", "n2", "n3");
        using var planted = new PlantedFunction(_nodes[2].Storage.Writer) { Error = 1 };
        await CommitAsync(_nodes[0], "INSERT INTO t VALUES(abs(-4))");
        await CommitAsync(_nodes[0], "INSERT INTO t VALUES(abs(-5))");
        await StoppedAsync(_nodes[2], "this replica differs");
        Assert.Equal("", await _nodes[2].Database.ReadAsync("SELECT a FROM t", Own));
        Assert.Equal("4;5", await _nodes[0].Database.ReadAsync("SELECT a FROM t", Newest));
        Assert.Equal("4;5", await _nodes[1].Database.ReadAsync("SELECT a FROM t", Newest));
        await _nodes.StopAsync(_nodes[2]);
        await CommitAsync(_nodes[0], "INSERT INTO t VALUES(6)");
    }

    [Fact]
    public async Task A_former_leader_whose_rehearsal_differs_from_its_own_entry_stops_and_the_other_has_the_entry()
    {
        await FormAsync("n1", "n2");
        var leader = _nodes[0];
        using var planted = new PlantedFunction(leader.Storage.Writer);
        var transaction = await leader.Database.BeginAsync(Patient, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(abs(-5))");

        // Without the other there is no quorum: the entry stays in the log of this one, which loses the lead with it.
        await _nodes.StopAsync(_nodes[1]);
        var committing = transaction.CommitAsync(default).AsTask();
        await TestCluster.Until(() => !leader.IsLeader, "no leader");
        await Assert.ThrowsAsync<ClusterException>(() => committing).WaitAsync(TestCluster.Patience);
        planted.Error = 1;

        // Only this one can be elected, and the entry is committed by it.
        var other = await _nodes.StartAsync("n2");
        await StoppedAsync(leader, "this replica differs");
        Assert.Equal("", await leader.Database.ReadAsync("SELECT a FROM t", Own));
        await _nodes.StopAsync(leader);
        await _nodes.StartAsync("n1");
        await _nodes.ReadyAsync();
        Assert.Equal("5", await other.Database.ReadAsync("SELECT a FROM t", Newest));
    }

    private static async Task StoppedAsync(ClusterNode node, string reason)
    {
        var stopped = await Assert.ThrowsAsync<ClusterException>(() => node.Stopped.WaitAsync(TestCluster.Patience));
        Assert.Contains(reason, stopped.Message, StringComparison.Ordinal);
        Assert.False(node.Ready);
        await Assert.ThrowsAnyAsync<Exception>(
            () => node.Database.ReadAsync("SELECT a FROM t", Newest with { Timeout = TimeSpan.FromSeconds(2) }).WaitAsync(TestCluster.Patience));
    }

    private static async Task CommitAsync(ClusterNode node, string sql)
    {
        await using var transaction = await node.Database.BeginAsync(Patient, null, default);
        Assert.Equal("changed 1", await RunAsync(transaction, sql));
        Assert.True((await transaction.CommitAsync(default)).Index > 0);
    }

    private static async Task<string> RunAsync(ITransaction transaction, string sql)
    {
        await using var cursor = await transaction.RunAsync(Sql.Statement(sql), null, default);
        return await Sql.TextAsync(cursor);
    }

    private async Task FormAsync(params string[] ids)
    {
        var first = await _nodes.StartAsync(ids[0]);
        await TestCluster.Until(() => first.IsLeader, "a leader");
        foreach (var id in ids[1..])
        {
            await _nodes.StartAsync(id, first);
        }

        await _nodes.ReadyAsync();
        await first.Database.ExecuteAsync("CREATE TABLE t(a)");
        foreach (var node in _nodes)
        {
            await node.SyncAsync(TestCluster.Patience, default);
        }
    }
}
