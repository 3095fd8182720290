using System.Runtime.InteropServices;
using System.Text;

namespace Rqlite.Pg.Storage.Tests;

public class EntryDeterminismTests
{
    [Fact]
    public async Task Now_is_the_entrys_time_wherever_it_is_asked_for()
    {
        await using var db = new TestDatabase { Time = 1_000_000_000_123 };
        await db.ApplyAsync(
            "CREATE TABLE t(a DEFAULT CURRENT_TIMESTAMP, b DEFAULT (strftime('%s %f')), c)",
            "CREATE TABLE log(x)", "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES(unixepoch('now','subsec')); END",
            "CREATE VIEW v AS SELECT julianday('now') - julianday('2001-09-09') AS d");
        Assert.Equal(["2001-09-09 01:46:40|1000000000 40.123|2001-09-09"], await db.ApplyAsync("INSERT INTO t(c) VALUES(CURRENT_DATE) RETURNING *"));
        Assert.Equal(["2001-09-09 01:46:40.123|1"], await db.ApplyAsync("SELECT now(), now() = transaction_timestamp()"));
        var stamp = db.NextStamp();
        var results = new CommandResult?[1];
        db.Database.Writer.Apply(stamp with { UnixMicroseconds = stamp.UnixMicroseconds + 456 }, [TestDatabase.Command(BatchOptions.None, "SELECT now()")], results);
        Assert.Equal(["2001-09-09 01:46:40.123456"], await TestDatabase.ResultsAsync(results[0]!));
        Assert.StartsWith("1: non-deterministic", (await db.ApplyAsync("CREATE INDEX i ON t(now())"))[0]);
        Assert.Equal(["1000000000.123|01:46:40|0.0740755"], await db.ApplyAsync("SELECT x, time('now'), round(d, 7) FROM log, v"));
    }

    [Fact]
    public async Task Two_databases_of_a_process_have_a_clock_each()
    {
        await using var one = new TestDatabase { Time = 0 };
        await using var two = new TestDatabase { Time = 86_400_000 };
        Assert.Equal(["1970-01-01"], await one.ApplyAsync("SELECT date()"));
        Assert.Equal(["1970-01-02"], await two.ApplyAsync("SELECT date()"));
        Assert.Equal(["1970-01-01"], await one.ApplyAsync("SELECT date()"));
        Assert.StartsWith("2", await one.QueryAsync("SELECT date()"));
    }

    [Fact]
    public async Task Random_values_follow_the_seed_and_the_statement_alone()
    {
        await using var one = new TestDatabase();
        await using var two = new TestDatabase();
        string[] statements = ["CREATE TABLE t(a DEFAULT (random()), b DEFAULT (hex(randomblob(11))), c)", "INSERT INTO t(c) VALUES(1),(2)", "INSERT INTO t(c) SELECT c FROM t ORDER BY random()"];
        await one.ApplyAsync(statements);
        statements[1] = "INSERT INTO t(c) VALUES(1),(2) RETURNING a,b";
        await two.ApplyAsync(statements);
        var rows = await one.QueryAsync("SELECT * FROM t");
        Assert.Equal(rows, await two.QueryAsync("SELECT * FROM t"));
        Assert.Equal(4, rows.Split(';').Select(row => row.Split('|')[0]).Distinct().Count());
        Assert.StartsWith("1: non-deterministic", (await one.ApplyAsync("CREATE INDEX i ON t(random())"))[0]);
    }

