using System.Text;

namespace Rqlite.Pg.Storage.Tests;

public class RehearsalTests
{
    private const BatchOptions Options = BatchOptions.ForeignKeys;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_replica_that_replays_holds_what_the_rehearsal_made(int seed)
    {
        var random = new Random(seed);
        var generator = new EntryGenerator(seed);
        await using var leader = new TestDatabase();
        await using var follower = new TestDatabase();
        await using var restarting = new TestDatabase();
        var committed = 0;
        var said = new List<string>();
        for (var index = 1L; index <= 400; index++)
        {
            var (stamp, commands) = generator.Next(index);
            TransactionEntry? entry = null;
            Rehearsal? rehearsal = null;
            if (index > 1 && random.Next(4) > 0)
            {
                rehearsal = Rehearse(leader.Database, stamp, commands, random, said);
                entry = TrySeal(rehearsal);
                if (random.Next(5) == 0)
                {
                    rehearsal.Drop();
                }
            }

            if (entry is not null)
            {
                committed++;
                foreach (var db in (TestDatabase[])[leader, follower, restarting])
                {
                    try
                    {
                        Assert.True(db.Database.Writer.ApplyTransaction(stamp, entry, db == leader ? rehearsal : null));
                    }
                    catch (StorageException e)
                    {
                        Assert.Fail($"seed {seed}, entry {index}: {e.Message}\n{string.Join('\n', said)}");
                    }
                }
            }
            else
            {
                rehearsal?.Dispose();
                foreach (var db in (TestDatabase[])[leader, follower, restarting])
                {
                    db.Database.Writer.Apply(stamp, commands, null);
                }
            }

            if (index % 37 == 0)
            {
                await restarting.ReopenAsync();
            }

            Assert.Equal(Digest(leader, index), Digest(follower, index));
            Assert.Equal(Digest(leader, index), Digest(restarting, index));
        }

        Assert.True(committed > 50, $"seed {seed}: only {committed} transactions were committed");
        var hash = await leader.Database.ContentHashAsync(default);
        Assert.Equal(hash, await follower.Database.ContentHashAsync(default));
        Assert.Equal(hash, await restarting.Database.ContentHashAsync(default));
    }

    [Fact]
    public async Task Nobody_else_sees_a_rehearsal_and_nothing_of_it_remains()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
        var hash = await db.Database.ContentHashAsync(default);
        using (var rehearsal = db.Database.Writer.BeginRehearsal(1, 2, Options))
        {
            Assert.Equal("changed 1, last 2", await RunAsync(rehearsal, "INSERT INTO t VALUES(2)"));
            Assert.Equal("changed 0, last 2", await RunAsync(rehearsal, "CREATE TABLE u(b)"));
            Assert.Equal("1;2", await RunAsync(rehearsal, "SELECT a FROM t"));
            Assert.Equal(["b"], rehearsal.Describe("SELECT * FROM u"u8, default).Rows.Columns.Select(c => c.Name));
            Assert.Equal("1", await db.QueryAsync("SELECT a FROM t"));
            Assert.StartsWith("1: no such table", await db.QueryAsync("SELECT * FROM u"));
        }

