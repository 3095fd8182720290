namespace Rqlite.Pg.Storage.Tests;

public class SchemaVersionTests
{
    [Fact]
    public async Task A_command_for_another_schema_does_nothing_and_leaves_its_name_free()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(x)");
        var version = await VersionAsync(db);
        Assert.Equal(["changed 1, last 1"], await ResultsAsync(db, version, "INSERT INTO t VALUES (1)", RequestId.FromKey("a")));
        await db.ApplyAsync("ALTER TABLE t RENAME x TO y");
        Assert.Equal(["moved in 4"], await ResultsAsync(db, version, "INSERT INTO t VALUES (2)", RequestId.FromKey("b")));
        Assert.Equal(["moved in 5"], await ResultsAsync(db, version, "INSERT INTO t VALUES (2)", RequestId.FromKey("b")));

        // What was run before is answered whatever the schema is now.
        Assert.Equal(["changed 1, last 1"], await ResultsAsync(db, version, "INSERT INTO t VALUES (1)", RequestId.FromKey("a")));
        Assert.Equal(["changed 1, last 2"], await ResultsAsync(db, await VersionAsync(db), "INSERT INTO t VALUES (3)", RequestId.FromKey("b")));
        Assert.Equal("1;3", await db.QueryAsync("SELECT y FROM t"));
    }

    [Fact]
    public async Task Commands_behind_a_definition_in_their_entry_are_moved_on_every_replica()
    {
        await using var leader = new TestDatabase();
        await using var follower = new TestDatabase();
        await leader.ApplyAsync("CREATE TABLE t(x)");
        await follower.ApplyAsync("CREATE TABLE t(x)");
        var version = await VersionAsync(leader);
        Assert.Equal(version, await VersionAsync(follower));
        ApplyCommand[] commands =
        [
            Command(version, "INSERT INTO t VALUES (1)"),
            Command(version, "CREATE TABLE u(x)"),
            Command(version, "INSERT INTO t VALUES (2)"),
            Command(0, "INSERT INTO t VALUES (3)"),
            Command(version + 1, "INSERT INTO t VALUES (4)"),
        ];
        var stamp = leader.NextStamp();
        var batch = LeaderRun.Rehearse(leader.Database.Writer, stamp, commands);
        Assert.True(follower.Database.Writer.ApplyBatch(stamp, () => batch.Entry!, null, null));
        var results = new CommandResult?[commands.Length];
        Assert.True(leader.Database.Writer.ApplyBatch(stamp, () => batch.Entry!, batch, results));
        Assert.Equal("1;3;4", await leader.QueryAsync("SELECT x FROM t"));
        Assert.Equal("1;3;4", await follower.QueryAsync("SELECT x FROM t"));
        Assert.Equal((true, stamp.Index), (batch.Results[2]!.SchemaMoved, batch.Results[2]!.Index));
        Assert.All([0, 1, 3, 4], i => Assert.False(batch.Results[i]!.SchemaMoved));
        Assert.Equal(await leader.Database.ContentHashAsync(default), await follower.Database.ContentHashAsync(default));
    }

    [Fact]
    public async Task A_reader_s_statement_for_another_schema_has_no_rows_and_no_error_of_its_own()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(x)");
        var version = await VersionAsync(db);
        using var lease = await db.Database.RentReaderAsync(default);
        lease.Expect(version, static () => new TimeoutException());
        Assert.Equal("", await RunAsync(lease, "SELECT x FROM t"));
        await db.ApplyAsync("INSERT INTO t VALUES (1)");
        Assert.Equal("1", await RunAsync(lease, "SELECT x FROM t"));
        await db.ApplyAsync("ALTER TABLE t RENAME x TO y");
        await Assert.ThrowsAsync<TimeoutException>(() => RunAsync(lease, "SELECT x FROM t"));
        await Assert.ThrowsAsync<TimeoutException>(() => RunAsync(lease, "SELECT y FROM t"));
        var shape = await lease.DescribeAsync("SELECT y FROM t"u8.ToArray(), BatchOptions.None, null, default);
        Assert.Equal(version + 1, shape.SchemaVersion);
        lease.Expect(shape.SchemaVersion, static () => new TimeoutException());
        Assert.Equal("1", await RunAsync(lease, "SELECT y FROM t"));

        // A snapshot keeps its schema.
        lease.BeginSnapshot();
        Assert.Equal(version + 1, lease.SnapshotVersion);
        await db.ApplyAsync("ALTER TABLE t RENAME y TO z");
        Assert.Equal("1", await RunAsync(lease, "SELECT y FROM t"));
        Assert.Equal(version + 2, await VersionAsync(db));
    }

    [Fact]
    public async Task A_transaction_begins_and_goes_on_only_on_the_schema_that_it_was_made_for()
    {
        await using var db = new TestDatabase();
        var writer = db.Database.Writer;
        await db.ApplyAsync("CREATE TABLE t(x)");
        var version = await VersionAsync(db);
        Assert.Equal(1, Assert.Throws<SchemaMovedException>(() => writer.BeginRehearsal(5, 1, BatchOptions.None, schemaVersion: version + 1)).Index);
        using (var bound = writer.BeginRehearsal(5, 1, BatchOptions.None, schemaVersion: version))
        {
            Assert.Equal(version, bound.Describe("SELECT x FROM t"u8, default).SchemaVersion);
            await TableTests.RunAsync(bound, "INSERT INTO t VALUES (1)");
            Assert.True(writer.TryEvict(bound));
            await db.ApplyAsync("INSERT INTO t VALUES (0)");
            writer.Resume(bound);
            Assert.True(writer.TryEvict(bound));
            await db.ApplyAsync("CREATE TABLE u(x)");
            Assert.Throws<RehearsalLostException>(() => writer.Resume(bound));
        }

        using (var free = writer.BeginRehearsal(5, 1, BatchOptions.None))
        {
            await TableTests.RunAsync(free, "INSERT INTO t VALUES (1)");
            Assert.True(writer.TryEvict(free));
            await db.ApplyAsync("CREATE TABLE v(x)");
            writer.Resume(free);
            Assert.Equal("2", await TableTests.RunAsync(free, "SELECT count(*) FROM t"));
        }
    }

    [Fact]
    public async Task Peeking_leaves_no_trace_but_binds_the_transaction_to_the_schema()
    {
        await using var leader = new TestDatabase(options => options with { Sql = new TestTables().Extensions });
        await using var follower = new TestDatabase();
        var writer = leader.Database.Writer;
        foreach (var db in (TestDatabase[])[leader, follower])
        {
            await db.ApplyAsync("CREATE TABLE t(x)");
        }

        using var rehearsal = writer.BeginRehearsal(5, 2, BatchOptions.None);
        await TableTests.RunAsync(rehearsal, "CREATE TABLE own(x DEFAULT (random()))");
        Assert.Equal("own;t", await PeekAsync(rehearsal, "SELECT * FROM t_objects"));
        Assert.Equal("0", await PeekAsync(rehearsal, "SELECT count(*) FROM t"));
        Assert.StartsWith("1: no such table", await PeekAsync(rehearsal, "SELECT * FROM missing"), StringComparison.Ordinal);
        Assert.StartsWith("8: ", await PeekAsync(rehearsal, "INSERT INTO t VALUES (1)"), StringComparison.Ordinal);
        Assert.StartsWith("8: ", await PeekAsync(rehearsal, "SELECT nextval('s')"), StringComparison.Ordinal);
        using (var token = new CancellationTokenSource(30))
        {
            Assert.Equal("9: interrupted", await PeekAsync(rehearsal, TestTables.Endless, token.Token));
        }

        await TableTests.RunAsync(rehearsal, "INSERT INTO own DEFAULT VALUES");
        Assert.True(writer.TryEvict(rehearsal));

        // The answer of a read that counts would differ now.
        foreach (var db in (TestDatabase[])[leader, follower])
        {
            await db.ApplyAsync("INSERT INTO t VALUES (1)");
        }

        writer.Resume(rehearsal);
        Assert.Equal("1", await PeekAsync(rehearsal, "SELECT count(*) FROM t"));
        var entry = rehearsal.Seal(out var error)!;
        Assert.Null(error);
        Assert.Equal(2, entry.Statements.Count);
        var stamp = leader.NextStamp() with { UnixMicroseconds = 5, Seed = 2 };
        Assert.True(follower.Database.Writer.ApplyTransaction(stamp, entry, null));
        Assert.True(writer.ApplyTransaction(stamp, entry, rehearsal));
        Assert.Equal(await leader.Database.ContentHashAsync(default), await follower.Database.ContentHashAsync(default));

        using var moved = writer.BeginRehearsal(5, 3, BatchOptions.None);
        await PeekAsync(moved, "SELECT * FROM t_objects");
        Assert.True(writer.TryEvict(moved));
        await leader.ApplyAsync("CREATE TABLE other(x)");
        Assert.Throws<RehearsalLostException>(() => writer.Resume(moved));
    }

    internal static async Task<long> VersionAsync(TestDatabase db) =>
        long.Parse(await db.QueryAsync("PRAGMA schema_version"), System.Globalization.CultureInfo.InvariantCulture);

    private static ApplyCommand Command(long version, string sql, RequestId id = default) =>
        new(id, new([TestDatabase.Sql(sql)], BatchOptions.None) { SchemaVersion = version });

    private static async Task<string[]> ResultsAsync(TestDatabase db, long version, string sql, RequestId id)
    {
        var results = new CommandResult?[1];
        db.Database.Writer.Apply(db.NextStamp(), [Command(version, sql, id)], results);
        return results[0]!.SchemaMoved && results[0]!.Encoded.IsEmpty
            ? [$"moved in {results[0]!.Index}"]
            : await TestDatabase.ResultsAsync(results[0]!);
    }

    private static async Task<string> RunAsync(ReaderLease lease, string sql)
    {
        await using var cursor = lease.Run(TestDatabase.Sql(sql), BatchOptions.None, null, ownsLease: false, default);
        return await TestDatabase.TextAsync(cursor);
    }

    private static async Task<string> PeekAsync(Rehearsal rehearsal, string sql, CancellationToken token = default) =>
        await TestDatabase.TextAsync((await new EncodedResults(rehearsal.Peek(TestDatabase.Sql(sql), token)).NextAsync(default))!);
}
