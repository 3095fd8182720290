using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>What a dialect's functions and tables ask and answer, wherever their statements run.</summary>
public sealed class DataDialectTests
{
    private static readonly SqlExtensions s_extensions = new(
        [
            new("t_user", 0, Purity.Stable, (in FunctionCall call) => call.ReturnText(UserOf(call))) { AsksSession = true },
            new("t_process", 0, Purity.Stable, (in FunctionCall call) => call.Return(call.Statement.Caller?.ProcessId ?? 0)) { AsksSession = true },
            new("t_fail", 0, Purity.Volatile, (in FunctionCall call) => throw new SqlFunctionException("P0001", "no", "too little", "try more")),
            new("t_now", 0, Purity.Stable, (in FunctionCall call) => call.Return(call.Statement.TransactionTime)),
            new("t_random", 0, Purity.Volatile, (in FunctionCall call) => call.Return(call.Statement.NextRandom())),
            new("t_tables", 0, Purity.Stable, CountTables),
        ],
        [],
        [],
        [new Series()]);

    private static readonly ReadOptions AnyState = new() { Consistency = ReadConsistency.None };

    [Fact]
    public async Task Tables_and_functions_write_the_same_rows_on_all_nodes()
    {
        await using var cluster = new FakeCluster(3, sql: s_extensions);
        var follower = cluster.Nodes[1].Database;
        await follower.ExecuteAsync("CREATE TABLE t(a, b, c)", "INSERT INTO t SELECT value, t_random(), t_tables() FROM t_series(1, 5)");
        await using (var transaction = await follower.BeginAsync(new(), null, default))
        {
            await RunAsync(transaction, "CREATE TABLE u(x)");
            await RunAsync(transaction, "INSERT INTO t SELECT s.value, t_random(), t_tables() FROM t, t_series(t.a, 5) s");
            Assert.True((await transaction.CommitAsync(default)).Index > 0);
        }

        await CheckAsync(cluster, "SELECT count(*), count(DISTINCT b), sum(a), min(c), max(c) FROM t", "20,20,70,1,2");
    }

    [Fact]
    public async Task Two_rows_of_one_millisecond_have_different_times()
    {
        await using var cluster = new FakeCluster(2, sql: s_extensions, time: new Standing());
        var leader = cluster.Nodes[0].Database;
        await leader.ExecuteAsync("CREATE TABLE t(at DEFAULT (now()), us)");
        for (var i = 0; i < 3; i++)
        {
            await leader.ExecuteAsync("INSERT INTO t(us) VALUES (t_now())");
        }

        await CheckAsync(
            cluster,
            "SELECT count(DISTINCT at), count(DISTINCT us), min(us) > 1000000000000000, max(us) < 1000000000001000, max(at) = printf('2001-09-09 01:46:40.%06d', max(us) % 1000) FROM t",
            "3,3,1,1,1");
    }

    [Fact]
    public async Task An_error_has_its_state_detail_and_hint_on_a_follower()
    {
        await using var cluster = new FakeCluster(2, sql: s_extensions);
        var follower = cluster.Nodes[1].Database;
        var expected = new StatementError(1, "no", -1) { SqlState = "P0001", Detail = "too little", Hint = "try more" };
        await using (var rows = await follower.ReadAsync(Sql.Statement("SELECT t_fail()"), BatchOptions.None, ReadOptions.Default, default))
        {
            Assert.Equal(expected, await ErrorAsync(rows));
        }

        await using (var result = await follower.ExecuteAsync(Sql.Batch("SELECT t_fail()"), WriteOptions.Default, default))
        {
            Assert.Equal(expected, await ErrorAsync((await result.NextAsync(default))!));
        }

        await using var transaction = await follower.BeginAsync(new(), null, default);
        await using (var rows = await transaction.RunAsync(Sql.Statement("SELECT t_fail()"), null, default))
        {
            Assert.Equal(expected, await ErrorAsync(rows));
        }
    }