    [Fact]
    public async Task Counters_of_the_connection_do_not_leak_from_entry_to_entry()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1),(2)");
        const string Ask = "SELECT last_insert_rowid(), changes(), total_changes()";
        Assert.Equal(["0|0|0"], await db.ApplyAsync(Ask));
        Assert.Equal(["changed 2, last 4", "4|2|2"], await db.ApplyAsync("INSERT INTO t VALUES(3),(4)", Ask));
        await db.ReopenAsync();
        Assert.Equal(["0|0|0"], await db.ApplyAsync(Ask));
    }

    [Fact]
    public async Task Local_time_is_utc_whatever_the_environment_says()
    {
        SetTimeZone("America/New_York");
        await using var db = new TestDatabase { Time = 1_000_000_000_000 };
        Assert.Equal(["2001-09-09 01:46:40|2001-09-09 01:46:40"], await db.ApplyAsync("SELECT datetime('now','localtime'), datetime('now','utc')"));
        Assert.Equal("2001-09-09 01:46:40", await db.QueryAsync("SELECT datetime(1000000000,'unixepoch','localtime')"));
    }

    [Fact]
    public async Task Statistics_make_plans_on_a_live_node_as_on_a_restarted_one()
    {
        await using var live = new TestDatabase();
        await using var restarted = new TestDatabase();
        foreach (var db in (TestDatabase[])[live, restarted])
        {
            await db.ApplyAsync(
                "CREATE TABLE t(a, b, c)", "CREATE INDEX ta ON t(a)", "CREATE INDEX tb ON t(b)",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 3000) INSERT INTO t SELECT i%2, i%1000, (i*7919)%3001 FROM n");
            await db.ApplyAsync(BatchOptions.Atomic, "ANALYZE", "INSERT INTO nowhere VALUES(1)");
            await db.ApplyAsync("SELECT 1");
        }

        await restarted.ReopenAsync();
        const string Limited = "CREATE TABLE u AS SELECT c FROM t WHERE a=1 AND b=7 LIMIT 2";
        await live.ApplyAsync(Limited, "ANALYZE");
        await restarted.ApplyAsync(Limited, "ANALYZE");
        await restarted.ReopenAsync();
        await live.ApplyAsync("INSERT INTO u SELECT c FROM t WHERE a=1 AND b=9 LIMIT 2");
        await restarted.ApplyAsync("INSERT INTO u SELECT c FROM t WHERE a=1 AND b=9 LIMIT 2");
        Assert.Equal(await live.Database.ContentHashAsync(default), await restarted.Database.ContentHashAsync(default));
        const string Plan = "EXPLAIN QUERY PLAN SELECT c FROM t WHERE a=1 AND b=7 LIMIT 2";
        Assert.Equal(await live.ApplyAsync(Plan), await restarted.ApplyAsync(Plan));
        Assert.Equal(await live.QueryAsync(Plan), (await live.ApplyAsync(Plan))[0]);
    }

    [Fact]
    public async Task The_digest_follows_values_and_survives_reopening()
    {
        await using var one = new TestDatabase();
        await using var two = new TestDatabase();
        foreach (var db in (TestDatabase[])[one, two])
        {
            await db.ApplyAsync("CREATE TABLE t(a, b)", "INSERT INTO t VALUES(1, 'x')");
        }

        Assert.True(one.Database.TryGetDigest(1, out var first) && two.Database.TryGetDigest(1, out var other) && first == other);
        await one.ReopenAsync();
        Assert.True(one.Database.TryGetDigest(1, out var reopened));
        Assert.Equal(first, reopened);
        await one.ApplyAsync("UPDATE t SET b='y'");
        await two.ApplyAsync("UPDATE t SET b='z'");
        Assert.True(one.Database.TryGetDigest(2, out first) && two.Database.TryGetDigest(2, out other) && first != other);
        Assert.False(one.Database.TryGetDigest(3, out _));
    }

    [Fact]
    public async Task An_entry_is_applied_once()
    {
        await using var db = new TestDatabase();
        db.Database.Writer.Apply(new EntryStamp(5, 2, 0, 0), [TestDatabase.Command(BatchOptions.None, "CREATE TABLE t(a)")], null);
        Assert.Throws<StorageException>(() => db.Database.Writer.Apply(new EntryStamp(5, 2, 0, 0), [], null));
        Assert.Equal((5, 2), (db.Database.AppliedIndex, db.Database.AppliedTerm));
    }

    private static void SetTimeZone(string zone)
    {
        Assert.Equal(0, setenv(Encoding.UTF8.GetBytes("TZ\0"), Encoding.UTF8.GetBytes(zone + "\0"), 1));
        tzset();
    }

    [DllImport("libc")]
    private static extern int setenv(byte[] name, byte[] value, int overwrite);

    [DllImport("libc")]
    private static extern void tzset();
}
