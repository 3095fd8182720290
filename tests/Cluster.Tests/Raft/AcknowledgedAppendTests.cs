using System.Diagnostics;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>
/// A follower is killed the moment it has acknowledged an append. The second test is the control of the first: with the flush taken out
/// it must lose, or the first would prove nothing.
/// </summary>
public sealed class AcknowledgedAppendTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("raft-kill-").FullName;

    [Fact]
    public async Task A_follower_killed_right_after_its_acknowledgement_has_every_entry()
    {
        for (var round = 0; round < 3; round++)
        {
            var storage = new MemoryStorage();
            await using var log = await KillAndOpenAsync(Path.Combine(_directory, $"{round}"), storage, "0");
            Assert.Equal(FollowerChild.Entries, log.LastEntryIndex);
            await log.CommitAsync(FollowerChild.Entries);
            await log.WaitForApplyAsync(FollowerChild.Entries);
            Assert.Equal(Enumerable.Range(1, FollowerChild.Entries).Select(FollowerChild.Text), storage.Texts);
        }
    }

    [Fact]
    public async Task Without_the_flush_the_same_kill_loses_what_was_acknowledged()
    {
        await using var log = await KillAndOpenAsync(Path.Combine(_directory, "control"), new MemoryStorage(), "1");
        Assert.True(log.LastEntryIndex < FollowerChild.Entries, $"{log.LastEntryIndex} entries were found: the control does not lose.");
    }

    public void Dispose() => Directory.Delete(_directory, true);

    private static async Task<DurableLog> KillAndOpenAsync(string directory, MemoryStorage storage, string noFlush)
    {
        Directory.CreateDirectory(directory);
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(AcknowledgedAppendTests).Assembly.Location);
        start.ArgumentList.Add(directory);
        start.Environment["RQLITED_TEST_NO_LOG_FLUSH"] = noFlush;
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync();
        var said = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.True(said == FollowerChild.Output && child.ExitCode == 128 + 9, $"exit code {child.ExitCode}, \"{said}\": {await errors}");
        var log = FollowerChild.Open(directory, storage);
        await log.InitializeAsync();
        return log;
    }
}
