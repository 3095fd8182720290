namespace Rqlite.Pg.Storage.Tests;

public sealed class TableTests : IAsyncLifetime
{
    private readonly TestTables _tables = new();
    private readonly TestDatabase _db;

    public TableTests() => _db = new TestDatabase(options => options with { Sql = _tables.Extensions });

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _db.DisposeAsync();

    [Theory]
    [InlineData("SELECT * FROM t_series(3, 5)", "3;4;5")]
    [InlineData("SELECT count(*) FROM t_series(3, 2)", "0")]
    [InlineData("SELECT n.column1, s.value FROM (VALUES (2), (1)) n, t_series(1, n.column1) s", "2|1;2|2;1|1")]
    [InlineData("SELECT n.column1, s.value FROM t_series(1, n.column1) s, (VALUES (2), (1)) n", "2|1;2|2;1|1")]
    [InlineData("SELECT n.column1, s.value FROM (VALUES (0), (1)) n LEFT JOIN t_series(1, n.column1) s", "0|NULL;1|1")]
    [InlineData("SELECT n.column1, s.value FROM (VALUES (1), (2)) n LEFT JOIN t_series(1, n.column1) s ON s.value > 1", "1|NULL;2|2")]
    [InlineData("SELECT (SELECT sum(value) FROM t_series(1, n.column1)) FROM (VALUES (4), (5)) n", "10;15")]
    [InlineData("SELECT a.value, b.value FROM t_series(1, 2) a, t_series(a.value, 2) b", "1|1;1|2;2|2")]
    [InlineData("SELECT value FROM t_series(1, 9) WHERE value = 3 OR value > 7", "3;8;9")]
    [InlineData("SELECT value FROM t_series(1, 9) WHERE value IN (3, 4, 11)", "3;4")]
    [InlineData("SELECT * FROM t_list('a', NULL, 'c')", "1|a;2|NULL;3|c")]
    [InlineData("SELECT count(*) FROM t_list", "0")]
    [InlineData("SELECT n.column1 || l.value FROM (VALUES ('x'), ('y')) n, t_list(n.column1, 'z') l WHERE l.place = 1", "xx;yy")]
    [InlineData("SELECT count(*) FROM t_list(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20)", "20")]
    [InlineData("SELECT count(*) FROM t_list(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,NULL)", "16")]
    [InlineData("SELECT count(*) FROM t_list(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,NULL)", "54000: too many conditions on t_list, an argument of which is null")]
    [InlineData("SELECT argument2 FROM t_list('a', 'b') LIMIT 1", "b")]
    [InlineData("SELECT count(*) FROM t_series(1)", "1: t_series lacks its argument 2")]
    [InlineData("SELECT count(*) FROM t_series WHERE argument2 = 1", "1: t_series lacks its argument 1")]
    [InlineData("SELECT id FROM t_items WHERE id = 7", "7")]
    [InlineData("SELECT id FROM t_items WHERE id = '7'", "7")]
    [InlineData("SELECT id FROM t_items WHERE id = 7.0", "7")]
    [InlineData("SELECT count(*) FROM t_items WHERE id = NULL", "0")]
    [InlineData("SELECT id FROM t_items WHERE name = 'NAME7' COLLATE NOCASE", "7")]
    [InlineData("SELECT id FROM t_items WHERE label = 'LABEL7'", "7")]
    [InlineData("SELECT count(*) FROM t_items WHERE label = 'LABEL7' COLLATE BINARY", "0")]
    [InlineData("SELECT a.id FROM t_items a JOIN t_items b ON b.id = a.id + 1 WHERE b.name = 'name8'", "7")]
    [InlineData("SELECT * FROM t_fails(0)", "22023: it cannot begin")]
    [InlineData("SELECT * FROM t_fails(1)", "22023: it cannot go on")]
    [InlineData("SELECT * FROM t_fails(2)", "22023: it has no value")]
    [InlineData("SELECT count(*) FROM t_fails(2)", "9")]
    public async Task Tables_answer_alike_on_readers_and_on_the_writer(string sql, string expected)
    {
        Assert.Equal(expected, await _db.QueryAsync(sql));
        Assert.Equal([expected], await _db.ApplyAsync(sql));

        // An error leaves nothing behind.
        Assert.Equal(expected, await _db.QueryAsync(sql));
        Assert.Equal(["1;2"], await _db.ApplyAsync("SELECT value FROM t_series(1, 2)"));
    }

