using System.Text;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>Backups of the live database, as another program finds them.</summary>
public sealed class BackupTests
{
    private static readonly BackupRequest s_binary = new(BackupFormat.Binary, false, []);
    private static readonly BackupRequest s_delete = new(BackupFormat.Delete, false, []);
    private static readonly BackupRequest s_sql = new(BackupFormat.Sql, false, []);

    [Fact]
    public async Task A_backup_is_one_state_while_writes_go_on()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Workload.Open(directory.Path);
        Workload.Apply(database, 1, 50);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            for (var index = 51L; !stop.IsCancellationRequested; index++)
            {
                Workload.Apply(database, index, index);
                database.Checkpoint();
            }
        });
        for (var round = 0; round < 6; round++)
        {
            var before = database.AppliedIndex;
            using var copy = await SaveAsync(database, round % 2 == 0 ? s_binary : s_delete);
            Assert.Equal("ok", copy.Query("PRAGMA integrity_check"));
            Assert.Equal(round % 2 == 0 ? "wal" : "delete", copy.Query("PRAGMA journal_mode"));
            var index = long.Parse(copy.Query("SELECT n FROM total"));
            Assert.True(index >= before, $"{index} of {before}");
            Assert.Equal($"{index * (index + 1) / 2}", copy.Query("SELECT s FROM total"));
            Assert.Equal("0", copy.Query($"SELECT count(*) FROM latest WHERE v > {index} OR v <= {index - Workload.Keys}"));
        }

        await stop.CancelAsync();
        await writing;
        Assert.DoesNotContain(Directory.GetDirectories(directory.Path), path => Path.GetFileName(path).StartsWith("scratch-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_of_the_running_cluster_is_in_the_file()
    {
        const string Secret = "a kept answer that must not leave the cluster";
        await using var test = new TestDatabase();
        await test.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
        for (ulong i = 1; i <= 40; i++)
        {
            await test.ApplyAsync(new ApplyCommand(new RequestId(i, i), new StatementBatch([TestDatabase.Sql($"SELECT '{Secret}'")], BatchOptions.None)));
        }

        // An hour later the requests are forgotten: their pages are free, and hold them.
        test.Time += 2 * 3600 * 1000;
        await test.ApplyAsync(new ApplyCommand(new RequestId(99, 99), new StatementBatch([TestDatabase.Sql("SELECT 1")], BatchOptions.None)));
        foreach (var request in (BackupRequest[])[s_binary, s_delete, s_binary with { Vacuum = true }])
        {
            using var copy = await SaveAsync(test.Database, request);
            Assert.Equal("t", copy.Query("SELECT name FROM sqlite_schema"));
            Assert.Equal("ok", copy.Query("PRAGMA integrity_check"));
            var text = Encoding.Latin1.GetString(copy.Bytes());
            Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain("_rqlite_", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_dump_makes_the_same_database_again()
    {
        await using var test = new TestDatabase();
        await test.ApplyAsync(
            "CREATE TABLE \"odd 'name\"\"\"(id INTEGER PRIMARY KEY AUTOINCREMENT, \"a b\" TEXT, r REAL, x BLOB)",
            "INSERT INTO \"odd 'name\"\"\" VALUES(7, 'it''s\nnew', 0.1, x'00ff'), (9, NULL, 1e300*10, zeroblob(200000)), (10, '', -5.0, x'')",
            "INSERT INTO \"odd 'name\"\"\"(\"a b\", r) VALUES(CAST(x'6100620a' AS TEXT), 1e20), (CAST(x'fffe' AS TEXT), 123456789.123456789)",
            "CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID",
            "INSERT INTO w VALUES('ключ', 1), ('b', 2.5)",
            "CREATE TABLE g(a INTEGER, b INTEGER GENERATED ALWAYS AS (a*2) STORED, c GENERATED ALWAYS AS (a+1) VIRTUAL, d)",
            "INSERT INTO g(a, d) VALUES(1, 'x'), (2, 'y')",
            "CREATE VIEW v AS SELECT b, c FROM g",
            "CREATE INDEX g_a ON g(a)",
            "CREATE TRIGGER tr AFTER INSERT ON w BEGIN INSERT INTO g(a) VALUES(1); UPDATE g SET d='z; END;'; END");
        using var restored = new Scratch();
        restored.Run(await DumpAsync(test.Database, s_sql));
        foreach (var query in (string[])[
            "SELECT id, hex(\"a b\"), typeof(\"a b\"), r, typeof(r), hex(x), typeof(x) FROM \"odd 'name\"\"\" ORDER BY id",
            "SELECT * FROM w ORDER BY k", "SELECT a, b, c, d FROM g ORDER BY a", "SELECT * FROM v",
            "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '\\_rqlite%' ESCAPE '\\' AND sql IS NOT NULL ORDER BY name", "SELECT * FROM sqlite_sequence"])
        {
            using var whole = await SaveAsync(test.Database, s_binary);
            Assert.Equal(whole.Query(query), restored.Query(query));
        }

        Assert.Equal("ok", restored.Query("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task A_dump_of_some_tables_leaves_out_what_belongs_to_others()
    {
        await using var test = new TestDatabase();
        await test.ApplyAsync("CREATE TABLE a(x)", "CREATE INDEX ai ON a(x)", "CREATE TABLE b(y)", "CREATE INDEX bi ON b(y)", "INSERT INTO b VALUES(2)");
        Assert.Equal(
            "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE b(y);\nINSERT INTO \"b\" VALUES(2);\nCREATE INDEX bi ON b(y);\nCOMMIT;\n",
            await DumpAsync(test.Database, s_sql with { Tables = ["b"] }));
    }

    [Fact]
    public async Task A_full_text_index_is_in_a_dump_as_the_shell_writes_it()
    {
        await using var test = new TestDatabase();
        await test.ApplyAsync("CREATE VIRTUAL TABLE ft USING fts5(a)");
        await test.ApplyAsync("INSERT INTO ft VALUES('one two'), ('three')");
        using var restored = new Scratch();
        restored.Run(await DumpAsync(test.Database, s_sql));
        restored.Connection.Close();
        restored.Connection.Open();
        Assert.Equal("three", restored.Query("SELECT a FROM ft WHERE ft MATCH 'three'"));
    }

    [Fact]
    public async Task Definitions_that_call_functions_of_a_dialect_are_vacuumed_too()
    {
        var twice = new SqlFunction("dialect_twice", 1, Purity.Immutable, static (in FunctionCall call) => call.Return(2 * call.Integer(0)));
        await using var test = new TestDatabase(o => o with { Sql = new SqlExtensions([twice], [], [], []) });
        await test.ApplyAsync("CREATE TABLE t(a, CHECK(dialect_twice(a) > 0))", "CREATE INDEX i ON t(dialect_twice(a))", "INSERT INTO t VALUES(1), (2)");
        using var copy = await SaveAsync(test.Database, s_binary with { Vacuum = true });
        Assert.Equal("1;2", copy.Query("SELECT a FROM t"));
        Assert.Equal("0", copy.Query("PRAGMA freelist_count"));
        Assert.Equal("wal", copy.Query("PRAGMA journal_mode"));
    }

    [Fact]
    public async Task Without_room_on_the_disk_nothing_is_begun()
    {
        await using var test = new TestDatabase();
        test.Database.Writer.FreeDiskBytes = _ => 1 << 20;
        var refused = await Assert.ThrowsAsync<BackupRefusedException>(async () => await test.Database.BackUpAsync(s_binary, default));
        Assert.True(refused.DiskFull);
        Assert.StartsWith("not enough disk space for a backup: it takes ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetDirectories(test.Options.Directory), path => Path.GetFileName(path).StartsWith("scratch-", StringComparison.Ordinal));
        test.Database.Writer.FreeDiskBytes = _ => 1L << 40;
        await using var file = await test.Database.BackUpAsync(s_binary, default);
    }

    [Fact]
    public async Task One_backup_is_made_at_a_time()
    {
        await using var test = new TestDatabase();
        var first = await test.Database.BackUpAsync(s_binary, default);
        test.Database.BackupWait = TimeSpan.Zero;
        var refused = await Assert.ThrowsAsync<BackupRefusedException>(async () => await test.Database.BackUpAsync(s_binary, default));
        Assert.Equal("failed to acquire backup CAS lock", refused.Message);
        Assert.False(refused.DiskFull);
        await first.DisposeAsync();
        await (await test.Database.BackUpAsync(s_binary, default)).DisposeAsync();
    }

    [Fact]
    public async Task A_start_removes_what_a_crash_has_left()
    {
        await using var test = new TestDatabase();
        var left = Path.Combine(test.Options.Directory, "scratch-0123");
        Directory.CreateDirectory(left);
        File.WriteAllText(Path.Combine(left, "db.sqlite"), "half");
        await test.ReopenAsync();
        Assert.False(Directory.Exists(left));
    }

    internal static async Task<Scratch> SaveAsync(Database database, BackupRequest request)
    {
        var path = Path.Combine(Path.GetTempPath(), "backup-" + Guid.NewGuid().ToString("N"));
        await using (var backup = await database.BackUpAsync(request, default))
        await using (var target = File.Create(path))
        {
            await backup.CopyToAsync(target, default);
            Assert.Equal(backup.Length, target.Length);
        }

        return new Scratch(path);
    }

    private static async Task<string> DumpAsync(Database database, BackupRequest request)
    {
        await using var backup = await database.BackUpAsync(request, default);
        Assert.Null(backup.Length);
        using var target = new MemoryStream();
        await backup.CopyToAsync(target, default);
        return Encoding.UTF8.GetString(target.ToArray());
    }
}
