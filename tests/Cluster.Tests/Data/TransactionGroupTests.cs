using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Transactions that stand on others whose entries are on their way.</summary>
public sealed class TransactionGroupTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TransactionOptions Patient = new() { WriterSlice = TimeSpan.FromHours(1) };

    [Fact]
    public async Task The_next_begins_on_what_is_on_its_way_and_all_become_visible_together()
    {
        await using var node = await StartAsync();
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        var second = await node.Database.BeginAsync(Patient, null, default);
        Assert.Equal("1", await RunAsync(second, "SELECT a FROM t"));
        await RunAsync(second, "INSERT INTO t VALUES(2)");
        Assert.Equal("", await node.Database.ReadAsync("SELECT a FROM t"));
        var committing = await node.CommittingAsync(second);
        node.Log.Agree(2);
        Assert.False(first.IsCompleted);
        Assert.Equal("", await node.Database.ReadAsync("SELECT a FROM t"));
        node.Log.Agree(3);
        Assert.Equal(2, (await first.WaitAsync(Bound)).Index);
        Assert.Equal(3, (await committing.WaitAsync(Bound)).Index);
        Assert.Equal("1;2", await node.Database.ReadAsync("SELECT a FROM t"));
        await node.CheckAgainstReplayAsync("group");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_only_read_is_committed_when_those_who_wrote_it_are(bool agreed)
    {
        await using var node = await StartAsync();
        var before = node.LastIndex;
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        await using var second = await node.Database.BeginAsync(Patient, null, default);
        Assert.Equal("1", await RunAsync(second, "SELECT a FROM t"));
        var committing = second.CommitAsync(default).AsTask();
        await Task.Delay(20);
        Assert.False(committing.IsCompleted);
        if (agreed)
        {
            node.Log.Agree();
            Assert.Equal(new CommitResult(0, null), await committing.WaitAsync(Bound));
            await first.WaitAsync(Bound);
            return;
        }

        node.Log.Lose(keeps: before);
        Assert.Equal(
            ClusterError.Serialization, (await Assert.ThrowsAsync<ClusterException>(() => committing.WaitAsync(Bound))).Error);
        node.Log.Win();
        await Assert.ThrowsAsync<ClusterException>(() => first.WaitAsync(Bound));
        Assert.Equal("", await node.Database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task A_member_has_counters_and_random_numbers_of_its_own()
    {
        await using var node = await StartAsync();
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1),(2)");
        await using var second = await node.Database.BeginAsync(Patient, null, default);
        Assert.Equal("0,0,0", await RunAsync(second, "SELECT last_insert_rowid(), changes(), total_changes()"));
        await RunAsync(second, "INSERT INTO t SELECT random() FROM (SELECT 1 UNION SELECT 2)");
        var committing = await node.CommittingAsync(second);
        node.Log.Agree();
        await Task.WhenAll(first, committing).WaitAsync(Bound);
        await node.CheckAgainstReplayAsync("counters");
    }

    [Fact]
    public async Task One_at_a_time_can_be_asked_for()
    {
        await using var node = await StartAsync(new() { GroupTransactionsMax = 1 });
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        var second = node.Database.BeginAsync(Patient, null, default).AsTask();
        Assert.False(second.IsCompleted);
        node.Log.Agree();
        await first.WaitAsync(Bound);
        await using var transaction = await second.WaitAsync(Bound);
        Assert.Equal("1", await RunAsync(transaction, "SELECT a FROM t"));
    }

    [Fact]
    public async Task A_group_ends_when_it_is_full()
    {
        await using var node = await StartAsync(new() { GroupTransactionsMax = 3, GroupTimeMax = TimeSpan.FromMinutes(1), GroupSliceMax = TimeSpan.MaxValue });
        var members = new List<Task<CommitResult>>();
        for (var i = 0; i < 3; i++)
        {
            members.Add(await CommittingAsync(node, $"INSERT INTO t VALUES({i})"));
        }

        var next = node.Database.BeginAsync(Patient, null, default).AsTask();
        Assert.False(next.IsCompleted);
        node.Log.Agree();
        await Task.WhenAll(members).WaitAsync(Bound);
        await (await next.WaitAsync(Bound)).DisposeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public async Task Who_does_not_give_way_soon_makes_no_commit_wait(int slice)
    {
        await using var node = await StartAsync(new() { GroupTimeMax = TimeSpan.FromMinutes(1) });
        var soon = Patient with { WriterSlice = TimeSpan.FromMilliseconds(100) };
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)", soon);
        var second = await CommittingAsync(node, "INSERT INTO t VALUES(2)", soon);
        var beginning = node.Database.BeginAsync(Patient with { WriterSlice = TimeSpan.FromMilliseconds(slice) }, null, default).AsTask();
        Assert.False(beginning.IsCompleted);
        node.Log.Agree();
        await using var third = await beginning.WaitAsync(Bound);
        await Task.WhenAll(first, second).WaitAsync(Bound);
        Assert.Equal("1;2", await RunAsync(third, "SELECT a FROM t"));
    }

    [Fact]
    public async Task Who_has_done_too_much_to_give_way_later_leaves_those_beneath()
    {
        await using var node = await StartAsync();
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        var second = await node.Database.BeginAsync(Patient, null, default);
        await RunAsync(second, "INSERT INTO t VALUES(random())");
        for (var i = 1; i < 1000; i++)
        {
            await RunAsync(second, "SELECT count(*) FROM t");
        }

        node.Log.Agree();
        Assert.False(first.IsCompleted);
        Assert.Equal("2", await RunAsync(second, "SELECT count(*) FROM t").WaitAsync(Bound));
        await first.WaitAsync(Bound);
        Assert.Equal("1", await node.Database.ReadAsync("SELECT a FROM t"));
        var committing = await node.CommittingAsync(second);
        node.Log.Agree();
        await committing.WaitAsync(Bound);
        await node.CheckAgainstReplayAsync("too much");
    }

    [Fact]
    public async Task A_linearizable_read_waits_until_what_the_quorum_has_agreed_to_can_be_read()
    {
        await using var node = await StartAsync();
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        var second = await node.Database.BeginAsync(Patient, null, default);
        node.Log.Agree();
        Assert.Equal(1, node.Log.AppliedIndex);
        var read = node.Database.ReadAsync("SELECT a FROM t", new() { Consistency = ReadConsistency.Linearizable });
        Assert.False(read.IsCompleted);
        await second.DisposeAsync();
        Assert.Equal("1", await read.WaitAsync(Bound));
        await first.WaitAsync(Bound);
        Assert.Equal(2, node.Log.AppliedIndex);
    }

    [Theory]
    [InlineData("INSERT OR ROLLBACK INTO u VALUES(1)")]
    [InlineData("INSERT INTO u VALUES(-1)")]
    [InlineData("INSERT INTO nowhere VALUES(1)")]
    public async Task A_statement_that_fails_on_top_leaves_those_beneath_as_they_were(string statement)
    {
        await using var node = await StartAsync();
        node.Log.Agrees = true;
        await node.Database.ExecuteAsync(
            "CREATE TABLE u(a PRIMARY KEY)", "INSERT INTO u VALUES(1)",
            "CREATE TRIGGER g BEFORE INSERT ON u WHEN new.a < 0 BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
        node.Log.Agrees = false;
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        var second = await CommittingAsync(node, "INSERT INTO t VALUES(random())");
        await using var third = await node.Database.BeginAsync(Patient with { Savepoints = 1 }, null, default);
        await RunAsync(third, "INSERT INTO t VALUES(3)");
        await third.SetSavepointAsync(default);
        await RunAsync(third, "INSERT INTO t VALUES(4)");
        Assert.StartsWith("error", await RunAsync(third, statement));
        await third.RollBackToAsync(1, default);
        Assert.Equal("3", await RunAsync(third, "SELECT count(*) FROM t"));
        var committing = await node.CommittingAsync(third);
        node.Log.Agree();
        await Task.WhenAll(first, second, committing).WaitAsync(Bound);
        await node.CheckAgainstReplayAsync(statement);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(1100)]
    public async Task A_statement_ended_by_its_time_limit_leaves_those_beneath_and_its_savepoints(int milliseconds)
    {
        await using var node = await StartAsync();
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        await using var second = await node.Database.BeginAsync(Patient, null, default);
        await second.SetSavepointAsync(default);
        Assert.StartsWith("error", await RunAsync(second, Endless, TimeSpan.FromMilliseconds(milliseconds)));
        await second.RollBackToAsync(0, default);

        // The time of the ended statement is no reason to give way: it would not be run again.
        Assert.Equal("changed 1", await RunAsync(second, "INSERT INTO t VALUES(2)"));
        var committing = await node.CommittingAsync(second);
        node.Log.Agree();
        await Task.WhenAll(first, committing).WaitAsync(Bound);
        Assert.Equal("1;2", await node.Database.ReadAsync("SELECT a FROM t"));
        await node.CheckAgainstReplayAsync("time limit");
    }

    [Fact]
    public async Task A_client_that_vanishes_in_a_statement_leaves_those_beneath()
    {
        await using var node = await StartAsync();
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        var second = await node.Database.BeginAsync(Patient, null, default);
        using var gone = new CancellationTokenSource();
        var running = Task.Run(async () => await second.RunAsync(Sql.Statement(Endless), null, gone.Token));
        await gone.CancelAsync();
        await running.WaitAsync(Bound);
        await second.DisposeAsync();
        node.Log.Agree();
        await first.WaitAsync(Bound);
        Assert.Equal("1", await node.Database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task A_violation_at_the_end_of_a_member_is_its_own()
    {
        await using var node = await StartAsync();
        node.Log.Agrees = true;
        await node.Database.ExecuteAsync("CREATE TABLE p(a PRIMARY KEY)", "CREATE TABLE c(b REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
        node.Log.Agrees = false;
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        await using (var second = await node.Database.BeginAsync(Patient, null, default))
        {
            await RunAsync(second, "INSERT INTO c VALUES(1)");
            Assert.Equal(787, (await second.CommitAsync(default)).Error!.ResultCode);
        }

        var third = await CommittingAsync(node, "INSERT INTO c VALUES(NULL)");
        node.Log.Agree();
        await Task.WhenAll(first, third).WaitAsync(Bound);
        await node.CheckAgainstReplayAsync("deferred");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Leadership_lost_fails_those_above_and_leaves_open_what_is_in_the_log(bool survives)
    {
        await using var node = await StartAsync();
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        var second = await CommittingAsync(node, "INSERT INTO t VALUES(2)");
        await using var third = await node.Database.BeginAsync(Patient, null, default);
        await RunAsync(third, "INSERT INTO t VALUES(3)");
        var queued = node.Database.BeginAsync(Patient, null, default).AsTask();
        node.Log.Agree(2);
        node.Log.Lose(keeps: survives ? 3 : 2);
        Assert.Equal(2, (await first.WaitAsync(Bound)).Index);
        Assert.Equal(ClusterError.OutcomeUnknown, (await Assert.ThrowsAsync<ClusterException>(() => second).WaitAsync(Bound)).Error);
        Assert.Equal(ClusterError.Serialization, (await Assert.ThrowsAsync<ClusterException>(() => RunAsync(third, "SELECT 1"))).Error);
        Assert.Equal(ClusterError.NoLeader, (await Assert.ThrowsAsync<ClusterException>(() => queued).WaitAsync(Bound)).Error);
        node.Log.AppendForeign("INSERT INTO t VALUES(9)");
        node.Log.Win();
        await using (var after = await node.Database.BeginAsync(Patient, null, default))
        {
            Assert.Equal(survives ? "1;2;9" : "1;9", await RunAsync(after, "SELECT a FROM t"));
        }

        await node.CheckAgainstReplayAsync("lost");
    }

    [Fact]
    public async Task An_entry_whose_base_was_lost_does_nothing_though_another_has_its_index()
    {
        await using var node = await StartAsync();
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        var second = await CommittingAsync(node, "INSERT INTO t SELECT count(*) FROM t");
        var orphan = node.Entry(3);
        node.Log.Lose(keeps: 1);
        node.Log.AppendForeign("INSERT INTO t VALUES(7)");
        node.Append(orphan with { Term = node.Log.Term });
        node.Log.Win();
        Assert.Equal(ClusterError.OutcomeUnknown, (await Assert.ThrowsAsync<ClusterException>(() => first).WaitAsync(Bound)).Error);
        await Assert.ThrowsAsync<ClusterException>(() => second).WaitAsync(Bound);
        Assert.Equal("7", await node.Database.ReadAsync("SELECT a FROM t"));
        await node.CheckAgainstReplayAsync("orphan");
    }

    [Fact]
    public async Task An_entry_that_is_refused_is_undone_and_says_so()
    {
        await using var node = await StartAsync();
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        await using (var second = await node.Database.BeginAsync(Patient, null, default))
        {
            await RunAsync(second, "INSERT INTO t VALUES(2)");
            node.Log.Refuses = true;
            var refused = await Assert.ThrowsAsync<ClusterException>(() => second.CommitAsync(default).AsTask());
            Assert.Equal(ClusterError.Serialization, refused.Error);
        }

        node.Log.Refuses = false;
        var third = await CommittingAsync(node, "INSERT INTO t VALUES(3)");
        node.Log.Agree();
        await Task.WhenAll(first, third).WaitAsync(Bound);
        Assert.Equal("1;3", await node.Database.ReadAsync("SELECT a FROM t"));
        await node.CheckAgainstReplayAsync("refused");
    }

    [Fact]
    public async Task Single_writes_come_behind_a_group_and_the_next_group_behind_them()
    {
        await using var node = await StartAsync();
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        var write = node.Database.ExecuteAsync("INSERT INTO t VALUES(2)");
        var third = node.Database.BeginAsync(Patient, null, default).AsTask();
        Assert.Equal(3, node.LastIndex);
        Assert.False(third.IsCompleted);
        node.Log.Agree();
        await Task.WhenAll(first, write).WaitAsync(Bound);
        await using var transaction = await third.WaitAsync(Bound);
        Assert.Equal("1;2", await RunAsync(transaction, "SELECT a FROM t"));
        await node.CheckAgainstReplayAsync("behind");
    }

    [Fact]
    public async Task A_kill_between_agreement_and_commit_loses_nothing_that_was_agreed_to()
    {
        await using var node = await StartAsync();
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        var second = await CommittingAsync(node, "INSERT INTO t VALUES(random())");
        var third = await node.Database.BeginAsync(Patient, null, default);
        await RunAsync(third, "INSERT INTO t VALUES(3)");
        node.Log.Agree(2);
        await node.KillAsync();
        Assert.Equal("2", await node.Database.ReadAsync("SELECT count(*) FROM t"));
        await node.CheckAgainstReplayAsync("kill");
        await third.DisposeAsync();
        await Task.WhenAll(first, second).ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(Bound);
    }

    [Fact]
    public async Task Virtual_tables_stand_alone()
    {
        await using var node = await StartAsync();
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        await using var second = await node.Database.BeginAsync(Patient, null, default);
        await RunAsync(second, "INSERT INTO t VALUES(2)");
        var creating = Task.Run(() => RunAsync(second, "CREATE VIRTUAL TABLE f USING fts5(x)"));
        while (node.Storage.AppliedIndex < 2)
        {
            node.Log.Agree();
            await Task.Yield();
        }

        await creating.WaitAsync(Bound);
        await first.WaitAsync(Bound);
        await RunAsync(second, "INSERT INTO f VALUES('a b'), ('b c')");
        Assert.Equal("2", await RunAsync(second, "SELECT count(*) FROM f WHERE f MATCH 'b'"));
        await second.SetSavepointAsync(default);
        await RunAsync(second, "INSERT INTO f VALUES('d')");
        var committing = await node.CommittingAsync(second);
        var third = node.Database.BeginAsync(Patient, null, default).AsTask();
        Assert.False(third.IsCompleted);
        node.Log.Agree();
        await committing.WaitAsync(Bound);
        await (await third.WaitAsync(Bound)).DisposeAsync();
        await node.CheckAgainstReplayAsync("virtual");
    }

    [Fact]
    public async Task A_schema_change_on_top_is_seen_there_alone_and_goes_with_it()
    {
        await using var node = await StartAsync();
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(1)");
        await using (var second = await node.Database.BeginAsync(Patient, null, default))
        {
            await RunAsync(second, "ALTER TABLE t ADD COLUMN b DEFAULT 5");
            Assert.Equal(2, (await second.DescribeAsync(Sql.Statement("SELECT * FROM t"), default)).Rows.Columns.Count);
            Assert.Equal("1,5", await RunAsync(second, "SELECT * FROM t"));
        }

        await using (var third = await node.Database.BeginAsync(Patient, null, default))
        {
            Assert.Single((await third.DescribeAsync(Sql.Statement("SELECT * FROM t"), default)).Rows.Columns);
            Assert.Equal("1", await RunAsync(third, "SELECT * FROM t"));
        }

        node.Log.Agree();
        await first.WaitAsync(Bound);
    }

    private const string Endless =
        "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n";

    private static async Task<ScriptedNode> StartAsync(RequestLimits? limits = null)
    {
        var node = new ScriptedNode(limits);
        await node.Database.ExecuteAsync("CREATE TABLE t(a)");
        node.Log.Agrees = false;
        return node;
    }

    /// <summary>Begins, runs and sends the COMMIT; returns when its entry is in the log.</summary>
    private static async Task<Task<CommitResult>> CommittingAsync(ScriptedNode node, string sql, TransactionOptions? options = null)
    {
        var transaction = await node.Database.BeginAsync(options ?? Patient, null, default).AsTask().WaitAsync(Bound);
        await RunAsync(transaction, sql);
        return await node.CommittingAsync(transaction);
    }

    private static async Task<string> RunAsync(ITransaction transaction, string sql, TimeSpan? timeout = null)
    {
        await using var cursor = await transaction.RunAsync(Sql.Statement(sql), timeout, default);
        return await Sql.TextAsync(cursor);
    }
}