    [Theory]
    [InlineData("SELECT * FROM t_items WHERE id = 7", "0=7")]
    [InlineData("SELECT * FROM t_items WHERE id IN (7, 8)", "0=7 0=8")]
    [InlineData("SELECT * FROM t_items WHERE name = 'name7' AND half IS NULL", "1=name7")]
    [InlineData("SELECT * FROM t_items WHERE label = 'LABEL7'", "2=LABEL7")]
    [InlineData("SELECT * FROM t_items WHERE id = 7 OR name = 'name8'", "0=7 1=name8")]
    [InlineData("SELECT * FROM t_items WHERE id > 7", "all")]
    [InlineData("SELECT * FROM t_items WHERE id IS 7", "all")]
    [InlineData("SELECT * FROM t_items WHERE half = 7", "all")]
    [InlineData("SELECT * FROM t_items WHERE id = '7'", "all")]
    [InlineData("SELECT * FROM t_items WHERE name = 'name7' COLLATE NOCASE", "all")]
    [InlineData("SELECT * FROM t_items WHERE id = NULL", "")]
    [InlineData("SELECT * FROM t_items WHERE 0", "")]
    [InlineData("SELECT * FROM t_items LIMIT 0", "")]
    [InlineData("SELECT * FROM (VALUES (5), (6)) n JOIN t_items i ON i.id = n.column1", "0=5 0=6")]
    [InlineData("SELECT * FROM t_items i JOIN (VALUES (5), (6)) n ON i.id = n.column1", "0=5 0=6")]
    [InlineData("SELECT * FROM t_items a JOIN t_items b ON b.id = a.id WHERE a.name = 'name9'", "1=name9 0=9")]
    public async Task A_table_is_asked_for_no_more_than_what_is_needed(string sql, string asked)
    {
        await _db.QueryAsync(sql);
        Assert.Equal(asked, _tables.Asked);
        await _db.ApplyAsync(sql);
        Assert.Equal(asked, _tables.Asked);
    }

    [Fact]
    public async Task A_description_asks_no_table()
    {
        using var lease = await _db.Database.RentReaderAsync(default);
        var shape = await lease.DescribeAsync("SELECT id, label FROM t_items WHERE id = 1"u8.ToArray(), BatchOptions.None, null, default);
        Assert.Null(shape.Error);
        Assert.True(shape.ReadOnly);
        Assert.Equal(["id", "label"], shape.Rows.Columns.Select(column => column.Name));
        Assert.Equal("", _tables.Asked);
    }

    [Fact]
    public async Task Views_triggers_and_inserts_read_tables()
    {
        await _db.ApplyAsync(
            "CREATE TABLE t(x, y)",
            "CREATE VIEW v AS SELECT id, name FROM t_items WHERE id < 3",
            "CREATE TRIGGER g AFTER INSERT ON t WHEN new.y IS NULL BEGIN INSERT INTO t SELECT value, 1 FROM t_series(10, 9 + new.x); END");
        Assert.Equal("1|name1;2|name2", await _db.QueryAsync("SELECT * FROM v"));
        Assert.Equal(["changed 2, last 2"], await _db.ApplyAsync("INSERT INTO t SELECT id, 0 FROM v"));
        Assert.Equal(["changed 1, last 3"], await _db.ApplyAsync("INSERT INTO t(x) VALUES (2)"));
        Assert.Equal("1|0;2|0;2|NULL;10|1;11|1", await _db.QueryAsync("SELECT * FROM t"));
        Assert.StartsWith("1: table t_items may not be modified", (await _db.ApplyAsync("DELETE FROM t_items"))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_sees_the_transaction_that_reads_it()
    {
        await _db.ApplyAsync("CREATE TABLE a(x)");
        Assert.Equal("a", await _db.QueryAsync("SELECT * FROM t_objects"));
        using (var rehearsal = _db.Database.Writer.BeginRehearsal(_db.Time, 1, BatchOptions.None))
        {
            await RunAsync(rehearsal, "CREATE TABLE b(x)");
            Assert.Equal("a;b", await RunAsync(rehearsal, "SELECT * FROM t_objects"));
            Assert.Equal("a", await _db.QueryAsync("SELECT * FROM t_objects"));
        }

        Assert.Equal(["a"], await _db.ApplyAsync("SELECT * FROM t_objects"));
    }

    [Fact]
    public async Task A_long_scan_ends_with_the_statement_s_time_and_goes_on_on_a_worker()
    {
        Assert.Equal("5000000", await _db.QueryAsync("SELECT count(*) FROM t_series(1, 5000000)"));
        var lease = await _db.Database.RentReaderAsync(default);
        await using var cursor = lease.Run(
            TestDatabase.Sql("SELECT count(*) FROM t_series(1, 1000000000000)"), BatchOptions.None, TimeSpan.FromMilliseconds(50), ownsLease: true, default);
        Assert.Equal("9: query timeout", await TestDatabase.TextAsync(cursor));
    }

    internal static async Task<string> RunAsync(Rehearsal rehearsal, string sql, CancellationToken token = default)
    {
        var encoded = new EncodedResults(rehearsal.Run(TestDatabase.Sql(sql), token));
        return await TestDatabase.TextAsync((await encoded.NextAsync(default))!);
    }
}
