namespace Rqlite.Pg.Storage.Tests;

public class WriterTests
{
    [Fact]
    public async Task A_write_is_seen_by_readers_and_survives_reopening()
    {
        await using var db = new TestDatabase();
        Assert.Equal(["changed 0, last 0"], await db.ApplyAsync("CREATE TABLE t(a INTEGER PRIMARY KEY, b)"));
        Assert.Equal(["changed 2, last 2"], await db.ApplyAsync("INSERT INTO t(b) VALUES('x'),(2.5)"));
        Assert.Equal("1|x;2|2.5", await db.QueryAsync("SELECT * FROM t"));
        Assert.Equal(2, db.Database.AppliedIndex);
        await db.ReopenAsync();
        Assert.Equal(2, db.Database.AppliedIndex);
        Assert.Equal("1|x;2|2.5", await db.QueryAsync("SELECT * FROM t"));
    }

    [Fact]
    public async Task An_error_in_a_plain_batch_leaves_its_neighbours_alone()
    {
        await using var db = new TestDatabase();
        var results = await db.ApplyAsync("CREATE TABLE t(a UNIQUE)", "INSERT INTO t VALUES(1)", "INSERT INTO t VALUES(1)", "nonsense", "INSERT INTO t VALUES(2)");
        Assert.Equal(
            ["changed 0, last 0", "changed 1, last 1", "2067: UNIQUE constraint failed: t.a", "1: near \"nonsense\": syntax error", "changed 1, last 2"], results);
        Assert.Equal("1;2", await db.QueryAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task An_error_in_an_atomic_batch_undoes_it_and_ends_it()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a UNIQUE)");
        var results = await db.ApplyAsync(BatchOptions.Atomic, "INSERT INTO t VALUES(1)", "INSERT INTO t VALUES(1)", "INSERT INTO t VALUES(2)");
        Assert.Equal(["changed 1, last 1", "2067: UNIQUE constraint failed: t.a"], results);
        Assert.Equal("", await db.QueryAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task Returning_gives_rows()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        Assert.Equal(["2;4"], await db.ApplyAsync("INSERT INTO t VALUES(1),(2) RETURNING 2*a"));
    }

    [Theory]
    [InlineData(BatchOptions.None, "1555: UNIQUE constraint failed: t.a", "1;2;3")]
    [InlineData(BatchOptions.Atomic, "1555: UNIQUE constraint failed: t.a", "1")]
    public async Task A_statement_that_ends_the_transaction_does_not_take_others_along(BatchOptions options, string error, string rows)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a INTEGER PRIMARY KEY)", "INSERT INTO t VALUES(1)");
        var results = await db.ApplyAsync(
            TestDatabase.Command(options, "INSERT INTO t VALUES(2)", "INSERT OR ROLLBACK INTO t VALUES(1)", "INSERT INTO t VALUES(3)"),
            TestDatabase.Command(BatchOptions.None, "INSERT INTO t VALUES(10)"));
        Assert.Equal(error, results[0][1]);
        Assert.Equal(["changed 1, last 10"], results[1]);
        Assert.Equal(rows + ";10", await db.QueryAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task A_trigger_that_rolls_back_undoes_its_own_statement_only()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "CREATE TRIGGER g BEFORE INSERT ON t WHEN new.a<0 BEGIN SELECT RAISE(ROLLBACK, 'negative'); END");
        var results = await db.ApplyAsync("INSERT INTO t VALUES(1)", "INSERT INTO t VALUES(-1)", "INSERT INTO t VALUES(2)");
        Assert.Equal("1811: negative", results[1]);
        Assert.Equal("1;2", await db.QueryAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task The_largest_rowid_is_refused_since_random_ones_would_follow()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a INTEGER PRIMARY KEY, b)", "CREATE TABLE u(a INTEGER PRIMARY KEY AUTOINCREMENT)");
        var results = await db.ApplyAsync("INSERT INTO t VALUES(5,1)", "INSERT INTO t VALUES(9223372036854775807,2)", "UPDATE t SET a=9223372036854775807", "INSERT INTO u VALUES(9223372036854775807)");
        Assert.Equal("changed 1, last 5", results[0]);
        Assert.All(results[1..], result => Assert.Equal("2579: the rowid 9223372036854775807 cannot be used", result));
        Assert.Equal("5|1", await db.QueryAsync("SELECT * FROM t"));
    }

    [Fact]
    public async Task A_used_up_sequence_is_the_statements_fault_and_not_a_full_disk()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE u(a INTEGER PRIMARY KEY AUTOINCREMENT, b)", "INSERT INTO u(b) VALUES(1)", "UPDATE sqlite_sequence SET seq=9223372036854775807");
        var results = await db.ApplyAsync("INSERT INTO u(a) VALUES(7)", "INSERT INTO u(b) VALUES(1)", "INSERT INTO u(a) VALUES(8)");
        Assert.StartsWith("13: ", results[1]);
        Assert.Equal("1;7;8", await db.QueryAsync("SELECT a FROM u"));
    }

    [Theory]
    [InlineData(BatchOptions.ForeignKeys)]
    [InlineData(BatchOptions.ForeignKeys | BatchOptions.Atomic)]
    public async Task A_deferred_foreign_key_is_checked_at_the_end_of_each_command(BatchOptions options)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE c(p REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED)");
        var results = await db.ApplyAsync(
            TestDatabase.Command(options, "INSERT INTO p VALUES(1)", "INSERT INTO c VALUES(1)", "INSERT INTO c VALUES(2)"),
            TestDatabase.Command(options, "INSERT INTO p VALUES(3)"),
            TestDatabase.Command(BatchOptions.None, "INSERT INTO c VALUES(4)"),
            TestDatabase.Command(BatchOptions.ForeignKeys | BatchOptions.Atomic, "INSERT INTO c VALUES(5)", "INSERT INTO p VALUES(5)"));
        Assert.Equal("787: FOREIGN KEY constraint failed", results[0][2]);
        Assert.Equal("changed 1, last 3", results[1][0]);
        Assert.Equal(options == BatchOptions.ForeignKeys ? "1;4;5" : "4;5", await db.QueryAsync("SELECT p FROM c ORDER BY p"));
    }

    [Fact]
    public async Task An_immediate_foreign_key_follows_the_batchs_option()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE c(p REFERENCES p(id))");
        for (var i = 0; i < 3; i++)
        {
            var results = await db.ApplyAsync(
                TestDatabase.Command(BatchOptions.ForeignKeys, "INSERT INTO c VALUES(1)"), TestDatabase.Command(BatchOptions.None, "INSERT INTO c VALUES(1)"));
            Assert.Equal("787: FOREIGN KEY constraint failed", results[0][0]);
            Assert.StartsWith("changed 1", results[1][0]);
        }
    }

    [Fact]
    public async Task A_double_quoted_name_is_a_text_only_if_the_batch_says_so()
    {
        await using var db = new TestDatabase();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("text", await db.QueryAsync("SELECT \"text\"", options: BatchOptions.DoubleQuotedText));
            Assert.StartsWith("1: no such column", await db.QueryAsync("SELECT \"text\""));
            Assert.Equal(["text"], await db.ApplyAsync(BatchOptions.DoubleQuotedText, "SELECT \"text\""));
            Assert.StartsWith("1: no such column", (await db.ApplyAsync("SELECT \"text\""))[0]);
        }
    }

    [Fact]
    public async Task Reads_in_a_write_are_answered_or_discarded_as_asked()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
        Assert.Equal(["1"], await db.ApplyAsync("SELECT a FROM t"));
        Assert.Equal(["changed 0, last 0", "7"], await db.ApplyAsync(BatchOptions.DiscardReads, "SELECT a FROM t", "INSERT INTO t VALUES(7) RETURNING a"));
    }

    [Fact]
    public async Task A_text_of_several_statements_runs_them_all_and_answers_for_the_last()
    {
        await using var db = new TestDatabase();
        var several = new ApplyCommand(default, new StatementBatch(
            [
                TestDatabase.Sql("CREATE TABLE t(a,b); INSERT INTO t VALUES(?,?); -- between\n INSERT INTO t VALUES(?,?) RETURNING a;", output =>
                {
                    for (var i = 1; i <= 4; i++)
                    {
                        ParameterEncoding.WriteInteger(output, i);
                    }
                }),
                TestDatabase.Sql(" ; -- nothing\n /* at all */"),
                TestDatabase.Sql(""),
            ],
            BatchOptions.None));
        Assert.Equal([["3", "", ""]], await db.ApplyAsync(several));
        Assert.Equal("1|2;3|4", await db.QueryAsync("SELECT * FROM t"));
        Assert.Equal("4", await db.QueryAsync("SELECT 1; SELECT count(*)*2 FROM t;"));
    }

    [Fact]
    public async Task A_repeated_request_is_answered_and_not_run_again()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        var command = new ApplyCommand(new RequestId(1, 2), TestDatabase.Command(BatchOptions.None, "INSERT INTO t VALUES(random()) RETURNING a").Batch);
        var first = new CommandResult?[1];
        db.Database.Writer.Apply(db.NextStamp(), [command], first);
        await db.ReopenAsync();
        var again = new CommandResult?[2];
        db.Database.Writer.Apply(db.NextStamp(), [command, command], again);
        Assert.False(first[0]!.Duplicate);
        Assert.All(again, result => Assert.True(result!.Duplicate && result.Index == first[0]!.Index));
        Assert.Equal(await TestDatabase.ResultsAsync(first[0]!), await TestDatabase.ResultsAsync(again[1]!));
        Assert.Equal("1", await db.QueryAsync("SELECT count(*) FROM t"));

        // Forgotten after an hour of the entries' time, once another request is kept.
        db.Time += 3_600_001;
        db.Database.Writer.Apply(db.NextStamp(), [command with { RequestId = new RequestId(3, 3) }, command], again);
        Assert.False(again[1]!.Duplicate);
        Assert.Equal("3", await db.QueryAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_repeated_request_whose_result_was_large_answers_empty_and_is_not_run_again()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        var command = new ApplyCommand(new RequestId(9, 9), TestDatabase.Command(BatchOptions.None, "INSERT INTO t VALUES(zeroblob(100000)) RETURNING a").Batch);
        await db.ApplyAsync(command);
        Assert.Empty((await db.ApplyAsync(command))[0]);
        Assert.Equal("1", await db.QueryAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Too_large_a_result_undoes_its_statement_and_no_other()
    {
        await using var db = new TestDatabase(options => options with { ResultBytesMax = 1 << 20 });
        await db.ApplyAsync("CREATE TABLE t(a)");
        var results = await db.ApplyAsync(
            "INSERT INTO t VALUES(1)",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 20) INSERT INTO t SELECT zeroblob(100000) FROM n RETURNING a",
            "SELECT zeroblob(2000000)", "INSERT INTO t VALUES(2)");
        Assert.StartsWith("18: the result is larger", results[1]);
        Assert.StartsWith("18: the result is larger", results[2]);
        Assert.Equal("1;2", await db.QueryAsync("SELECT a FROM t"));
    }

    [Fact]
    public void Every_result_code_is_classified()
    {
        for (var code = 0; code <= 28; code++)
        {
            _ = ResultCode.Classify(code);
            _ = ResultCode.Classify(code | (5 << 8));
        }

        Assert.Equal(ResultKind.Success, ResultCode.Classify(ResultCode.Row));
        Assert.Equal(ResultKind.Success, ResultCode.Classify(ResultCode.Done));
        Assert.Equal(ResultKind.Environment, ResultCode.Classify(ResultCode.IOError | (4 << 8)));
        Assert.Equal(ResultKind.Environment, ResultCode.Classify(ResultCode.Full));
        Assert.Equal(ResultKind.Statement, ResultCode.Classify(ResultCode.ConstraintForeignKey));
        Assert.Throws<ArgumentOutOfRangeException>(() => ResultCode.Classify(29));
    }

    [Fact]
    public async Task A_malformed_request_to_a_full_text_index_does_not_stop_the_node()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "CREATE VIRTUAL TABLE f USING fts5(a, content='t')", "INSERT INTO f(rowid,a) VALUES(1,'x')");
        Assert.StartsWith("267: ", (await db.ApplyAsync("INSERT INTO f(f, rank) VALUES('integrity-check', 1)"))[0]);
        Assert.Equal(["changed 1, last 1"], await db.ApplyAsync("INSERT INTO t VALUES(1)"));
    }

    [Fact]
    public async Task Files_are_for_their_owner_only()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.GetFiles(db.Options.Directory, "*", SearchOption.AllDirectories))
            {
                Assert.True(File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), file);
            }

            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(db.Options.Directory));
        }
    }

    [Fact]
    public async Task A_generated_column_that_is_not_stored_may_stand_anywhere()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a INTEGER, v GENERATED ALWAYS AS (a+1) VIRTUAL, s AS (a*2) STORED, b)", "CREATE TABLE w(a PRIMARY KEY, v AS (a||'x')) WITHOUT ROWID");
        Assert.Equal(
            ["changed 1, last 1", "changed 1, last 1", "changed 1, last 1"],
            await db.ApplyAsync("INSERT INTO t(a, b) VALUES(1, 'x')", "UPDATE t SET a=4", "INSERT INTO w(a) VALUES('k')"));
        Assert.Equal("4|5|8|x", await db.QueryAsync("SELECT * FROM t"));
        Assert.Equal("k|kx", await db.QueryAsync("SELECT * FROM w"));
    }
}
