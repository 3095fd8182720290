namespace Rqlite.Pg.Storage.Tests;

public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Writer_readers_checkpoints_and_installs_together_show_no_stale_and_no_torn_state()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Workload.Open(directory.Path);
        Workload.Apply(database, 1, 50);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() => ReadAsync(database, stop.Token))).ToArray();
        var checkpoints = Task.Run(() =>
        {
            var last = 0L;
            while (!stop.IsCancellationRequested)
            {
                var applied = database.AppliedIndex;
                var durable = database.Checkpoint();
                Assert.True(durable >= applied && durable >= last);
                last = durable;
            }
        });
        try
        {
            for (var round = 0; round < 6; round++)
            {
                Workload.Apply(database, database.AppliedIndex + 1, database.AppliedIndex + 150);

                // An own copy, installed by the applier's thread as a received one is.
                await CopyTests.InstallOwnCopyAsync(database);
                Assert.Equal(database.AppliedIndex, database.CopyBase.Index);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll([.. readers, checkpoints]);
        }

        Assert.True(readers.Sum(reader => reader.Result) > 10);
        Assert.Equal(950, await Workload.CheckAsync(database));
        database.Checkpoint();
        Assert.Single(Directory.GetDirectories(directory.Path));
    }

    [Fact]
    public async Task A_rented_reader_keeps_the_old_database_over_an_install_and_its_files_go_when_it_is_returned()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Workload.Open(directory.Path);
        Workload.Apply(database, 1, 50);
        var stream = await CopyTests.CopyAsync(database);
        Workload.Apply(database, 51, 60);
        using (var old = await database.RentReaderAsync(default))
        {
            old.BeginSnapshot();
            await using (var copy = await database.ReceiveCopyAsync(stream, default))
            {
                database.Install(copy);
            }

            database.Checkpoint();
            Assert.Equal(60, await Workload.NumberAsync(old, "SELECT n FROM total"));
            Assert.Equal(50, await Workload.CheckAsync(database));
            Assert.Equal(2, Directory.GetDirectories(directory.Path).Length);
        }

        database.Checkpoint();
        Assert.Equal(["g2"], Directory.GetDirectories(directory.Path).Select(Path.GetFileName));
    }

    private static async Task<int> ReadAsync(Database database, CancellationToken stop)
    {
        var rounds = 0;
        var last = 0L;
        while (!stop.IsCancellationRequested)
        {
            var before = database.AppliedIndex;
            var seen = await Workload.CheckAsync(database);
            Assert.True(seen >= before, $"{before} was applied, {seen} was read.");
            Assert.True(seen >= last, $"{last} was read, then {seen}.");
            last = seen;
            rounds++;
        }

        return rounds;
    }
}
