using System.Globalization;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>Commands that the leader runs before they are proposed, and those that it refuses.</summary>
public class BatchRehearsalTests
{
    private const string Endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c)";
    private static readonly StatementError s_late = new(ResultCode.Interrupt, "too late", -1);

    [Theory]
    [InlineData($"INSERT INTO t {Endless} SELECT n FROM c")]
    [InlineData($"INSERT INTO t {Endless} SELECT n FROM c WHERE n<0")]
    [InlineData($"INSERT INTO t {Endless} SELECT count(*) FROM c")]
    [InlineData($"{Endless} SELECT count(*) FROM c")]
    [InlineData($"CREATE TABLE u AS {Endless} SELECT n FROM c WHERE n<0")]
    public async Task What_does_not_end_is_undone_and_those_before_and_behind_it_are_not(string sql)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        using var clock = new Clock(db.Database.Writer);
        var cut = new EntryStamp(2, 1, 5, 6);
        LeaderRun[] runs = [Run("INSERT INTO t VALUES(1)"), Run(clock.Expires(), "INSERT INTO t VALUES(7)", sql), Run("INSERT INTO t VALUES(2)")];
        var batch = Rehearse(db, cut, runs, out var kept, out var taken);

        // Others waited in its entry, so it is put off first.
        Assert.Equal((1, 1, true), (kept, taken, runs[1].Alone));
        Assert.Null(runs[1].Result);
        LeaderRun.Keep(db.Database.Writer, cut, batch!);
        Assert.Null(Rehearse(db, new(3, 1, 5, 6), [runs[1]], out kept, out taken));
        Assert.Equal((0, 1), (kept, taken));
        Assert.Equal(
            ["4: not executed: statement 2 of the request was refused (too late)", "9: too late"], await TestDatabase.ResultsAsync(runs[1].Result!));
        var rest = new EntryStamp(3, 1, 5, 6);
        LeaderRun.Keep(db.Database.Writer, rest, Rehearse(db, rest, [runs[2]], out _, out _)!);
        Assert.Equal("1;2", await db.QueryAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task An_atomic_command_that_is_refused_answers_up_to_the_statement_that_is_the_cause()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        using var clock = new Clock(db.Database.Writer);
        var run = Run(BatchOptions.Atomic, clock.Expires(), "INSERT INTO t VALUES(1)", $"INSERT INTO t {Endless} SELECT n FROM c", "SELECT 1");
        RehearseTwice(db, run);
        Assert.Equal(["changed 1, last 1", "9: too late"], await TestDatabase.ResultsAsync(run.Result!));
        Assert.Equal("0", await db.QueryAsync("SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData("INSERT INTO t SELECT json_group_array(b) FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c LIMIT 200) SELECT hex(zeroblob(400000)) AS b FROM c)")]
    [InlineData("CREATE TABLE s(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO s DEFAULT VALUES; UPDATE sqlite_sequence SET seq=9223372036854775807; INSERT INTO s DEFAULT VALUES")]
    public async Task A_statement_that_asks_too_much_of_the_node_is_a_result_and_the_node_goes_on(string sql)
    {
        await using var db = new TestDatabase(options => options with { WriteMemoryMax = 32 << 20 });
        await db.ApplyAsync("CREATE TABLE t(a)");
        Exception? failed = null;
        db.Database.Writer.Failed = error => failed = error;
        var stamp = new EntryStamp(2, 1, 5, 6);
        LeaderRun[] runs = [Run("INSERT INTO t VALUES(1)"), Run(sql), Run("INSERT INTO t VALUES(2)")];
        var batch = Rehearse(db, stamp, runs, out var kept, out var taken);
        Assert.Equal((1, 2), (kept, taken));
        Assert.Matches("^(7|13|18): ", (await TestDatabase.ResultsAsync(runs[1].Result!))[^1]);
        LeaderRun.Keep(db.Database.Writer, stamp, batch!);
        Assert.Null(failed);
        Assert.Equal("1", await db.QueryAsync("SELECT a FROM t"));
        Assert.Equal("0", await db.QueryAsync("SELECT count(*) FROM sqlite_schema WHERE name='s'"));
    }

    [Theory]
    [InlineData("UPDATE r SET x=x-1 WHERE EXISTS (SELECT 1 FROM r AS q WHERE q.x<r.x)")]
    [InlineData("DELETE FROM r WHERE EXISTS (SELECT 1 FROM r AS q WHERE q.x<r.x)")]
    [InlineData("UPDATE t SET a=a+1 WHERE EXISTS (SELECT 1 FROM r WHERE r.x<=t.a)")]
    [InlineData("INSERT INTO g(_shape) VALUES((SELECT _shape FROM g))")]
    public async Task A_table_that_is_in_use_by_the_statement_itself_is_a_result_and_the_node_goes_on(string sql)
    {
        await using var db = new TestDatabase();
        Assert.All(
            await db.ApplyAsync(
                "CREATE VIRTUAL TABLE r USING rtree(id, x, y)", "INSERT INTO r VALUES(1,1,2),(2,2,3)", "CREATE TABLE t(a)", "INSERT INTO t VALUES(1)",
                "CREATE TRIGGER u AFTER UPDATE ON t BEGIN INSERT INTO r VALUES(new.a+100,1,2); END",
                "CREATE VIRTUAL TABLE g USING geopoly(a)", "INSERT INTO g(_shape) VALUES('[[0,0],[1,0],[1,1],[0,0]]')"),
            result => Assert.StartsWith("changed", result));
        var content = await db.Database.ContentHashAsync(default);
        Exception? failed = null;
        db.Database.Writer.Failed = error => failed = error;
        var run = Run(sql);
        Assert.Null(Rehearse(db, new(2, 1, 5, 6), [run], out var kept, out var taken));
        Assert.Equal((0, 1), (kept, taken));
        Assert.Equal(["518: database table is locked"], await TestDatabase.ResultsAsync(run.Result!));

        // In an entry of an earlier version.
        Assert.Equal(["518: database table is locked"], await db.ApplyAsync(sql));
        Assert.Null(failed);
        Assert.Equal(content, await db.Database.ContentHashAsync(default));
        Assert.Equal(["changed 1, last 3"], await db.ApplyAsync("INSERT INTO r VALUES((SELECT max(id)+1 FROM r),1,2)"));
    }

    [Theory]
    [InlineData("EXPLAIN SELECT * FROM json_each('[1]')", "^23: not authorized: EXPLAIN differs")]
    [InlineData("EXPLAIN INSERT INTO f VALUES('y')", "^23: not authorized: EXPLAIN differs")]
    [InlineData("SELECT f FROM f", "^1$")]
    [InlineData("INSERT INTO t SELECT f FROM f", "^changed 1")]
    [InlineData("SELECT snippet(f, 0, '<', '>', '', 5), f FROM f('x') ORDER BY rank", "^<x>[|]1$")]
    [InlineData("SELECT hex(fts5_locale('en', 'x'))", "^[0-9A-F]{32}656E0078$")]
    [InlineData("INSERT INTO t SELECT fts5_locale('en', 'x')", "^changed 1")]
    public async Task What_an_answer_owes_to_the_past_of_a_connection_is_the_same_on_another_node(string sql, string answer)
    {
        await using var db = new TestDatabase();
        await using var replica = new TestDatabase();
        foreach (var each in (TestDatabase[])[db, replica])
        {
            await each.ApplyAsync("CREATE TABLE t(a)", "CREATE VIRTUAL TABLE f USING fts5(a)", "INSERT INTO f VALUES('x')");
        }

        await db.ApplyAsync("SELECT f FROM f", "SELECT a FROM f('x') ORDER BY rank");
        await replica.ApplyAsync("SELECT 1");
        await replica.ReopenAsync();
        var stamp = new EntryStamp(3, 1, 5, 6);
        var batch = LeaderRun.Rehearse(db.Database.Writer, stamp, [TestDatabase.Command(BatchOptions.None, sql)]);
        Assert.Matches(answer, Assert.Single(await TestDatabase.ResultsAsync(batch.Results[0]!)));
        LeaderRun.Keep(db.Database.Writer, stamp, batch);
        Assert.True(replica.Database.Writer.ApplyBatch(stamp, () => batch.Entry!, null, null));
        Assert.Equal(await db.Database.ContentHashAsync(default), await replica.Database.ContentHashAsync(default));
    }

    [Theory]
    [InlineData("late")]
    [InlineData("failed")]
    [InlineData("block")]
    public async Task A_setting_of_a_full_text_index_that_was_undone_has_no_effect_on_later_entries(string how)
    {
        const string Setting = "INSERT INTO f(f) VALUES('automerge=0')";
        const int Last = 140;
        await using var db = new TestDatabase();
        await using var replica = new TestDatabase();
        string[] setup = ["CREATE VIRTUAL TABLE f USING fts4(a)", "INSERT INTO f(f) VALUES('automerge=8')", "INSERT INTO f VALUES('x')"];
        var index = 0L;
        foreach (var each in (TestDatabase[])[db, replica])
        {
            await each.ApplyAsync(setup);
        }

        switch (how)
        {
            case "late":
                var asked = 0;
                var refused = Run(BatchOptions.Atomic, () => ++asked > 1 ? s_late : null, Setting, "SELECT 1");
                Assert.Null(Rehearse(db, new(2, 1, 5, 6), [refused], out _, out _));
                Assert.Equal(["changed 1, last 0", "9: too late"], await TestDatabase.ResultsAsync(refused.Result!));
                index = 1;
                break;
            case "failed":
                await db.ApplyAsync(BatchOptions.Atomic, Setting, "SELECT * FROM nix");
                await replica.ApplyAsync(BatchOptions.Atomic, Setting, "SELECT * FROM nix");
                await replica.ReopenAsync();
                index = 2;
                break;
            default:
                using (var rehearsal = db.Database.Writer.BeginRehearsal(5, 6, BatchOptions.None))
                {
                    rehearsal.Run(TestDatabase.Sql(Setting), default);
                }

                index = 1;
                break;
        }

        while (++index < Last)
        {
            var stamp = new EntryStamp(index, 1, 5, (ulong)index);
            var batch = LeaderRun.Rehearse(db.Database.Writer, stamp, [TestDatabase.Command(
                BatchOptions.None,
                "INSERT INTO f WITH RECURSIVE n(i, t) AS (SELECT 1, '' UNION ALL SELECT i+1, t || ' ' || hex(randomblob(8)) FROM n LIMIT 1000)"
                + " SELECT t FROM n ORDER BY i DESC LIMIT 1")]);
            LeaderRun.Keep(db.Database.Writer, stamp, batch);
            Assert.True(replica.Database.Writer.ApplyBatch(stamp, () => batch.Entry!, null, null));
        }

        Assert.Equal(await db.Database.ContentHashAsync(default), await replica.Database.ContentHashAsync(default));
    }

    [Theory]
    [InlineData("CREATE TABLE v(a)")]
    [InlineData("CREATE TRIGGER g AFTER DELETE ON u BEGIN INSERT INTO u VALUES(1); END")]
    [InlineData("DROP TABLE u")]
    [InlineData("ALTER TABLE u ADD COLUMN b")]
    [InlineData("ANALYZE")]
    public async Task A_full_text_index_has_written_before_the_schema_is_read_anew(string definition)
    {
        await using var db = new TestDatabase();
        await using var replica = new TestDatabase();
        string[][] entries =
        [
            ["CREATE VIRTUAL TABLE f USING fts5(t)", "CREATE TABLE u(a)", "CREATE INDEX i ON u(a)", "INSERT INTO u VALUES(1)"],
            ["INSERT INTO f VALUES('hello 32 world 5')"], ["ANALYZE"], ["CREATE INDEX j ON u(a)"],
            ["INSERT INTO f VALUES('hello 14 world 6')", "DELETE FROM f WHERE t MATCH '7'"],
            ["INSERT INTO f VALUES('hello 24 world 6')", definition, "INSERT INTO f(f) VALUES('optimize')"],
        ];
        for (var i = 0; i < entries.Length; i++)
        {
            var stamp = new EntryStamp(1 + i, 1, 5, 6);
            var batch = LeaderRun.Rehearse(db.Database.Writer, stamp, [.. entries[i].Select(sql => TestDatabase.Command(BatchOptions.None, sql))]);
            LeaderRun.Keep(db.Database.Writer, stamp, batch);
            Assert.True(replica.Database.Writer.ApplyBatch(stamp, () => batch.Entry!, null, null));
        }

        Assert.Equal("3", await db.QueryAsync("SELECT count(*) FROM f WHERE f MATCH 'hello'"));
        Assert.Equal(await db.QueryAsync("SELECT id, hex(block) FROM f_data"), await replica.QueryAsync("SELECT id, hex(block) FROM f_data"));
    }

    [Theory]
    [InlineData(BatchOptions.None)]
    [InlineData(BatchOptions.Atomic)]
    public async Task A_full_text_index_that_is_used_up_is_a_result(BatchOptions options)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE VIRTUAL TABLE f USING fts5(t)", "CREATE TABLE u(a)", "INSERT INTO f(f, rank) VALUES('automerge', 0), ('crisismerge', 1999)");
        Exception? failed = null;
        db.Database.Writer.Failed = error => failed = error;
        var index = 1L;
        string said;
        do
        {
            var stamp = new EntryStamp(++index, 1, 5, 6);
            var run = Run(options, null, "INSERT INTO u VALUES(1)", "INSERT INTO f VALUES('a')");
            if (Rehearse(db, stamp, [run], out _, out _) is { } batch)
            {
                LeaderRun.Keep(db.Database.Writer, stamp, batch);
            }

            said = (await TestDatabase.ResultsAsync(run.Result!))[^1];
        }
        while (said.StartsWith("changed 1", StringComparison.Ordinal) && index < 10_000);

        Assert.Equal("13: database or disk is full", said);
        Assert.Null(failed);

        // What was refused has left nothing behind, and others go on.
        var rows = (index - 2).ToString(CultureInfo.InvariantCulture);
        Assert.Equal($"{rows}|{rows}", await db.QueryAsync("SELECT (SELECT count(*) FROM u), (SELECT count(*) FROM f)"));
        var behind = new EntryStamp(index, 1, 5, 6);
        LeaderRun.Keep(db.Database.Writer, behind, LeaderRun.Rehearse(db.Database.Writer, behind, [TestDatabase.Command(BatchOptions.None, "INSERT INTO u VALUES(2)")]));

        // The COMMIT of a transaction says it too.
        using var rehearsal = db.Database.Writer.BeginRehearsal(7, 8, BatchOptions.None);
        rehearsal.Run(TestDatabase.Sql("INSERT INTO f VALUES('a')"), default);
        Assert.Null(rehearsal.Seal(out var full));
        Assert.Equal(ResultCode.Full, full!.ResultCode & 0xff);
        Assert.Null(failed);
    }

    [Fact]
    public async Task A_write_that_would_fill_the_disk_is_undone_while_there_is_room_for_the_log()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        db.Database.Writer.FreeDiskBytes = static _ => 1000;
        using var clock = new Clock(db.Database.Writer);
        var run = Run($"INSERT INTO t {Endless} SELECT zeroblob(4000) FROM c");
        RehearseTwice(db, run);
        Assert.Equal(["13: the disk is almost full: the write was undone"], await TestDatabase.ResultsAsync(run.Result!));
    }

    [Theory]
    [InlineData("INSERT OR ROLLBACK INTO t VALUES(1)")]
    [InlineData("INSERT INTO t VALUES(9223372036854775807)")]
    public async Task A_statement_that_takes_the_transaction_along_leaves_the_group_beneath_it(string sql)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a INTEGER PRIMARY KEY)");
        var writer = db.Database.Writer;
        var (member, entry) = Group(writer, "INSERT INTO t VALUES(1)");
        var stamp = new EntryStamp(3, 1, 5, 6);
        LeaderRun[] runs = [Run("INSERT INTO t VALUES(2)"), Run(sql), Run("INSERT INTO t VALUES(3)")];
        var batch = Rehearse(db, stamp, runs, out var kept, out _);
        Assert.Equal(3, kept);
        Assert.Matches("^(1555|2579): ", await OneAsync(runs[1]));
        Assert.Equal("changed 1, last 3", await OneAsync(runs[2]));
        batch!.Appended(3, 1);
        Assert.True(writer.ApplyTransaction(new(2, 1, 1, 2), entry, member));
        Assert.Equal("0", await db.QueryAsync("SELECT count(*) FROM t"));
        Assert.True(writer.ApplyBatch(stamp, () => batch.Entry!, batch, null));
        Assert.Equal("1;2;3", await db.QueryAsync("SELECT a FROM t"));
        Assert.Equal(3, batch.Results[2]!.Index);
    }

    [Fact]
    public async Task An_interrupt_upon_a_group_puts_the_command_off_and_leaves_the_group()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a INTEGER PRIMARY KEY)");
        var writer = db.Database.Writer;
        var (member, entry) = Group(writer, "INSERT INTO t VALUES(1)");
        using var clock = new Clock(writer);
        var run = Run($"INSERT INTO t {Endless} SELECT n+1 FROM c");
        Assert.Null(Rehearse(db, new(3, 1, 5, 6), [run], out var kept, out var taken));
        Assert.Equal((0, 0, true), (kept, taken, run.Alone));
        Assert.True(writer.ApplyTransaction(new(2, 1, 1, 2), entry, member));
        Assert.Equal("1", await db.QueryAsync("SELECT a FROM t"));
    }

    [Theory]
    [InlineData("ANALYZE")]
    [InlineData("CREATE VIRTUAL TABLE v USING fts5(x)")]
    public async Task What_cannot_stand_on_a_group_is_put_off(string sql)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a INTEGER PRIMARY KEY, b)", "CREATE INDEX i ON t(b)", "INSERT INTO t VALUES(5, 5)");
        var writer = db.Database.Writer;
        var (member, entry) = Group(writer, "INSERT INTO t VALUES(1, 1)");
        var run = Run(sql);
        Assert.Null(Rehearse(db, new(3, 1, 5, 6), [run], out _, out var taken));
        Assert.Equal((0, true), (taken, run.Alone));
        Assert.True(writer.ApplyTransaction(new(2, 1, 1, 2), entry, member));
        var stamp = new EntryStamp(3, 1, 5, 6);
        LeaderRun.Keep(writer, stamp, Rehearse(db, stamp, [run], out _, out _)!);
        Assert.Equal("1;5", await db.QueryAsync("SELECT a FROM t ORDER BY a"));
    }

    [Fact]
    public async Task A_batch_does_nothing_on_another_base_or_in_another_term()
    {
        await using var leader = new TestDatabase();
        await using var follower = new TestDatabase();
        foreach (var db in new[] { leader, follower })
        {
            await db.ApplyAsync("CREATE TABLE t(a)");
        }

        var stamp = new EntryStamp(2, 1, 5, 6);
        var batch = LeaderRun.Rehearse(leader.Database.Writer, stamp, [TestDatabase.Command(BatchOptions.None, "INSERT INTO t VALUES(1)")]);
        Assert.False(follower.Database.Writer.ApplyBatch(stamp with { Term = 2 }, () => batch.Entry!, null, null));
        Assert.False(follower.Database.Writer.ApplyBatch(stamp with { Index = 3 }, () => batch.Entry!, null, null));
        Assert.Equal((3, "0"), (follower.Database.AppliedIndex, await follower.QueryAsync("SELECT count(*) FROM t")));
        batch.Withdraw();
        Assert.Equal(RehearsalState.Lost, batch.State);
        await leader.ApplyAsync("INSERT INTO t VALUES(2)");
        Assert.Equal("2", await leader.QueryAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task A_replica_with_other_rows_stops_at_the_entry()
    {
        await using var leader = new TestDatabase();
        await using var follower = new TestDatabase();
        await leader.ApplyAsync("CREATE TABLE t(a)");
        await follower.ApplyAsync("CREATE TABLE t(a, b DEFAULT 1)");
        var stamp = new EntryStamp(2, 1, 5, 6);
        var batch = LeaderRun.Rehearse(leader.Database.Writer, stamp, [TestDatabase.Command(BatchOptions.None, "INSERT INTO t(a) VALUES(1)")]);
        var error = Assert.Throws<StorageException>(() => follower.Database.Writer.ApplyBatch(stamp, () => batch.Entry!, null, null));
        Assert.Contains("Entry 2", error.Message, StringComparison.Ordinal);
        Assert.Equal("0", await follower.QueryAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_named_request_is_remembered_with_the_index_of_its_entry_wherever_it_was_run()
    {
        await using var leader = new TestDatabase();
        await using var follower = new TestDatabase();
        var named = TestDatabase.Command(BatchOptions.None, "SELECT 1") with { RequestId = new RequestId(3, 4) };
        var writer = leader.Database.Writer;
        for (var i = 1; i <= 3; i++)
        {
            var stamp = new EntryStamp(i * 10, 1, 5, 6);
            var batch = LeaderRun.Rehearse(writer, stamp, [named, named]);
            LeaderRun.Keep(writer, stamp, batch);
            var results = new CommandResult?[2];
            Assert.True(follower.Database.Writer.ApplyBatch(stamp, () => batch.Entry!, null, results));
            Assert.All(batch.Results.Concat(results).Take(4), static result => Assert.Equal(10, result!.Index));
            Assert.Equal(i > 1, results[0]!.Duplicate);
            Assert.True(results[1]!.Duplicate);
        }

        Assert.Equal(await follower.Database.ContentHashAsync(default), await leader.Database.ContentHashAsync(default));
    }

    [Fact]
    public async Task Entries_of_others_end_what_runs()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        var run = Run($"INSERT INTO t {Endless} SELECT n FROM c");
        var running = Task.Run(() => Assert.Throws<RehearsalLostException>(() => Rehearse(db, new(2, 1, 5, 6), [run], out _, out _)));
        while (!running.IsCompleted)
        {
            db.Database.Writer.DropRehearsals();
        }

        await running;
        Assert.Equal(["changed 1, last 1"], await db.ApplyAsync("INSERT INTO t VALUES(1)"));
    }

    [Fact]
    public async Task Restarts_because_of_one_command_are_bounded_for_the_others()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a PRIMARY KEY)", "INSERT INTO t VALUES(0)");
        var again = Run([.. Enumerable.Repeat("INSERT OR ROLLBACK INTO t VALUES(0)", 30)]);
        LeaderRun[] runs = [Run("INSERT INTO t VALUES(1)"), again];
        var stamp = new EntryStamp(2, 1, 5, 6);
        var batch = Rehearse(db, stamp, runs, out var kept, out var taken);
        Assert.Equal((1, 1, true), (kept, taken, again.Alone));
        LeaderRun.Keep(db.Database.Writer, stamp, batch!);
        stamp = new EntryStamp(3, 1, 5, 6);
        LeaderRun.Keep(db.Database.Writer, stamp, Rehearse(db, stamp, [again], out kept, out _)!);
        Assert.Equal(30, (await TestDatabase.ResultsAsync(again.Result!)).Length);
    }

    /// <summary>First with others in mind, then by itself.</summary>
    private static void RehearseTwice(TestDatabase db, LeaderRun run)
    {
        Assert.Null(Rehearse(db, new(2, 1, 5, 6), [run], out _, out var taken));
        Assert.Equal((0, true), (taken, run.Alone));
        Assert.Null(Rehearse(db, new(2, 1, 5, 6), [run], out _, out taken));
        Assert.Equal(1, taken);
    }

    /// <summary>A group of one transaction, entry 2, which is in the log and not committed yet.</summary>
    private static (Rehearsal Member, TransactionEntry Entry) Group(Writer writer, string sql)
    {
        var member = writer.BeginRehearsal(1, 2, BatchOptions.None);
        member.Run(TestDatabase.Sql(sql), default);
        var entry = member.Seal(out _)!;
        member.Appended(2, 1);
        return (member, entry);
    }

    private static async Task<string> OneAsync(LeaderRun run) => (await TestDatabase.ResultsAsync(run.Result!))[0];

    private static LeaderRun Run(params string[] sql) => Run(null, sql);

    private static LeaderRun Run(Func<StatementError?>? exceeded, params string[] sql) => Run(BatchOptions.None, exceeded, sql);

    private static LeaderRun Run(BatchOptions options, Func<StatementError?>? exceeded, params string[] sql) =>
        new(TestDatabase.Command(options, sql), exceeded);

    private static BatchRehearsal? Rehearse(TestDatabase db, in EntryStamp stamp, LeaderRun[] runs, out int kept, out int taken) =>
        db.Database.Writer.RehearseBatch(stamp.Term, stamp.UnixMicroseconds, stamp.Seed, runs, out kept, out taken);

    /// <summary>Looks after the writer as the leader's clock does.</summary>
    private sealed class Clock : IDisposable
    {
        private readonly Timer _timer;
        private readonly Writer _writer;

        public Clock(Writer writer)
        {
            _writer = writer;
            _timer = new Timer(_ => _writer.LookAfterBatch(TimeSpan.FromMilliseconds(20)), null, 5, 5);
        }

        /// <summary>A limit that is exceeded only once the command runs by itself.</summary>
        public Func<StatementError?> Expires()
        {
            var asked = 0;
            return () => Interlocked.Increment(ref asked) > 40 ? s_late : null;
        }

        public void Dispose() => _timer.Dispose();
    }
}
