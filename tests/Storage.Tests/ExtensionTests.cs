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
    public async Task A_function_sees_the_entry_s_time()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        Assert.Equal([(db.Time * 1000).ToString(CultureInfo.InvariantCulture)], await db.ApplyAsync("SELECT t_now()"));
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
