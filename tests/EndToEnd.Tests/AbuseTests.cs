using Rqlite.Pg.Harness;
using Xunit.Abstractions;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>The bounded part of the program that misuses three nodes while others work with them.</summary>
public sealed class AbuseTests(ITestOutputHelper output)
{
    [Fact]
    public async Task What_clients_and_strangers_send_ends_no_node_loses_no_write_and_leaves_others_at_work()
    {
        var result = await CommandLine.RunAsync(Binaries.Abuse("--short", "--limit", "1000"), bound: TimeSpan.FromMinutes(20));
        output.WriteLine(result.Output);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [LongFact]
    public async Task Every_case_by_every_door_ends_no_node_loses_no_write_and_leaves_others_at_work()
    {
        var result = await CommandLine.RunAsync(Binaries.Abuse("--limit", "1000"), bound: TimeSpan.FromHours(2));
        output.WriteLine(result.Output);
        Assert.True(result.ExitCode == 0, result.ToString());
    }
}
