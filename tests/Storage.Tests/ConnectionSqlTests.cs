namespace Rqlite.Pg.Storage.Tests;

public sealed class ConnectionSqlTests : IAsyncLifetime
{
    private readonly TestDatabase _db = new(options => options with { Sql = new TestTables().Extensions });

    public async Task InitializeAsync() => await _db.ApplyAsync("CREATE TABLE t(x)", "INSERT INTO t VALUES (1), (2), (3)");

    // The close refuses if a statement was left open.
    public async Task DisposeAsync() => await _db.DisposeAsync();

    [Theory]
    [InlineData("SELECT t_read('SELECT x FROM t')", "6")]
    [InlineData("SELECT x, t_read('SELECT x FROM t') FROM t", "1|6;2|6;3|6")]
    [InlineData("SELECT t_read('SELECT t_read(''SELECT t_read(''''SELECT x FROM t'''')'')')", "6")]
    [InlineData("SELECT t_read('SELECT t_read(''SELECT x FROM t'') FROM t')", "18")]
    [InlineData("SELECT t_read('SELECT sum(value) FROM t_series(1, 10)')", "55")]
    [InlineData("SELECT count(*) FROM t_fails(3, 'SELECT 1')", "9")]
    [InlineData("SELECT t_read('SELECT t_fail(1)')", "22012: division by zero")]
    [InlineData("SELECT t_try('SELECT t_fail(x) FROM t')", "22012")]
    [InlineData("SELECT count(*) FROM t_fails(3, 'SELECT t_fail(1)')", "22012: division by zero")]
    [InlineData("SELECT t_read('SELECT x FROM missing')", "1: SELECT x FROM missing: no such table: missing (1)")]
    [InlineData("SELECT t_read('SELECT abs(-9223372036854775808)')", "1: integer overflow")]
    [InlineData("SELECT t_read('DELETE FROM t')", "1: A function may only read.")]
    [InlineData("SELECT t_read('SELECT ?')", "1: not enough args to execute query: want 1 got 0")]
    public async Task Functions_read_alike_on_readers_and_on_the_writer(string sql, string expected)
    {
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(expected, await _db.QueryAsync(sql));
            Assert.Equal([expected], await _db.ApplyAsync(sql));
        }

