using System.Text.Json;
using Rqlite.Pg.Http.Tests.Doubles;
using Rqlite.Pg.Support;

namespace Rqlite.Pg.Http.Tests;

/// <summary>Requests that nest without end are answered, each by its own error or its result.</summary>
public sealed class DepthTests
{
    private const int Levels = 50_000;

    public static TheoryData<string, string, string> Nests => new()
    {
        { "SELECT (", "1", ")" },
        { "SELECT * FROM (", "SELECT 1", ")" },
        { "SELECT EXISTS(", "SELECT 1", ")" },
        { "WITH a AS (", "SELECT 1", ") SELECT * FROM a" },
        { "SELECT CASE WHEN 1 THEN ", "1", " END" },
        { "SELECT NOT ", "1", "" },
        { "SELECT - ", "1", "" },
        { "SELECT 1 UNION ALL ", "SELECT 1", "" },
        { "SELECT abs(", "1", ")" },
        { "SELECT 1 IN (", "1", ")" },
        { "SELECT CAST(", "1", " AS INT)" },
        { "SELECT 1 + ", "1", "" },
        { "SELECT '' || ", "1", "" },
        { "SELECT 1 AND ", "1", "" },
        { "EXPLAIN ", "SELECT 1", "" },
        { "/*", "SELECT 1", "*/" },
        { "VALUES (", "1", ")" },
        { "SELECT json('[", "1", "]')" },
        { "SELECT 1 FROM (t JOIN ", "t", ")" },
    };

    [Theory]
    [MemberData(nameof(Nests))]
    public async Task A_statement_that_nests_without_end_is_answered(string open, string inner, string close)
    {
        await using var standalone = StandaloneDatabase.Open();
        await using var server = await TestServer.StartAsync(standalone.Database, standalone.Control);
        var verb = open[..(open.IndexOf(' ', StringComparison.Ordinal) + 1)];
        var inOne = verb + string.Concat(Enumerable.Repeat(open[verb.Length..], Levels)) + inner + string.Concat(Enumerable.Repeat(close, Levels));
        foreach (var levels in new[] { 500, Levels })
        {
            var deep = string.Concat(Enumerable.Repeat(open, levels)) + inner + string.Concat(Enumerable.Repeat(close, levels));
            foreach (var target in new[] { "/db/query", "/db/request?transaction" })
            {
                Assert.Equal(200, (await server.PostJsonAsync(target, JsonSerializer.Serialize(new[] { deep }))).Status);
                Assert.Equal(200, (await server.PostJsonAsync(target, JsonSerializer.Serialize(new[] { inOne }))).Status);
            }
        }
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("[[\"SELECT ?\", ", "]]")]
    [InlineData("[{\"a\":", "}]")]
    [InlineData("{\"id\":", "}")]
    public async Task A_body_that_nests_without_end_is_400(string open, string close)
    {
        await using var standalone = StandaloneDatabase.Open();
        await using var server = await TestServer.StartAsync(standalone.Database, standalone.Control);
        var body = string.Concat(Enumerable.Repeat(open, Levels)) + "1" + string.Concat(Enumerable.Repeat(close, Levels));
        Assert.Equal(400, (await server.PostJsonAsync("/db/execute", body)).Status);
        Assert.NotEqual(500, (await server.SendAsync("DELETE", "/remove", new StringContent(body))).Status);
    }

    [Fact]
    public async Task Views_and_triggers_that_use_one_another_without_end_are_answered()
    {
        const int Chain = 3_000;
        await using var standalone = StandaloneDatabase.Open();
        await using var server = await TestServer.StartAsync(standalone.Database, standalone.Control);
        var views = new List<string> { "CREATE TABLE t0(a)", "CREATE VIEW v0 AS SELECT 1 AS a" };
        for (var i = 1; i <= Chain; i++)
        {
            views.Add($"CREATE VIEW v{i} AS SELECT a FROM v{i - 1}");
        }

        Assert.Equal(200, (await server.PostJsonAsync("/db/execute", JsonSerializer.Serialize(views))).Status);
        foreach (var depth in new[] { 100, 1_000, Chain })
        {
            Assert.Equal(200, (await server.PostJsonAsync("/db/query", $"[\"SELECT * FROM v{depth}\"]")).Status);
        }

        var triggers = new List<string>();
        for (var i = 1; i <= 1_200; i++)
        {
            triggers.Add($"CREATE TABLE t{i}(a)");
            triggers.Add($"CREATE TRIGGER r{i} AFTER INSERT ON t{i - 1} BEGIN INSERT INTO t{i} VALUES(new.a); END");
        }

        Assert.Equal(200, (await server.PostJsonAsync("/db/execute", JsonSerializer.Serialize(triggers))).Status);
        Assert.Equal(200, (await server.PostJsonAsync("/db/execute", "[\"INSERT INTO t0 VALUES(1)\"]")).Status);
    }
}
