using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Pages of strangers are refused.</summary>
public sealed class StrangersTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [ClientFact("curl")]
    public async Task Curl_is_served_as_ever_and_a_page_of_another_origin_is_not()
    {
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("n1"), Extra = ["-http-allow-origin", "https://ours.example"] };
        using var node = await NodeProcess.Start(options).ReadyAsync();
        var curl = $"curl -s -XPOST localhost:{options.HttpPort}/db/execute";
        Assert.Equal("""{"results":[{}]}""", (await CommandLine.BashAsync($"{curl} -d '[\"CREATE TABLE t (a)\"]'")).Output);
        var foreign = await CommandLine.BashAsync($"{curl} -H 'Origin: http://evil.example' -d '[\"DROP TABLE t\"]'");
        Assert.Contains("-http-allow-origin", foreign.Output, StringComparison.Ordinal);
        Assert.Equal("""{"results":[{}]}""", (await CommandLine.BashAsync($"{curl} -H 'Origin: https://ours.example' -d '[\"DROP TABLE t\"]'")).Output);
    }

    public void Dispose() => _folder.Dispose();
}
