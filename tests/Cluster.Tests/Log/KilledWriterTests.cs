using System.Diagnostics;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>A process that appends, replaces tails and says what is on disk is killed at moments that nobody has chosen.</summary>
public sealed class KilledWriterTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("log-kill-").FullName;

    public void Dispose() => Directory.Delete(_directory, true);

    [Fact]
    public async Task Nothing_that_was_said_to_be_on_disk_is_lost_and_nothing_else_appears()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var promises = new WriterPromises();
        for (var life = 0; life < 6; life++)
        {
            await RunAsync(promises, TimeSpan.FromMilliseconds(random.Next(0, 400)));
            await using var log = FollowerChild.Open(_directory, new MemoryStorage());
            promises.Check(log, $"seed {seed}, life {life}");
        }

        Assert.True(promises.Last > 0, "nothing was promised");
    }

    private async Task RunAsync(WriterPromises promises, TimeSpan alive)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(KilledWriterTests).Assembly.Location);
        start.ArgumentList.Add("writer");
        start.ArgumentList.Add(_directory);
        using var child = Process.Start(start)!;
        var said = 0;
        while (await child.StandardOutput.ReadLineAsync() is { } line)
        {
            promises.Take(line);
            if (++said == 10)
            {
                // It is at work now; the moment is a random one from here on.
                _ = Task.Delay(alive).ContinueWith(_ => child.Kill(), TaskScheduler.Default);
            }
        }

        await child.WaitForExitAsync();
        Assert.Equal(128 + 9, child.ExitCode);
    }
}
