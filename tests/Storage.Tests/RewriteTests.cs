namespace Rqlite.Pg.Storage.Tests;

public class RewriteTests
{
    private const string Strict = "CREATE TABLE c(x INTEGER CHECK (x > 0), p REFERENCES p(id))";

    private static readonly string[] s_schema =
    [
        "CREATE TABLE p(id PRIMARY KEY)", "CREATE TABLE c(x, p)", "INSERT INTO p VALUES (1)", "INSERT INTO c VALUES (1, 1)",
        "CREATE INDEX i ON c(x)", "CREATE VIEW v AS SELECT x FROM c", "CREATE TRIGGER g AFTER DELETE ON c BEGIN SELECT 1; END",
    ];

    [Fact]
    public async Task A_definition_is_replaced_with_a_new_version_of_the_schema()
    {
        await using var db = await NewAsync();
        var version = await SchemaVersionTests.VersionAsync(db);
        using (var lease = await db.Database.RentReaderAsync(default))
        {
            Assert.Equal("1", await ReadAsync(lease, "SELECT typeof(x) = 'integer' FROM c"));
            Assert.Equal(["changed 0, last 0"], await ApplyAsync(db, SchemaCommand.RewriteDefinition("table", "c", Strict)));
            var shape = await lease.DescribeAsync("SELECT x FROM c"u8.ToArray(), BatchOptions.None, null, default);
            Assert.Equal("INTEGER", shape.Rows.Columns[0].DeclaredType);
        }

        Assert.Equal(version + 1, await SchemaVersionTests.VersionAsync(db));
        Assert.Equal(Strict, await db.QueryAsync("SELECT sql FROM sqlite_schema WHERE name = 'c'"));
        Assert.StartsWith("275: CHECK", (await db.ApplyAsync("INSERT INTO c VALUES (0, 1)"))[0], StringComparison.Ordinal);
        Assert.Equal(["787: FOREIGN KEY constraint failed"], await ApplyAsync(db, BatchOptions.ForeignKeys, TestDatabase.Sql("INSERT INTO c VALUES (1, 7)")));
        await ApplyAsync(
            db, SchemaCommand.RewriteDefinition("view", "v", "CREATE VIEW v AS SELECT x + 1 FROM c"),
            SchemaCommand.RewriteDefinition("trigger", "g", "CREATE TRIGGER g AFTER DELETE ON c BEGIN INSERT INTO p VALUES (old.x + 10); END"));
        Assert.Equal("2", await db.QueryAsync("SELECT * FROM v"));
        await db.ApplyAsync("DELETE FROM c");
        Assert.Equal("1;11", await db.QueryAsync("SELECT id FROM p"));
        await db.ReopenAsync();
        Assert.Equal("ok", await db.QueryAsync("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task A_text_that_SQLite_cannot_read_and_a_name_that_is_not_there_are_errors()
    {
        await using var db = await NewAsync();
        var version = await SchemaVersionTests.VersionAsync(db);
        var results = await ApplyAsync(
            db, SchemaCommand.RewriteDefinition("table", "c", "CREATE TABLE c(x, "), SchemaCommand.RewriteDefinition("table", "missing", Strict),
            SchemaCommand.RewriteDefinition("index", "c", "CREATE INDEX c ON c(x)"), TestDatabase.Sql("INSERT INTO c VALUES (2, 1)"));
        Assert.Contains("malformed database schema (c)", results[0], StringComparison.Ordinal);
        Assert.All(results[..3], result => Assert.StartsWith("1: ", result, StringComparison.Ordinal));
        Assert.Equal("changed 1, last 2", results[3]);
        Assert.Equal(version, await SchemaVersionTests.VersionAsync(db));
        Assert.Equal("1;2", await db.QueryAsync("SELECT x FROM c"));
        using var rehearsal = db.Database.Writer.BeginRehearsal(5, 1, BatchOptions.None);
        rehearsal.SetSavepoint();
        Assert.StartsWith("1: ", await RunAsync(rehearsal, SchemaCommand.RewriteDefinition("table", "c", "CREATE TABLE c(x, ")), StringComparison.Ordinal);
        rehearsal.RollBackTo(0);
        Assert.Equal("changed 2, last 0", await TableTests.RunAsync(rehearsal, "UPDATE c SET x = 5"));
    }

    [Fact]
    public async Task Clients_cannot_rewrite_and_defense_is_lifted_for_a_moment_only()
    {
        await using var db = await NewAsync();
        await ApplyAsync(db, SchemaCommand.RewriteDefinition("table", "c", Strict));
        var results = await db.ApplyAsync(
            "DELETE FROM _rqlite_call WHERE _rqlite_rewrite_definition('table', 'c', 'CREATE TABLE c(y)')",
            "SELECT _rqlite_rewrite_definition('table', 'c', 'CREATE TABLE c(y)')", "UPDATE sqlite_schema SET sql = 'CREATE TABLE c(y)' WHERE name = 'c'",
            "@UPDATE sqlite_schema SET sql = 'CREATE TABLE c(y)' WHERE name = 'c'", "PRAGMA writable_schema=ON");
        Assert.All(results, result => Assert.Matches("^[0-9]+: ", result));
        Assert.Equal(Strict, await db.QueryAsync("SELECT sql FROM sqlite_schema WHERE name = 'c'"));
        Assert.StartsWith("23: ", await db.QueryAsync("SELECT _rqlite_rewrite_definition('table', 'c', 'x')"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_undone_leaves_the_former_definition_on_every_path(bool statistics)
    {
        await using var leader = await NewAsync();
        await using var follower = await NewAsync();
        if (statistics)
        {
            await leader.ApplyAsync("ANALYZE");
            await follower.ApplyAsync("ANALYZE");
        }

        var version = await SchemaVersionTests.VersionAsync(leader);
        var rewrite = SchemaCommand.RewriteDefinition("table", "c", Strict);
        var bad = TestDatabase.Sql("INSERT INTO missing VALUES (1)");
        var loose = TestDatabase.Sql("INSERT INTO c VALUES (0, 7)");

        // A command that fails as a whole, and a group that does.
        foreach (var statements in (Statement[][])[[rewrite, bad], [Statement.Group([rewrite, TestDatabase.Sql("CREATE TABLE u(x)"), bad], 0)]])
        {
            foreach (var db in (TestDatabase[])[leader, follower])
            {
                await ApplyAsync(db, BatchOptions.Atomic | BatchOptions.ForeignKeys, statements);
                Assert.Equal(["changed 1, last 2"], await ApplyAsync(db, BatchOptions.ForeignKeys, loose));
                await db.ApplyAsync("DELETE FROM c WHERE x = 0");
            }
        }

        // A statement that takes the SQLite transaction along.
        foreach (var db in (TestDatabase[])[leader, follower])
        {
            Assert.StartsWith("1555", (await ApplyAsync(db, BatchOptions.Atomic, rewrite, TestDatabase.Sql("INSERT OR ROLLBACK INTO p VALUES (1)")))[1], StringComparison.Ordinal);
            Assert.Equal(version, await SchemaVersionTests.VersionAsync(db));
        }

        // A transaction: savepoints, eviction, rollback, and what remains in the end.
        var writer = leader.Database.Writer;
        using (var lost = writer.BeginRehearsal(5, 1, BatchOptions.ForeignKeys))
        {
            await RunAsync(lost, rewrite);
            Assert.StartsWith("275", await RunAsync(lost, loose), StringComparison.Ordinal);
        }

        Assert.Equal(["changed 1, last 2"], await ApplyAsync(leader, BatchOptions.ForeignKeys, loose));
        await leader.ApplyAsync("DELETE FROM c WHERE x = 0");
        await ApplyAsync(follower, BatchOptions.ForeignKeys, loose);
        await follower.ApplyAsync("DELETE FROM c WHERE x = 0");
        var rehearsal = writer.BeginRehearsal(5, 2, BatchOptions.ForeignKeys);
        rehearsal.SetSavepoint();
        await RunAsync(rehearsal, rewrite);
        Assert.StartsWith("275", await RunAsync(rehearsal, loose), StringComparison.Ordinal);
        rehearsal.RollBackTo(0);
        Assert.Equal("changed 1, last 2", await RunAsync(rehearsal, loose));
        await TableTests.RunAsync(rehearsal, "DELETE FROM c WHERE x = 0");
        await RunAsync(rehearsal, rewrite);
        rehearsal.SetSavepoint();
        await RunAsync(rehearsal, SchemaCommand.RewriteDefinition("table", "c", "CREATE TABLE c(x, p)"));
        Assert.True(writer.TryEvict(rehearsal));
        foreach (var db in (TestDatabase[])[leader, follower])
        {
            Assert.Equal(["changed 1, last 2"], await ApplyAsync(db, BatchOptions.ForeignKeys, TestDatabase.Sql("INSERT INTO c VALUES (-1, 7)")));
            await db.ApplyAsync("DELETE FROM c WHERE x = -1");
        }

        writer.Resume(rehearsal);
        Assert.Equal("changed 1, last 2", await RunAsync(rehearsal, loose));
        rehearsal.RollBackTo(1);
        Assert.Equal("787: FOREIGN KEY constraint failed", await RunAsync(rehearsal, TestDatabase.Sql("INSERT INTO c VALUES (3, 7)")));
        rehearsal.RollBackTo(1);
        var entry = rehearsal.Seal(out var error)!;
        Assert.Null(error);

        // Another transaction stands on it, and is undone alone.
        rehearsal.Appended(leader.NextStamp().Index, 1);
        using (var above = writer.BeginRehearsal(6, 3, BatchOptions.ForeignKeys))
        {
            Assert.StartsWith("275", await RunAsync(above, loose), StringComparison.Ordinal);
        }

        using (var above = writer.BeginRehearsal(6, 4, BatchOptions.ForeignKeys))
        {
            await RunAsync(above, SchemaCommand.RewriteDefinition("table", "c", "CREATE TABLE c(x, p)"));
            Assert.Equal("changed 1, last 2", await RunAsync(above, loose));
        }

        using (var above = writer.BeginRehearsal(6, 5, BatchOptions.ForeignKeys))
        {
            Assert.StartsWith("275", await RunAsync(above, loose), StringComparison.Ordinal);
        }

        var stamp = new EntryStamp(rehearsal.Stamp.Index, 1, 5, 2);
        Assert.True(writer.ApplyTransaction(stamp, entry, rehearsal));
        Assert.True(follower.Database.Writer.ApplyTransaction(stamp, entry, null));
        foreach (var db in (TestDatabase[])[leader, follower])
        {
            Assert.Equal(Strict, await db.QueryAsync("SELECT sql FROM sqlite_schema WHERE name = 'c'"));
            Assert.Equal("ok", await db.QueryAsync("PRAGMA integrity_check"));
        }

        Assert.Equal(await SchemaVersionTests.VersionAsync(leader), await SchemaVersionTests.VersionAsync(follower));
        Assert.Equal(await leader.Database.ContentHashAsync(default), await follower.Database.ContentHashAsync(default));
    }

    [Fact]
    public async Task A_replica_whose_tables_lie_on_other_pages_makes_the_same()
    {
        await using var leader = await NewAsync();
        await using var follower = new TestDatabase();
        await follower.ApplyAsync("CREATE TABLE filler(x)", "INSERT INTO filler VALUES (zeroblob(100000))", "CREATE TABLE p(id PRIMARY KEY)");
        await follower.ApplyAsync("DROP TABLE filler", "DROP TABLE p");
        foreach (var statement in s_schema)
        {
            await follower.ApplyAsync(statement);
        }

        Assert.NotEqual(await leader.QueryAsync("SELECT rootpage FROM main.sqlite_master WHERE name = 'c'"), await follower.QueryAsync("SELECT rootpage FROM main.sqlite_master WHERE name = 'c'"));
        var stamp = new EntryStamp(50, 1, 5, 6);
        ulong[] digests = [0, 0];
        for (var i = 0; i < 2; i++)
        {
            var writer = (i == 0 ? leader : follower).Database.Writer;
            using var rehearsal = writer.BeginRehearsal(5, 6, BatchOptions.None);
            await RunAsync(rehearsal, SchemaCommand.RewriteDefinition("table", "c", Strict));
            digests[i] = rehearsal.Seal(out _)!.Digest;
        }

        Assert.Equal(digests[0], digests[1]);
    }

    [Fact]
    public async Task A_full_text_index_survives_a_rewrite_beside_it()
    {
        await using var db = await NewAsync();
        await db.ApplyAsync("CREATE VIRTUAL TABLE f USING fts5(t)");
        var results = await ApplyAsync(
            db, BatchOptions.Atomic, TestDatabase.Sql("INSERT INTO f VALUES ('one')"), SchemaCommand.RewriteDefinition("table", "c", Strict),
            TestDatabase.Sql("INSERT INTO f VALUES ('two')"), TestDatabase.Sql("SELECT count(*) FROM f WHERE f MATCH 'one OR two'"));
        Assert.Equal("2", results[3]);
        await db.ApplyAsync("INSERT INTO f(f) VALUES ('integrity-check')");
        Assert.Equal("ok", await db.QueryAsync("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task Only_statements_of_ours_keep_metadata_and_each_change_gives_the_schema_a_version()
    {
        await using var db = new TestDatabase(options => options with { Sql = new TestTables().Extensions });
        var results = await db.ApplyAsync(
            "CREATE TABLE _rqlite_class(oid)", "@CREATE TABLE _rqlite_meta(oid)", "@DROP TABLE _rqlite_locks", "@DELETE FROM _rqlite_requests",
            "@UPDATE _rqlite_sequences SET last_value = 7", "@CREATE TRIGGER g AFTER INSERT ON _rqlite_requests BEGIN SELECT 1; END");
        Assert.All(results, result => Assert.StartsWith("23: not authorized", result, StringComparison.Ordinal));
        results = await db.ApplyAsync(
            "@CREATE TABLE _rqlite_class(oid, name)", "@CREATE INDEX _rqlite_class_name ON _rqlite_class(name)", "INSERT INTO _rqlite_class VALUES (1, 'a')",
            "CREATE TABLE t(x)", "DROP TABLE _rqlite_class", "CREATE TABLE u(x REFERENCES _rqlite_class)", "SELECT count(*) FROM _rqlite_class");
        Assert.Equal(["changed 0, last 0", "changed 0, last 0"], results[..2]);
        Assert.StartsWith("23: not authorized", results[2], StringComparison.Ordinal);
        Assert.Equal("changed 0, last 0", results[3]);
        Assert.All(results[4..6], result => Assert.StartsWith("23: not authorized", result, StringComparison.Ordinal));
        Assert.Equal("0", results[6]);

        var version = await SchemaVersionTests.VersionAsync(db);
        await StepAsync("@INSERT INTO _rqlite_class VALUES (1, 'a')", 1);
        await StepAsync("@UPDATE _rqlite_class SET name = 'b' WHERE oid = 7", 0);
        await StepAsync("@UPDATE _rqlite_class SET name = 'b'", 1);
        await StepAsync("INSERT INTO t VALUES (1)", 0);
        await ApplyAsync(db, Statement.Group([.. new[] { "CREATE TABLE w(x)", "@INSERT INTO _rqlite_class VALUES (2, 'w')" }.Select(text => TestDatabase.Sql(text))], 0));
        Assert.Equal(++version, await SchemaVersionTests.VersionAsync(db));
        await ApplyAsync(db, Statement.Group([.. new[] { "@INSERT INTO _rqlite_class VALUES (3, 'x')", "@DELETE FROM _rqlite_class WHERE oid = 3" }.Select(text => TestDatabase.Sql(text))], 0));
        Assert.Equal(++version, await SchemaVersionTests.VersionAsync(db));

        // Within a transaction each change has a number of its own too.
        using var rehearsal = db.Database.Writer.BeginRehearsal(5, 1, BatchOptions.None);
        var seen = new HashSet<string> { await TableTests.RunAsync(rehearsal, "SELECT t_stamp()") };
        rehearsal.SetSavepoint();
        await TableTests.RunAsync(rehearsal, "@INSERT INTO _rqlite_class VALUES (4, 'y')");
        Assert.True(seen.Add(await TableTests.RunAsync(rehearsal, "SELECT t_stamp()")));
        Assert.Equal($"{version + 1}", await TableTests.RunAsync(rehearsal, "SELECT t_version()"));
        rehearsal.RollBackTo(0);
        Assert.Equal($"{version}", await TableTests.RunAsync(rehearsal, "SELECT t_version()"));
        await TableTests.RunAsync(rehearsal, "@INSERT INTO _rqlite_class VALUES (4, 'z')");
        Assert.True(seen.Add(await TableTests.RunAsync(rehearsal, "SELECT t_stamp()")));

        async Task StepAsync(string sql, int rise)
        {
            Assert.DoesNotContain(":", (await db.ApplyAsync(sql))[0], StringComparison.Ordinal);
            version += rise;
            Assert.Equal(version, await SchemaVersionTests.VersionAsync(db));
        }
    }

    private static async Task<TestDatabase> NewAsync()
    {
        var db = new TestDatabase();
        foreach (var statement in s_schema)
        {
            await db.ApplyAsync(statement);
        }

        return db;
    }

    private static Task<string[]> ApplyAsync(TestDatabase db, params Statement[] statements) => ApplyAsync(db, BatchOptions.None, statements);

    private static async Task<string[]> ApplyAsync(TestDatabase db, BatchOptions options, params Statement[] statements) =>
        (await db.ApplyAsync(new ApplyCommand(default, new(statements, options))))[0];

    private static async Task<string> RunAsync(Rehearsal rehearsal, Statement statement) =>
        await TestDatabase.TextAsync((await new EncodedResults(rehearsal.Run(statement, default)).NextAsync(default))!);

    private static async Task<string> ReadAsync(ReaderLease lease, string sql)
    {
        await using var cursor = lease.Run(TestDatabase.Sql(sql), BatchOptions.None, null, ownsLease: false, default);
        return await TestDatabase.TextAsync(cursor);
    }
}
