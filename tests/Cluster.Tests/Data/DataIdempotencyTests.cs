using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Writes that clients name by a key.</summary>
public sealed class DataIdempotencyTests
{
    private static readonly WriteOptions Key = new() { IdempotencyKey = "order-17" };

    [Fact]
    public async Task A_repetition_gets_the_first_answer_on_every_node_and_under_every_leader()
    {
        await using var cluster = await TableAsync(3);
        var first = await cluster.Nodes[1].Database.ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(7) RETURNING a, rowid", "nonsense"), Key, default);
        Assert.False(first.Replayed);
        var index = first.RaftIndex;
        var answer = await first.TextAsync();
        Assert.Equal("7,1", answer[0]);
        await cluster.Nodes[0].Database.ExecuteAsync("DELETE FROM t");
        foreach (var leader in cluster.Nodes)
        {
            leader.Log.CatchUp(cluster.LastIndex);
            cluster.Lead(leader);
            foreach (var node in cluster.Nodes)
            {
                await using var again = await node.Database.ExecuteAsync(
                    Sql.Batch("INSERT INTO t VALUES(7) RETURNING a, rowid", "nonsense"), Key, default);
                Assert.True(again.Replayed);
                Assert.Equal(index, again.RaftIndex);
                Assert.Equal(answer, await again.TextAsync());
            }
        }

        Assert.Equal("0", await cluster.Nodes[0].Database.ReadAsync("SELECT count(*) FROM t"));
        Assert.Single(Digests(cluster).Distinct());
    }

