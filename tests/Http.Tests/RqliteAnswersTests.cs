using Rqlite.Pg.Http.Tests.Doubles;
using Rqlite.Pg.Support;

namespace Rqlite.Pg.Http.Tests;

/// <summary>
/// Answers that a real rqlited gave (<c>Data/rqlite/record.py</c>), byte for byte, with its content type; the answers that differ here stand beside
/// rqlite's, with the reason.
/// </summary>
public sealed class RqliteAnswersTests
{
    [Theory]
    [InlineData("execute")]
    [InlineData("query")]
    [InlineData("request")]
    [InlineData("refused")]
    [InlineData("queued")]
    public async Task Requests_are_answered_as_by_rqlite(string area)
    {
        await using var standalone = StandaloneDatabase.Open();
        await using var server = await TestServer.StartAsync(standalone.Database, standalone.Control);
        await HttpScript.RunAsync($"rqlite/{area}.http", server);
    }
}