        Assert.Equal("3", await _db.QueryAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_read_within_a_write_sees_the_transaction_and_counts_nothing()
    {
        Assert.Equal(["changed 1, last 4", "4|1|1|10"], await _db.ApplyAsync(
            BatchOptions.Atomic,
            "INSERT INTO t SELECT 4 + 0 * t_read('SELECT x FROM t')", "SELECT last_insert_rowid(), changes(), total_changes(), t_read('SELECT x FROM t')"));
    }

    [Fact]
    public async Task A_read_is_ended_with_the_statement_on_a_reader()
    {
        var endless = $"SELECT t_read('{TestTables.Endless}')";
        using var lease = await _db.Database.RentReaderAsync(default);
        await using (var cursor = lease.Run(TestDatabase.Sql(endless), BatchOptions.None, TimeSpan.FromMilliseconds(50), ownsLease: false, default))
        {
            Assert.Equal("9: query timeout", await TestDatabase.TextAsync(cursor));
        }

        await using (var cursor = lease.Run(TestDatabase.Sql("SELECT t_read('SELECT x FROM t')"), BatchOptions.None, null, ownsLease: false, default))
        {
            Assert.Equal("6", await TestDatabase.TextAsync(cursor));
        }
    }

    [Fact]
    public async Task A_read_longer_than_its_budget_is_run_again_on_a_worker()
    {
        const string Long = "SELECT count(*) FROM t_series(1, 200000)";
        Assert.Equal("200000|6", await _db.QueryAsync($"SELECT t_read('{Long}'), t_read('SELECT x FROM t')"));
    }

    [Fact]
    public async Task A_read_is_ended_with_the_statement_of_a_transaction()
    {
        using var rehearsal = _db.Database.Writer.BeginRehearsal(_db.Time, 1, BatchOptions.None);
        rehearsal.SetSavepoint();
        using (var token = new CancellationTokenSource(50))
        {
            Assert.Equal("9: interrupted", await TableTests.RunAsync(rehearsal, $"SELECT t_read('{TestTables.Endless}')", token.Token));
        }

        rehearsal.RollBackTo(0);
        Assert.Equal("6", await TableTests.RunAsync(rehearsal, "SELECT t_read('SELECT x FROM t')"));
    }

    [Fact]
    public async Task A_read_out_of_memory_ends_the_statement()
    {
        await using var db = new TestDatabase(options => options with { Sql = new TestTables().Extensions, ReadMemoryMax = 8 << 20 });
        const string Large = "SELECT length(group_concat(zeroblob(1000), '''')) FROM t_series(1, 100000)";
        Assert.StartsWith("7: ", await db.QueryAsync($"SELECT t_read('{Large.Replace("'", "''", StringComparison.Ordinal)}')"), StringComparison.Ordinal);
        Assert.Equal("1", await db.QueryAsync("SELECT t_read('SELECT 1')"));
    }

    [Fact]
    public async Task The_schema_s_number_is_the_same_on_all_connections_until_the_schema_changes()
    {
        var first = await _db.QueryAsync("SELECT t_stamp()");
        Assert.Equal([first], await _db.ApplyAsync("SELECT t_stamp()"));
        Assert.Equal([first], (await _db.ApplyAsync("INSERT INTO t VALUES (9)", "SELECT t_stamp()"))[1..]);
        Assert.Equal(first, await _db.QueryAsync("SELECT t_stamp()"));

        var version = await _db.QueryAsync("SELECT t_version()");
        await _db.ApplyAsync("CREATE TABLE u(x)");
        var second = await _db.QueryAsync("SELECT t_stamp()");
        Assert.NotEqual(first, second);
        Assert.NotEqual(version, await _db.QueryAsync("SELECT t_version()"));
        Assert.Equal([second], await _db.ApplyAsync("SELECT t_stamp()"));
    }

    [Fact]
    public async Task A_schema_that_was_undone_keeps_its_number()
    {
        var seen = new HashSet<string> { await _db.QueryAsync("SELECT t_stamp()") };
        using (var rehearsal = _db.Database.Writer.BeginRehearsal(_db.Time, 1, BatchOptions.None))
        {
            Assert.Contains(await TableTests.RunAsync(rehearsal, "SELECT t_stamp()"), seen);
            rehearsal.SetSavepoint();
            await TableTests.RunAsync(rehearsal, "CREATE TABLE u(x)");
            var version = await TableTests.RunAsync(rehearsal, "SELECT t_version()");
            var stamp = await TableTests.RunAsync(rehearsal, "SELECT t_stamp()");
            Assert.True(seen.Add(stamp));
            Assert.Equal(stamp, await TableTests.RunAsync(rehearsal, "SELECT t_stamp()"));

            rehearsal.RollBackTo(0);
            await TableTests.RunAsync(rehearsal, "CREATE TABLE v(x)");
            Assert.Equal(version, await TableTests.RunAsync(rehearsal, "SELECT t_version()"));
            Assert.True(seen.Add(await TableTests.RunAsync(rehearsal, "SELECT t_stamp()")));
        }

        Assert.Contains(await _db.QueryAsync("SELECT t_stamp()"), seen);
        await _db.ApplyAsync("CREATE TABLE w(x)");
        Assert.True(seen.Add(await _db.QueryAsync("SELECT t_stamp()")));
        var results = await _db.ApplyAsync(
            BatchOptions.None, "SELECT t_stamp()", "CREATE TABLE y(a)", "SELECT t_stamp()", "CREATE TABLE z AS SELECT t_stamp() AS s", "SELECT t_stamp()");
        Assert.Contains(results[0], seen);
        Assert.True(seen.Add(results[2]));
        Assert.True(seen.Add(await _db.QueryAsync("SELECT s FROM z")));
        Assert.True(seen.Add(results[4]));
    }

    [Fact]
    public async Task A_sequence_changes_the_schema_s_number()
    {
        var results = await _db.ApplyAsync(
            "SELECT t_stamp()", "@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('s', '')", "SELECT t_stamp()");
        Assert.NotEqual(results[0], results[2]);
    }
}
