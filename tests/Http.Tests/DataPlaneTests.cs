using Rqlite.Pg.Http.Tests.Doubles;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Support;

namespace Rqlite.Pg.Http.Tests;

public sealed class DataPlaneTests
{
    [Theory]
    [InlineData("statements.http")]
    [InlineData("values.http")]
    [InlineData("idempotency.http")]
    public async Task Requests_are_answered_as_the_script_says(string file)
    {
        await using var standalone = StandaloneDatabase.Open();
        await using var server = await TestServer.StartAsync(standalone.Database, new ScriptedControl());
        await HttpScript.RunAsync(file, server);
    }

    [Fact]
    public async Task A_follower_cut_off_from_its_leader_answers_as_the_script_says()
    {
        await using var standalone = StandaloneDatabase.Open();
        await using var server = await TestServer.StartAsync(standalone.Database, standalone.Control);
        await server.PostJsonAsync("/db/execute", """["CREATE TABLE t(a)", "INSERT INTO t VALUES(1)"]""");
        standalone.Control.SinceLeaderContact = TimeSpan.FromSeconds(5);
        standalone.Control.Follow(ScriptedControl.N3);
        await HttpScript.RunAsync("follower.http", server);
        standalone.Control.Follow(null);
        await HttpScript.RunAsync("leaderless.http", server);
    }

    [Fact]
    public async Task A_transaction_that_cannot_be_committed_is_the_error_of_its_request()
    {
        await using var standalone = StandaloneDatabase.Open();
        await using var server = await TestServer.StartAsync(standalone.Database, new ScriptedControl(), new HttpOptions { ForeignKeys = true });
        await HttpScript.RunAsync("foreignkeys.http", server);
    }

    [Fact]
    public async Task A_request_that_the_node_has_no_memory_for_is_503_and_the_next_one_is_not()
    {
        await using var standalone = StandaloneDatabase.Open();
        var memory = new MemoryBudget(1 << 20);
        await using var server = await TestServer.StartAsync(standalone.Database, standalone.Control, new HttpOptions { Memory = memory });
        var large = new string('x', 1 << 19);
        foreach (var (type, body) in new[] { ("application/json", $"[\"SELECT '{large}'\"]"), ("text/plain", $"SELECT '{large}'") })
        {
            var (status, answer, _) = await server.SendAsync("POST", "/db/query", new StringContent(body, System.Text.Encoding.UTF8, type));
            Assert.Equal(503, status);
            Assert.StartsWith("out of memory", answer, StringComparison.Ordinal);
        }

        Assert.Equal(200, (await server.PostJsonAsync("/db/query", "[\"SELECT 1\"]")).Status);

        // What a request holds it gives back when its answer is through.
        while (memory.Used > 0)
        {
            await Task.Delay(10);
        }

        var many = $"[{string.Join(",", Enumerable.Repeat("\"x\"", 10_000))}]";
        Assert.Equal(503, (await server.PostJsonAsync("/db/execute", many)).Status);
    }
}