    [Fact]
    public async Task A_session_s_settings_travel_with_its_statements()
    {
        await using var cluster = new FakeCluster(3, sql: s_extensions);
        foreach (var node in cluster.Nodes.Take(2))
        {
            var caller = new CallerSession(node.Database.NodeId, 5, 6, [], 0) { Settings = Settings("ann") };
            var name = node == cluster.Nodes[0] ? "here" : "there";
            await node.Database.ExecuteAsync($"CREATE TABLE {name}(u, p)");

            var reads = ReadOptions.Default with { Caller = caller };
            Assert.Equal("ann,6", await node.Database.ReadAsync("SELECT t_user(), t_process()", reads));
            Assert.Equal("none,0", await node.Database.ReadAsync("SELECT t_user(), t_process()"));
            var statement = Sql.Statement("SELECT t_user(), t_process()") with { Settings = Settings("bob") };
            await using (var rows = await node.Database.ReadAsync(statement, BatchOptions.None, reads, default))
            {
                Assert.Equal("bob,6", await Sql.TextAsync(rows));
            }

            await using (var snapshot = await node.Database.BeginReadAsync(reads, default))
            await using (var rows = await snapshot.ReadAsync(statement, BatchOptions.None, null, default))
            {
                Assert.Equal("bob,6", await Sql.TextAsync(rows));
            }

            var batch = new StatementBatch([Sql.Statement($"INSERT INTO {name} VALUES (t_user(), t_process())"), Sql.Statement($"INSERT INTO {name} VALUES (t_user(), 1)") with { Settings = Settings("bob") }], BatchOptions.None);
            await node.Database.ExecuteAsync(batch with { Caller = caller }, WriteOptions.Default, default).TextAsync();
            await using (var transaction = await node.Database.BeginAsync(new() { Caller = caller }, null, default))
            {
                await RunAsync(transaction, $"INSERT INTO {name} VALUES (t_user(), t_process())");
                await using (await transaction.RunAsync(Sql.Statement($"INSERT INTO {name} VALUES (t_user(), t_process())") with { Settings = Settings("eve") }, null, default))
                {
                }

                await transaction.CommitAsync(default);
            }

            await CheckAsync(cluster, $"SELECT * FROM {name}", "ann,6;bob,1;ann,6;eve,6");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Statements_for_another_schema_are_sent_back_with_the_entry_that_shows_it(int number)
    {
        await using var cluster = new FakeCluster(3, sql: s_extensions);
        var database = cluster.Nodes[number].Database;
        await database.ExecuteAsync("CREATE TABLE t(x)");
        await database.WaitForIndexAsync(cluster.LastIndex, default);
        var version = (await database.DescribeAsync(Sql.Statement("SELECT x FROM t"), BatchOptions.None, 0, default)).SchemaVersion;
        var batch = Sql.Batch("INSERT INTO t VALUES (1)") with { SchemaVersion = version };
        Assert.Equal(["changed 1"], await database.ExecuteAsync(batch, WriteOptions.Default, default).TextAsync());
        Assert.Equal("1", await database.ReadAsync("SELECT x FROM t", ReadOptions.Default with { SchemaVersion = version }));
        await using (var transaction = await database.BeginAsync(new() { SchemaVersion = version }, null, default))
        {
            await RunAsync(transaction, "INSERT INTO t VALUES (2)");
            await transaction.CommitAsync(default);
        }

        await cluster.Nodes[0].Database.ExecuteAsync("ALTER TABLE t RENAME x TO y");
        var moved = new List<ClusterException>
        {
            await Assert.ThrowsAsync<ClusterException>(() => database.ExecuteAsync(batch, WriteOptions.Default with { IdempotencyKey = "k" }, default).AsTask()),
            await Assert.ThrowsAsync<ClusterException>(() => database.ReadAsync("SELECT y FROM t", ReadOptions.Default with { SchemaVersion = version })),
            await Assert.ThrowsAsync<ClusterException>(() => database.BeginAsync(new() { SchemaVersion = version }, null, default).AsTask()),
            await Assert.ThrowsAsync<ClusterException>(async () => await (await database.QueryAsync(
                Sql.Atomic("SELECT y FROM t") with { SchemaVersion = version }, ReadOptions.Default with { Consistency = ReadConsistency.Strong }, default)).TextAsync()),
        };
        foreach (var error in moved)
        {
            Assert.Equal(ClusterError.SchemaMoved, error.Error);
            await database.WaitForIndexAsync(error.Index, default).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.True(error.Index >= 4);
        }

        var now = (await database.DescribeAsync(Sql.Statement("SELECT y FROM t"), BatchOptions.None, 0, default)).SchemaVersion;
        Assert.Equal(version + 1, now);
        var last = await Assert.ThrowsAsync<ClusterException>(
            () => database.BeginReadAsync(AnyState with { SchemaVersion = version }, default).AsTask());
        Assert.Equal(ClusterError.SchemaMoved, last.Error);
        await using (var snapshot = await database.BeginReadAsync(AnyState with { SchemaVersion = now }, default))
        {
            Assert.Equal(now, snapshot.SchemaVersion);
        }

        // Nothing was kept under the key.
        batch = Sql.Batch("INSERT INTO t VALUES (3)") with { SchemaVersion = now };
        Assert.Equal(["changed 1"], await database.ExecuteAsync(batch, WriteOptions.Default with { IdempotencyKey = "k" }, default).TextAsync());
        await CheckAsync(cluster, "SELECT y FROM t", "1;2;3");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_transaction_peeks_at_its_own_schema(int number)
    {
        await using var cluster = new FakeCluster(2, sql: s_extensions);
        var database = cluster.Nodes[number].Database;
        await database.ExecuteAsync("CREATE TABLE t(x)");
        await using var transaction = await database.BeginAsync(new(), null, default);
        await RunAsync(transaction, "CREATE TABLE u(x)");
        Assert.Equal("2", await PeekAsync(transaction, "SELECT t_tables()"));
        Assert.StartsWith("error: no such table", await PeekAsync(transaction, "SELECT * FROM missing"), StringComparison.Ordinal);
        Assert.StartsWith("error: attempt to change", await PeekAsync(transaction, "DELETE FROM t"), StringComparison.Ordinal);
        Assert.True(await transaction.SuspendAsync(default));
        await database.ExecuteAsync("INSERT INTO t VALUES (1)");
        Assert.Equal("1", await PeekAsync(transaction, "SELECT count(*) FROM t"));
        Assert.True((await transaction.CommitAsync(default)).Index > 0);
        await CheckAsync(cluster, "SELECT t_tables()", "2");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_transaction_can_be_looked_at_after_a_failure_and_goes_on_from_its_savepoint(int number)
    {
        await using var cluster = new FakeCluster(2, sql: s_extensions);
        var database = cluster.Nodes[number].Database;
        await database.ExecuteAsync("CREATE TABLE t(x UNIQUE)");
        await using var transaction = await database.BeginAsync(new(), null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES (1)");
        await transaction.SetSavepointAsync(default);
        Assert.StartsWith("error: UNIQUE", await RunAsync(transaction, "INSERT INTO t VALUES (2), (1)"), StringComparison.Ordinal);
        Assert.Equal("1", await PeekAsync(transaction, "SELECT x FROM t"));
        Assert.StartsWith("error: no such table", await PeekAsync(transaction, "SELECT * FROM missing"), StringComparison.Ordinal);
        Assert.Null((await transaction.DescribeAsync(Sql.Statement("SELECT x FROM t"), default)).Error);
        await transaction.RollBackToAsync(0, default);
        await RunAsync(transaction, "INSERT INTO t VALUES (3)");
        Assert.True((await transaction.CommitAsync(default)).Index > 0);
        await CheckAsync(cluster, "SELECT x FROM t", "1;3");
    }

    /// <summary>A statement that has undone the whole transaction leaves nothing to look at, and what stood before it comes back with its savepoint.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_transaction_that_SQLite_has_undone_shows_nothing(int number)
    {
        await using var cluster = new FakeCluster(2, sql: s_extensions);
        var database = cluster.Nodes[number].Database;
        await database.ExecuteAsync("CREATE TABLE t(x UNIQUE)");
        await using var transaction = await database.BeginAsync(new(), null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES (1)");
        await transaction.SetSavepointAsync(default);
        Assert.StartsWith("error", await RunAsync(transaction, "INSERT OR ROLLBACK INTO t VALUES (1)"), StringComparison.Ordinal);
        Assert.StartsWith("error", await PeekAsync(transaction, "SELECT x FROM t"), StringComparison.Ordinal);
        Assert.NotNull((await transaction.DescribeAsync(Sql.Statement("SELECT x FROM t"), default)).Error);
        await transaction.RollBackToAsync(0, default);
        Assert.True((await transaction.CommitAsync(default)).Index > 0);
        await CheckAsync(cluster, "SELECT x FROM t", "1");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Groups_of_statements_take_effect_together_on_all_nodes(int number)
    {
        await using var cluster = new FakeCluster(3, sql: s_extensions);
        var database = cluster.Nodes[number].Database;
        var caller = new CallerSession(database.NodeId, 5, 6, [], 0);
        await database.ExecuteAsync("CREATE TABLE t(x UNIQUE, u)");
        var good = Statement.Group([Sql.Statement("INSERT INTO t VALUES (?, t_user()) RETURNING u", 1), Sql.Statement("CREATE TABLE u AS SELECT t_random() AS r")], 0) with { Settings = Settings("bob") };
        var bad = Statement.Group([Sql.Statement("INSERT INTO t VALUES (2, 0)"), Sql.Statement("INSERT INTO t VALUES (1, 0)")], -1);
        var batch = new StatementBatch([good, bad, Sql.Statement("INSERT INTO t VALUES (3, 0)")], BatchOptions.None) { Caller = caller };
        Assert.Equal(["bob", "error: UNIQUE constraint failed: t.x", "changed 1"], await database.ExecuteAsync(batch, WriteOptions.Default, default).TextAsync());
        await using (var transaction = await database.BeginAsync(new() { Caller = caller }, null, default))
        {
            await transaction.SetSavepointAsync(default);
            await using (var rows = await transaction.RunAsync(bad, null, default))
            {
                Assert.StartsWith("error", await Sql.TextAsync(rows), StringComparison.Ordinal);
            }

            await transaction.RollBackToAsync(0, default);
            var group = Statement.Group([Sql.Statement("INSERT INTO t VALUES (4, t_user())"), Sql.Statement("UPDATE t SET x = x + 10")], 1) with { Settings = Settings("eve") };
            await using (var rows = await transaction.RunAsync(group, null, default))
            {
                Assert.Equal("changed 3", await Sql.TextAsync(rows));
            }

            await transaction.CommitAsync(default);
        }

        await CheckAsync(cluster, "SELECT x, u FROM t", "11,bob;13,0;14,eve");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_rewritten_definition_holds_on_all_nodes_or_on_none(int number)
    {
        const string Strict = "CREATE TABLE c(x INTEGER CHECK (x > 0))";
        await using var cluster = new FakeCluster(3, sql: s_extensions);
        var database = cluster.Nodes[number].Database;
        await database.ExecuteAsync("CREATE TABLE c(x)", "@CREATE TABLE _rqlite_class(oid, name)");
        var rewrite = SchemaCommand.RewriteDefinition("table", "c", Strict);
        await using (var lost = await database.BeginAsync(new(), null, default))
        {
            await RunAsync(lost, rewrite);
            Assert.StartsWith("error: CHECK", await RunAsync(lost, "INSERT INTO c VALUES (0)"), StringComparison.Ordinal);
        }

        await using (var orphan = await database.BeginAsync(new(), null, default))
        {
            await RunAsync(orphan, rewrite);
            cluster.Lead(cluster.Nodes[2]);
            await Assert.ThrowsAsync<ClusterException>(() => RunAsync(orphan, "INSERT INTO c VALUES (1)"));
        }

        cluster.Lead(cluster.Nodes[0]);
        Assert.Equal(["changed 1"], await database.ExecuteAsync("INSERT INTO c VALUES (0)"));
        await using (var transaction = await database.BeginAsync(new(), null, default))
        {
            await transaction.SetSavepointAsync(default);
            await RunAsync(transaction, rewrite);
            await transaction.RollBackToAsync(0, default);
            Assert.Equal("changed 1", await RunAsync(transaction, "INSERT INTO c VALUES (-1)"));
            Assert.Equal("changed 2", await RunAsync(transaction, "DELETE FROM c"));
            await RunAsync(transaction, Statement.Group([rewrite, Statement.Ours("INSERT INTO _rqlite_class VALUES (1, 'c')"u8.ToArray())], -1));
            Assert.True(await transaction.SuspendAsync(default));
            Assert.Equal("changed 1", await RunAsync(transaction, "INSERT INTO c VALUES (1)"));
            Assert.True((await transaction.CommitAsync(default)).Index > 0);
        }

        Assert.StartsWith("error: CHECK", Assert.Single(await database.ExecuteAsync("INSERT INTO c VALUES (0)")), StringComparison.Ordinal);
        await CheckAsync(cluster, "SELECT sql, x, oid FROM sqlite_schema, c, _rqlite_class WHERE sqlite_schema.name = 'c'", Strict + ",1,1");
        var versions = new HashSet<string>();
        foreach (var node in cluster.Nodes)
        {
            versions.Add(await node.Database.ReadAsync("PRAGMA schema_version", AnyState with { MinIndex = cluster.LastIndex }));
        }

        Assert.Single(versions);
    }

    [Fact]
    public void Settings_are_read_as_they_were_written()
    {
        var caller = new CallerSession(Guid.NewGuid(), 5, 6, [new SequenceValue(1, "ä", 2, 3, 4)], 1) { Settings = Settings("ann") };
        var batch = new StatementBatch(
            [Sql.Statement("a", 1) with { Settings = Settings("bob") }, Sql.Statement("b"), Sql.Statement("c") with { Settings = Settings("bob") }, Sql.Statement("d") with { Settings = Settings("é") }, Statement.Group([Sql.Statement("e", "f"), Sql.Statement("g")], 1) with { Settings = Settings("bob") }],
            BatchOptions.Atomic) { Caller = caller, SchemaVersion = -7 };
        var output = new ArrayBufferWriter<byte>();
        LogCommandEncoding.WriteBatch(output, batch);
        Assert.Equal(LogCommandEncoding.Measure(batch) - 16, output.WrittenCount);
        var reader = new FieldReader(output.WrittenMemory);
        var read = LogCommandEncoding.ReadBatch(ref reader);
        reader.End();
        Assert.Equal((BatchOptions.Atomic, caller.Settings, -7L), (read.Options, read.Caller!.Settings, read.SchemaVersion));
        Assert.Equal(batch.Statements.Select(s => s.Settings), read.Statements.Select(s => s.Settings));
        Assert.Same(read.Statements[0].Settings, read.Statements[2].Settings);
        Assert.Equal((2, 1, "g"), (read.Statements[4].Steps.Count, read.Statements[4].Answer, System.Text.Encoding.UTF8.GetString(read.Statements[4].Steps[1].Sql.Span)));

        var entry = new TransactionEntry(1, 1, 2, BatchOptions.ForeignKeys, [.. batch.Statements.Select((s, i) => new TransactionStatement(i, s))]) { Caller = caller };
        var log = new ArrayBufferWriter<byte>();
        LogTransactionEncoding.Write(log, new(1, 2, 3, entry));
        Assert.Equal(LogTransactionEncoding.Measure(entry), log.WrittenCount);
        var transaction = LogTransactionEncoding.Read(log.WrittenMemory).Entry;
        Assert.Equal((BatchOptions.ForeignKeys, caller.Settings), (transaction.Options, transaction.Caller!.Settings));
        Assert.Equal(batch.Statements.Select(s => s.Settings), transaction.Statements.Select(s => s.Statement.Settings));
        foreach (var (written, parse) in ((ReadOnlyMemory<byte>, Action<ReadOnlyMemory<byte>>)[])
            [(output.WrittenMemory, ReadBatch), (log.WrittenMemory, bytes => LogTransactionEncoding.Read(bytes))])
        {
            for (var length = 0; length < written.Length; length++)
            {
                Assert.Throws<InvalidDataException>(() => parse(written[..length]));
            }
        }

        static void ReadBatch(ReadOnlyMemory<byte> bytes)
        {
            var reader = new FieldReader(bytes);
            _ = LogCommandEncoding.ReadBatch(ref reader);
        }
    }

    private static SessionSettings Settings(string user) =>
        new(user, "session", "db", ["public", "é"], new Dictionary<string, string> { ["TimeZone"] = "UTC", ["DateStyle"] = "ISO, MDY" });

    private static string UserOf(in FunctionCall call) => call.Statement.Caller?.Settings?.User ?? "none";

    private static void CountTables(in FunctionCall call)
    {
        var count = 0L;
        call.Statement.Sql.Read(
            Sql.Statement("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'"), (in SqlRow row) => count = row[0].Integer);
        call.Return(count);
    }

    private static async Task CheckAsync(FakeCluster cluster, string sql, string expected)
    {
        foreach (var node in cluster.Nodes)
        {
            Assert.Equal(expected, await node.Database.ReadAsync(sql, AnyState with { MinIndex = cluster.LastIndex }));
        }

        var hash = await cluster.Nodes[0].Storage.ContentHashAsync(default);
        foreach (var node in cluster.Nodes)
        {
            Assert.Equal(hash, await node.Storage.ContentHashAsync(default));
        }
    }

    private static async Task<StatementError?> ErrorAsync(RowCursor rows)
    {
        Assert.False(await rows.WaitToReadAsync(default));
        return rows.Outcome.Error;
    }

    private static async Task<string> PeekAsync(ITransaction transaction, string sql)
    {
        await using var rows = await transaction.PeekAsync(Sql.Statement(sql), default);
        return await Sql.TextAsync(rows);
    }

    private static Task<string> RunAsync(ITransaction transaction, string sql) => RunAsync(transaction, Sql.Statement(sql));

    private static async Task<string> RunAsync(ITransaction transaction, Statement statement)
    {
        await using var rows = await transaction.RunAsync(statement, null, default);
        return await Sql.TextAsync(rows);
    }

    /// <summary>A clock that stands still.</summary>
    private sealed class Standing : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(1_000_000_000);
    }

    private sealed class Series() : SqlTable("t_series", [new("value", "INTEGER")])
    {
        public override int Arguments => 2;

        public override SqlRowScan Scan(int key, in FunctionCall call) => new Numbers(call.Integer(0), call.Integer(1));
    }

    private sealed class Numbers(long first, long last) : SqlRowScan
    {
        private long _at = first - 1;

        public override bool Read() => ++_at <= last;

        public override void Column(int column, in FunctionCall answer) => answer.Return(_at);
    }
}
