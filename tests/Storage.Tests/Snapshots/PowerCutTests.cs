using System.Globalization;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>A power cut at each sync of a run: what was called durable before must be there after, and the content must fit its index.</summary>
public sealed class PowerCutTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_cut_at_any_sync_keeps_what_was_durable(int seed)
    {
        using var directory = new TemporaryDirectory();
        var cuts = new List<(string Path, long Durable)>();
        await RunAsync(directory, seed, idleReader: false, ignoreWalSyncs: false, cuts);
        Assert.True(cuts.Count > 50, $"Only {cuts.Count} cuts.");
        foreach (var (path, durable) in cuts)
        {
            var found = await Workload.CheckClosedAsync(path);
            Assert.True(found >= durable, $"Seed {seed}, {path}: {durable} was durable, {found} was found.");
        }
    }

    [Fact]
    public async Task With_an_idle_reader_the_index_is_durable_because_of_our_own_sync()
    {
        using var directory = new TemporaryDirectory();
        var cuts = new List<(string Path, long Durable)>();
        await RunAsync(directory, seed: 4, idleReader: true, ignoreWalSyncs: false, cuts);
        // How far a run comes is random, also with its seed: each cut draws numbers for the pages that are unsynced just then.
        Assert.True(cuts[^1].Durable > 100);
        foreach (var (path, durable) in cuts)
        {
            Assert.True(await Workload.CheckClosedAsync(path) >= durable);
        }
    }

    /// <summary>The negative control: this simulation sees the loss when our sync of the WAL is left out.</summary>
    [Fact]
    public async Task Without_our_own_sync_an_idle_reader_makes_a_cut_lose_what_was_called_durable()
    {
        using var directory = new TemporaryDirectory();
        var cuts = new List<(string Path, long Durable)>();
        await RunAsync(directory, seed: 5, idleReader: true, ignoreWalSyncs: true, cuts);
        var lost = 0;
        foreach (var (path, durable) in cuts)
        {
            lost += await Workload.CheckClosedAsync(path) < durable ? 1 : 0;
        }

        Assert.True(lost > 0);
    }

    private static async Task RunAsync(
        TemporaryDirectory directory, int seed, bool idleReader, bool ignoreWalSyncs, List<(string Path, long Durable)> cuts)
    {
        var random = new Random(seed);
        var durable = 0L;
        var armed = false;
        using var disk = new SimulatedDisk(directory.Below("disk")) { IgnoreWalSyncs = ignoreWalSyncs };

        void Cut()
        {
            if (armed)
            {
                var path = directory.Below(string.Create(CultureInfo.InvariantCulture, $"cut{cuts.Count}"));
                disk.CutTo(path, random);
                cuts.Add((path, Volatile.Read(ref durable)));
            }
        }

        disk.OnOperation = (_, _) =>
        {
            Cut();
            return true;
        };
        Directory.CreateDirectory(disk.Root);
        await using var database = Workload.Open(disk.Root, disk.Files);
        Workload.Apply(database, 1, 10);
        Volatile.Write(ref durable, database.Checkpoint());
        armed = true;

        using var reader = idleReader ? await database.RentReaderAsync(default) : null;
        reader?.BeginSnapshot();
        if (reader is not null)
        {
            await Workload.NumberAsync(reader, "SELECT n FROM total");
        }

        for (var round = 0; round < 12; round++)
        {
            Workload.Apply(database, database.AppliedIndex + 1, database.AppliedIndex + random.Next(1, 60));
            var answer = database.Checkpoint();
            Assert.Equal(database.AppliedIndex, answer);
            Volatile.Write(ref durable, answer);
            Workload.Apply(database, database.AppliedIndex + 1, database.AppliedIndex + random.Next(1, 10));
            Cut();
            if (round % 4 == 3)
            {
                await CopyTests.InstallOwnCopyAsync(database);
                Volatile.Write(ref durable, database.AppliedIndex);
                Cut();
            }
        }
    }
}