        Assert.Equal(hash, await db.Database.ContentHashAsync(default));
        Assert.Equal(["0|0|0"], await db.ApplyAsync("SELECT last_insert_rowid(), changes(), total_changes()"));
    }

    [Fact]
    public async Task An_entry_of_others_puts_an_end_to_a_rehearsal()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        using var rehearsal = db.Database.Writer.BeginRehearsal(1, 2, Options);
        await RunAsync(rehearsal, "INSERT INTO t VALUES(1)");
        await db.ApplyAsync("INSERT INTO t VALUES(2)");
        Assert.Equal(RehearsalState.Lost, rehearsal.State);
        Assert.Throws<RehearsalLostException>(() => rehearsal.Run(TestDatabase.Sql("SELECT 1"), default));
        Assert.Equal("2", await db.QueryAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task A_statement_that_runs_long_gives_way_to_an_entry()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        using var rehearsal = db.Database.Writer.BeginRehearsal(1, 2, Options);
        await RunAsync(rehearsal, "INSERT INTO t VALUES(1)");
        var began = new TaskCompletionSource();
        var running = Task.Run(() =>
        {
            began.SetResult();
            return rehearsal.Run(TestDatabase.Sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT max(i) FROM n"), default);
        });
        await began.Task;
        await db.ApplyAsync("INSERT INTO t VALUES(2)");
        try
        {
            Assert.Contains("interrupted", await TextAsync(await running));
        }
        catch (RehearsalLostException)
        {
            // The entry was faster than the statement.
        }

        Assert.Equal("2", await db.QueryAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task Savepoints_undo_what_the_connection_remembers_too()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a PRIMARY KEY)");
        const string Counters = "SELECT last_insert_rowid(), changes(), total_changes()";
        using var rehearsal = db.Database.Writer.BeginRehearsal(1, 2, Options);
        await RunAsync(rehearsal, "INSERT INTO t VALUES(1),(2)");
        rehearsal.SetSavepoint();
        await RunAsync(rehearsal, "INSERT INTO t VALUES(3)");
        rehearsal.SetSavepoint();
        await RunAsync(rehearsal, "DELETE FROM t");
        Assert.StartsWith("1: no such table", await RunAsync(rehearsal, "INSERT INTO nowhere VALUES(1)"));
        Assert.Equal(RehearsalState.Failed, rehearsal.State);
        rehearsal.RollBackTo(1);
        Assert.Equal("3|1|3", await RunAsync(rehearsal, Counters));
        rehearsal.RollBackTo(0);
        Assert.Equal("2|2|2", await RunAsync(rehearsal, Counters));
        rehearsal.Release(0);
        var entry = rehearsal.Seal(out _);
        Assert.Single(entry!.Statements);
        Assert.True(db.Database.Writer.ApplyTransaction(db.NextStamp() with { UnixMicroseconds = 1, Seed = 2 }, entry, rehearsal));
        Assert.Equal(RehearsalState.Committed, rehearsal.State);
        Assert.Equal("1;2", await db.QueryAsync("SELECT a FROM t"));
    }

    [Theory]
    [InlineData("INSERT OR ROLLBACK INTO t VALUES(1)")]
    [InlineData("INSERT INTO t VALUES(-1)")]
    public async Task A_statement_that_ends_the_transaction_leaves_the_savepoints_to_be_returned_to(string statement)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync(
            "CREATE TABLE t(a PRIMARY KEY)", "CREATE TRIGGER g BEFORE INSERT ON t WHEN new.a < 0 BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
        using var rehearsal = db.Database.Writer.BeginRehearsal(1, 2, Options);
        await RunAsync(rehearsal, "INSERT INTO t VALUES(1)");
        rehearsal.SetSavepoint();
        await RunAsync(rehearsal, "INSERT INTO t VALUES(2)");
        Assert.StartsWith("1", await RunAsync(rehearsal, statement));
        rehearsal.RollBackTo(0);
        await RunAsync(rehearsal, "INSERT INTO t VALUES(3)");
        var entry = rehearsal.Seal(out _);
        Assert.True(db.Database.Writer.ApplyTransaction(db.NextStamp() with { UnixMicroseconds = 1, Seed = 2 }, entry!, rehearsal));
        Assert.Equal("1;3", await db.QueryAsync("SELECT a FROM t ORDER BY a"));
    }

    [Theory]
    [InlineData("CREATE TABLE h(a)")]
    [InlineData("CREATE INDEX h ON u(a)")]
    [InlineData("ALTER TABLE u ADD COLUMN h")]
    [InlineData("CREATE TABLE h AS SELECT a FROM f")]
    [InlineData("DROP TABLE u")]
    public async Task A_full_text_index_that_has_written_at_a_savepoint_does_not_change_the_answers_after_it(string definition)
    {
        await using var db = new TestDatabase();
        await using var replica = new TestDatabase();
        foreach (var each in (TestDatabase[])[db, replica])
        {
            await each.ApplyAsync("CREATE VIRTUAL TABLE f USING fts5(a)", "CREATE TABLE u(a)");
        }

        using var rehearsal = db.Database.Writer.BeginRehearsal(1, 2, Options);
        await RunAsync(rehearsal, "INSERT INTO f VALUES('x')");
        rehearsal.SetSavepoint();
        rehearsal.Release(0);
        Assert.StartsWith("changed 0", await RunAsync(rehearsal, definition), StringComparison.Ordinal);
        await RunAsync(rehearsal, "INSERT INTO f VALUES('y')");
        var entry = rehearsal.Seal(out var error);
        Assert.Null(error);
        var stamp = db.NextStamp() with { UnixMicroseconds = 1, Seed = 2 };
        Assert.True(replica.Database.Writer.ApplyTransaction(stamp, entry!, null));
        Assert.True(db.Database.Writer.ApplyTransaction(stamp, entry!, rehearsal));
        Assert.Equal("2", await db.QueryAsync("SELECT count(*) FROM f WHERE f MATCH 'x OR y'"));
        Assert.Equal(await db.QueryAsync("SELECT id, hex(block) FROM f_data"), await replica.QueryAsync("SELECT id, hex(block) FROM f_data"));
    }

    [Fact]
    public async Task Describing_is_bounded_in_memory_and_can_be_ended()
    {
        // The chain needs gigabytes while it is prepared.
        var doubling = Encoding.UTF8.GetBytes("WITH c0 AS (SELECT 1 AS a)"
            + string.Concat(Enumerable.Range(1, 25).Select(i => $", c{i} AS (SELECT a.a FROM c{i - 1} a, c{i - 1} b)")) + " SELECT count(*) FROM c25");
        await using var db = new TestDatabase(options => options with { WriteMemoryMax = 32 << 20 });
        using var rehearsal = db.Database.Writer.BeginRehearsal(1, 2, Options);
        Assert.Equal(ResultCode.NoMemory, rehearsal.Describe(doubling, default).Error!.ResultCode & 0xff);
        using var ended = new CancellationTokenSource();
        await ended.CancelAsync();
        Assert.Equal(ResultCode.Interrupt, rehearsal.Describe(doubling, ended.Token).Error!.ResultCode);
        Assert.Null(rehearsal.Describe("SELECT 1"u8, default).Error);
        await using var large = new TestDatabase();
        using var other = large.Database.Writer.BeginRehearsal(1, 2, Options);
        using var limit = new CancellationTokenSource(50);
        Assert.Equal(ResultCode.Interrupt, other.Describe(doubling, limit.Token).Error!.ResultCode);
    }

    [Theory]
    [InlineData("SELECT v FROM k WHERE id = 1", true)]
    [InlineData("SELECT * FROM k WHERE name = 1", true)]
    [InlineData("UPDATE k SET v = v + 1 WHERE id = 1", true)]
    [InlineData("DELETE FROM k WHERE name = 1", true)]
    [InlineData("INSERT INTO k(name, v) VALUES('x', 1) ON CONFLICT(name) DO UPDATE SET v = excluded.v", true)]
    [InlineData("SELECT * FROM k JOIN k AS l ON l.id = k.v WHERE k.id = 1", true)]
    [InlineData("SELECT v FROM k WHERE id > 1", false)]
    [InlineData("SELECT v FROM k WHERE v = 1", false)]
    [InlineData("UPDATE k SET v = 1", false)]
    [InlineData("SELECT count(*) FROM k", false)]
    [InlineData("SELECT v FROM k WHERE id = 1 AND name LIKE 'x%'", false)]
    [InlineData("SELECT hex(v) FROM k WHERE id = 1", false)]
    [InlineData("SELECT (SELECT max(l.v) FROM k AS l WHERE l.v < k.v) FROM k WHERE id = 1", false)]
    [InlineData("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c LIMIT 3) SELECT n FROM c", false)]
    [InlineData("INSERT INTO triggered VALUES(1)", false)]
    [InlineData("DELETE FROM parent WHERE a = 1", false)]
    public async Task Statements_that_touch_rows_by_their_keys_are_known_to_be_short(string sql, bool isShort)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync(
            "CREATE TABLE k(id INTEGER PRIMARY KEY, name UNIQUE, v)", "CREATE TABLE triggered(a)",
            "CREATE TRIGGER g AFTER INSERT ON triggered BEGIN INSERT INTO k(v) VALUES(1); END",
            "CREATE TABLE parent(a PRIMARY KEY)", "CREATE TABLE child(a REFERENCES parent ON DELETE CASCADE)");
        using var rehearsal = db.Database.Writer.BeginRehearsal(1, 2, Options | BatchOptions.ForeignKeys);
        var statement = TestDatabase.Sql(sql);
        Assert.False(rehearsal.IsKnownShort(statement));
        await RunAsync(rehearsal, sql);
        Assert.Equal(isShort, rehearsal.IsKnownShort(statement));
        await RunAsync(rehearsal, "CREATE TABLE another(a)");
        Assert.False(rehearsal.IsKnownShort(statement));
        await RunAsync(rehearsal, sql);
        Assert.Equal(isShort, rehearsal.IsKnownShort(statement));
    }

    [Fact]
    public async Task A_plan_that_has_changed_is_looked_at_anew()
    {
        const string Sql = "SELECT v FROM k WHERE name = 1";
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE k(name, v)", "CREATE UNIQUE INDEX i ON k(name)");
        using var rehearsal = db.Database.Writer.BeginRehearsal(1, 2, Options);
        await RunAsync(rehearsal, Sql);
        Assert.True(rehearsal.IsKnownShort(TestDatabase.Sql(Sql)));
        await RunAsync(rehearsal, "DROP INDEX i");
        await RunAsync(rehearsal, Sql);
        Assert.False(rehearsal.IsKnownShort(TestDatabase.Sql(Sql)));
    }

    [Fact]
    public async Task A_violation_at_commit_is_told_before_the_entry_is_made()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE p(a PRIMARY KEY)", "CREATE TABLE c(b REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
        using var rehearsal = db.Database.Writer.BeginRehearsal(1, 2, Options);
        Assert.StartsWith("changed 1", await RunAsync(rehearsal, "INSERT INTO c VALUES(1)"));
        Assert.Null(rehearsal.Seal(out var error));
        Assert.Equal(787, error!.ResultCode);
        Assert.Equal("", await db.QueryAsync("SELECT * FROM c"));
    }

    [Fact]
    public async Task A_transaction_on_another_base_does_nothing_anywhere()
    {
        await using var db = new TestDatabase();
        await using var other = new TestDatabase();
        TransactionEntry entry;
        foreach (var d in (TestDatabase[])[db, other])
        {
            await d.ApplyAsync("CREATE TABLE t(a)");
        }

        var rehearsal = db.Database.Writer.BeginRehearsal(1, 2, Options);
        await RunAsync(rehearsal, "INSERT INTO t SELECT count(*) FROM t");
        entry = rehearsal.Seal(out _)!;
        foreach (var d in (TestDatabase[])[db, other])
        {
            await d.ApplyAsync("INSERT INTO t VALUES(7)");
            Assert.False(d.Database.Writer.ApplyTransaction(d.NextStamp(), entry, d == db ? rehearsal : null));
            Assert.Equal("7", await d.QueryAsync("SELECT a FROM t"));
            Assert.Equal(3, d.Database.AppliedIndex);
        }

        Assert.Equal(Digest(db, 3), Digest(other, 3));
    }

    [Fact]
    public async Task A_replica_that_differs_stops()
    {
        await using var leader = new TestDatabase();
        await using var follower = new TestDatabase();
        await leader.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
        await follower.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(2)");
        using var rehearsal = leader.Database.Writer.BeginRehearsal(1, 2, Options);
        await RunAsync(rehearsal, "UPDATE t SET a = a + 1");
        var entry = rehearsal.Seal(out _);
        var stamp = leader.NextStamp() with { UnixMicroseconds = 1, Seed = 2 };
        Assert.Throws<StorageException>(() => follower.Database.Writer.ApplyTransaction(stamp, entry!, null));
        Assert.Equal(1, follower.Database.AppliedIndex);
        Assert.Equal("2", await follower.QueryAsync("SELECT a FROM t"));
    }

    private static Rehearsal Rehearse(Database database, EntryStamp stamp, IReadOnlyList<ApplyCommand> commands, Random random, List<string> said)
    {
        var rehearsal = database.Writer.BeginRehearsal(stamp.UnixMicroseconds, stamp.Seed, commands[0].Batch.Options & ~BatchOptions.Atomic);
        var savepoints = 0;
        said.Clear();
        foreach (var statement in commands.SelectMany(c => c.Batch.Statements))
        {
            if (random.Next(3) == 0)
            {
                rehearsal.SetSavepoint();
                said.Add($"SAVEPOINT {savepoints++}");
            }

            rehearsal.Run(statement, default);
            said.Add($"{System.Text.Encoding.UTF8.GetString(statement.Sql.Span)}: {rehearsal.State}");
            var back = rehearsal.State == RehearsalState.Failed || random.Next(6) == 0;
            if (back && savepoints > 0)
            {
                var to = random.Next(savepoints);
                rehearsal.RollBackTo(to);
                savepoints = to + 1;
                said.Add($"ROLLBACK TO {to}");
            }
            else if (rehearsal.State == RehearsalState.Failed)
            {
                break;
            }
            else if (savepoints > 0 && random.Next(6) == 0)
            {
                savepoints = random.Next(savepoints);
                rehearsal.Release(savepoints);
            }
        }

        return rehearsal;
    }

    private static TransactionEntry? TrySeal(Rehearsal rehearsal)
    {
        try
        {
            return rehearsal.State == RehearsalState.Open ? rehearsal.Seal(out _) : null;
        }
        catch (RehearsalLostException)
        {
            // A full-text index that was searched or met a savepoint may count its changes in another way.
            return null;
        }
    }

    private static async Task<string> RunAsync(Rehearsal rehearsal, string sql) => await TextAsync(rehearsal.Run(TestDatabase.Sql(sql), default));

    private static async Task<string> TextAsync(ReadOnlyMemory<byte> encoded) =>
        await TestDatabase.TextAsync((await new EncodedResults(encoded).NextAsync(default))!);

    private static ulong Digest(TestDatabase db, long index) =>
        db.Database.TryGetDigest(index, out var digest) ? digest : throw new InvalidOperationException($"There is no digest of {index}.");
}
