using System.Buffers;
using System.Text;

namespace Rqlite.Pg.Storage.Tests;

public class ReaderTests
{
    private const string Long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 300000) SELECT count(*) FROM n";
    private const string Endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n";

    [Fact]
    public async Task A_read_sees_every_commit_before_it()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(0)");
        for (var i = 1; i <= 200; i++)
        {
            await db.ApplyAsync($"UPDATE t SET a={i}");
            Assert.Equal(i.ToString(), await db.QueryAsync("SELECT a FROM t"));
        }
    }

    [Fact]
    public async Task Readers_beside_a_writer_never_see_less_than_was_announced()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var announced = db.Database.AppliedIndex;
                Assert.True(long.Parse(await db.QueryAsync("SELECT a FROM t")) >= announced);
            }
        })).ToArray();
        for (var i = 2; i <= 2000; i++)
        {
            await db.ApplyAsync($"UPDATE t SET a={i}");
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task A_pinned_snapshot_stays_as_it_was()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
        using var lease = await db.Database.RentReaderAsync(default);
        lease.BeginSnapshot();
        await db.ApplyAsync("UPDATE t SET a=2");
        await using (var cursor = lease.Run(TestDatabase.Sql("SELECT a FROM t"), BatchOptions.None, null, ownsLease: false, default))
        {
            Assert.Equal("1", await TestDatabase.TextAsync(cursor));
        }

        await db.ApplyAsync("UPDATE t SET a=3");
        await using (var cursor = lease.Run(TestDatabase.Sql("SELECT a FROM t"), BatchOptions.None, null, ownsLease: false, default))
        {
            Assert.Equal("1", await TestDatabase.TextAsync(cursor));
        }
    }

    [Fact]
    public async Task A_statement_sees_one_time_in_all_its_rows_and_another_one_sees_its_own()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1),(2),(3)");
        using var lease = await db.Database.RentReaderAsync(default);
        var sql = TestDatabase.Sql("SELECT now(), strftime('%Y-%m-%d %H:%M:%f') FROM t");
        await using var one = lease.Run(sql, BatchOptions.None, null, ownsLease: false, default);
        var seen = new HashSet<string>();
        await AddRowAsync(one);
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        while (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() <= before + 1)
        {
            await Task.Yield();
        }

        await using var two = lease.Run(sql, BatchOptions.None, null, ownsLease: false, default);
        for (var i = 0; i < 2; i++)
        {
            await AddRowAsync(two);
            await AddRowAsync(one);
        }

        Assert.Equal(2, seen.Count);

        async Task AddRowAsync(RowCursor cursor)
        {
            Assert.True(await cursor.WaitToReadAsync(default) && cursor.TryRead());
            var now = Encoding.UTF8.GetString(cursor[0].Bytes);
            Assert.Equal(Encoding.UTF8.GetString(cursor[1].Bytes), (now.Contains('.', StringComparison.Ordinal) ? now : now + ".").PadRight(26, '0')[..23]);
            seen.Add(Encoding.UTF8.GetString(cursor[1].Bytes));
        }
    }

    [Theory]
    [InlineData(1_000_000_000_120_000, "2001-09-09 01:46:40.12")]
    [InlineData(1_000_000_000_000_000, "2001-09-09 01:46:40")]
    [InlineData(1_000_000_000_000_001, "2001-09-09 01:46:40.000001")]
    [InlineData(long.MaxValue, "9999-12-31 23:59:59.999999")]
    [InlineData(long.MinValue, "1970-01-01 00:00:00")]
    public async Task The_time_that_a_lease_is_given_is_now_to_its_statements(long time, string now)
    {
        await using var db = new TestDatabase();
        using var lease = await db.Database.RentReaderAsync(default);
        lease.UnixMicroseconds = time;
        await using var cursor = lease.Run(TestDatabase.Sql("SELECT now(), transaction_timestamp()"), BatchOptions.None, null, ownsLease: false, default);
        Assert.Equal($"{now}|{now}", await TestDatabase.TextAsync(cursor));
    }

    [Fact]
    public async Task Two_cursors_of_one_lease_are_read_in_turn()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1),(2),(3)");
        using var lease = await db.Database.RentReaderAsync(default);
        var sql = TestDatabase.Sql("SELECT a FROM t");
        await using var one = lease.Run(sql, BatchOptions.None, null, ownsLease: false, default);
        await using var two = lease.Run(sql, BatchOptions.None, null, ownsLease: false, default);
        for (var i = 1; i <= 3; i++)
        {
            Assert.True(await one.WaitToReadAsync(default) && one.TryRead() && one[0].Integer == i);
            Assert.True(await two.WaitToReadAsync(default) && two.TryRead() && two[0].Integer == i);
        }
    }

    [Fact]
    public async Task A_lease_comes_back_when_its_cursor_is_disposed_and_waiters_are_served_in_turn()
    {
        await using var db = new TestDatabase(options => options with { ReadersMax = 1, ReadersIdleMax = 1 });
        var first = await db.Database.RentReaderAsync(default);
        using var cancel = new CancellationTokenSource();
        var second = db.Database.RentReaderAsync(default).AsTask();
        var cancelled = db.Database.RentReaderAsync(cancel.Token).AsTask();
        var third = db.Database.RentReaderAsync(default).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(second.IsCompleted);
        await first.Run(TestDatabase.Sql("SELECT 1"), BatchOptions.None, null, ownsLease: true, default).DisposeAsync();
        var lease = await second;
        Assert.False(third.IsCompleted);
        lease.Dispose();
        lease.Dispose();
        (await third).Dispose();
        Assert.Equal("1", await db.QueryAsync("SELECT 1"));
    }

    [Fact]
    public async Task Many_callers_share_few_readers_and_none_is_lost()
    {
        await using var db = new TestDatabase(options => options with { ReadersMax = 3, ReadersIdleMax = 2 });
        await db.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
        var callers = Enumerable.Range(0, 24).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
            {
                using var impatient = new CancellationTokenSource();
                var rent = db.Database.RentReaderAsync(impatient.Token);
                if ((i + caller) % 7 == 0)
                {
                    await impatient.CancelAsync();
                }

                try
                {
                    using var lease = await rent;
                    await using var cursor = lease.Run(TestDatabase.Sql("SELECT a FROM t"), BatchOptions.None, null, ownsLease: false, default);
                    Assert.Equal("1", await TestDatabase.TextAsync(cursor));
                }
                catch (OperationCanceledException)
                {
                }
            }
        }));
        await Task.WhenAll(callers).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.InRange(db.Database.Readers.Open, 1, 3);
        Assert.Equal(db.Database.Readers.Open, db.Database.Readers.Idle);
    }

    [Fact]
    public async Task Idle_readers_let_go_so_that_the_log_can_be_emptied()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        Assert.Equal("", await db.QueryAsync("SELECT * FROM t"));
        await db.ApplyAsync("INSERT INTO t VALUES(1)");
        Assert.Equal("1|0", Checkpoint(db));
        db.Database.ReleaseIdleReaders();
        Assert.Equal("0|1", Checkpoint(db));
        Assert.Equal("1", await db.QueryAsync("SELECT * FROM t"));
    }

    private static unsafe string Checkpoint(TestDatabase db)
    {
        int log, done;
        var connection = db.Database.Writer.Connection;
        _ = Native.sqlite3_busy_timeout(connection.Handle, 0);
        var code = Native.sqlite3_wal_checkpoint_v2(connection.Handle, null, Native.CheckpointTruncate, &log, &done);
        return $"{(code == ResultCode.Busy ? 1 : 0)}|{(code == ResultCode.Ok && log == 0 ? 1 : 0)}";
    }

    [Fact]
    public async Task A_write_on_a_reader_is_an_error()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        Assert.Equal("8: attempt to change database via query operation", await db.QueryAsync("INSERT INTO t VALUES(1)"));
        Assert.Equal("8: attempt to change database via query operation", await db.QueryAsync("SELECT 1; DROP TABLE t"));
    }

    [Fact]
    public async Task Describing_does_not_run()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a INTEGER PRIMARY KEY, b VARCHAR(9))");
        using var lease = await db.Database.RentReaderAsync(default);
        var read = (await lease.DescribeAsync("SELECT b AS x, a+1 FROM t WHERE a=$1 AND b=:n; SELECT 2"u8.ToArray(), BatchOptions.None, null, default));
        Assert.Equal((null, true, false, false), (read.Error, read.ReadOnly, read.Explain, read.Empty));
        Assert.Equal([new Column("x", "VARCHAR(9)", "t", "b"), new Column("a+1", null, null, null)], read.Rows.Columns);
        Assert.Equal(["$1", ":n"], read.ParameterNames);
        Assert.Equal(46, read.TailOffset);
        Assert.False((await lease.DescribeAsync("INSERT INTO t DEFAULT VALUES"u8.ToArray(), BatchOptions.None, null, default)).ReadOnly);
        Assert.True((await lease.DescribeAsync("EXPLAIN INSERT INTO t DEFAULT VALUES"u8.ToArray(), BatchOptions.None, null, default)) is { Error: null, Explain: true });
        Assert.True((await lease.DescribeAsync(" -- nothing"u8.ToArray(), BatchOptions.None, null, default)).Empty);
        Assert.Equal(new StatementError(1, "no such column: u", 7), (await lease.DescribeAsync("SELECT u FROM t"u8.ToArray(), BatchOptions.None, null, default)).Error);
        lease.Dispose();
        Assert.Equal("0", await db.QueryAsync("SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData("SELECT * FROM t")]
    [InlineData("SELECT * FROM t WHERE a > 0")]
    public async Task A_description_follows_changes_of_the_schema(string sql)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        Assert.Equal("a", await DescribeAsync("SELECT * FROM t"));
        await db.ApplyAsync("ALTER TABLE t ADD COLUMN b");
        Assert.Equal("a,b", await DescribeAsync(sql));
        await db.ApplyAsync("DROP TABLE t", "CREATE TABLE t(a, c, d)");
        Assert.Equal("a,c,d", await DescribeAsync(sql));

        async Task<string> DescribeAsync(string text)
        {
            using var lease = await db.Database.RentReaderAsync(default);
            var shape = await lease.DescribeAsync(Encoding.UTF8.GetBytes(text), BatchOptions.None, null, default);
            return string.Join(',', shape.Rows.Columns.Select(static column => column.Name));
        }
    }

    [Fact]
    public async Task A_cached_statement_shows_the_new_shape_after_the_first_wait()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
        Assert.Equal("1", await db.QueryAsync("SELECT * FROM t"));
        await db.ApplyAsync("ALTER TABLE t ADD COLUMN b DEFAULT 'new'");
        Assert.Equal("1|new", await db.QueryAsync("SELECT * FROM t"));
        await db.ApplyAsync("DROP TABLE t");
        Assert.Equal("1: no such table: t", await db.QueryAsync("SELECT * FROM t"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_timeout_ends_a_statement_and_leaves_the_reader_usable(bool onPool)
    {
        await using var db = new TestDatabase(options => options with { ReadersMax = 1, ReadersIdleMax = 1 });
        var text = await On(onPool, async () =>
        {
            var lease = await db.Database.RentReaderAsync(default);
            await using var cursor = lease.Run(TestDatabase.Sql(Endless), BatchOptions.None, TimeSpan.FromMilliseconds(50), ownsLease: true, default);
            return await TestDatabase.TextAsync(cursor);
        });
        Assert.Equal("9: query timeout", text);
        Assert.Equal("300000", await db.QueryAsync(Long));
    }

    [Fact]
    public async Task Cancelling_ends_a_statement_and_no_other_on_the_lease()
    {
        await using var db = new TestDatabase();
        using var cancel = new CancellationTokenSource();
        using var lease = await db.Database.RentReaderAsync(default);
        await using var open = lease.Run(TestDatabase.Sql("SELECT value FROM json_each('[1,2,3]')"), BatchOptions.None, null, ownsLease: false, default);
        Assert.True(await open.WaitToReadAsync(default) && open.TryRead());
        await using var cursor = lease.Run(TestDatabase.Sql(Endless), BatchOptions.None, null, ownsLease: false, cancel.Token);
        var running = Task.Run(() => TestDatabase.TextAsync(cursor));
        cancel.CancelAfter(30);
        Assert.Equal("9: query cancelled", await running);
        Assert.Equal("2;3", await TestDatabase.TextAsync(open));
    }

    [Theory]
    [InlineData(Long, "300000")]
    [InlineData("SELECT sum(a) FROM (SELECT a FROM t)", "12502500")]
    public async Task A_long_statement_leaves_the_callers_thread_and_answers_the_same(string sql, string expected)
    {
        await using var db = await WithRows(5000);
        var (text, hopped) = await OnOwnThread(db, sql);
        Assert.Equal(expected, text);
        Assert.Equal(sql == Long, hopped);
    }

    [Fact]
    public async Task Rows_come_once_and_in_order_when_a_statement_moves_between_them()
    {
        await using var db = await WithRows(5000);
        var expected = string.Join(';', Enumerable.Range(1, 5000));
        Assert.Equal(expected, (await OnOwnThread(db, "SELECT a FROM t")).Text);

        // The budget runs out within a step, behind some rows.
        var sparse = "SELECT a FROM t WHERE a<10 OR a>4990 OR (SELECT sum(b.a) FROM t b WHERE b.a<t.a)<0";
        Assert.Equal(string.Join(';', Enumerable.Range(1, 9).Concat(Enumerable.Range(4991, 10))), (await OnOwnThread(db, sparse)).Text);

        // One that answers otherwise when it begins again has shown nothing before.
        var random = "SELECT a FROM (SELECT a FROM t ORDER BY random()) ORDER BY a%2";
        var shuffled = (await OnOwnThread(db, random)).Text.Split(';').Select(int.Parse).Order();
        Assert.Equal(Enumerable.Range(1, 5000), shuffled);
    }

    [Fact]
    public async Task Short_reads_stay_on_the_callers_thread_however_many_there_are()
    {
        await using var db = await WithRows(5000);
        for (var i = 1; i <= 2000; i++)
        {
            var (text, hopped) = await OnOwnThread(db, $"SELECT a FROM t WHERE a={i % 10}");
            Assert.False(hopped, $"read {i} hopped");
            Assert.Equal(i % 10 == 0 ? "" : (i % 10).ToString(), text);
        }
    }

    [Fact]
    public async Task Reading_rows_allocates_nothing()
    {
        await using var db = await WithRows(50_000);

        // The first time the statement goes into the cache.
        _ = await CountAsync(db);

        Assert.Equal((50_000, 0), await CountAsync(db));
    }

    private static async Task<(long Rows, long Allocated)> CountAsync(TestDatabase db)
    {
        var lease = await db.Database.RentReaderAsync(default);
        await using var cursor = lease.Run(TestDatabase.Sql("SELECT a, 'text', a*0.5, x'00' FROM t"), BatchOptions.None, null, ownsLease: true, default);
        var (rows, allocated) = (0L, 0L);
        while (await cursor.WaitToReadAsync(default))
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            rows += Count(cursor);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return (rows, allocated);
    }

    private static long Count(RowCursor cursor)
    {
        var rows = 0L;
        while (cursor.TryRead())
        {
            rows += cursor[0].Integer > 0 && cursor[1].Bytes.Length == 4 && cursor[2].Real > 0 && cursor[3].Bytes.Length == 1 ? 1 : 0;
        }

        return rows;
    }

    private static async Task<TestDatabase> WithRows(int count)
    {
        var db = new TestDatabase();
        await db.ApplyAsync(
            "CREATE TABLE t(a INTEGER PRIMARY KEY)",
            $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT {count}) INSERT INTO t SELECT i FROM n");
        return db;
    }

    private static Task<T> On<T>(bool pool, Func<Task<T>> work) => pool ? Task.Run(work) : OwnThread(work);

    private static async Task<T> OwnThread<T>(Func<Task<T>> work)
    {
        var started = new TaskCompletionSource<Task<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => started.SetResult(work())) { IsBackground = true }.Start();
        return await await started.Task;
    }

    private static Task<(string Text, bool Hopped)> OnOwnThread(TestDatabase db, string sql) => OwnThread(async () =>
    {
        var home = Environment.CurrentManagedThreadId;
        var lease = await db.Database.RentReaderAsync(default);
        await using var cursor = lease.Run(TestDatabase.Sql(sql), BatchOptions.None, null, ownsLease: true, default);
        var text = await TestDatabase.TextAsync(cursor);
        return (text, Environment.CurrentManagedThreadId != home);
    });
}
