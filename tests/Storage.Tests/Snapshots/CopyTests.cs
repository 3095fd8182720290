using System.Buffers.Binary;

namespace Rqlite.Pg.Storage.Tests;

public sealed class CopyTests
{
    [Fact]
    public async Task A_copy_holds_the_content_of_the_index_it_names_and_brings_its_base()
    {
        using var directory = new TemporaryDirectory();
        await using var source = Workload.Open(directory.Below("source"));
        Workload.Apply(source, 1, 300);
        source.Checkpoint();
        Workload.Apply(source, 301, 350);

        await using var replica = Workload.Open(directory.Below("replica"));
        var stream = await CopyAsync(source);
        await using var copy = await replica.ReceiveCopyAsync(stream, default);
        Assert.Equal((350L, Workload.Term), (copy.Index, copy.Term));
        Assert.Equal(0, replica.AppliedIndex);

        replica.Install(copy);
        Assert.Equal(350, replica.AppliedIndex);
        Assert.Equal(Workload.Term, replica.AppliedTerm);
        Assert.Equal((350L, Workload.Term), replica.CopyBase);
        Assert.Equal(350, await Workload.CheckAsync(replica));

        Workload.Apply(replica, 351, 400);
        Assert.Equal(400, await Workload.CheckAsync(replica));
        replica.Checkpoint();
        Assert.Equal(["g2"], Directory.GetDirectories(directory.Below("replica")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task The_base_of_a_copy_is_still_known_after_a_restart()
    {
        using var directory = new TemporaryDirectory();
        await using (var source = Workload.Open(directory.Below("source")))
        await using (var replica = Workload.Open(directory.Below("replica")))
        {
            Workload.Apply(source, 1, 50);
            await using var copy = await replica.ReceiveCopyAsync(await CopyAsync(source), default);
            replica.Install(copy);
            Workload.Apply(replica, 51, 60);
        }

        await using var reopened = Workload.Open(directory.Below("replica"));
        Assert.Equal((50L, Workload.Term), reopened.CopyBase);
        Assert.Equal(60, reopened.AppliedIndex);
    }

    [Fact]
    public async Task A_copy_that_is_not_installed_leaves_nothing_behind()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Workload.Open(directory.Path);
        Workload.Apply(database, 1, 20);
        await using (await database.ReceiveCopyAsync(await CopyAsync(database), default))
        {
            Assert.Equal(2, Directory.GetDirectories(directory.Path).Length);
        }

        Assert.Single(Directory.GetDirectories(directory.Path));
        Assert.Equal(20, await Workload.CheckAsync(database));
    }

    [Fact]
    public async Task A_damaged_or_short_stream_is_refused_and_its_folder_removed()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Workload.Open(directory.Path);
        Workload.Apply(database, 1, 40);
        var good = (await CopyAsync(database)).ToArray();
        var random = new Random(7);
        for (var attempt = 0; attempt < 60; attempt++)
        {
            var bad = good.ToArray();
            if (attempt % 2 == 0)
            {
                bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            }
            else
            {
                bad = bad[..random.Next(bad.Length)];
            }

            await Assert.ThrowsAsync<StorageException>(async () => await database.ReceiveCopyAsync(new MemoryStream(bad), default));
            Assert.Single(Directory.GetDirectories(directory.Path));
        }
    }

    [Fact]
    public async Task A_stream_of_another_kind_or_format_is_refused_by_name()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Workload.Open(directory.Path);
        Workload.Apply(database, 1, 5);
        var other = await Assert.ThrowsAsync<StorageException>(
            async () => await database.ReceiveCopyAsync(new MemoryStream("SQLite format 3\0 and then some"u8.ToArray()), default));
        Assert.Contains("not a copy", other.Message, StringComparison.Ordinal);

        var newer = (await CopyAsync(database)).ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(newer.AsSpan(8), 2);
        var failure = await Assert.ThrowsAsync<StorageException>(
            async () => await database.ReceiveCopyAsync(new MemoryStream(newer), default));
        Assert.Contains("format 2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_WAL_that_starts_over_while_it_is_sent_is_sent_again()
    {
        using var directory = new TemporaryDirectory();
        await using var source = Workload.Open(directory.Below("source"), options: o => o with { WalLimitBytes = 64 << 10 });
        Workload.Apply(source, 1, 200);

        // Everything is in the main file now, so the next entry starts the WAL over.
        source.Checkpoint();
        var stream = new InterferingStream(whenWalIsHalf: () => Workload.Apply(source, 201, 210));
        await source.WriteCopyAsync(stream, default);
        Assert.True(stream.Interfered);
        Assert.Equal(2, stream.WalParts);

        stream.Position = 0;
        await using var replica = Workload.Open(directory.Below("replica"));
        await using var copy = await replica.ReceiveCopyAsync(stream, default);
        replica.Install(copy);
        Assert.Equal(210, await Workload.CheckAsync(replica));
    }

    [Fact]
    public async Task Copies_under_load_hold_exactly_the_content_of_their_index()
    {
        using var directory = new TemporaryDirectory();
        await using var source = Workload.Open(directory.Below("source"));
        await using var replica = Workload.Open(directory.Below("replica"));
        Workload.Apply(source, 1, 100);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Workload.Apply(source, source.AppliedIndex + 1, source.AppliedIndex + 1);
            }
        });
        var checkpointing = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                source.Checkpoint();
            }
        });
        try
        {
            for (var round = 0; round < 15; round++)
            {
                var before = source.AppliedIndex;
                using var stream = new MemoryStream();
                var (index, _) = await source.WriteCopyAsync(stream, default);
                stream.Position = 0;
                await using var copy = await replica.ReceiveCopyAsync(stream, default);
                Assert.True(index >= before);
                Assert.True(copy.Index >= index, $"Promised {index}, found {copy.Index}.");
                replica.Install(copy);
                Assert.Equal(copy.Index, await Workload.CheckAsync(replica));
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(writing, checkpointing);
        }

        Assert.Equal(source.AppliedIndex, await Workload.CheckAsync(source));
    }

    [Fact]
    public async Task A_cancelled_transfer_frees_the_gate_and_removes_the_folder()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Workload.Open(directory.Path);
        Workload.Apply(database, 1, 20);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await database.WriteCopyAsync(new MemoryStream(), cancelled.Token));
        var copy = await CopyAsync(database);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await database.ReceiveCopyAsync(copy, cancelled.Token));
        Assert.Single(Directory.GetDirectories(directory.Path));
    }

    internal static async Task<MemoryStream> CopyAsync(Database database)
    {
        var stream = new MemoryStream();
        await database.WriteCopyAsync(stream, default);
        stream.Position = 0;
        return stream;
    }

    internal static async Task InstallOwnCopyAsync(Database database)
    {
        await using var copy = await database.ReceiveCopyAsync(await CopyAsync(database), default);
        database.Install(copy);
    }

    /// <summary>Applies entries between the head of the first WAL part and its bytes.</summary>
    private sealed class InterferingStream(Action whenWalIsHalf) : MemoryStream
    {
        public bool Interfered { get; private set; }

        public int WalParts { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Length == CopyFormat.WalHeadLength && buffer.Span[0] == CopyFormat.WalPart)
            {
                WalParts++;
                if (!Interfered)
                {
                    Interfered = true;
                    whenWalIsHalf();
                }
            }

            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
