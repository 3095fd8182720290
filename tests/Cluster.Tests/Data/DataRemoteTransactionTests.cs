using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Transactions of clients that are connected to a follower.</summary>
public sealed class DataRemoteTransactionTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TransactionOptions Patient = new();
    private static readonly ReadOptions AnyState = new() { Consistency = ReadConsistency.None };

    [Fact]
    public async Task A_follower_s_transaction_sees_its_own_effects_and_others_see_them_after_the_commit()
    {
        await using var cluster = new FakeCluster(3);
        var (leader, follower) = (cluster.Nodes[0].Database, cluster.Nodes[1].Database);
        await leader.ExecuteAsync("CREATE TABLE t(a PRIMARY KEY, r DEFAULT (random()))");
        await using var transaction = await follower.BeginAsync(Patient, null, default);
        Assert.Equal("1", await RunAsync(transaction, "INSERT INTO t(a) VALUES(1) RETURNING a"));
        await RunAsync(transaction, "CREATE TABLE u AS SELECT a, 'x' AS b FROM t");
        Assert.Equal("1,x", await RunAsync(transaction, "SELECT * FROM u"));
        var shape = await transaction.DescribeAsync(Sql.Statement("SELECT b FROM u WHERE a = ?1"), default);
        Assert.Equal(("b", 1, true), (shape.Rows.Columns.Single().Name, shape.ParameterNames.Count, shape.ReadOnly));
        Assert.NotNull((await follower.DescribeAsync(Sql.Statement("SELECT b FROM u"), BatchOptions.None, 0, default)).Error);
        Assert.Equal("0", await leader.ReadAsync("SELECT count(*) FROM t"));
        Assert.Equal(new CommitResult(2, null), await transaction.CommitAsync(default));
        await transaction.DisposeAsync();
        foreach (var node in cluster.Nodes)
        {
            Assert.Equal("1,x", await node.Database.ReadAsync("SELECT * FROM u", new() { Consistency = ReadConsistency.None, MinIndex = 2 }));
        }

        await AllEqualAsync(cluster);
    }

    [Fact]
    public async Task Savepoints_lead_back_and_what_is_not_committed_leaves_nothing()
    {
        await using var cluster = new FakeCluster(2);
        var follower = cluster.Nodes[1].Database;
        await follower.ExecuteAsync("CREATE TABLE t(a PRIMARY KEY)");
        await using (var transaction = await follower.BeginAsync(Patient with { Savepoints = 1 }, null, default))
        {
            await RunAsync(transaction, "INSERT INTO t VALUES(1)");
            await transaction.SetSavepointAsync(default);
            await RunAsync(transaction, "INSERT INTO t VALUES(2)");
            Assert.StartsWith("error", await RunAsync(transaction, "INSERT INTO t VALUES(2)"));
            await transaction.RollBackToAsync(1, default);
            await RunAsync(transaction, "INSERT INTO t VALUES(3)");
            await transaction.ReleaseAsync(1, default);
            Assert.Equal("1;3", await RunAsync(transaction, "SELECT a FROM t"));
            await transaction.RollBackToAsync(0, default);
            await RunAsync(transaction, "INSERT INTO t VALUES(4)");
            Assert.Equal(2, (await transaction.CommitAsync(default)).Index);
        }

        await using (var transaction = await follower.BeginAsync(Patient, null, default))
        {
            await RunAsync(transaction, "INSERT INTO t VALUES(5)");
        }

        await using (var reads = await follower.BeginAsync(Patient, null, default))
        {
            Assert.Equal("4", await RunAsync(reads, "SELECT a FROM t"));
            Assert.Equal(new CommitResult(0, null), await reads.CommitAsync(default));
        }

        Assert.Equal(2, cluster.LastIndex);
        await AllEqualAsync(cluster);
    }

    [Fact]
    public async Task A_commit_that_constraints_forbid_says_so()
    {
        await using var cluster = new FakeCluster(2);
        var follower = cluster.Nodes[1].Database;
        await follower.ExecuteAsync("CREATE TABLE p(a PRIMARY KEY)");
        await follower.ExecuteAsync("CREATE TABLE c(a REFERENCES p(a) DEFERRABLE INITIALLY DEFERRED)");
        await using var transaction = await follower.BeginAsync(Patient, null, default);
        await RunAsync(transaction, "INSERT INTO c VALUES(1)");
        var result = await transaction.CommitAsync(default);
        Assert.Equal(0, result.Index);
        Assert.Contains("FOREIGN KEY", result.Error!.Message, StringComparison.Ordinal);
        await follower.ExecuteAsync("INSERT INTO p VALUES(1)").WaitAsync(Bound);
    }

    [Fact]
    public async Task Writers_on_all_nodes_come_one_after_the_other_and_none_is_lost()
    {
        const int Rounds = 15;
        await using var cluster = new FakeCluster(3);
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(n)");
        await cluster.Nodes[0].Database.ExecuteAsync("INSERT INTO t VALUES(0)");
        await Task.WhenAll(Enumerable.Range(0, 12).Select(client => Task.Run(async () =>
        {
            var database = cluster.Nodes[client % 3].Database;
            for (var i = 0; i < Rounds; i++)
            {
                if (client % 4 == 0)
                {
                    await database.ExecuteAsync("UPDATE t SET n = n + 1");
                    continue;
                }

                await using var transaction = await database.BeginAsync(Patient, null, default);
                var n = int.Parse(await RunAsync(transaction, "SELECT n FROM t"), System.Globalization.CultureInfo.InvariantCulture);
                await Task.Yield();
                await RunAsync(transaction, $"UPDATE t SET n = {n + 1}");
                Assert.True((await transaction.CommitAsync(default)).Index > 0);
            }
        }))).WaitAsync(Bound);
        Assert.Equal($"{12 * Rounds}", await cluster.Nodes[0].Database.ReadAsync("SELECT n FROM t"));
        await AllEqualAsync(cluster);
    }

    [Fact]
    public async Task Who_gives_up_in_the_queue_leaves_no_lease_there()
    {
        await using var cluster = new FakeCluster(2);
        var (leader, follower) = (cluster.Nodes[0].Database, cluster.Nodes[1].Database);
        await leader.ExecuteAsync("CREATE TABLE t(a)");
        var holder = await leader.BeginAsync(Patient, null, default);
        using var cancelled = new CancellationTokenSource();
        var waiting = follower.BeginAsync(Patient, null, cancelled.Token).AsTask();
        await UntilAsync(() => cluster.Nodes[1].Peers.Conversation?.Asked.Count > 0);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var late = await Assert.ThrowsAsync<ClusterException>(
            () => follower.BeginAsync(Patient with { LockTimeout = TimeSpan.FromMilliseconds(20) }, null, default).AsTask());
        Assert.Equal(ClusterError.LockTimeout, late.Error);
        await holder.DisposeAsync();
        await leader.ExecuteAsync("INSERT INTO t VALUES(1)").WaitAsync(Bound);
        await using var next = await follower.BeginAsync(Patient, null, default).AsTask().WaitAsync(Bound);
        Assert.Equal("1", await RunAsync(next, "SELECT a FROM t"));
    }

    [Fact]
    public async Task A_cancelled_statement_fails_the_transaction_and_a_savepoint_leads_back()
    {
        const string Endless = "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n";
        await using var cluster = new FakeCluster(2);
        var follower = cluster.Nodes[1].Database;
        await follower.ExecuteAsync("CREATE TABLE t(a)");
        await using var transaction = await follower.BeginAsync(Patient, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(1)");
        await transaction.SetSavepointAsync(default);
        using (var cancelled = new CancellationTokenSource())
        {
            var running = transaction.RunAsync(Sql.Statement(Endless), null, cancelled.Token).AsTask();
            await UntilAsync(() => cluster.Nodes[1].Peers.Conversation!.Asked[^1] == TransactionRequest.Run);
            await cancelled.CancelAsync();
            await using var cursor = await running.WaitAsync(Bound);
            Assert.StartsWith("error", await Sql.TextAsync(cursor));
        }

        await transaction.RollBackToAsync(0, default);
        Assert.StartsWith("error", await RunAsync(transaction, Endless, TimeSpan.FromMilliseconds(30)));
        await transaction.RollBackToAsync(0, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(2)");
        Assert.Equal(2, (await transaction.CommitAsync(default)).Index);
        Assert.Equal("1;2", await follower.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task An_idle_holder_gives_way_also_if_its_client_is_on_a_follower()
    {
        await using var cluster = new FakeCluster(2);
        var (leader, follower) = (cluster.Nodes[0].Database, cluster.Nodes[1].Database);
        await leader.ExecuteAsync("CREATE TABLE t(a)");
        await using var transaction = await follower.BeginAsync(Patient with { IdleTimeout = TimeSpan.FromMilliseconds(50) }, null, default);
        await leader.ExecuteAsync("INSERT INTO t VALUES(1)").WaitAsync(Bound);
        var late = await Assert.ThrowsAsync<ClusterException>(() => RunAsync(transaction, "INSERT INTO t VALUES(2)"));
        Assert.Equal(ClusterError.IdleTransaction, late.Error);
    }

    [Theory]
    [InlineData(TransactionRequest.Begin, false)]
    [InlineData(TransactionRequest.Begin, true)]
    [InlineData(TransactionRequest.Describe, false)]
    [InlineData(TransactionRequest.Describe, true)]
    [InlineData(TransactionRequest.Run, false)]
    [InlineData(TransactionRequest.Run, true)]
    [InlineData(TransactionRequest.SetSavepoint, false)]
    [InlineData(TransactionRequest.SetSavepoint, true)]
    [InlineData(TransactionRequest.RollBackTo, false)]
    [InlineData(TransactionRequest.RollBackTo, true)]
    [InlineData(TransactionRequest.Release, false)]
    [InlineData(TransactionRequest.Release, true)]
    [InlineData(TransactionRequest.Commit, false)]
    [InlineData(TransactionRequest.Commit, true)]
    [InlineData(TransactionRequest.RollBack, false)]
    [InlineData(TransactionRequest.RollBack, true)]
    internal async Task A_connection_that_breaks_at_any_step_frees_the_writer_and_says_what_is_known(TransactionRequest step, bool answered)
    {
        await using var cluster = new FakeCluster(2);
        var (leader, peers) = (cluster.Nodes[0].Database, cluster.Nodes[1].Peers);
        await leader.ExecuteAsync("CREATE TABLE t(a)");
        peers.BreakNext = (step, answered);
        var failed = await Record.ExceptionAsync(async () =>
        {
            await using var transaction = await cluster.Nodes[1].Database.BeginAsync(Patient, null, default);
            await transaction.DescribeAsync(Sql.Statement("SELECT a FROM t"), default);
            await RunAsync(transaction, "INSERT INTO t VALUES(1)");
            await transaction.SetSavepointAsync(default);
            await transaction.RollBackToAsync(0, default);
            await transaction.ReleaseAsync(0, default);
            if (step != TransactionRequest.RollBack)
            {
                await transaction.CommitAsync(default);
            }
        });
        await leader.ExecuteAsync("INSERT INTO t VALUES(2)").WaitAsync(Bound);
        var rows = await leader.ReadAsync("SELECT a FROM t");
        switch (step)
        {
            case TransactionRequest.Begin:
                // Nothing had been granted as far as the follower knows: it asked again.
                Assert.Null(failed);
                Assert.Equal("1;2", rows);
                break;
            case TransactionRequest.RollBack:
                Assert.Null(failed);
                Assert.Equal("2", rows);
                break;
            case TransactionRequest.Commit:
                Assert.Equal(ClusterError.OutcomeUnknown, Assert.IsType<ClusterException>(failed).Error);
                Assert.Contains(rows, new[] { "1;2", "2" });
                Assert.True(!answered || rows == "1;2");
                break;
            default:
                Assert.Equal(ClusterError.Serialization, Assert.IsType<ClusterException>(failed).Error);
                Assert.Equal("2", rows);
                break;
        }

        await AllEqualAsync(cluster);
    }

    [Fact]
    public async Task A_connection_that_broke_unnoticed_before_the_commit_means_that_nothing_happened()
    {
        await using var cluster = new FakeCluster(2);
        var follower = cluster.Nodes[1];
        await follower.Database.ExecuteAsync("CREATE TABLE t(a)");
        await using var transaction = await follower.Database.BeginAsync(Patient, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(1)");
        await follower.Peers.Conversation!.CutAsync();
        await AssertFailsAsync(ClusterError.Serialization, () => transaction.CommitAsync(default).AsTask());
        await AssertFailsAsync(ClusterError.Serialization, () => RunAsync(transaction, "SELECT 1"));
        Assert.Equal("0", await follower.Database.ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_new_leader_takes_the_wait_over_and_ends_what_the_old_one_had_granted()
    {
        await using var cluster = new FakeCluster(3);
        var follower = cluster.Nodes[2].Database;
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a)");
        CatchUp(cluster);
        var granted = await follower.BeginAsync(Patient, null, default);
        await RunAsync(granted, "INSERT INTO t VALUES(1)");
        var waiting = follower.BeginAsync(Patient, null, default).AsTask();
        await UntilAsync(() => cluster.Nodes[2].Peers.Conversation!.Asked.Count > 0);
        cluster.Lead(null);
        cluster.Lead(cluster.Nodes[1]);
        await AssertFailsAsync(ClusterError.Serialization, () => RunAsync(granted, "INSERT INTO t VALUES(2)"));
        await using (var second = await waiting.WaitAsync(Bound))
        {
            await RunAsync(second, "INSERT INTO t VALUES(3)");
            Assert.Equal(2, (await second.CommitAsync(default)).Index);
        }

        await granted.DisposeAsync();
        Assert.Equal("3", await follower.ReadAsync("SELECT a FROM t"));
        await AllEqualAsync(cluster);
    }

    [Fact]
    public async Task A_leader_that_leaves_while_a_statement_runs_ends_the_wait_for_it()
    {
        await using var cluster = new FakeCluster(3);
        var follower = cluster.Nodes[2];
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a)");
        CatchUp(cluster);
        await using var transaction = await follower.Database.BeginAsync(Patient, null, default);
        var running = RunAsync(
            transaction, "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n", TimeSpan.FromMinutes(5));
        await UntilAsync(() => follower.Peers.Conversation!.Asked[^1] == TransactionRequest.Run);

        // Only the follower hears of it: the old leader is one that sleeps.
        follower.Log.Follow(cluster.Nodes[1]);
        await AssertFailsAsync(ClusterError.Serialization, () => running.WaitAsync(Bound));
        follower.Log.Follow(cluster.Nodes[0]);
        await cluster.Nodes[0].Database.ExecuteAsync("INSERT INTO t VALUES(2)").WaitAsync(Bound);
        Assert.Equal("2", await cluster.Nodes[0].Database.ReadAsync("SELECT a FROM t"));
    }

    [Theory]
    [InlineData(Fate.NotAppended, ClusterError.Serialization, false)]
    [InlineData(Fate.LostAfterAppend, ClusterError.OutcomeUnknown, true)]
    [InlineData(Fate.Broken, ClusterError.OutcomeUnknown, true)]
    [InlineData(Fate.Overwritten, ClusterError.OutcomeUnknown, false)]
    internal async Task A_commit_that_meets_its_fate_says_what_is_known(Fate fate, ClusterError expected, bool happens)
    {
        await using var cluster = new FakeCluster(2);
        var node = cluster.Nodes[0];
        await node.Database.ExecuteAsync("CREATE TABLE t(a)");
        await using var transaction = await cluster.Nodes[1].Database.BeginAsync(Patient, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(1)");
        node.Log.Other = cluster.Entry(1);
        node.Log.Fate = fate;
        await AssertFailsAsync(expected, () => transaction.CommitAsync(default).AsTask());
        node.Log.Fate = Fate.Applied;
        await node.Database.ExecuteAsync("INSERT INTO t VALUES(2)").WaitAsync(Bound);
        Assert.Equal(happens ? "1;2" : "2", await node.Database.ReadAsync("SELECT a FROM t"));
        await AllEqualAsync(cluster);
    }

    [Fact]
    public async Task Without_a_leader_a_transaction_waits_for_one_and_then_says_that_nothing_happened()
    {
        await using var cluster = new FakeCluster(2, new() { LeaderWait = TimeSpan.FromMilliseconds(50) });
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a)");
        cluster.Lead(null);
        await AssertFailsAsync(ClusterError.NoLeader, () => cluster.Nodes[1].Database.BeginAsync(Patient, null, default).AsTask());
        cluster.Lead(cluster.Nodes[0]);
        cluster.Nodes[1].Peers.Unsent = 1;
        await using var transaction = await cluster.Nodes[1].Database.BeginAsync(Patient, null, default).AsTask().WaitAsync(Bound);
        Assert.Equal("", await RunAsync(transaction, "SELECT a FROM t"));
    }

    [Fact]
    public async Task A_follower_s_snapshot_may_write_as_long_as_its_answers_hold()
    {
        await using var cluster = new FakeCluster(2);
        var (leader, follower) = (cluster.Nodes[0].Database, cluster.Nodes[1]);
        await leader.ExecuteAsync("CREATE TABLE t(a, b)");
        await leader.ExecuteAsync("INSERT INTO t VALUES(1, 1), (2, 2)");
        foreach (var (write, holds, other) in new[]
        {
            (null, true, "2"), ("UPDATE t SET b = 5 WHERE a = 2", true, "5"), ("UPDATE t SET b = 6 WHERE a = 1", false, ""),
            ("ALTER TABLE t RENAME COLUMN b TO c", false, ""),
        })
        {
            CatchUp(cluster);
            await using var snapshot = await follower.Database.BeginReadAsync(AnyState, default);
            await using (var cursor = await snapshot.ReadAsync(Sql.Statement("SELECT b FROM t WHERE a = 1"), BatchOptions.None, null, default))
            {
                Assert.NotEqual("", await Sql.TextAsync(cursor));
            }

            if (write is not null)
            {
                await leader.ExecuteAsync(write);
            }

            if (holds)
            {
                await using var transaction = await follower.Database.BeginAsync(Patient, snapshot, default);
                Assert.Contains(TransactionRequest.Check, follower.Peers.Conversation!.Asked);
                Assert.Equal(other, await RunAsync(transaction, "SELECT b FROM t WHERE a = 2"));
            }
            else
            {
                await AssertFailsAsync(
                    ClusterError.Serialization, () => follower.Database.BeginAsync(Patient, snapshot, default).AsTask());
            }
        }

        await leader.ExecuteAsync("DELETE FROM t").WaitAsync(Bound);
    }

    [Fact]
    public void Messages_of_a_transaction_say_what_was_written_and_are_refused_if_they_are_cut()
    {
        var options = new TransactionOptions { LockTimeout = TimeSpan.FromSeconds(3), Savepoints = 2, CommitTimeout = TimeSpan.FromHours(1) };
        Assert.Equal(options, TransactionMessages.ReadBegin(TransactionMessages.Begin(options)));
        var run = TransactionMessages.ReadRun(TransactionMessages.Run(Sql.Statement("SELECT ?1", 7), TimeSpan.FromMilliseconds(5)));
        Assert.Equal(("SELECT ?1", TimeSpan.FromMilliseconds(5)), (System.Text.Encoding.UTF8.GetString(run.Statement.Sql.Span), run.Timeout));
        var result = new CommitResult(9, new StatementError(787, "FOREIGN KEY constraint failed", -1));
        Assert.Equal(result, TransactionMessages.ReadCommitted(TransactionMessages.Committed(result)));
        Assert.Equal(new TransactionGrant(3, 4), TransactionMessages.ReadGrant(TransactionMessages.Grant(new(3, 4))));
        var check = TransactionMessages.Check([new(Sql.Statement("a", 1), 5), new(Sql.Statement("b"), UInt128.MaxValue)]);
        Assert.Equal([5, UInt128.MaxValue], TransactionMessages.ReadCheck(check).Select(r => r.Digest));
        for (var i = 0; i < check.Length; i++)
        {
            Assert.Throws<InvalidDataException>(() => TransactionMessages.ReadCheck(check[..i]));
        }
    }

    private static void CatchUp(FakeCluster cluster)
    {
        foreach (var node in cluster.Nodes)
        {
            node.Log.CatchUp(cluster.LastIndex);
        }
    }

    private static async Task AllEqualAsync(FakeCluster cluster)
    {
        CatchUp(cluster);
        foreach (var node in cluster.Nodes)
        {
            Assert.Equal(await cluster.Nodes[0].Storage.ContentHashAsync(default), await node.Storage.ContentHashAsync(default));
        }
    }

    private static async Task AssertFailsAsync(ClusterError expected, Func<Task> action) =>
        Assert.Equal(expected, (await Assert.ThrowsAsync<ClusterException>(action)).Error);

    private static async Task UntilAsync(Func<bool> condition)
    {
        var end = DateTime.UtcNow + Bound;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, "waited in vain");
            await Task.Delay(5);
        }
    }

    private static async Task<string> RunAsync(ITransaction transaction, string sql, TimeSpan? timeout = null)
    {
        await using var cursor = await transaction.RunAsync(Sql.Statement(sql), timeout, default);
        return await Sql.TextAsync(cursor);
    }
}