    [Fact]
    public async Task Tries_that_travel_in_one_entry_and_right_behind_it_run_once()
    {
        await using var cluster = await TableAsync(2);
        var database = cluster.Nodes[0].Database;
        cluster.Nodes[0].Log.Hold();
        var opener = database.ExecuteAsync("INSERT INTO t VALUES(1)");
        var tries = Enumerable.Range(0, 5).Select(_ => database.ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(7) RETURNING a"), Key, default).AsTask()).ToList();
        cluster.Nodes[0].Log.Release();
        await opener;
        tries.Add(database.ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(7) RETURNING a"), Key, default).AsTask());
        var results = await Task.WhenAll(tries);
        Assert.Single(results, static result => !result.Replayed);
        Assert.Single(results.Select(static result => result.RaftIndex).Distinct());
        foreach (var result in results)
        {
            Assert.Equal(["7"], await result.TextAsync());
        }

        Assert.Equal("1;7", await database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task The_same_key_with_another_request_is_refused_and_does_nothing()
    {
        await using var cluster = await TableAsync(2);
        await cluster.Nodes[0].Database.ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(7)"), Key, default).TextAsync();
        StatementBatch[] others =
        [
            Sql.Batch("INSERT INTO t VALUES(8)"),
            Sql.Batch("INSERT INTO t VALUES(7)", "SELECT 1"),
            Sql.Atomic("INSERT INTO t VALUES(7)"),
            new([Sql.Statement("INSERT INTO t VALUES(7)", 1)], BatchOptions.None),
        ];
        foreach (var other in others)
        {
            foreach (var node in cluster.Nodes)
            {
                var error = await Assert.ThrowsAsync<ClusterException>(() => node.Database.ExecuteAsync(other, Key, default).AsTask());
                Assert.Equal(ClusterError.KeyReused, error.Error);
            }
        }

        Assert.Equal("7", await cluster.Nodes[0].Database.ReadAsync("SELECT a FROM t"));
        await cluster.Nodes[0].Database.ExecuteAsync(others[0], new() { IdempotencyKey = "order-18" }, default).TextAsync();
        Assert.Equal("7;8", await cluster.Nodes[0].Database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task A_result_too_large_to_keep_is_told_as_a_write_that_took_effect()
    {
        await using var cluster = await TableAsync(2);
        var batch = Sql.Batch("INSERT INTO t VALUES(hex(zeroblob(50000))) RETURNING a");
        Assert.Equal(100_000, (await cluster.Nodes[0].Database.ExecuteAsync(batch, Key, default).TextAsync())[0].Length);
        foreach (var node in cluster.Nodes)
        {
            var error = await Assert.ThrowsAsync<ClusterException>(() => node.Database.ExecuteAsync(batch, Key, default).AsTask());
            Assert.Equal(ClusterError.ResultLost, error.Error);
            Assert.Contains("took effect", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal("1", await cluster.Nodes[0].Database.ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_key_on_a_request_that_only_reads_means_nothing()
    {
        await using var cluster = await TableAsync(2);
        foreach (var sql in (string[])["SELECT 1", "SELECT 2"])
        {
            await using var result = await cluster.Nodes[0].Database.RequestAsync(Sql.Batch(sql), ReadOptions.Default, Key, default);
            Assert.False(result.Replayed);
            Assert.Equal([sql[^1..]], await result.TextAsync());
        }
    }

    [Fact]
    public async Task A_key_is_kept_for_an_hour_by_the_time_of_entries_and_then_free_again()
    {
        using var folder = new TemporaryFolder();
        await using var storage = folder.Open();
        var id = RequestId.FromKey("k");
        Apply(1, 0, "CREATE TABLE t(a)", default);
        Assert.False(Apply(2, 0, "INSERT INTO t VALUES(1)", id).Duplicate);
        Assert.True(Apply(3, 3_600_000, "INSERT INTO t VALUES(1)", id).Duplicate);
        Assert.True(Apply(4, 3_600_000, "INSERT INTO t VALUES(2)", id).KeyReused);
        Assert.False(Apply(5, 3_600_001, "INSERT INTO t VALUES(2)", id).Duplicate);
        Assert.True(Apply(6, 3_600_002, "INSERT INTO t VALUES(2)", id).Duplicate);

        CommandResult Apply(long index, long unixMilliseconds, string sql, RequestId request)
        {
            var results = new CommandResult?[1];
            storage.Writer.Apply(new(index, 1, unixMilliseconds * 1000, 1), [new(request, Sql.Batch(sql))], results);
            return results[0]!;
        }
    }

    [Fact]
    public void Names_that_nodes_give_are_never_those_of_keys()
    {
        Assert.True(RequestId.FromKey("a").IsKey);
        Assert.NotEqual(RequestId.FromKey("a"), RequestId.FromKey("b"));
        Assert.All(Enumerable.Range(0, 100), static _ => Assert.False(RequestId.Random().IsKey));
    }

    [Fact]
    public async Task A_transaction_is_committed_once_under_its_key_from_whichever_node_and_under_whichever_leader()
    {
        await using var cluster = await TableAsync(3);
        cluster.Nodes[1].Log.CatchUp(cluster.LastIndex);
        await TransactAsync(cluster.Nodes[1].Database, "INSERT INTO t VALUES(7)");
        foreach (var leader in cluster.Nodes)
        {
            leader.Log.CatchUp(cluster.LastIndex);
            cluster.Lead(leader);
            foreach (var node in cluster.Nodes)
            {
                var again = await Assert.ThrowsAsync<ClusterException>(() => TransactAsync(node.Database, "INSERT INTO t VALUES(8)"));
                Assert.Equal(ClusterError.AlreadyCommitted, again.Error);
                var single = await Assert.ThrowsAsync<ClusterException>(
                    () => node.Database.ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(9)"), Key, default).AsTask());
                Assert.Equal(ClusterError.KeyReused, single.Error);
            }
        }

        await cluster.Nodes[2].Database.ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(9)"), Key with { IdempotencyKey = "single" }, default).TextAsync();
        var other = await Assert.ThrowsAsync<ClusterException>(() => TransactAsync(cluster.Nodes[2].Database, "INSERT INTO t VALUES(8)", "single"));
        Assert.Equal(ClusterError.KeyReused, other.Error);
        Assert.Single(Digests(cluster).Distinct());
        Assert.Equal("7;9", await cluster.Nodes[2].Database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task A_transaction_that_is_not_committed_leaves_its_key_to_the_next_try()
    {
        await using var cluster = await TableAsync(2);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE once(a UNIQUE)", "INSERT INTO once VALUES(1)");
        await using (var given = await database.BeginAsync(Named("order-17"), null, default))
        {
            await RunAsync(given, "INSERT INTO t VALUES(1)");
        }

        await using (var idle = await database.BeginAsync(Named("order-17"), null, default))
        {
            Assert.Equal(0, (await idle.CommitAsync(default)).Index);
        }

        // The statement takes the SQLite transaction along, key and all.
        await using (var broken = await database.BeginAsync(Named("order-17"), null, default))
        {
            var text = await RunAsync(broken, "INSERT OR ROLLBACK INTO once VALUES(1)");
            Assert.StartsWith("error", text, StringComparison.Ordinal);
        }

        await using (var savepoint = await database.BeginAsync(Named("order-17") with { Savepoints = 1 }, null, default))
        {
            await RunAsync(savepoint, "INSERT INTO t VALUES(2)");
            await savepoint.RollBackToAsync(0, default);
            Assert.True(await savepoint.SuspendAsync(default));
            await database.ExecuteAsync("INSERT INTO t VALUES(3)");
            await RunAsync(savepoint, "INSERT INTO t VALUES(4)");
            Assert.True((await savepoint.CommitAsync(default)).Index > 0);
        }

        var again = await Assert.ThrowsAsync<ClusterException>(() => TransactAsync(database, "INSERT INTO t VALUES(5)"));
        Assert.Equal(ClusterError.AlreadyCommitted, again.Error);
        Assert.Equal("3;4", await database.ReadAsync("SELECT a FROM t"));
        Assert.Single(Digests(cluster).Distinct());
    }

    [Fact]
    public async Task Of_two_tries_at_once_one_is_committed()
    {
        await using var cluster = await TableAsync(2);
        var database = cluster.Nodes[0].Database;
        await using var first = await database.BeginAsync(Named("order-17"), null, default);
        await RunAsync(first, "INSERT INTO t VALUES(1)");
        Assert.True(await first.SuspendAsync(default));
        await TransactAsync(database, "INSERT INTO t VALUES(2)");
        var late = await Assert.ThrowsAsync<ClusterException>(() => first.CommitAsync(default).AsTask());
        Assert.Equal(ClusterError.Serialization, late.Error);
        var again = await Assert.ThrowsAsync<ClusterException>(() => TransactAsync(database, "INSERT INTO t VALUES(3)"));
        Assert.Equal(ClusterError.AlreadyCommitted, again.Error);
        Assert.Equal("2", await database.ReadAsync("SELECT a FROM t"));
    }

    /// <summary>What stands on an entry that may still be lost must not say of it that it was committed.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_try_behind_one_that_is_on_its_way_waits_until_that_is_certain(bool agreed)
    {
        await using var node = new ScriptedNode(new() { LeaderWait = TimeSpan.FromMilliseconds(5) });
        await node.Database.ExecuteAsync("CREATE TABLE t(a)");
        node.Log.Agrees = false;
        var before = node.LastIndex;
        var first = TransactAsync(node.Database, "INSERT INTO t VALUES(1)");
        while (node.LastIndex == before)
        {
            await Task.Delay(1);
        }

        var again = TransactAsync(node.Database, "INSERT INTO t VALUES(2)");
        for (var i = 0; i < 20; i++)
        {
            await Task.Delay(1);
            Assert.False(again.IsCompleted);
        }

        if (agreed)
        {
            node.Log.Agree();
            await first;
            Assert.Equal(ClusterError.AlreadyCommitted, (await Assert.ThrowsAsync<ClusterException>(() => again)).Error);
            return;
        }

        node.Log.Lose(keeps: before);
        node.Log.Agrees = true;
        node.Log.Win();
        Assert.Equal(ClusterError.OutcomeUnknown, (await Assert.ThrowsAsync<ClusterException>(() => first)).Error);
        await Record.ExceptionAsync(() => again);
        if (again.IsFaulted)
        {
            await TransactAsync(node.Database, "INSERT INTO t VALUES(2)");
        }

        Assert.Equal("2", await node.Database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task The_number_of_keys_is_known_whatever_is_rolled_back()
    {
        var random = new Random(17);
        using var folder = new TemporaryFolder();
        await using var storage = folder.Open();
        storage.Writer.Apply(new(1, 1, 0, 1), [new(default, Sql.Batch("CREATE TABLE t(a UNIQUE)", "INSERT INTO t VALUES(0)"))], null);
        var index = 1L;
        var keys = 0;
        for (var i = 0; i < 300; i++)
        {
            var key = RequestId.FromKey($"{i}");
            var rehearsal = storage.Writer.BeginRehearsal(0, 1, BatchOptions.None, null, null, key);
            rehearsal.Run(Sql.Statement(random.Next(5) == 0 ? "INSERT OR ROLLBACK INTO t VALUES(0)" : $"INSERT INTO t VALUES({i + 1})"), default);
            var what = random.Next(5);
            if (what == 0 || rehearsal.State != RehearsalState.Open || rehearsal.Seal(out _) is not { } entry)
            {
                rehearsal.Dispose();
                continue;
            }

            if (what == 1)
            {
                rehearsal.Withdraw();
                continue;
            }

            rehearsal.Appended(++index, 1);
            keys++;
            if (what < 4)
            {
                Assert.True(storage.Writer.ApplyTransaction(new(index, 1, 0, 1), entry, what == 2 ? rehearsal : null));
            }
            else
            {
                // The next stands upon it.
                var next = storage.Writer.BeginRehearsal(0, 1, BatchOptions.None, null, null, RequestId.FromKey($"on {i}"));
                next.Run(Sql.Statement(random.Next(2) == 0 ? "DELETE FROM t WHERE a < 0" : "INSERT OR ROLLBACK INTO t VALUES(0)"), default);
                next.Dispose();
                Assert.True(storage.Writer.ApplyTransaction(new(index, 1, 0, 1), entry, rehearsal));
            }

            Assert.Equal(keys, storage.Writer.KeysCounted);
        }

        Assert.True(keys > 100);
        Assert.Equal(keys, storage.Writer.Connection.ScalarInteger("SELECT count(*) FROM _rqlite_requests"));
    }

    private static TransactionOptions Named(string key) => new() { IdempotencyKey = key };

    private static async Task TransactAsync(ClusterDatabase database, string sql, string key = "order-17")
    {
        await using var transaction = await database.BeginAsync(Named(key), null, default);
        Assert.Equal("changed 1", await RunAsync(transaction, sql));
        Assert.True((await transaction.CommitAsync(default)).Index > 0);
    }

    private static async Task<string> RunAsync(ITransaction transaction, string sql)
    {
        await using var cursor = await transaction.RunAsync(Sql.Statement(sql), null, default);
        return await Sql.TextAsync(cursor);
    }

    private static IEnumerable<ulong> Digests(FakeCluster cluster)
    {
        foreach (var node in cluster.Nodes)
        {
            node.Log.CatchUp(cluster.LastIndex);
            Assert.True(node.Storage.TryGetDigest(cluster.LastIndex, out var digest));
            yield return digest;
        }
    }

    private static async Task<FakeCluster> TableAsync(int count)
    {
        var cluster = new FakeCluster(count);
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a)");
        return cluster;
    }
}
