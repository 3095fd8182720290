namespace Rqlite.Pg.Storage.Tests;

/// <summary>Reads that take long, or whose clients are slow, leave room for others.</summary>
public class LongReadTests
{
    private const string Endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n";
    private const string Huge = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n";
    private const string Long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 300000) SELECT count(*) FROM n";

    [Fact]
    public async Task Endless_reads_leave_the_thread_pool_and_others_go_on()
    {
        await using var db = new TestDatabase(options => options with { LongReaderTime = TimeSpan.FromHours(1) });
        await db.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(7)");
        using var stop = new CancellationTokenSource();
        var endless = Enumerable.Range(0, 40).Select(_ => Task.Run(() => RunAsync(db, Endless, stop.Token))).ToArray();
        await Until(() => db.Database.Readers.Open == 40);

        // As many as would not fit beside them if each had a thread of the pool.
        var others = Enumerable.Range(0, 200).Select(_ => Task.Run(() => db.QueryAsync("SELECT a FROM t")));
        Assert.All(await Task.WhenAll(others), static text => Assert.Equal("7", text));

        // One that is long itself gets its turns among them.
        Assert.Equal("300000", await db.QueryAsync(Long));
        Assert.DoesNotContain(endless, static task => task.IsCompleted);
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(endless), static text => Assert.Equal("9: query cancelled", text));
        await Until(() => db.Database.Readers.Open == db.Database.Readers.Idle);
    }

    [Fact]
    public async Task A_result_that_fits_into_a_block_holds_no_reader_while_its_client_is_slow()
    {
        await using var db = new TestDatabase(options => options with { ReadersMax = 4, ReadersIdleMax = 4 });
        var cursors = new List<RowCursor>();
        for (var i = 0; i < 20; i++)
        {
            var lease = await db.Database.RentReaderAsync(default);
            var cursor = lease.Run(TestDatabase.Sql("SELECT value FROM json_each('[1,2,3]')"), BatchOptions.None, null, ownsLease: true, default);
            Assert.True(await cursor.WaitToReadAsync(default) && cursor.TryRead());
            Assert.False(cursor.HoldsReader);
            cursors.Add(cursor);
        }

        foreach (var cursor in cursors)
        {
            Assert.Equal("2;3", await TestDatabase.TextAsync(cursor));
            await cursor.DisposeAsync();
        }
    }

    [Fact]
    public async Task Readers_of_silent_clients_are_taken_back_when_others_need_them()
    {
        await using var db = new TestDatabase(options => options with { ReadersMax = 4, ReadersIdleMax = 4, StalledReaderTime = TimeSpan.Zero });
        var cursors = new List<RowCursor>();
        for (var i = 0; i < 12; i++)
        {
            var lease = await db.Database.RentReaderAsync(default);
            var cursor = lease.Run(TestDatabase.Sql(Huge), BatchOptions.None, null, ownsLease: true, default);
            Assert.True(await cursor.WaitToReadAsync(default) && cursor.TryRead());
            cursors.Add(cursor);
        }

        Assert.Equal("1", await db.QueryAsync("SELECT 1"));

        // The rows of a block were there already; then the client is told.
        while (await cursors[0].WaitToReadAsync(default))
        {
            Assert.True(cursors[0].TryRead());
        }

        var error = cursors[0].Outcome.Error!;
        Assert.Equal("53400", error.SqlState);
        Assert.Contains("client has not read on", error.Message, StringComparison.Ordinal);
        foreach (var cursor in cursors)
        {
            await cursor.DisposeAsync();
        }

        await Until(() => db.Database.Readers.Open == db.Database.Readers.Idle);
    }

    [Fact]
    public async Task Readers_of_idle_snapshots_are_taken_back_when_others_need_them()
    {
        await using var db = new TestDatabase(options => options with { ReadersMax = 4, ReadersIdleMax = 4, StalledReaderTime = TimeSpan.Zero });
        var leases = new List<ReaderLease>();
        for (var i = 0; i < 12; i++)
        {
            leases.Add(await db.Database.RentReaderAsync(default));
            leases[i].BeginSnapshot();
        }

        await using var late = leases[0].Run(TestDatabase.Sql("SELECT 1"), BatchOptions.None, null, ownsLease: false, default);
        Assert.False(await late.WaitToReadAsync(default));
        Assert.Equal("53400", late.Outcome.Error!.SqlState);
        leases.ForEach(static lease => lease.Dispose());
        await Until(() => db.Database.Readers.Open == db.Database.Readers.Idle);
    }

    [Fact]
    public async Task The_oldest_long_reads_end_when_they_have_all_readers()
    {
        await using var db = new TestDatabase(options => options with { ReadersMax = 4, ReadersIdleMax = 4, LongReaderTime = TimeSpan.Zero });
        using var stop = new CancellationTokenSource();
        var endless = Enumerable.Range(0, 12).Select(_ => Task.Run(() => RunAsync(db, Endless, stop.Token))).ToArray();

        // One reader of the four is left to others, so all but three have to end.
        await Until(() => endless.Count(static task => task.IsCompleted) >= 9);
        Assert.Equal("1", await db.QueryAsync("SELECT 1"));
        await stop.CancelAsync();
        var texts = await Task.WhenAll(endless);
        Assert.True(texts.Count(static text => text.Contains("it was the oldest", StringComparison.Ordinal)) >= 9);
    }

    [Fact]
    public async Task The_wait_for_a_reader_has_an_end()
    {
        await using var db = new TestDatabase(options => options with { ReadersMax = 4, ReadersIdleMax = 4, ReaderWait = TimeSpan.FromMilliseconds(50) });
        var leases = new List<ReaderLease>();
        for (var i = 0; i < 4; i++)
        {
            leases.Add(await db.Database.RentReaderAsync(default));
        }

        var busy = await Assert.ThrowsAsync<ReadersBusyException>(() => db.Database.RentReaderAsync(default).AsTask());
        Assert.False(busy.TimedOut);
        busy = await Assert.ThrowsAsync<ReadersBusyException>(() => db.Database.RentReaderAsync(TimeSpan.FromMilliseconds(1), default).AsTask());
        Assert.True(busy.TimedOut);
        leases.ForEach(static lease => lease.Dispose());
        Assert.Equal("1", await db.QueryAsync("SELECT 1"));
    }

    [Fact]
    public async Task The_limit_of_the_node_ends_reads_that_have_none()
    {
        await using var db = new TestDatabase(options => options with { ReadTimeout = TimeSpan.FromMilliseconds(50) });
        Assert.Equal("9: query timeout", await db.QueryAsync(Endless));
        using var lease = await db.Database.RentReaderAsync(default);
        await using var longer = lease.Run(TestDatabase.Sql(Endless), BatchOptions.None, TimeSpan.FromHours(1), ownsLease: false, default);
        Assert.Equal("9: query timeout", await TestDatabase.TextAsync(longer));
    }

    private static async Task<string> RunAsync(TestDatabase db, string sql, CancellationToken token)
    {
        var lease = await db.Database.RentReaderAsync(default);
        await using var cursor = lease.Run(TestDatabase.Sql(sql), BatchOptions.None, null, ownsLease: true, token);
        return await TestDatabase.TextAsync(cursor);
    }

    private static async Task Until(Func<bool> holds)
    {
        while (!holds())
        {
            await Task.Delay(10);
        }
    }
}
