namespace Rqlite.Pg.Storage.Tests;

public sealed class CheckpointTests
{
    [Fact]
    public async Task A_checkpoint_answers_with_the_index_applied_before_it_and_syncs_the_WAL_itself()
    {
        using var directory = new TemporaryDirectory();
        using var disk = new SimulatedDisk(directory.Below("disk"));
        Directory.CreateDirectory(disk.Root);
        var synced = new List<string>();
        await using var database = Workload.Open(disk.Root, disk.Files);
        Workload.Apply(database, 1, 30);
        using var reader = await database.RentReaderAsync(default);
        reader.BeginSnapshot();
        await Workload.NumberAsync(reader, "SELECT n FROM total");
        Workload.Apply(database, 31, 40);
        database.Checkpoint();

        // The reader now keeps the checkpoint from copying anything new, and SQLite from syncing anything.
        Workload.Apply(database, 41, 50);
        disk.OnOperation = (_, path) =>
        {
            synced.Add(Path.GetFileName(path));
            return true;
        };
        Assert.Equal(50, database.Checkpoint());
        Assert.Contains("db.sqlite-wal", synced);
    }

    [Fact]
    public async Task A_checkpoint_during_a_copy_does_not_wait_and_leaves_the_main_file_alone()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Workload.Open(directory.Path);
        Workload.Apply(database, 1, 300);
        database.Checkpoint();
        Workload.Apply(database, 301, 400);
        var checkedDuring = false;
        var stream = new CallbackStream(() =>
        {
            if (!checkedDuring)
            {
                checkedDuring = true;
                var before = new FileInfo(directory.Below("g1/db.sqlite")).LastWriteTimeUtc;
                Assert.Equal(400, database.Checkpoint());
                Workload.Apply(database, 401, 410);
                Assert.Equal(410, database.Checkpoint());
                Assert.Equal(before, new FileInfo(directory.Below("g1/db.sqlite")).LastWriteTimeUtc);
            }
        });
        await database.WriteCopyAsync(stream, default);
        Assert.True(checkedDuring);
    }

    [Fact]
    public async Task The_WAL_stays_bounded_under_load_with_short_readers()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Workload.Open(directory.Path);
        Workload.Apply(database, 1, 10);
        using var stop = new CancellationTokenSource();
        var reading = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var lease = await database.RentReaderAsync(default);
                await Workload.NumberAsync(lease, "SELECT n FROM total");
            }
        })).ToArray();
        var (resets, highest, written) = (0, 0L, 0L);
        try
        {
            for (var round = 0; round < 200; round++)
            {
                Workload.Apply(database, database.AppliedIndex + 1, database.AppliedIndex + 20);
                var before = database.WalBytes;
                highest = Math.Max(highest, before);
                database.Checkpoint();
                Workload.Apply(database, database.AppliedIndex + 1, database.AppliedIndex + 1);
                if (database.WalBytes < before)
                {
                    resets++;
                    written += before;
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(reading);
        }

        Assert.True(resets > 2, $"The WAL started over {resets} times only.");
        Assert.True(highest < written / 4, $"The WAL had {highest} of {written} bytes.");
    }

    [Fact]
    public async Task Idle_readers_let_go_so_that_the_WAL_can_start_over()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Workload.Open(directory.Path);
        Workload.Apply(database, 1, 200);
        using (var lease = await database.RentReaderAsync(default))
        {
            await Workload.NumberAsync(lease, "SELECT n FROM total");
        }

        var before = database.WalBytes;
        database.Checkpoint();
        Workload.Apply(database, 201, 201);
        Assert.True(database.WalBytes < before / 4, $"{before} bytes before, {database.WalBytes} after.");
    }

    [Fact]
    public async Task A_reader_held_for_long_stops_the_reset_but_neither_durability_nor_its_own_snapshot()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Workload.Open(directory.Path);
        Workload.Apply(database, 1, 100);
        using var reader = await database.RentReaderAsync(default);
        reader.BeginSnapshot();
        Assert.Equal(100, await Workload.NumberAsync(reader, "SELECT n FROM total"));
        for (var round = 0; round < 20; round++)
        {
            Workload.Apply(database, database.AppliedIndex + 1, database.AppliedIndex + 20);
            Assert.Equal(database.AppliedIndex, database.Checkpoint());
        }

        Assert.Equal(100, await Workload.NumberAsync(reader, "SELECT n FROM total"));
        Assert.True(database.WalBytes > 4 * (256 << 10));
        reader.Dispose();

        database.Checkpoint();
        Workload.Apply(database, database.AppliedIndex + 1, database.AppliedIndex + 1);
        Assert.True(database.WalBytes < 256 << 10, $"{database.WalBytes} bytes remain.");
        Assert.Equal(database.AppliedIndex, await Workload.CheckAsync(database));
    }

    [Fact]
    public async Task The_oldest_reader_is_ended_with_a_clear_error_when_the_WAL_passes_its_hard_limit()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Workload.Open(directory.Path, options: o => o with { WalHardLimitBytes = 512 << 10 });
        Workload.Apply(database, 1, 100);
        using var reader = await database.RentReaderAsync(default);
        reader.BeginSnapshot();
        Assert.Equal(100, await Workload.NumberAsync(reader, "SELECT n FROM total"));
        for (var round = 0; round < 20; round++)
        {
            Workload.Apply(database, database.AppliedIndex + 1, database.AppliedIndex + 20);
            database.Checkpoint();
        }

        // It has let go although its owner did nothing, and its owner hears of it, however often it asks.
        Assert.True(database.WalBytes < 1 << 20, $"{database.WalBytes} bytes remain.");
        for (var i = 0; i < 2; i++)
        {
            await using var rows = reader.Run(Workload.Sql("SELECT n FROM total"), BatchOptions.None, null, ownsLease: false, default);
            Assert.False(await rows.WaitToReadAsync(default) && rows.TryRead());
            Assert.Contains("write-ahead log", rows.Outcome.Error!.Message, StringComparison.Ordinal);
        }

        reader.Dispose();
        Assert.Equal(database.AppliedIndex, await Workload.CheckAsync(database));
    }

    [Fact]
    public async Task A_statement_in_the_middle_of_its_rows_is_ended_when_the_WAL_passes_its_hard_limit()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Workload.Open(directory.Path, options: o => o with { WalHardLimitBytes = 512 << 10 });
        Workload.Apply(database, 1, 100);
        using var reader = await database.RentReaderAsync(default);
        await using (var rows = reader.Run(
            Workload.Sql("SELECT a.v FROM latest a, latest b"), BatchOptions.None, null, ownsLease: false, default))
        {
            Assert.True(await rows.WaitToReadAsync(default) && rows.TryRead());
            for (var round = 0; round < 20; round++)
            {
                Workload.Apply(database, database.AppliedIndex + 1, database.AppliedIndex + 20);
                database.Checkpoint();
            }

            while (await rows.WaitToReadAsync(default))
            {
                while (rows.TryRead())
                {
                }
            }

            Assert.Contains("write-ahead log", rows.Outcome.Error!.Message, StringComparison.Ordinal);
        }

        // The reader was taken away without anybody looking; another one has a new snapshot.
        await using (var rows = reader.Run(Workload.Sql("SELECT 1"), BatchOptions.None, null, ownsLease: false, default))
        {
            Assert.False(await rows.WaitToReadAsync(default));
            Assert.Equal("72000", rows.Outcome.Error!.SqlState);
        }

        Assert.Equal(database.AppliedIndex, await Workload.CheckAsync(database));
    }

    private sealed class CallbackStream(Action onWrite) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            onWrite();
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
