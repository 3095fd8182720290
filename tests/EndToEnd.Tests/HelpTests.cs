using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>What <c>-help</c> shows can be given as it is shown.</summary>
public sealed class HelpTests
{
    [Fact]
    public async Task Durations_are_shown_as_they_are_given()
    {
        var help = await NodeProcess.RunAsync("-help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("[default: 3s]", help.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("00:00", help.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_switch_that_is_on_tells_how_it_is_turned_off()
    {
        var help = await NodeProcess.RunAsync("-help");
        Assert.Contains("-raft-shutdown-stepdown=false", help.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await NodeProcess.RunAsync("-raft-shutdown-stepdown=false", "-version")).ExitCode);
    }
}
