using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

public sealed class DataTransactionTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TransactionOptions Patient = new() { WriterSlice = TimeSpan.Zero };

    [Fact]
    public async Task A_transaction_sees_its_own_effects_and_others_see_them_after_the_commit_on_every_node()
    {
        await using var cluster = new FakeCluster(2);
        var node = cluster.Nodes[0];
        await node.Database.ExecuteAsync("CREATE TABLE t(a, r DEFAULT (random()))");
        await using var transaction = await node.Database.BeginAsync(Patient, null, default);
        await RunAsync(transaction, "INSERT INTO t(a) VALUES(1)");
        await RunAsync(transaction, "CREATE TABLE u AS SELECT a FROM t");
        Assert.Equal("1", await RunAsync(transaction, "SELECT count(*) FROM u"));
        Assert.Equal("0", await node.Database.ReadAsync("SELECT count(*) FROM t"));
        Assert.Equal(new CommitResult(2, null), await transaction.CommitAsync(default));
        Assert.Equal("1", await node.Database.ReadAsync("SELECT count(*) FROM u"));
        cluster.Nodes[1].Log.CatchUp(2);
        Assert.True(cluster.Nodes[1].Storage.TryGetDigest(2, out var follower));
        Assert.True(node.Storage.TryGetDigest(2, out var leader));
        Assert.Equal(leader, follower);
        Assert.Equal(await node.Storage.ContentHashAsync(default), await cluster.Nodes[1].Storage.ContentHashAsync(default));
    }

    [Fact]
    public async Task What_is_not_committed_leaves_nothing_and_makes_no_entry()
    {
        await using var cluster = new FakeCluster(1);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(a)");
        await using (var transaction = await database.BeginAsync(Patient, null, default))
        {
            await RunAsync(transaction, "INSERT INTO t VALUES(1)");
        }

        await using (var reads = await database.BeginAsync(Patient, null, default))
        {
            Assert.Equal("0", await RunAsync(reads, "SELECT count(*) FROM t"));
            Assert.Equal(new CommitResult(0, null), await reads.CommitAsync(default));
        }

        Assert.Equal(1, cluster.LastIndex);
        await database.ExecuteAsync("INSERT INTO t VALUES(2)");
        Assert.Equal("2", await database.ReadAsync("SELECT a FROM t"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_transaction_has_the_time_of_its_owner_on_every_node_and_its_entry_that_of_the_leader(int owner)
    {
        const string Now = "2001-09-09 01:46:40.123456";
        const long Began = 1_000_000_000_123_456;
        await using var cluster = new FakeCluster(2);
        var database = cluster.Nodes[owner].Database;
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(at DEFAULT (now()), year DEFAULT (strftime('%Y')))");
        cluster.Nodes[1].Log.CatchUp(cluster.LastIndex);
        var read = new ReadOptions { Consistency = ReadConsistency.Weak, UnixMicroseconds = Began };
        var seen = await database.ReadAsync(Sql.Statement("SELECT now()"), BatchOptions.None, read, default);
        Assert.Equal(Now, await Sql.TextAsync(seen));
        await seen.DisposeAsync();
        await using (var transaction = await database.BeginAsync(Patient with { UnixMicroseconds = Began }, null, default))
        {
            Assert.Equal(Now, await RunAsync(transaction, "SELECT now()"));
            await RunAsync(transaction, "INSERT INTO t DEFAULT VALUES");
            Assert.True((await transaction.CommitAsync(default)).Index > 0);
        }

        Assert.NotEqual("2001", await cluster.Nodes[0].Database.ReadAsync("SELECT substr(datetime(time / 1000, 'unixepoch'), 1, 4) FROM _rqlite_meta"));
        await cluster.Nodes[0].Database.ExecuteAsync("INSERT INTO t DEFAULT VALUES");
        cluster.Nodes[1].Log.CatchUp(cluster.LastIndex);
        Assert.Equal($"{Now},2001", await cluster.Nodes[1].Database.ReadAsync("SELECT * FROM t WHERE rowid = 1"));
        Assert.NotEqual("2001", await cluster.Nodes[0].Database.ReadAsync("SELECT year FROM t WHERE rowid = 2"));
        Assert.Equal(
            await cluster.Nodes[0].Storage.ContentHashAsync(default), await cluster.Nodes[1].Storage.ContentHashAsync(default));
    }

    [Fact]
    public async Task A_snapshot_that_has_read_the_time_may_write_as_long_as_nothing_else_has_changed()
    {
        await using var cluster = new FakeCluster(1);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(at)");
        await database.ExecuteAsync("CREATE TABLE u(a)");
        await using var snapshot = await database.BeginReadAsync(ReadOptions.Default, default);
        var cursor = await snapshot.ReadAsync(
            Sql.Statement("SELECT strftime('%s %f'), now(), count(*) FROM t"), BatchOptions.None, null, default);
        var seen = await Sql.TextAsync(cursor);
        await cursor.DisposeAsync();

        // Another write, so that what was read is read again on the writer.
        await database.ExecuteAsync("INSERT INTO u VALUES(1)");
        await using (var transaction = await database.BeginAsync(Patient, snapshot, default))
        {
            Assert.Equal(seen, await RunAsync(transaction, "SELECT strftime('%s %f'), now(), count(*) FROM t"));
            await RunAsync(transaction, "INSERT INTO t VALUES(now())");
            Assert.True((await transaction.CommitAsync(default)).Index > 0);
        }

        await using var late = await database.BeginReadAsync(ReadOptions.Default, default);
        cursor = await late.ReadAsync(Sql.Statement("SELECT now(), count(*) FROM t"), BatchOptions.None, null, default);
        _ = await Sql.TextAsync(cursor);
        await cursor.DisposeAsync();
        await database.ExecuteAsync("INSERT INTO t VALUES(2)");
        var failure = await Assert.ThrowsAsync<ClusterException>(() => database.BeginAsync(Patient, late, default).AsTask());
        Assert.Equal(ClusterError.Serialization, failure.Error);
    }

    [Fact]
    public async Task Writers_come_one_after_the_other_and_none_is_lost()
    {
        const int Clients = 16;
        await using var cluster = new FakeCluster(2);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(n)");
        await database.ExecuteAsync("INSERT INTO t VALUES(0)");
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                if (client % 2 == 0)
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
        Assert.Equal($"{Clients * 20}", await database.ReadAsync("SELECT n FROM t"));
        cluster.Nodes[1].Log.CatchUp(cluster.LastIndex);
        Assert.Equal(
            await cluster.Nodes[0].Storage.ContentHashAsync(default), await cluster.Nodes[1].Storage.ContentHashAsync(default));
    }

    [Fact]
    public async Task Waiting_writes_and_waiting_transactions_take_turns()
    {
        await using var cluster = new FakeCluster(1);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(a)");
        var holder = await database.BeginAsync(Patient, null, default);
        var second = database.BeginAsync(Patient, null, default).AsTask();
        var third = database.BeginAsync(Patient, null, default).AsTask();
        var write = database.ExecuteAsync("INSERT INTO t VALUES(1)");
        await holder.DisposeAsync();
        await write.WaitAsync(Bound);
        await using (var transaction = await second.WaitAsync(Bound))
        {
            Assert.False(third.IsCompleted);
            Assert.Equal("1", await RunAsync(transaction, "SELECT count(*) FROM t"));
        }

        await (await third.WaitAsync(Bound)).DisposeAsync();
    }

    [Fact]
    public async Task The_wait_for_the_writer_can_be_limited_and_given_up()
    {
        await using var cluster = new FakeCluster(1);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(a)");
        await using (await database.BeginAsync(Patient, null, default))
        {
            var late = await Assert.ThrowsAsync<ClusterException>(
                () => database.BeginAsync(Patient with { LockTimeout = TimeSpan.FromMilliseconds(20) }, null, default).AsTask());
            Assert.Equal(ClusterError.LockTimeout, late.Error);
            using var cancelled = new CancellationTokenSource();
            var waiting = database.BeginAsync(Patient, null, cancelled.Token).AsTask();
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        await database.ExecuteAsync("INSERT INTO t VALUES(1)").WaitAsync(Bound);
    }

    [Fact]
    public async Task An_idle_holder_gives_way()
    {
        await using var cluster = new FakeCluster(1);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(a)");
        await using var transaction = await database.BeginAsync(Patient with { IdleTimeout = TimeSpan.FromMilliseconds(50) }, null, default);
        await database.ExecuteAsync("INSERT INTO t VALUES(1)").WaitAsync(Bound);
        var late = await Assert.ThrowsAsync<ClusterException>(() => RunAsync(transaction, "INSERT INTO t VALUES(2)"));
        Assert.Equal(ClusterError.IdleTransaction, late.Error);
        Assert.Equal("1", await database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task An_idle_holder_without_a_limit_of_its_own_gives_way_only_to_those_who_wait()
    {
        await using var cluster = new FakeCluster(1, time: new FastClock());
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(a)");
        await using var transaction = await database.BeginAsync(Patient, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(1)");

        // Longer than it may keep others waiting, by its clock.
        await Task.Delay(TransactionOptions.WaitedIdleMax / 5);
        await RunAsync(transaction, "INSERT INTO t VALUES(2)");
        await database.ExecuteAsync("INSERT INTO t VALUES(3)").WaitAsync(Bound);
        var late = await Assert.ThrowsAsync<ClusterException>(() => RunAsync(transaction, "INSERT INTO t VALUES(4)"));
        Assert.Equal(ClusterError.IdleTransaction, late.Error);
        Assert.Equal("3", await database.ReadAsync("SELECT a FROM t"));
    }

    private sealed class FastClock : TimeProvider
    {
        public override long GetTimestamp() => base.GetTimestamp() * 10;
    }

    [Fact]
    public async Task Statements_that_are_ended_fail_the_transaction_and_a_savepoint_leads_back()
    {
        await using var cluster = new FakeCluster(2);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(a)");
        await using var transaction = await database.BeginAsync(Patient with { Savepoints = 1 }, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(1)");
        await transaction.SetSavepointAsync(default);
        const string Endless = "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n";
        Assert.StartsWith("error", await RunAsync(transaction, Endless, TimeSpan.FromMilliseconds(30)));
        await transaction.RollBackToAsync(1, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(2)");
        Assert.Equal(2, (await transaction.CommitAsync(default)).Index);
        Assert.Equal("1;2", await database.ReadAsync("SELECT a FROM t"));
        cluster.Nodes[1].Log.CatchUp(2);
    }

    [Fact]
    public async Task Leadership_lost_before_the_commit_undoes_all_and_lets_others_apply()
    {
        await using var cluster = new FakeCluster(2);
        var node = cluster.Nodes[0];
        await node.Database.ExecuteAsync("CREATE TABLE t(a)");
        await using var transaction = await node.Database.BeginAsync(Patient, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(1)");
        var waiting = node.Database.BeginAsync(Patient, null, default).AsTask();
        cluster.Nodes[1].Log.CatchUp(1);
        cluster.Lead(cluster.Nodes[1]);
        await using (var second = await waiting.WaitAsync(Bound))
        {
            await RunAsync(second, "INSERT INTO t VALUES(2)");
            Assert.Equal(2, (await second.CommitAsync(default)).Index);
        }

        node.Log.CatchUp(2);
        var lost = await Assert.ThrowsAsync<ClusterException>(() => transaction.CommitAsync(default).AsTask());
        Assert.Equal(ClusterError.Serialization, lost.Error);
        Assert.Equal("2", await node.Database.ReadAsync("SELECT a FROM t", new() { Consistency = ReadConsistency.None }));
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
        await using var transaction = await node.Database.BeginAsync(Patient, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(1)");
        node.Log.Other = cluster.Entry(1);
        node.Log.Fate = fate;
        var failed = await Assert.ThrowsAsync<ClusterException>(() => transaction.CommitAsync(default).AsTask());
        Assert.Equal(expected, failed.Error);
        node.Log.Fate = Fate.Applied;
        await node.Database.ExecuteAsync("INSERT INTO t VALUES(2)").WaitAsync(Bound);
        Assert.Equal(happens ? "1;2" : "2", await node.Database.ReadAsync("SELECT a FROM t"));
        cluster.Nodes[1].Log.CatchUp(cluster.LastIndex);
        Assert.Equal(await node.Storage.ContentHashAsync(default), await cluster.Nodes[1].Storage.ContentHashAsync(default));
    }

    [Fact]
    public async Task A_snapshot_that_was_overtaken_may_write_as_long_as_its_answers_hold()
    {
        await using var cluster = new FakeCluster(1);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(a, b)");
        await database.ExecuteAsync("INSERT INTO t VALUES(1, 1), (2, 2)");
        foreach (var (write, holds) in new[] { ("UPDATE t SET b = 5 WHERE a = 2", true), ("UPDATE t SET b = 6 WHERE a = 1", false) })
        {
            await using var snapshot = await database.BeginReadAsync(ReadOptions.Default, default);
            await using (var cursor = await snapshot.ReadAsync(Sql.Statement("SELECT b FROM t WHERE a = 1"), BatchOptions.None, null, default))
            {
                Assert.True(await cursor.WaitToReadAsync(default));
            }

            await database.ExecuteAsync(write);
            if (holds)
            {
                await using var transaction = await database.BeginAsync(Patient, snapshot, default);
                Assert.Equal("5", await RunAsync(transaction, "SELECT b FROM t WHERE a = 2"));
            }
            else
            {
                var failed = await Assert.ThrowsAsync<ClusterException>(() => database.BeginAsync(Patient, snapshot, default).AsTask());
                Assert.Equal(ClusterError.Serialization, failed.Error);
            }
        }

        await database.ExecuteAsync("DELETE FROM t").WaitAsync(Bound);
    }

    [Fact]
    public async Task Clients_that_vanish_at_any_step_leave_nothing_behind()
    {
        const int Seed = 11;
        var random = new Random(Seed);
        await using var cluster = new FakeCluster(2);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(a)");
        var committed = 0;
        for (var i = 0; i < 1000; i++)
        {
            var step = random.Next(7);
            using var gone = new CancellationTokenSource();
            var blocker = step == 0 ? await database.BeginAsync(Patient, null, default) : null;
            var begun = database.BeginAsync(Patient, null, gone.Token).AsTask();
            if (blocker is not null)
            {
                await gone.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => begun);
                await blocker.DisposeAsync();
                continue;
            }

            await using var transaction = await begun.WaitAsync(Bound);
            if (step >= 2)
            {
                await RunAsync(transaction, "INSERT INTO t VALUES(1)");
            }

            if (step >= 3)
            {
                await transaction.SetSavepointAsync(default);
                await RunAsync(transaction, step == 3 ? "INSERT INTO nowhere VALUES(1)" : "INSERT INTO t VALUES(2)");
            }

            if (step >= 5)
            {
                await transaction.RollBackToAsync(0, default);
            }

            if (step == 6)
            {
                Assert.True((await transaction.CommitAsync(default)).Index > 0);
                committed++;
            }
        }

        await database.ExecuteAsync("INSERT INTO t VALUES(3)").WaitAsync(Bound);
        Assert.Equal($"{committed + 1}", await database.ReadAsync("SELECT count(*) FROM t"));
        cluster.Nodes[1].Log.CatchUp(cluster.LastIndex);
        Assert.Equal(
            await cluster.Nodes[0].Storage.ContentHashAsync(default), await cluster.Nodes[1].Storage.ContentHashAsync(default));
    }

    [Fact]
    public void A_transaction_s_entry_says_what_was_written_and_is_refused_if_it_is_cut()
    {
        var entry = new TransactionEntry(7, 6, 8, BatchOptions.ForeignKeys, [new(0, Sql.Statement("a", 1)), new(3, Sql.Statement("b"))]) { Clock = 9, RequestId = new(10, 11) };
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        LogTransactionEncoding.Write(output, new(1, 2, 3, entry));
        Assert.Equal(output.WrittenCount, LogTransactionEncoding.Measure(entry));
        var read = LogTransactionEncoding.Read(output.WrittenMemory);
        Assert.Equal(
            ((UInt128)1, 2L, 3UL, 7L, 6L, 8UL, 9L, new RequestId(10, 11)),
            (read.Nonce, read.UnixMicroseconds, read.Seed, read.Entry.BaseIndex, read.Entry.BaseTerm, read.Entry.Digest, read.Entry.Clock, read.Entry.RequestId));
        Assert.Equal([0, 3], read.Entry.Statements.Select(s => s.Ordinal));
        Assert.Equal("b"u8.ToArray(), read.Entry.Statements[1].Statement.Sql.ToArray());
        for (var i = 0; i < output.WrittenCount; i++)
        {
            Assert.Throws<InvalidDataException>(() => LogTransactionEncoding.Read(output.WrittenMemory[..i]));
        }
    }

    private static async Task<string> RunAsync(ITransaction transaction, string sql, TimeSpan? timeout = null)
    {
        await using var cursor = await transaction.RunAsync(Sql.Statement(sql), timeout, default);
        return await Sql.TextAsync(cursor);
    }
}
