using Rqlite.Pg.Http.Tests.Doubles;

namespace Rqlite.Pg.Http.Tests;

public sealed class DataPlaneTests
{
    [Theory]
    [InlineData("statements.http")]
    [InlineData("values.http")]
    public async Task Requests_are_answered_as_the_script_says(string file)
    {
        await using var database = new LocalDatabase();
        await using var server = await TestServer.StartAsync(database, new ScriptedControl());
        await HttpScript.RunAsync(file, server);
    }
}
