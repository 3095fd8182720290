namespace Rqlite.Pg.Storage.Tests;

public class WriterTests
{
    [Fact]
    public async Task A_write_is_seen_by_readers_and_survives_reopening()
    {
        await using var db = new TestDatabase();
        Assert.Equal(["changed 0, last 0"], await db.ApplyAsync("CREATE TABLE t(a INTEGER PRIMARY KEY, b)"));
        Assert.Equal(["changed 2, last 2"], await db.ApplyAsync("INSERT INTO t(b) VALUES('x'),(2.5)"));
        Assert.Equal("1|x;2|2.5", await db.QueryAsync("SELECT * FROM t"));
        Assert.Equal(2, db.Database.AppliedIndex);
        await db.ReopenAsync();
        Assert.Equal(2, db.Database.AppliedIndex);
        Assert.Equal("1|x;2|2.5", await db.QueryAsync("SELECT * FROM t"));
    }

    [Fact]
    public async Task An_error_in_a_plain_batch_leaves_its_neighbours_alone()
    {
        await using var db = new TestDatabase();
        var results = await db.ApplyAsync("CREATE TABLE t(a UNIQUE)", "INSERT INTO t VALUES(1)", "INSERT INTO t VALUES(1)", "nonsense", "INSERT INTO t VALUES(2)");
        Assert.Equal(
            ["changed 0, last 0", "changed 1, last 1", "2067: UNIQUE constraint failed: t.a", "1: near \"nonsense\": syntax error", "changed 1, last 2"], results);
        Assert.Equal("1;2", await db.QueryAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task An_error_in_an_atomic_batch_undoes_it_and_ends_it()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a UNIQUE)");
        var results = await db.ApplyAsync(BatchOptions.Atomic, "INSERT INTO t VALUES(1)", "INSERT INTO t VALUES(1)", "INSERT INTO t VALUES(2)");
        Assert.Equal(["changed 1, last 1", "2067: UNIQUE constraint failed: t.a"], results);
        Assert.Equal("", await db.QueryAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task Returning_gives_rows()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        Assert.Equal(["2;4"], await db.ApplyAsync("INSERT INTO t VALUES(1),(2) RETURNING 2*a"));
    }
}
