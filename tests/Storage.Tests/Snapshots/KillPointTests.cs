using System.Diagnostics;
using System.Globalization;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>A real process is killed between two file operations; what it had promised must be there when its directory is opened again.</summary>
public sealed class KillPointTests
{
    public static TheoryData<string> Points() => [.. Enum.GetNames<StorageStep>()];

    [Theory]
    [MemberData(nameof(Points))]
    public async Task What_was_promised_before_a_kill_is_there_after_it(string step)
    {
        using var directory = new TemporaryDirectory();
        var promised = await RunUntilKilledAsync(directory.Path, step, 1);
        await CheckAsync(directory.Path, promised);

        // Once more, later, on what the first death left behind. A generation is created but once.
        promised = await RunUntilKilledAsync(directory.Path, step, step == nameof(StorageStep.GenerationCreated) ? 1 : 2);
        await CheckAsync(directory.Path, promised);
    }

    private static async Task CheckAsync(string directory, Dictionary<string, long> promised)
    {
        foreach (var (who, index) in promised)
        {
            await using var database = Workload.Open(Path.Combine(directory, who));
            var found = await Workload.CheckAsync(database);
            Assert.Equal(database.AppliedIndex, found);
            Assert.True(found >= index, $"{who} promised {index} but has {found}.");
            Assert.True(database.CopyBase.Index <= found);
            Assert.Single(Directory.GetDirectories(Path.Combine(directory, who)));
        }
    }

    private static async Task<Dictionary<string, long>> RunUntilKilledAsync(string directory, string step, int occurrence)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(KillPointTests).Assembly.Location);
        start.ArgumentList.Add(directory);
        start.Environment[CrashChild.StepVariable] = step;
        start.Environment[CrashChild.OccurrenceVariable] = occurrence.ToString(CultureInfo.InvariantCulture);
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync();
        var promised = new Dictionary<string, long>();
        while (await child.StandardOutput.ReadLineAsync() is { } line)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0 && long.TryParse(line.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                promised[line[..space]] = index;
            }
        }

        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 128 + 9, $"{step}: exit code {child.ExitCode}. {await errors}");
        return promised;
    }
}
