using System.Text;

namespace Rqlite.Pg.Storage.Tests;

public class SessionTests
{
    private static readonly SqlExtensions s_extensions = new(
        [
            new("t_user", 0, Purity.Stable, (in FunctionCall call) => call.ReturnText(UserOf(call))) { AsksSession = true },
            new("t_unmarked", 0, Purity.Stable, (in FunctionCall call) => call.ReturnText(UserOf(call))),
            new("t_draw", 0, Purity.Volatile, (in FunctionCall call) => call.Return(call.Statement.NextRandom())),
        ],
        [],
        [],
        [new User()]);

    private static readonly CallerSession s_caller = new(Guid.NewGuid(), 3, 4, [], 0) { Settings = Settings("ann") };

    [Fact]
    public async Task A_reader_s_statement_that_asks_sees_the_session_and_no_other_one_does()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        await db.ApplyAsync("CREATE VIEW v AS SELECT t_user() AS u");
        using var lease = await db.Database.RentReaderAsync(default);
        Assert.Equal("none", await RunAsync(lease, "SELECT t_user()"));
        lease.Caller = s_caller;
        Assert.Equal("ann", await RunAsync(lease, "SELECT t_user()"));
        Assert.Equal("ann|ann", await RunAsync(lease, "SELECT t_unmarked(), t_user()"));
        Assert.Equal("ann", await RunAsync(lease, "SELECT u FROM v"));
        Assert.Equal("ann", await RunAsync(lease, "SELECT name FROM t_users"));
        Assert.Equal("none", await RunAsync(lease, "SELECT t_unmarked()"));
        Assert.Equal("bob", await RunAsync(lease, "SELECT t_user()", Settings("bob")));
        lease.Caller = null;
        Assert.Equal("bob", await RunAsync(lease, "SELECT t_user()", Settings("bob")));
        Assert.Equal("none", await RunAsync(lease, "SELECT t_user()"));

