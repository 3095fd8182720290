using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Storage.Tests;

public class ExtensionTests
{
    private static readonly SqlExtensions s_extensions = new(
        [
            new("t_kinds", -1, Purity.Immutable, Kinds),
            new("t_twice", 1, Purity.Immutable, (in FunctionCall call) => call.Return(call.Integer(0) * 2)) { Strict = true },
            new("t_fail", 1, Purity.Immutable, (in FunctionCall call) => throw new SqlFunctionException("22012", "division by zero")),
            new("t_throw", 0, Purity.Volatile, (in FunctionCall call) => throw new InvalidOperationException("it is not valid")),
            new("t_now", 0, Purity.Stable, (in FunctionCall call) => call.Return(call.Statement.TransactionTime)),
            new("t_began", 0, Purity.Stable, (in FunctionCall call) => call.Return(call.Statement.StatementTime)),
            new("t_clock", 0, Purity.Volatile, (in FunctionCall call) => call.Return(call.Statement.ClockTime)),
            new("t_random", 0, Purity.Volatile, (in FunctionCall call) => call.Return(call.Statement.NextRandom())),
            new("t_detail", 0, Purity.Volatile, (in FunctionCall call) => throw new SqlFunctionException("P0001", "no", "too little", "try more")),
        ],
        [new("t_join", 1, () => new Join()) { Strict = true, Invertible = true }],
        [new("t_length", (left, right) => left.Length.CompareTo(right.Length))],
        []);

