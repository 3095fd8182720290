namespace Rqlite.Pg.Storage.Tests;

/// <summary>A file that takes the place of the database by an entry.</summary>
public sealed class LoadTests
{
    [Fact]
    public async Task A_file_takes_the_place_of_the_database_with_the_state_of_the_cluster()
    {
        await using var test = new TestDatabase();
        await test.ApplyAsync("CREATE TABLE former(a)", "INSERT INTO former VALUES(1)");
        var kept = new ApplyCommand(new RequestId(5, 6), new StatementBatch([TestDatabase.Sql("INSERT INTO former VALUES(2)")], BatchOptions.None));
        var answer = (await test.ApplyAsync(kept))[0];
        var file = Make("CREATE TABLE t(a PRIMARY KEY, b)", "INSERT INTO t VALUES('x', 1), ('y', randomblob(3000000))");
        var load = await SendAsync(test, file);
        Assert.True(load.Chunks > 2);
        test.Database.TryLoad(load);
        Assert.Equal("2", await test.QueryAsync("SELECT count(*) FROM former"));

        var stamp = test.NextStamp();
        Assert.True(test.Database.ApplyLoad(stamp, load));
        Assert.Equal(stamp.Index, test.Database.AppliedIndex);
        Assert.Equal("x|1", await test.QueryAsync("SELECT * FROM t WHERE a='x'"));
        Assert.Contains("no such table", await test.QueryAsync("SELECT * FROM former"), StringComparison.Ordinal);
        Assert.True(await test.Database.HasLoadedAsync(load.Id, default));
        Assert.Null(await test.Database.PendingLoadAsync(default));
        Assert.Equal(answer, (await test.ApplyAsync(kept))[0]);

        await test.ReopenAsync();
        Assert.Equal("y|3000000", await test.QueryAsync("SELECT a, length(b) FROM t WHERE a='y'"));
        Assert.StartsWith("changed 1", (await test.ApplyAsync("INSERT INTO t VALUES('z', 3)"))[0], StringComparison.Ordinal);
        Assert.Equal("ok", await test.QueryAsync("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task Replicas_agree_whatever_their_files_looked_like()
    {
        await using var first = new TestDatabase();
        await using var second = new TestDatabase();
        await second.ReopenAsync();
        var file = Make("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
        DatabaseLoad? sent = null;
        foreach (var test in (TestDatabase[])[first, second])
        {
            await test.ApplyAsync("CREATE TABLE former(a)");
            sent = await SendAsync(test, file, sent);
            Assert.True(test.Database.ApplyLoad(test.NextStamp(), sent));
            await test.ApplyAsync("INSERT INTO t VALUES(random())");
        }

        Assert.True(first.Database.TryGetDigest(first.Database.AppliedIndex, out var one));
        Assert.True(second.Database.TryGetDigest(second.Database.AppliedIndex, out var other));
        Assert.Equal(one, other);
        Assert.Equal(await first.Database.ContentHashAsync(default), await second.Database.ContentHashAsync(default));
    }

    [Fact]
    public async Task Chunks_that_are_not_those_of_the_load_leave_everything_as_it_was()
    {
        await using var test = new TestDatabase();
        await test.ApplyAsync("CREATE TABLE former(a)");
        var load = await SendAsync(test, Make("CREATE TABLE t(a)", "INSERT INTO t VALUES(randomblob(2000000))"));
        var wrong = load with { Hash = new byte[DatabaseLoad.HashLength] };
        Assert.Throws<LoadRefusedException>(() => test.Database.TryLoad(wrong));
        Assert.False(test.Database.ApplyLoad(test.NextStamp(), wrong));
        Assert.False(test.Database.ApplyLoad(test.NextStamp(), load with { Id = DatabaseLoad.NewId() }));
        Assert.Equal("changed 1, last 1", (await test.ApplyAsync("INSERT INTO former VALUES(1)"))[0]);
        Assert.False(await test.Database.HasLoadedAsync(load.Id, default));

        while (await RunAsync(test, LoadTable.Remove(load.Id)) != "changed 0, last 0")
        {
        }

        Assert.Null(await test.Database.PendingLoadAsync(default));
        Assert.False(test.Database.ApplyLoad(test.NextStamp(), load));
        Assert.Equal("1", await test.QueryAsync("SELECT count(*) FROM former"));
    }

    [Fact]
    public async Task There_is_one_load_at_a_time()
    {
        await using var test = new TestDatabase();
        var (first, second) = (DatabaseLoad.NewId(), DatabaseLoad.NewId());
        Assert.StartsWith("changed 1", await RunAsync(test, LoadTable.Begin(first)), StringComparison.Ordinal);
        Assert.StartsWith("changed 0", await RunAsync(test, LoadTable.Begin(second)), StringComparison.Ordinal);
        Assert.StartsWith("changed 0", await RunAsync(test, LoadTable.Add(second, 1, new byte[10])), StringComparison.Ordinal);
        Assert.StartsWith("changed 1", await RunAsync(test, LoadTable.Add(first, 1, new byte[10])), StringComparison.Ordinal);
        Assert.Equal(first, (await test.Database.PendingLoadAsync(default))!.Value.Id);
        Assert.Contains("not authorized", await test.QueryAsync("SELECT data FROM _rqlite_load"), StringComparison.Ordinal);
        Assert.Contains("not authorized", (await test.ApplyAsync("DELETE FROM _rqlite_load"))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_with_an_open_snapshot_keeps_the_former_database()
    {
        await using var test = new TestDatabase();
        await test.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES('former')");
        var load = await SendAsync(test, Make("CREATE TABLE t(a)", "INSERT INTO t VALUES('new')"));
        using var lease = await test.Database.RentReaderAsync(default);
        lease.BeginSnapshot();
        var version = lease.SnapshotVersion;
        Assert.Equal("former", await Workload.TextAsync(lease, "SELECT a FROM t"));
        Assert.True(test.Database.ApplyLoad(test.NextStamp(), load));
        Assert.Equal("former", await Workload.TextAsync(lease, "SELECT a FROM t"));
        Assert.Equal("new", await test.QueryAsync("SELECT a FROM t"));
        using var later = await test.Database.RentReaderAsync(default);
        later.BeginSnapshot();
        Assert.NotEqual(version, later.SnapshotVersion);
    }

    [Fact]
    public async Task What_was_prepared_for_the_former_schema_is_not_run_on_the_new_one()
    {
        await using var test = new TestDatabase();
        await test.ApplyAsync("CREATE TABLE t(a, b)");
        using var lease = await test.Database.RentReaderAsync(default);
        lease.BeginSnapshot();
        var version = lease.SnapshotVersion;
        lease.Dispose();

        // As many changes of the schema as the live database has seen.
        var file = new Scratch().Run("CREATE TABLE t(b, a)").Run($"PRAGMA schema_version={version}");
        var load = await SendAsync(test, file.Bytes());
        file.Dispose();
        Assert.True(test.Database.ApplyLoad(test.NextStamp(), load));
        var results = new CommandResult?[1];
        test.Database.Writer.Apply(
            test.NextStamp(),
            [new ApplyCommand(default, new StatementBatch([TestDatabase.Sql("INSERT INTO t VALUES(1, 2)")], BatchOptions.None) { SchemaVersion = version })],
            results);
        Assert.True(results[0]!.SchemaMoved);
    }

    [Theory]
    [InlineData("CREATE TABLE _rqlite_evil(a)", "table _rqlite_evil is not known: names that begin with _rqlite_ are reserved")]
    [InlineData("CREATE TABLE _rqlite_sequences(id)", "table _rqlite_sequences is not known: names that begin with _rqlite_ are reserved")]
    [InlineData("CREATE TABLE t(a DEFAULT(_rqlite_raise_sequence(1)))", "table t names _rqlite_raise_sequence: names that begin with _rqlite_ are reserved")]
    [InlineData("CREATE TABLE t(a REFERENCES _rqlite_meta)", "table t names _rqlite_meta: names that begin with _rqlite_ are reserved")]
    [InlineData("CREATE TABLE t(a REFERENCES \"_RQLITE_meta\")", "table t names _RQLITE_meta: names that begin with _rqlite_ are reserved")]
    [InlineData("CREATE TABLE t(a); CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM _rqlite_meta; END", "trigger x names _rqlite_meta: names that begin with _rqlite_ are reserved")]
    [InlineData("CREATE VIEW v AS SELECT * FROM _rqlite_requests", "view v names _rqlite_requests: names that begin with _rqlite_ are reserved")]
    [InlineData("CREATE VIRTUAL TABLE ft USING fts5vocab(a, row)", null)]
    [InlineData(
        "PRAGMA writable_schema=ON; INSERT INTO sqlite_schema VALUES('table', 'd', 'd', 0, 'CREATE VIRTUAL TABLE d USING dbstat')", "virtual table d is of the module dbstat, which is not available")]
    [InlineData("PRAGMA encoding='UTF-16'; CREATE TABLE t(a)", "the file holds its text in UTF-16; only UTF-8 is taken")]
    [InlineData(
        "CREATE TABLE _rqlite_meta(a); INSERT INTO _rqlite_meta VALUES(1); CREATE TABLE t(a)",
        "table _rqlite_meta is not the server's own: names that begin with _rqlite_ are reserved, so rename it before the file is loaded")]
    [InlineData(
        "CREATE TABLE \"_RQLITE_load\"(number, load, time, mine)",
        "table _RQLITE_load is not the server's own: names that begin with _rqlite_ are reserved, so rename it before the file is loaded")]
    [InlineData(
        "CREATE TABLE _rqlite_rewrite(a)",
        "table _rqlite_rewrite is not the server's own: names that begin with _rqlite_ are reserved, so rename it before the file is loaded")]
    [InlineData("CREATE TABLE _rqlite_skipped(idx INTEGER PRIMARY KEY, checksum TEXT NOT NULL); CREATE TABLE t(a)", null)]
    public async Task A_file_has_only_what_a_client_may_make(string sql, string? refusal)
    {
        await using var test = new TestDatabase();
        using var file = new Scratch().Run(sql);
        var error = await Record.ExceptionAsync(async () => await (await test.Database.ReceiveUploadAsync(new MemoryStream(file.Bytes()), default)).DisposeAsync());
        Assert.Equal(refusal, error?.Message);
        Assert.Equal(refusal is not null, error is LoadRefusedException);
        Assert.DoesNotContain(Directory.GetDirectories(test.Options.Directory), path => Path.GetFileName(path).StartsWith("scratch-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_damaged_file_is_refused()
    {
        await using var test = new TestDatabase();
        var file = Make("CREATE TABLE t(a PRIMARY KEY)", "WITH c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n<500) INSERT INTO t SELECT hex(randomblob(50)) FROM c");
        var random = new Random(4);
        for (var i = 0; i < 60; i++)
        {
            var broken = file.ToArray();
            if (i % 3 == 0)
            {
                broken = broken[..random.Next(broken.Length - 5000)];
            }
            else
            {
                // A page of which nothing is right.
                random.NextBytes(broken.AsSpan(4096 * (1 + random.Next((broken.Length / 4096) - 1)), 200));
            }

            var error = await Record.ExceptionAsync(async () => await (await test.Database.ReceiveUploadAsync(new MemoryStream(broken), default)).DisposeAsync());
            Assert.IsType<LoadRefusedException>(error);
            Assert.StartsWith("invalid SQLite data", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_room_on_the_disk_a_file_is_refused()
    {
        await using var test = new TestDatabase();
        test.Database.Writer.FreeDiskBytes = _ => 1 << 20;
        var refused = await Assert.ThrowsAsync<BackupRefusedException>(
            async () => await test.Database.ReceiveUploadAsync(new MemoryStream(Make("CREATE TABLE t(a)")), default));
        Assert.True(refused.DiskFull);
    }

    [Fact]
    public async Task An_index_over_a_function_of_a_dialect_is_checked_with_it()
    {
        var offset = 0L;
        var function = new SqlFunction("dialect_moved", 1, Purity.Immutable, (in FunctionCall call) => call.Return(call.Integer(0) + offset));
        await using var test = new TestDatabase(o => o with { Sql = new SqlExtensions([function], [], [], []) });
        await test.ApplyAsync("CREATE TABLE t(a CHECK(dialect_moved(a) < 100))", "CREATE INDEX i ON t(dialect_moved(a))", "INSERT INTO t VALUES(1), (2)");
        byte[] file;
        using (var copy = await BackupTests.SaveAsync(test.Database, new BackupRequest(BackupFormat.Delete, false, [])))
        {
            file = copy.Bytes();
        }

        var load = await SendAsync(test, file);
        Assert.True(test.Database.ApplyLoad(test.NextStamp(), load));
        Assert.Equal("2", await test.QueryAsync("SELECT a FROM t INDEXED BY i WHERE dialect_moved(a)=2"));

        // The function of another version: the index does not fit it.
        offset = 7;
        var error = await Assert.ThrowsAsync<LoadRefusedException>(async () => await test.Database.ReceiveUploadAsync(new MemoryStream(file), default));
        Assert.StartsWith("invalid SQLite data", error.Message, StringComparison.Ordinal);
    }

    internal static byte[] Make(params string[] sql)
    {
        using var file = new Scratch();
        foreach (var statement in sql)
        {
            file.Run(statement);
        }

        return file.Bytes();
    }

    /// <summary>Brings a file into the database in chunks, as a node does; under the name of an earlier load if one is given.</summary>
    private static async Task<DatabaseLoad> SendAsync(TestDatabase test, byte[] file, DatabaseLoad? earlier = null)
    {
        await using var upload = await test.Database.ReceiveUploadAsync(new MemoryStream(file), default);
        var load = earlier is null ? upload.Load : upload.Load with { Id = earlier.Id };
        Assert.StartsWith("changed 1", await RunAsync(test, LoadTable.Begin(load.Id)), StringComparison.Ordinal);
        for (var number = 1; number <= load.Chunks; number++)
        {
            Assert.StartsWith("changed 1", await RunAsync(test, LoadTable.Add(load.Id, number, upload.ReadChunk(number))), StringComparison.Ordinal);
        }

        return load;
    }

    private static async Task<string> RunAsync(TestDatabase test, StatementBatch batch) => (await test.ApplyAsync(new ApplyCommand(default, batch)))[0][^1];
}
