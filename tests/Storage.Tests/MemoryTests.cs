namespace Rqlite.Pg.Storage.Tests;

public class MemoryTests
{
    private const string Large = "SELECT length(group_concat(hex(zeroblob(1000000)))) FROM (VALUES (1),(2),(3),(4),(5),(6),(7),(8))";

    [Fact]
    public async Task What_exceeds_a_scope_fails_for_want_of_memory_and_leaves_the_connection_usable()
    {
        await using var db = new TestDatabase();
        using var connection = Connection.Open(db.Database.MainFile, db.Options, writer: false, clock: null);
        using (var scope = SqliteMemory.Limit(8 << 20))
        {
            var failure = Assert.Throws<StorageException>(() => connection.Scalar(Large));
            Assert.Equal(ResultCode.NoMemory, failure.ResultCode);
            Assert.True(scope.Exceeded);
            Assert.InRange(scope.Grown, long.MinValue, 1 << 20);
        }

        Assert.Equal("16000007", connection.Scalar(Large));
        using (var scope = SqliteMemory.Limit(64 << 20))
        {
            Assert.Equal("16000007", connection.Scalar(Large));
            Assert.False(scope.Exceeded);
        }

        Assert.True(SqliteMemory.InUse > 0);
    }

    [Fact]
    public void Accounts_of_a_pool_share_what_it_has_and_give_it_back()
    {
        var pool = new MemoryPool(8 << 20);
        using var first = new MemoryAccount(6 << 20, pool);
        using (var second = new MemoryAccount(6 << 20, pool))
        {
            Assert.True(first.TryTake(5 << 20));
            Assert.True(second.TryTake(3 << 20));
            Assert.False(second.TryTake(1));
            Assert.Contains("together", second.Refusal);
            Assert.False(first.TryTake(2 << 20));
            Assert.Contains("a statement may use 6291456 bytes", first.Refusal);
        }

        Assert.True(first.TryTake(1 << 20));
        Assert.Equal(6 << 20, pool.Taken);
    }

    [Fact]
    public async Task A_read_that_exceeds_its_memory_is_told_so_and_others_go_on()
    {
        await using var db = new TestDatabase(o => o with { ReadMemoryMax = 8 << 20, ReadersMemoryMax = 8 << 20 });
        const string Refused = "7: out of memory: a statement may use 8388608 bytes of memory";
        Assert.Equal(Refused, await db.QueryAsync(Large));
        Assert.Equal("2", await db.QueryAsync("SELECT 1 + 1"));
    }

    [Fact]
    public async Task A_statement_that_cannot_be_prepared_within_its_memory_is_refused()
    {
        await using var db = new TestDatabase();
        const string Refused = "7: out of memory: a statement may use 268435456 bytes of memory";
        Assert.Equal(Refused, await db.QueryAsync(DoublingChain(25)));
        var lease = await db.Database.RentReaderAsync(null, default);
        var shape = await lease.DescribeAsync(System.Text.Encoding.UTF8.GetBytes(DoublingChain(25)), BatchOptions.None, null, default);
        lease.Dispose();
        Assert.StartsWith("out of memory: a statement may use", shape.Error!.Message, StringComparison.Ordinal);
        Assert.Equal("1", await db.QueryAsync(DoublingChain(5)));
    }