    [Theory]
    [InlineData("t_kinds(NULL, 1, 2.5, 'é', x'00ff', '', x'')", "Null Integer:1 Real:2.5 Text:é Blob:00FF Text: Blob:")]
    [InlineData("t_twice(21)", "42")]
    [InlineData("t_twice(NULL)", "NULL")]
    [InlineData("(SELECT t_join(x) FROM (SELECT 'a' AS x UNION ALL SELECT NULL UNION ALL SELECT 'b'))", "a,b")]
    [InlineData("(SELECT t_join(x) FROM (SELECT 1 AS x) WHERE x > 1)", "")]
    [InlineData("(SELECT group_concat(j, ' ') FROM (SELECT t_join(column1) OVER (ROWS 1 PRECEDING) AS j FROM (VALUES ('a'), ('b'), ('c'))))", "a a,b b,c")]
    [InlineData("'abc' = 'xyz' COLLATE t_length", "1")]
    [InlineData("t_fail(1)", "22012: division by zero")]
    [InlineData("t_throw()", "1: it is not valid")]
    public async Task Functions_answer_alike_on_readers_and_on_the_writer(string expression, string? expected)
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        var read = await db.QueryAsync("SELECT " + expression);
        Assert.Equal(expected ?? read, read);
        Assert.Equal([read], await db.ApplyAsync("SELECT " + expression));
    }

    [Fact]
    public async Task Only_immutable_functions_may_be_indexed_and_all_survive_a_restart()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        Assert.Equal(["changed 0, last 0"], await db.ApplyAsync("CREATE TABLE t(x TEXT COLLATE t_length)"));
        Assert.Equal(["changed 0, last 0"], await db.ApplyAsync("CREATE UNIQUE INDEX i ON t(x, t_twice(x))"));
        Assert.StartsWith("1: non-deterministic functions prohibited", (await db.ApplyAsync("CREATE INDEX j ON t(t_now())"))[0], StringComparison.Ordinal);
        await db.ReopenAsync();
        Assert.Equal(["changed 2, last 2"], await db.ApplyAsync("INSERT INTO t VALUES ('bb'), ('a')"));
        Assert.Equal("a;bb", await db.QueryAsync("SELECT x FROM t ORDER BY x"));
        Assert.Equal("1", await db.QueryAsync("SELECT count(*) FROM t WHERE x = 'c'"));
    }

    [Fact]
    public async Task A_function_sees_the_entry_s_time_to_the_microsecond()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        const string Sql = "SELECT t_now(), t_began(), t_clock()";
        var stamp = db.NextStamp() with { UnixMicroseconds = 1_000_000_000_123_456 };
        var results = new CommandResult?[1];
        db.Database.Writer.Apply(stamp, [TestDatabase.Command(BatchOptions.None, Sql)], results);
        Assert.Equal(["1000000000123456|1000000000123456|1000000000123456"], await TestDatabase.ResultsAsync(results[0]!));
        using var rehearsal = db.Database.Writer.BeginRehearsal(5, 1, BatchOptions.None, clock: 77);
        Assert.Equal("77|77|77", await TableTests.RunAsync(rehearsal, Sql));
    }

    [Fact]
    public async Task On_a_reader_the_transaction_the_statement_and_the_call_have_a_time_each()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        using var lease = await db.Database.RentReaderAsync(default);
        lease.UnixMicroseconds = 77;
        long[] last = [0, 0, 0];
        for (var i = 0; i < 2; i++)
        {
            await Task.Delay(2);
            await using var cursor = lease.Run(
                TestDatabase.Sql("SELECT t_now(), t_began(), t_clock() FROM (VALUES (1), (2))"), BatchOptions.None, null, ownsLease: false, default);
            while (await cursor.WaitToReadAsync(default))
            {
                while (cursor.TryRead())
                {
                    Assert.Equal(77, cursor[0].Integer);
                    Assert.True(cursor[1].Integer > last[0] && cursor[2].Integer >= cursor[1].Integer && cursor[2].Integer >= last[2]);
                    (last[1], last[2]) = (cursor[1].Integer, cursor[2].Integer);
                }
            }

            last[0] = last[1];
        }
    }

    [Fact]
    public async Task Random_numbers_follow_from_the_entry_and_are_random_on_readers()
    {
        await using var one = new TestDatabase(options => options with { Sql = s_extensions });
        await using var two = new TestDatabase(options => options with { Sql = s_extensions });
        const string Sql = "SELECT t_random(), t_random() FROM (VALUES (1), (2))";
        var drawn = await one.ApplyAsync(Sql, Sql);
        Assert.Equal(drawn, await two.ApplyAsync(Sql, Sql));
        var read = await one.QueryAsync(Sql);
        var numbers = string.Join(';', [.. drawn, read]).Split('|', ';');
        Assert.Equal(12, numbers.Distinct().Count());
        Assert.NotEqual(read, await one.QueryAsync(Sql));
    }

    [Fact]
    public async Task An_error_has_its_state_detail_and_hint_wherever_it_is_seen()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        await db.ApplyAsync("CREATE TABLE t(x)", "CREATE TRIGGER g AFTER INSERT ON t WHEN new.x = 1 BEGIN SELECT t_detail(); END");
        var errors = new List<StatementError?>();
        using (var lease = await db.Database.RentReaderAsync(default))
        {
            await using var cursor = lease.Run(TestDatabase.Sql("SELECT t_detail()"), BatchOptions.None, null, ownsLease: false, default);
            Assert.False(await cursor.WaitToReadAsync(default));
            errors.Add(cursor.Outcome.Error);
        }

        var command = new ApplyCommand(RequestId.FromKey("k"), new([TestDatabase.Sql("SELECT t_detail()"), TestDatabase.Sql("INSERT INTO t VALUES (1)")], BatchOptions.None));
        for (var i = 0; i < 2; i++)
        {
            var results = new CommandResult?[1];
            db.Database.Writer.Apply(db.NextStamp(), [command], results);
            Assert.Equal(i == 1, results[0]!.Duplicate);
            errors.AddRange(await ErrorsAsync(results[0]!.Encoded));
        }

        using var rehearsal = db.Database.Writer.BeginRehearsal(5, 1, BatchOptions.None);
        errors.AddRange(await ErrorsAsync(rehearsal.Run(TestDatabase.Sql("INSERT INTO t VALUES (1)"), default)));
        Assert.Equal(6, errors.Count);
        Assert.All(errors, error => Assert.Equal(new StatementError(1, "no", -1) { SqlState = "P0001", Detail = "too little", Hint = "try more" }, error));
    }

    [Fact]
    public async Task An_error_that_a_function_did_not_end_the_statement_with_has_no_state()
    {
        await using var db = new TestDatabase(options => options with { Sql = new TestTables().Extensions });
        Assert.Equal("22012|1", await db.QueryAsync("SELECT t_try('SELECT t_fail(1)'), 1"));
        Assert.Equal("1: integer overflow", await db.QueryAsync("SELECT t_try('SELECT t_fail(1)'), abs(-9223372036854775808)"));
    }

    private static async Task<List<StatementError?>> ErrorsAsync(ReadOnlyMemory<byte> encoded)
    {
        var errors = new List<StatementError?>();
        var results = new EncodedResults(encoded);
        while (await results.NextAsync(default) is { } cursor)
        {
            Assert.False(await cursor.WaitToReadAsync(default));
            errors.Add(cursor.Outcome.Error);
        }

        return errors;
    }

    private static void Kinds(in FunctionCall call)
    {
        var text = new StringBuilder();
        for (var i = 0; i < call.Count; i++)
        {
            var value = call.Value(i);
            text.Append(i == 0 ? "" : " ").Append(value.Class).Append(value.Class switch
            {
                StorageClass.Integer => $":{value.Integer}",
                StorageClass.Real => string.Create(CultureInfo.InvariantCulture, $":{value.Real}"),
                StorageClass.Text => ":" + Encoding.UTF8.GetString(value.Bytes),
                StorageClass.Blob => ":" + Convert.ToHexString(value.Bytes),
                _ => "",
            });
        }

        call.ReturnText(text.ToString());
    }

    private sealed class Join : SqlAggregateState
    {
        private readonly List<string> _texts = [];

        public override void Step(in FunctionCall call) => _texts.Add(Encoding.UTF8.GetString(call.Bytes(0)));

        public override void Inverse(in FunctionCall call) => _texts.RemoveAt(0);

        public override void Answer(in FunctionCall call) => call.ReturnText(string.Join(',', _texts));
    }
}
