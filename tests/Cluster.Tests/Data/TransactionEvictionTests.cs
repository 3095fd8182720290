using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Transactions that have to give way while their owners think, and come back.</summary>
public sealed class TransactionEvictionTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TransactionOptions Hasty = new() { WriterSlice = TimeSpan.FromMilliseconds(1) };
    private static readonly TransactionOptions Patient = new() { WriterSlice = TimeSpan.FromHours(1) };

    [Fact]
    public async Task An_idle_holder_lets_a_write_pass_and_goes_on_if_its_answers_hold()
    {
        await using var node = await StartAsync();
        await using var transaction = await node.Database.BeginAsync(Hasty with { Savepoints = 1 }, null, default);
        Assert.Equal("1,1", await RunAsync(transaction, "SELECT * FROM t WHERE a = 1"));
        var before = await RunAsync(transaction, "SELECT datetime('now', 'subsec'), random()");
        await RunAsync(transaction, "UPDATE t SET b = b + 10 WHERE a = 1");
        await transaction.SetSavepointAsync(default);
        Assert.StartsWith("error", await RunAsync(transaction, "INSERT INTO t VALUES(1, 0)"));
        await transaction.RollBackToAsync(1, default);
        await node.Database.ExecuteAsync("UPDATE t SET b = 7 WHERE a = 2").WaitAsync(Bound);
        Assert.Equal("11;7", await RunAsync(transaction, "SELECT b FROM t ORDER BY a"));
        await transaction.RollBackToAsync(0, default);
        Assert.Equal("1", await RunAsync(transaction, "SELECT b FROM t WHERE a = 1"));
        await RunAsync(transaction, "INSERT INTO t VALUES(3, 3)");
        Assert.Equal(4, (await transaction.CommitAsync(default)).Index);
        Assert.Equal("1;7;3", await node.Database.ReadAsync("SELECT b FROM t ORDER BY a"));
        Assert.NotEmpty(before);
        await node.CheckAgainstReplayAsync("evicted");
    }

    [Fact]
    public async Task What_was_drawn_and_what_time_it_was_stay_the_same_after_giving_way()
    {
        const string Drawn = "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')";
        await using var node = await StartAsync();
        await using var transaction = await node.Database.BeginAsync(Hasty, null, default);
        var time = await RunAsync(transaction, Drawn);
        await RunAsync(transaction, "INSERT INTO t SELECT 5, random()");
        var drawn = await RunAsync(transaction, "SELECT b FROM t WHERE a = 5");
        await node.Database.ExecuteAsync("UPDATE t SET b = 7 WHERE a = 2").WaitAsync(Bound);
        Assert.Equal(drawn, await RunAsync(transaction, "SELECT b FROM t WHERE a = 5"));
        Assert.Equal(time, await RunAsync(transaction, Drawn));
        Assert.True((await transaction.CommitAsync(default)).Index > 0);
        await node.CheckAgainstReplayAsync("drawn");
    }

    [Theory]
    [InlineData("SELECT b FROM t WHERE a = 1")]
    [InlineData("UPDATE t SET b = b + 1 WHERE b = 1")]
    [InlineData("SELECT count(*) FROM t")]
    public async Task An_idle_holder_whose_answers_would_be_others_is_over(string statement)
    {
        await using var node = await StartAsync();
        await using var transaction = await node.Database.BeginAsync(Hasty, null, default);
        await RunAsync(transaction, statement);
        await node.Database.ExecuteAsync("UPDATE t SET b = 7 WHERE a = 1", "INSERT INTO t VALUES(9, 9)").WaitAsync(Bound);
        var over = await Assert.ThrowsAsync<ClusterException>(() => transaction.CommitAsync(default).AsTask());
        Assert.Equal(ClusterError.Serialization, over.Error);
        await Assert.ThrowsAsync<ClusterException>(() => RunAsync(transaction, "SELECT 1"));
        Assert.Equal("7;2;9", await node.Database.ReadAsync("SELECT b FROM t ORDER BY a"));
    }

    [Fact]
    public async Task Nobody_gives_way_without_somebody_who_waits()
    {
        await using var node = await StartAsync();
        await using var transaction = await node.Database.BeginAsync(Hasty, null, default);
        await RunAsync(transaction, "SELECT b FROM t");
        await using (var other = await node.Database.BeginReadAsync(ReadOptions.Default, default))
        {
            await Task.Delay(50);
        }

        Assert.Equal(LeaseState.Idle, ((LocalTransaction)transaction).Lease.State);
    }

    [Fact]
    public async Task Two_times_are_enough()
    {
        await using var node = await StartAsync();
        await using var transaction = await node.Database.BeginAsync(Hasty with { IdleTimeout = TimeSpan.FromMinutes(1) }, null, default);
        for (var i = 0; i < 2; i++)
        {
            await RunAsync(transaction, "SELECT 1");
            await node.Database.ExecuteAsync("UPDATE t SET b = b + 1").WaitAsync(Bound);
        }

        await RunAsync(transaction, "SELECT 1");
        var third = node.Database.ExecuteAsync("UPDATE t SET b = b + 1");
        await Task.Delay(100);
        Assert.False(third.IsCompleted);
        Assert.Equal(LeaseState.Idle, ((LocalTransaction)transaction).Lease.State);
        await transaction.DisposeAsync();
        await third.WaitAsync(Bound);
    }

    [Fact]
    public async Task Who_comes_back_comes_before_those_who_wait()
    {
        await using var node = await StartAsync();
        await using var transaction = await node.Database.BeginAsync(Hasty, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(4, 4)");
        var second = await node.Database.BeginAsync(Patient, null, default).AsTask().WaitAsync(Bound);
        var third = node.Database.BeginAsync(Patient, null, default).AsTask();
        var returning = RunAsync(transaction, "SELECT count(*) FROM t");
        Assert.False(returning.IsCompleted);
        await second.DisposeAsync();
        Assert.Equal("3", await returning.WaitAsync(Bound));
        Assert.False(third.IsCompleted);
        Assert.True((await transaction.CommitAsync(default)).Index > 0);
        await (await third.WaitAsync(Bound)).DisposeAsync();
    }

    [Fact]
    public async Task An_owner_can_let_others_write()
    {
        await using var node = await StartAsync();
        await using var transaction = await node.Database.BeginAsync(Patient, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(4, 4)");
        Assert.True(await transaction.SuspendAsync(default));
        await node.Database.ExecuteAsync("INSERT INTO t VALUES(5, 5)").WaitAsync(Bound);
        Assert.Equal("4", await RunAsync(transaction, "SELECT count(*) FROM t"));
        Assert.True(await transaction.SuspendAsync(default));
        Assert.Equal(4, (await transaction.CommitAsync(default)).Index);
        await node.CheckAgainstReplayAsync("suspended");
    }

    [Fact]
    public async Task Who_is_away_for_too_long_is_over()
    {
        await using var node = await StartAsync();
        await using var transaction = await node.Database.BeginAsync(
            Patient with { IdleTimeout = TimeSpan.FromMilliseconds(40) }, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(4, 4)");
        Assert.True(await transaction.SuspendAsync(default));
        await Task.Delay(60);
        var over = await Assert.ThrowsAsync<ClusterException>(() => RunAsync(transaction, "SELECT 1"));
        Assert.Equal(ClusterError.IdleTransaction, over.Error);
    }

    [Fact]
    public async Task What_would_cost_too_much_to_run_again_stays()
    {
        await using var node = await StartAsync();
        await using var transaction = await node.Database.BeginAsync(Hasty, null, default);
        for (var i = 0; i < 1001; i++)
        {
            await RunAsync(transaction, "SELECT 1");
        }

        var write = node.Database.ExecuteAsync("UPDATE t SET b = 7");
        Assert.False(await transaction.SuspendAsync(default));
        await Task.Delay(50);
        Assert.False(write.IsCompleted);
        await transaction.DisposeAsync();
        await write.WaitAsync(Bound);
    }

    [Fact]
    public async Task Who_thinks_on_top_of_others_gives_way_so_that_they_are_answered()
    {
        await using var node = await StartAsync();
        node.Log.Agrees = false;
        var first = await node.Database.BeginAsync(Patient, null, default);
        await RunAsync(first, "INSERT INTO t VALUES(4, 4)");
        var committing = await node.CommittingAsync(first);
        await using var second = await node.Database.BeginAsync(Hasty, null, default);
        await RunAsync(second, "INSERT INTO t SELECT 5, count(*) FROM t");
        node.Log.Agree();
        Assert.Equal(3, (await committing.WaitAsync(Bound)).Index);
        Assert.Equal("3", await node.Database.ReadAsync("SELECT count(*) FROM t"));
        Assert.Equal("3", await RunAsync(second, "SELECT b FROM t WHERE a = 5"));
        var last = await node.CommittingAsync(second);
        node.Log.Agree();
        await last.WaitAsync(Bound);
        await node.CheckAgainstReplayAsync("on top");
    }

    [Theory]
    [InlineData("SELECT max(i) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 3000000) SELECT i FROM n)")]
    [InlineData("INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i+1 FROM n WHERE i < 400000) SELECT i, i FROM n")]
    public async Task A_long_statement_on_top_of_others_begins_anew_when_they_are_answered(string statement)
    {
        await using var node = await StartAsync();
        node.Log.Agrees = false;
        var first = await node.Database.BeginAsync(Patient, null, default);
        await RunAsync(first, "INSERT INTO t VALUES(4, 4)");
        var committing = await node.CommittingAsync(first);
        await using var second = await node.Database.BeginAsync(Hasty, null, default);
        await RunAsync(second, "INSERT INTO t SELECT 5, count(*) FROM t");
        node.Log.Agrees = true;
        var running = Task.Run(() => RunAsync(second, statement));
        node.Log.Agree();
        Assert.Equal(3, (await committing.WaitAsync(Bound)).Index);
        Assert.DoesNotContain("error", await running.WaitAsync(Bound));
        Assert.Equal("3", await RunAsync(second, "SELECT b FROM t WHERE a = 5"));
        Assert.True((await second.CommitAsync(default)).Index > 0);
        await node.CheckAgainstReplayAsync("long");
    }

    [Fact]
    public async Task Leadership_lost_while_somebody_is_away_is_told_at_the_next_call()
    {
        await using var node = await StartAsync();
        await using var transaction = await node.Database.BeginAsync(Patient, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(4, 4)");
        Assert.True(await transaction.SuspendAsync(default));
        node.Log.Lose(keeps: node.LastIndex);
        node.Log.Win();
        var over = await Assert.ThrowsAsync<ClusterException>(() => transaction.CommitAsync(default).AsTask());
        Assert.Equal(ClusterError.Serialization, over.Error);
        Assert.Equal("2", await node.Database.ReadAsync("SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData("SELECT random()", true)]
    [InlineData("SELECT a, random() FROM t", true)]
    [InlineData("SELECT a, strftime('%Y-%m-%d %H:%M:%f', 'now') FROM t", false)]
    [InlineData("SELECT a, date(b) FROM t", false)]
    [InlineData("SELECT count(*) FROM t WHERE a = 2", false)]
    public async Task A_snapshot_is_held_to_answers_that_can_be_given_again(string read, bool holds)
    {
        await using var node = await StartAsync();
        await using var snapshot = await node.Database.BeginReadAsync(ReadOptions.Default, default);
        await using (var cursor = await snapshot.ReadAsync(Sql.Statement(read), BatchOptions.None, null, default))
        {
            await Sql.TextAsync(cursor);
        }

        await node.Database.ExecuteAsync("UPDATE t SET a = 5 WHERE a = 2");
        var beginning = node.Database.BeginAsync(Patient, snapshot, default).AsTask();
        if (holds)
        {
            await (await beginning.WaitAsync(Bound)).DisposeAsync();
        }
        else
        {
            var over = await Assert.ThrowsAsync<ClusterException>(() => beginning.WaitAsync(Bound));
            Assert.Equal(ClusterError.Serialization, over.Error);
        }
    }

    [Theory]
    [InlineData("UPDATE t SET b = 7 WHERE a = 2", true)]
    [InlineData("UPDATE t SET b = 7 WHERE a = 1", false)]
    public async Task What_a_snapshot_has_shown_holds_also_when_its_transaction_comes_back(string write, bool holds)
    {
        await using var node = await StartAsync();
        await using var transaction = await BeginUponAsync(node, "SELECT b FROM t WHERE a = 1", times: 1);
        await RunAsync(transaction, "INSERT INTO t VALUES(4, 4)");
        Assert.True(await transaction.SuspendAsync(default));
        await node.Database.ExecuteAsync(write).WaitAsync(Bound);
        if (holds)
        {
            Assert.True((await transaction.CommitAsync(default)).Index > 0);
        }
        else
        {
            var over = await Assert.ThrowsAsync<ClusterException>(() => transaction.CommitAsync(default).AsTask());
            Assert.Equal(ClusterError.Serialization, over.Error);
        }

        await node.CheckAgainstReplayAsync("snapshot");
    }

    [Fact]
    public async Task Who_has_read_more_than_can_be_read_again_does_not_give_way()
    {
        await using var node = await StartAsync();
        await using var transaction = await BeginUponAsync(node, "SELECT b FROM t", times: 1001);
        Assert.False(await transaction.SuspendAsync(default));
        await RunAsync(transaction, "INSERT INTO t VALUES(4, 4)");
        Assert.True((await transaction.CommitAsync(default)).Index > 0);
    }

    private static async Task<ITransaction> BeginUponAsync(ScriptedNode node, string read, int times)
    {
        await using var snapshot = await node.Database.BeginReadAsync(ReadOptions.Default, default);
        for (var i = 0; i < times; i++)
        {
            await using var cursor = await snapshot.ReadAsync(Sql.Statement(read), BatchOptions.None, null, default);
            await Sql.TextAsync(cursor);
        }

        return await node.Database.BeginAsync(Patient, snapshot, default);
    }

    private static async Task<ScriptedNode> StartAsync()
    {
        var node = new ScriptedNode();
        await node.Database.ExecuteAsync("CREATE TABLE t(a PRIMARY KEY, b)");
        await node.Database.ExecuteAsync("INSERT INTO t VALUES(1, 1), (2, 2)");
        return node;
    }

    private static async Task<string> RunAsync(ITransaction transaction, string sql, TimeSpan? timeout = null)
    {
        await using var cursor = await transaction.RunAsync(Sql.Statement(sql), timeout, default);
        return await Sql.TextAsync(cursor);
    }
}
