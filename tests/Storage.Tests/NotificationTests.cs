namespace Rqlite.Pg.Storage.Tests;

public class NotificationTests
{
    private const BatchOptions Options = BatchOptions.ForeignKeys;

    [Fact]
    public async Task A_function_with_effects_counts_as_a_write_and_cannot_run_on_a_reader()
    {
        await using var db = new TestDatabase();
        using var lease = await db.Database.RentReaderAsync(default);
        var shape = (await lease.DescribeAsync("SELECT pg_notify('c', 'p')"u8.ToArray(), Options, null, default));
        Assert.False(shape.ReadOnly);
        Assert.Equal(StatementEffects.Notifications, shape.Effects);
        Assert.True((await lease.DescribeAsync("EXPLAIN SELECT pg_notify('c', 'p')"u8.ToArray(), Options, null, default)).ReadOnly);
        Assert.Equal(StatementEffects.None, (await lease.DescribeAsync("SELECT 1"u8.ToArray(), Options, null, default)).Effects);
        Assert.StartsWith("8: ", await db.QueryAsync("SELECT pg_notify('c', 'p')"));
    }

    [Fact]
    public async Task Notifications_are_told_behind_the_commit_in_order_and_each_once()
    {
        await using var db = new TestDatabase();
        var told = Listen(db);
        await db.ApplyAsync("CREATE TABLE t(a)", "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT pg_notify('rows', NEW.a); END");
        Assert.Empty(told);
        await db.ApplyAsync(
            "SELECT pg_notify('b', 'two'), pg_notify('a', 'one'), pg_notify('b', 'two')", "INSERT INTO t VALUES('x'),('y'),('x')");
        Assert.Equal(["b=two@0", "a=one@0", "rows=x@0", "rows=y@0"], told);
    }

    [Fact]
    public async Task What_is_undone_sends_nothing()
    {
        await using var db = new TestDatabase();
        var told = Listen(db);
        await db.ApplyAsync("CREATE TABLE t(a UNIQUE)", "INSERT INTO t VALUES(1)");
        await db.ApplyAsync(BatchOptions.Atomic, "SELECT pg_notify('c', 'atomic')", "INSERT INTO t VALUES(1)");
        await db.ApplyAsync(
            "SELECT pg_notify('c', 'kept')", "SELECT pg_notify('c', 'lost'), abs(-9223372036854775807 - 1)",
            "INSERT OR ROLLBACK INTO t SELECT 1 WHERE pg_notify('c', 'ended') = ''");
        Assert.Equal(["c=kept@0"], told);
        Assert.Equal(["1"], await db.ApplyAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Limits_are_PostgreSQLs()
    {
        await using var db = new TestDatabase();
        var told = Listen(db);
        await ExpectAsync("channel name cannot be empty", "SELECT pg_notify('', 'p')");
        await ExpectAsync("channel name cannot be empty", "SELECT pg_notify(NULL, 'p')");
        await ExpectAsync("channel name too long", $"SELECT pg_notify('{new string('c', 64)}', 'p')");
        await ExpectAsync("payload string too long", $"SELECT pg_notify('c', '{new string('p', 8000)}')");
        Assert.Empty(told);
        Assert.Equal([""], await db.ApplyAsync($"SELECT pg_notify('{new string('c', 63)}', '{new string('p', 7999)}')"));
        Assert.Equal([""], await db.ApplyAsync("SELECT pg_notify('d', NULL)"));
        Assert.Equal("d=@0", told[1]);

        async Task ExpectAsync(string message, string sql) =>
            Assert.Equal($"22023: {message}", (await db.ApplyAsync(sql))[0]);
    }

    [Fact]
    public async Task A_transaction_tells_what_its_rehearsal_sent_on_every_replica()
    {
        await using var leader = new TestDatabase();
        await using var follower = new TestDatabase();
        var (here, there) = (Listen(leader), Listen(follower));
        await leader.ApplyAsync("CREATE TABLE t(a)");
        await follower.ApplyAsync("CREATE TABLE t(a)");
        var caller = new CallerSession(Guid.NewGuid(), 5, 77, [], 0);
        using var rehearsal = leader.Database.Writer.BeginRehearsal(1, 2, Options, caller);
        rehearsal.Run(TestDatabase.Sql("SELECT pg_notify('c', 'first')"), default);
        rehearsal.SetSavepoint();
        rehearsal.Run(TestDatabase.Sql("SELECT pg_notify('c', 'undone')"), default);
        rehearsal.RollBackTo(0);
        rehearsal.Run(TestDatabase.Sql("SELECT pg_notify('c', 'undone again'), pg_notify('c', 'first')"), default);
        rehearsal.RollBackTo(0);
        rehearsal.Run(TestDatabase.Sql("INSERT INTO t SELECT pg_notify('c', 'last')"), default);
        Assert.Empty(here);
        var entry = rehearsal.Seal(out _)!;
        Assert.Equal(caller, entry.Caller);
        var stamp = new EntryStamp(2, 1, 1, 2);
        Assert.True(leader.Database.Writer.ApplyTransaction(stamp, entry, rehearsal));
        Assert.True(follower.Database.Writer.ApplyTransaction(stamp, entry, null));
        Assert.Equal(["c=first@77", "c=last@77"], here);
        Assert.Equal(here, there);
        Assert.Equal(Digest(leader, 2), Digest(follower, 2));
    }

    [Fact]
    public async Task The_digest_knows_what_was_sent()
    {
        await using var one = new TestDatabase();
        await using var other = new TestDatabase();
        await one.ApplyAsync("SELECT pg_notify('c', 'p')");
        await other.ApplyAsync("SELECT pg_notify('c', 'q')");
        Assert.NotEqual(Digest(one, 1), Digest(other, 1));
    }

    private static List<string> Listen(TestDatabase db)
    {
        var told = new List<string>();
        db.Database.Notified += n => told.AddRange(n.Select(one => $"{one.Channel}={one.Payload}@{one.ProcessId}"));
        return told;
    }

    private static ulong Digest(TestDatabase db, long index)
    {
        Assert.True(db.Database.TryGetDigest(index, out var digest));
        return digest;
    }
}
