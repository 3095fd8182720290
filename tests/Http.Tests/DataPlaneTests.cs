using Rqlite.Pg.Http.Tests.Doubles;
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
}