        // Two statements of one connection, read in turn.
        lease.Caller = s_caller;
        await using var one = lease.Run(TestDatabase.Sql("SELECT t_user() FROM (VALUES (1), (2))"), BatchOptions.None, null, ownsLease: false, default);
        Assert.Equal("none", await RunAsync(lease, "SELECT t_unmarked()"));
        Assert.Equal("ann;ann", await TestDatabase.TextAsync(one));
    }

    [Theory]
    [InlineData("SELECT t_user()", StatementEffects.AsksSession, AnswerSources.None)]
    [InlineData("SELECT u FROM v", StatementEffects.AsksSession, AnswerSources.Tables)]
    [InlineData("SELECT name FROM t_users", StatementEffects.AsksSession, AnswerSources.Tables)]
    [InlineData("SELECT t_unmarked()", StatementEffects.None, AnswerSources.None)]
    [InlineData("SELECT t_draw()", StatementEffects.None, AnswerSources.Random)]
    public async Task A_statement_that_asks_still_only_reads(string sql, StatementEffects effects, AnswerSources sources)
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        await db.ApplyAsync("CREATE VIEW v AS SELECT t_user() AS u");
        using var lease = await db.Database.RentReaderAsync(default);
        var shape = await lease.DescribeAsync(Encoding.UTF8.GetBytes(sql), BatchOptions.None, null, default);
        Assert.Equal((true, effects, sources), (shape.ReadOnly, shape.Effects, shape.Sources));
        using var rehearsal = db.Database.Writer.BeginRehearsal(5, 1, BatchOptions.None);
        Assert.Equal((true, effects), (rehearsal.Describe(Encoding.UTF8.GetBytes(sql), default).ReadOnly, shape.Effects));
    }

    [Fact]
    public async Task A_write_sees_the_session_that_its_entry_carries()
    {
        await using var leader = new TestDatabase(options => options with { Sql = s_extensions });
        await using var follower = new TestDatabase(options => options with { Sql = s_extensions });
        foreach (var db in (TestDatabase[])[leader, follower])
        {
            await db.ApplyAsync("CREATE TABLE t(x)", "CREATE TABLE plain(x)", "CREATE TRIGGER g AFTER INSERT ON t WHEN new.x = 0 BEGIN INSERT INTO t VALUES (t_user()); END");
            var own = TestDatabase.Sql("INSERT INTO t VALUES (t_user())") with { Settings = Settings("bob") };
            var batch = new StatementBatch([TestDatabase.Sql("INSERT INTO t VALUES (t_user() || t_unmarked())"), own, TestDatabase.Sql("INSERT INTO t VALUES (0)")], BatchOptions.None);
            await db.ApplyAsync(new ApplyCommand(default, batch with { Caller = s_caller }));
            await db.ApplyAsync(new ApplyCommand(default, batch));
            Assert.Equal("annann;bob;0;ann;nonenone;bob;0;none", await db.QueryAsync("SELECT x FROM t ORDER BY rowid"));
        }

        var rehearsal = leader.Database.Writer.BeginRehearsal(5, 2, BatchOptions.None, s_caller);
        Assert.Equal("none", await TableTests.RunAsync(rehearsal, "INSERT INTO plain VALUES (t_unmarked()) RETURNING x"));
        rehearsal.SetSavepoint();
        var results = new EncodedResults(rehearsal.Run(TestDatabase.Sql("INSERT INTO t VALUES (t_user()) RETURNING x") with { Settings = Settings("eve") }, default));
        Assert.Equal("eve", await TestDatabase.TextAsync((await results.NextAsync(default))!));
        Assert.Equal("ann", await TableTests.RunAsync(rehearsal, "INSERT INTO t SELECT name FROM t_users RETURNING x"));
        var entry = rehearsal.Seal(out var error)!;
        Assert.Null(error);
        Assert.Equal(s_caller, entry.Caller);
        var stamp = leader.NextStamp() with { UnixMicroseconds = 5, Seed = 2 };
        Assert.True(follower.Database.Writer.ApplyTransaction(stamp, entry, null));
        Assert.True(leader.Database.Writer.ApplyTransaction(stamp, entry, rehearsal));
        Assert.Equal("eve;ann", await follower.QueryAsync("SELECT x FROM t WHERE rowid > 8"));
        Assert.Equal(await leader.Database.ContentHashAsync(default), await follower.Database.ContentHashAsync(default));
    }

    [Fact]
    public async Task A_transaction_that_does_not_ask_carries_no_session()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        await db.ApplyAsync("CREATE TABLE t(x)");
        using var rehearsal = db.Database.Writer.BeginRehearsal(5, 1, BatchOptions.None, s_caller);
        Assert.Equal("none", await TableTests.RunAsync(rehearsal, "INSERT INTO t VALUES (t_unmarked()) RETURNING x"));
        Assert.Null(rehearsal.Seal(out _)!.Caller);
    }

    [Fact]
    public async Task Expressions_of_the_schema_that_SQLite_does_not_show_have_no_session()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        await db.ApplyAsync("CREATE TABLE t(x DEFAULT (t_user()), y CHECK (y <> t_user()))");
        var batch = new StatementBatch([TestDatabase.Sql("INSERT INTO t(y) VALUES ('ann')"), TestDatabase.Sql("INSERT INTO t(y) VALUES ('none')")], BatchOptions.None);
        var results = (await db.ApplyAsync(new ApplyCommand(default, batch with { Caller = s_caller })))[0];
        Assert.Equal(["changed 1, last 1", "275: CHECK constraint failed: y <> t_user()"], results);
        Assert.Equal("none|ann", await db.QueryAsync("SELECT * FROM t"));
    }

    [Fact]
    public void Settings_are_equal_by_what_they_say()
    {
        var one = new SessionSettings("a", "b", "c", ["p", "q"], new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" });
        var same = new SessionSettings("a", "b", "c", ["p", "q"], new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" });
        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, one with { SearchPath = ["q", "p"] });
        Assert.NotEqual(one, one with { Values = new Dictionary<string, string> { ["x"] = "1", ["y"] = "3" } });
        Assert.NotEqual(one, one with { User = "b" });
    }

    private static SessionSettings Settings(string user) =>
        new(user, user, "db", ["public"], new Dictionary<string, string> { ["TimeZone"] = "UTC" });

    private static async Task<string> RunAsync(ReaderLease lease, string sql, SessionSettings? settings = null)
    {
        await using var cursor = lease.Run(TestDatabase.Sql(sql) with { Settings = settings }, BatchOptions.None, null, ownsLease: false, default);
        return await TestDatabase.TextAsync(cursor);
    }

    private static string UserOf(in FunctionCall call) => call.Statement.Caller?.Settings?.User ?? "none";

    private sealed class User() : SqlTable("t_users", [new("name", "TEXT")])
    {
        public override bool AsksSession => true;

        public override SqlRowScan Scan(int key, in FunctionCall call) => new One(UserOf(call));
    }

    private sealed class One(string value) : SqlRowScan
    {
        private bool _read;

        public override bool Read() => !_read && (_read = true);

        public override void Column(int column, in FunctionCall answer) => answer.ReturnText(value);
    }
}
