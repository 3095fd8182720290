namespace Rqlite.Pg.Storage.Tests;

/// <summary>The n-th sync or rename fails, for every n: the failure is told, and what was durable is found again.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task Any_failing_sync_or_rename_is_told_and_loses_nothing_that_was_durable()
    {
        var told = 0;
        for (var n = 1; ; n++)
        {
            using var directory = new TemporaryDirectory();
            var (durable, failed, reached) = await RunAsync(directory.Path, n);
            if (!reached)
            {
                break;
            }

            told += failed ? 1 : 0;
            Assert.True(await Workload.CheckClosedAsync(directory.Below("disk")) >= durable, $"Operation {n}.");
            Assert.Single(Directory.GetDirectories(directory.Below("disk")));
        }

        Assert.True(told > 20, $"Only {told} failures.");
    }

    private static async Task<(long Durable, bool Failed, bool Reached)> RunAsync(string path, int n)
    {
        var reached = false;
        var failed = false;
        var durable = 0L;
        using var disk = new SimulatedDisk(Path.Combine(path, "disk"));
        Directory.CreateDirectory(disk.Root);
        var target = "";
        var creating = false;
        disk.OnOperation = (number, operand) =>
        {
            if (number == n)
            {
                reached = true;
                target = operand;
                creating = !File.Exists(Path.Combine(path, "disk", "CURRENT"));
            }

            return number != n;
        };
        try
        {
            await using var database = Workload.Open(disk.Root, disk.Files);
            for (var round = 0; round < 3; round++)
            {
                Workload.Apply(database, database.AppliedIndex + 1, database.AppliedIndex + 40);
                durable = database.Checkpoint();
            }

            await CopyTests.InstallOwnCopyAsync(database);
            durable = Math.Max(durable, database.AppliedIndex);
            Workload.Apply(database, database.AppliedIndex + 1, database.AppliedIndex + 40);
            durable = database.Checkpoint();
        }
        catch (StorageException)
        {
            failed = true;
        }

        // While an empty file is switched to WAL mode SQLite gets over some failures, and we sync all of it again before it counts.
        Assert.True(failed || !reached || creating, $"Operation {n} on {target} failed and nobody was told.");
        return (durable, failed, reached);
    }
}
