using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>
/// The process that <see cref="KillPointTests"/> kills: a source that applies and checkpoints, and a replica that is brought up by
/// copies. It tells on its output what it has promised, and dies at the named step.
/// </summary>
internal static class CrashChild
{
    public const string StepVariable = "STORAGE_CRASH_STEP";
    public const string OccurrenceVariable = "STORAGE_CRASH_OCCURRENCE";

    public static async Task<int> RunAsync(string directory)
    {
        var step = Enum.Parse<StorageStep>(Environment.GetEnvironmentVariable(StepVariable)!);
        var occurrence = int.Parse(Environment.GetEnvironmentVariable(OccurrenceVariable)!, CultureInfo.InvariantCulture);
        var files = new DyingFiles(step, occurrence);
        await using var source = Workload.Open(Path.Combine(directory, "source"), files);
        await using var replica = Workload.Open(Path.Combine(directory, "replica"), files);
        Say("source", source.AppliedIndex);
        Say("replica", replica.AppliedIndex);
        for (var round = 0; round < 1000; round++)
        {
            await RoundAsync(source, replica);
        }

        return 3;
    }

    private static async Task RoundAsync(Database source, Database replica)
    {
        for (var i = 0; i < 4; i++)
        {
            for (var n = 0; n < 25; n++)
            {
                Workload.Apply(source, source.AppliedIndex + 1, source.AppliedIndex + 1);
                Say("source", source.AppliedIndex);
            }

            source.Checkpoint();
        }

        await Workload.LoadAsync(source);
        Say("source", source.AppliedIndex);
        var pipe = new Pipe();
        var sending = SendAsync(source, pipe.Writer);
        await using (var copy = await replica.ReceiveCopyAsync(pipe.Reader.AsStream(), default))
        {
            await sending;
            replica.Install(copy);
        }

        Say("replica", replica.AppliedIndex);
        for (var n = 0; n < 10; n++)
        {
            Workload.Apply(source, source.AppliedIndex + 1, source.AppliedIndex + 1);
            Workload.Apply(replica, replica.AppliedIndex + 1, replica.AppliedIndex + 1);
            Say("replica", replica.AppliedIndex);
        }

        replica.Checkpoint();
    }

    private static async Task SendAsync(Database source, PipeWriter output)
    {
        await source.WriteCopyAsync(output.AsStream(), default);
        await output.CompleteAsync();
    }

    private static void Say(string who, long index)
    {
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{who} {index}"));
        Console.Out.Flush();
    }

    private sealed class DyingFiles(StorageStep step, int occurrence) : StorageFiles
    {
        private int _left = occurrence;

        public override void Passing(StorageStep passed)
        {
            if (passed == step && Interlocked.Decrement(ref _left) == 0)
            {
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite);
            }
        }
    }
}