    [Fact]
    public async Task Long_calls_that_allocate_end_with_their_statements_time()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE VIRTUAL TABLE f USING fts5(x)", "INSERT INTO f VALUES(replace(hex(zeroblob(100000)), '00', 'a '))");
        var words = string.Join(" OR ", Enumerable.Range(0, 100_000).Select(i => "w" + i));
        Assert.Equal("9: query timeout", await QueryAsync(db, $"SELECT count(*) FROM f WHERE f MATCH '{words}'"));
        Assert.Equal("9: query timeout", await QueryAsync(db, "SELECT length(highlight(f, 0, hex(zeroblob(200)), 'x')) FROM f WHERE f MATCH 'a'"));
    }

    [Fact]
    public async Task Temporary_files_are_bounded_for_reads_and_not_for_what_is_replayed()
    {
        await using var db = new TestDatabase(o => o with { TemporaryBytesMax = 2 << 20 });
        await db.ApplyAsync(
            "CREATE TABLE t(a)",
            "INSERT INTO t WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 40000) SELECT hex(randomblob(300)) FROM c");
        const string Sort = "SELECT count(*) FROM (SELECT a FROM t ORDER BY a LIMIT -1 OFFSET 0)";
        Assert.EndsWith(": temporary files may take 2097152 bytes", await db.QueryAsync(Sort), StringComparison.Ordinal);
        Assert.Equal("40000", await db.QueryAsync("SELECT count(*) FROM t"));
        Assert.Equal(["changed 0, last 0"], await db.ApplyAsync("CREATE INDEX i ON t(a)"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(db.Options.Directory, TemporaryFiles.FolderName)));
        Assert.Equal("40000", await db.QueryAsync(Sort));
    }

    [Fact]
    public async Task Temporary_files_that_a_crash_has_left_are_removed_at_start()
    {
        await using var db = new TestDatabase(o =>
        {
            var folder = Directory.CreateDirectory(Path.Combine(o.Directory, TemporaryFiles.FolderName)).FullName;
            File.WriteAllText(Path.Combine(folder, "17"), "left");
            return o;
        });
        Assert.False(Directory.Exists(Path.Combine(db.Options.Directory, TemporaryFiles.FolderName)));
    }

    [Fact]
    public async Task A_million_short_statements_can_be_ended()
    {
        await using var db = new TestDatabase();
        var text = string.Concat(Enumerable.Range(0, 1_000_000).Select(i => $"SELECT {i};"));
        Assert.Equal("9: query timeout", await QueryAsync(db, text));
        Assert.Equal("99999", await db.QueryAsync(string.Concat(Enumerable.Range(0, 100_000).Select(i => $"SELECT {i};"))));
    }

    [Theory]
    [InlineData("SELECT 1 /* ; */; SELECT ';' || \"a\" FROM (SELECT 2 AS a) -- ;", ";2")]
    [InlineData(";;/* ; ; ; ; ; ; ; ; ; ; ; ; ; ; */;SELECT 'a;b;c;d;e;f;g;h;i;j;k;l;m;n' /* ; ", "a;b;c;d;e;f;g;h;i;j;k;l;m;n")]
    [InlineData("SELECT 1;SELECT '", "1: unrecognized token: \"'\"")]
    [InlineData("SELECT 1 -- ;\n + 1;", "2")]
    [InlineData("SELECT 1 /* ;", "1")]
    public async Task Statements_end_where_sqlite_says(string text, string answer)
    {
        await using var db = new TestDatabase();
        Assert.Equal(answer, await db.QueryAsync(text));
        Assert.Equal([answer], await db.ApplyAsync(text));
    }

    [Fact]
    public async Task A_trigger_of_several_statements_is_read_whole()
    {
        await using var db = new TestDatabase();
        var body = string.Concat(Enumerable.Repeat("INSERT INTO u VALUES(new.a); ", 100));
        await db.ApplyAsync($"CREATE TABLE t(a); CREATE TABLE u(a); CREATE TRIGGER r AFTER INSERT ON t BEGIN {body} END; INSERT INTO t VALUES(1)");
        Assert.Equal("100", await db.QueryAsync("SELECT count(*) FROM u"));
    }

    private static async Task<string> QueryAsync(TestDatabase db, string sql)
    {
        var lease = await db.Database.RentReaderAsync(null, default);
        await using var cursor = lease.Run(TestDatabase.Sql(sql), BatchOptions.None, TimeSpan.FromMilliseconds(200), ownsLease: true, default);
        return await TestDatabase.TextAsync(cursor);
    }

    private static string DoublingChain(int steps) => "WITH c0 AS (SELECT 1 AS a)"
        + string.Concat(Enumerable.Range(1, steps).Select(i => $", c{i} AS (SELECT a.a FROM c{i - 1} a, c{i - 1} b)"))
        + $" SELECT count(*) FROM c{steps}";
}
