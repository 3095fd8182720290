namespace Rqlite.Pg.Storage.Tests;

public class StatementGroupTests
{
    private static readonly CallerSession s_caller = new(Guid.NewGuid(), 3, 4, [], 0);

    [Theory]
    [InlineData(0, "changed 3, last 3")]
    [InlineData(1, "1;2;3")]
    [InlineData(2, "changed 2, last 3")]
    [InlineData(-1, "changed 0, last 0")]
    public async Task One_step_gives_the_answer(int answer, string expected)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(x)");
        var group = Group(answer, "INSERT INTO t VALUES (1), (2), (3)", "SELECT x FROM t", "UPDATE t SET x = x + 10 WHERE x > 1");
        Assert.Equal([expected, "1;12;13"], await ApplyAsync(db, BatchOptions.None, group, TestDatabase.Sql("SELECT x FROM t")));
        using var rehearsal = db.Database.Writer.BeginRehearsal(5, 1, BatchOptions.None);
        await TableTests.RunAsync(rehearsal, "DELETE FROM t");
        Assert.Equal(expected, await RunAsync(rehearsal, group));
        Assert.Equal("1;12;13", await TableTests.RunAsync(rehearsal, "SELECT x FROM t"));
    }

    [Theory]
    [InlineData(BatchOptions.None, true)]
    [InlineData(BatchOptions.None, false)]
    [InlineData(BatchOptions.Atomic, true)]
    public async Task An_error_of_a_step_undoes_the_others_and_no_other_statement(BatchOptions options, bool only)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(x UNIQUE)", "CREATE TABLE kept(x)");
        var group = Group(0, "INSERT INTO t VALUES (1) RETURNING x", "CREATE TABLE u(x)", "SELECT pg_notify('c', 'lost')", "INSERT INTO t VALUES (1)");
        var before = TestDatabase.Sql("INSERT INTO kept VALUES (1)");
        var after = TestDatabase.Sql("INSERT INTO kept VALUES (2)");
        var told = new List<Notification>();
        db.Database.Notified += told.AddRange;
        var results = await ApplyAsync(db, options, only ? [group] : [before, group, after]);
        Assert.Equal("2067: UNIQUE constraint failed: t.x", results[only ? 0 : 1]);
        Assert.Equal(only ? "" : "1;2", await db.QueryAsync("SELECT x FROM kept"));
        Assert.Equal("0", await db.QueryAsync("SELECT count(*) FROM t"));
        Assert.StartsWith("1: no such table", await db.QueryAsync("SELECT * FROM u"), StringComparison.Ordinal);
        Assert.Empty(told);
        Assert.Equal(["changed 1, last 1"], await db.ApplyAsync("INSERT INTO t VALUES (1)"));
    }

    [Fact]
    public async Task An_atomic_batch_is_undone_with_its_group()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(x UNIQUE)");
        var results = await ApplyAsync(
            db, BatchOptions.Atomic, TestDatabase.Sql("INSERT INTO t VALUES (1)"), Group(-1, "INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (1)"));
        Assert.Equal(["changed 1, last 1", "2067: UNIQUE constraint failed: t.x"], results);
        Assert.Equal("0", await db.QueryAsync("SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData("INSERT OR ROLLBACK INTO t VALUES (1)")]
    [InlineData("INSERT INTO t(rowid, x) VALUES (9223372036854775807, 5)")]
    public async Task A_step_that_takes_the_transaction_along_is_left_out_with_its_group(string last)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(x UNIQUE)", "INSERT INTO t VALUES (1)");
        var results = await ApplyAsync(
            db, BatchOptions.None, TestDatabase.Sql("INSERT INTO t VALUES (2)"), Group(0, "INSERT INTO t VALUES (3)", last), TestDatabase.Sql("INSERT INTO t VALUES (4)"));
        Assert.Equal(("changed 1, last 2", "changed 1, last 3"), (results[0], results[2]));
        Assert.StartsWith("2", results[1], StringComparison.Ordinal);
        Assert.Equal("1;2;4", await db.QueryAsync("SELECT x FROM t"));
    }

    [Fact]
    public async Task Foreign_keys_hold_at_the_end_of_the_group()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE p(id PRIMARY KEY)", "CREATE TABLE c(p REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
        var good = Group(-1, "INSERT INTO c VALUES (1)", "INSERT INTO p VALUES (1)");
        var bad = Group(-1, "INSERT INTO c VALUES (2)", "INSERT INTO c VALUES (1)");
        var results = await ApplyAsync(db, BatchOptions.ForeignKeys, good, bad, Group(1, "INSERT INTO p VALUES (3)", "INSERT INTO c VALUES (3)"));
        Assert.Equal(["changed 0, last 0", "787: FOREIGN KEY constraint failed", "changed 1, last 2"], results);
        Assert.Equal("1;3", await db.QueryAsync("SELECT p FROM c"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task What_a_step_leaves_with_the_session_is_in_the_answer(int answer)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('s', '0')", "CREATE TABLE t(x)");
        var group = Group(answer, "INSERT INTO t VALUES (nextval('s')), (nextval('s'))", "INSERT INTO t VALUES (0)");
        var results = new CommandResult?[1];
        db.Database.Writer.Apply(db.NextStamp(), [new(default, new([group], BatchOptions.None) { Caller = s_caller })], results);
        var cursor = (await new EncodedResults(results[0]!.Encoded).NextAsync(default))!;
        Assert.False(await cursor.WaitToReadAsync(default));
        Assert.Equal(2, Assert.Single(cursor.Outcome.Effects!.Sequences).Last);
        Assert.Equal(answer < 0 ? 0 : answer == 0 ? 2 : 1, cursor.Outcome.RowsAffected);
        using var rehearsal = db.Database.Writer.BeginRehearsal(5, 1, BatchOptions.None, s_caller);
        cursor = (await new EncodedResults(rehearsal.Run(group, default)).NextAsync(default))!;
        Assert.False(await cursor.WaitToReadAsync(default));
        Assert.Equal(4, Assert.Single(cursor.Outcome.Effects!.Sequences).Last);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Replicas_make_the_same_of_groups(bool virtualTables)
    {
        await using var leader = new TestDatabase();
        await using var follower = new TestDatabase();
        TestDatabase[] both = [leader, follower];
        foreach (var db in both)
        {
            await db.ApplyAsync("CREATE TABLE t(x UNIQUE, r DEFAULT (random()))", virtualTables ? "CREATE VIRTUAL TABLE f USING fts5(t)" : "CREATE TABLE f(t)");
        }

        ApplyCommand[] commands =
        [
            Command(Group(1, "INSERT INTO t(x) VALUES (1)", "INSERT INTO f VALUES ('one') RETURNING rowid")),
            Command(Group(0, "INSERT INTO f VALUES ('two')", "INSERT INTO t(x) VALUES (2)", "INSERT INTO t(x) VALUES (1)")),
            Command(Group(-1, "INSERT INTO f VALUES ('three')", "CREATE TABLE u AS SELECT random() AS r")),
        ];
        var stamp = leader.NextStamp();
        _ = follower.NextStamp();
        var batch = LeaderRun.Rehearse(leader.Database.Writer, stamp, commands);
        Assert.True(follower.Database.Writer.ApplyBatch(stamp, () => batch.Entry!, null, null));
        Assert.True(leader.Database.Writer.ApplyBatch(stamp, () => batch.Entry!, batch, null));

        using var rehearsal = leader.Database.Writer.BeginRehearsal(5, 2, BatchOptions.None);
        await RunAsync(rehearsal, Group(0, "INSERT INTO t(x) VALUES (5)", "INSERT INTO f VALUES ('five')"));
        rehearsal.SetSavepoint();
        Assert.StartsWith("2067", await RunAsync(rehearsal, Group(0, "INSERT INTO f VALUES ('six')", "INSERT INTO t(x) VALUES (5)")), StringComparison.Ordinal);
        rehearsal.RollBackTo(0);
        await RunAsync(rehearsal, Group(0, "INSERT INTO t(x) VALUES (7)", "CREATE TABLE v AS SELECT random() AS r"));
        Assert.True(leader.Database.Writer.TryEvict(rehearsal));
        leader.Database.Writer.Resume(rehearsal);
        var entry = rehearsal.Seal(out var error)!;
        Assert.Null(error);
        Assert.Equal(2, entry.Statements.Count);
        stamp = leader.NextStamp() with { UnixMicroseconds = 5, Seed = 2 };
        _ = follower.NextStamp();
        Assert.True(follower.Database.Writer.ApplyTransaction(stamp, entry, null));
        Assert.True(leader.Database.Writer.ApplyTransaction(stamp, entry, rehearsal));
        foreach (var db in both)
        {
            Assert.Equal("1;5;7", await db.QueryAsync("SELECT x FROM t ORDER BY x"));
            Assert.Equal("five;one;three", await db.QueryAsync("SELECT t FROM f ORDER BY t"));
        }

        Assert.Equal(await leader.Database.ContentHashAsync(default), await follower.Database.ContentHashAsync(default));
    }

    [Fact]
    public async Task A_group_that_is_interrupted_leaves_nothing()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(x)");
        using var rehearsal = db.Database.Writer.BeginRehearsal(5, 1, BatchOptions.None);
        rehearsal.SetSavepoint();
        using (var token = new CancellationTokenSource(50))
        {
            var results = new EncodedResults(rehearsal.Run(Group(0, "INSERT INTO t VALUES (1)", TestTables.Endless), token.Token));
            Assert.Equal("9: interrupted", await TestDatabase.TextAsync((await results.NextAsync(default))!));
        }

        rehearsal.RollBackTo(0);
        Assert.Equal("0", await TableTests.RunAsync(rehearsal, "SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_reader_refuses_groups_and_a_key_tells_them_apart()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(x)");
        using (var lease = await db.Database.RentReaderAsync(default))
        {
            await using var cursor = lease.Run(Group(0, "SELECT 1"), BatchOptions.None, null, ownsLease: false, default);
            Assert.StartsWith("8: ", await TestDatabase.TextAsync(cursor), StringComparison.Ordinal);
        }

        var id = RequestId.FromKey("k");
        var results = new CommandResult?[1];
        foreach (var (sql, reused) in ((string, bool)[])[("INSERT INTO t VALUES (1)", false), ("INSERT INTO t VALUES (1)", false), ("INSERT INTO t VALUES (2)", true)])
        {
            db.Database.Writer.Apply(db.NextStamp(), [new(id, new([Group(0, sql)], BatchOptions.None))], results);
            Assert.Equal(reused, results[0]!.KeyReused);
        }

        Assert.True(results[0]!.Duplicate);
        Assert.Equal("1", await db.QueryAsync("SELECT x FROM t"));
        Assert.Throws<ArgumentException>(() => Statement.Group([Group(0, "SELECT 1")], 0));
        Assert.Throws<ArgumentException>(() => Statement.Group([TestDatabase.Sql("SELECT 1")], 1));
    }

    private static Statement Group(int answer, params string[] sql) => Statement.Group([.. sql.Select(text => TestDatabase.Sql(text))], answer);

    private static ApplyCommand Command(Statement statement) => new(default, new([statement], BatchOptions.None));

    private static async Task<string[]> ApplyAsync(TestDatabase db, BatchOptions options, params Statement[] statements) =>
        (await db.ApplyAsync(new ApplyCommand(default, new(statements, options))))[0];

    internal static async Task<string> RunAsync(Rehearsal rehearsal, Statement statement) =>
        await TestDatabase.TextAsync((await new EncodedResults(rehearsal.Run(statement, default)).NextAsync(default))!);
}
