using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>
/// Files as crashes and failing disks leave them. A log that opens must hold everything that had been flushed, and nothing else than what
/// was written; otherwise it must be refused.
/// </summary>
public sealed class TornLogTests : IDisposable
{
    private const int SectorBytes = 512;
    private const int ContentBytesMax = 900;

    private readonly string _directory = Directory.CreateTempSubdirectory("torn-").FullName;
    private readonly string _image;

    public TornLogTests() => _image = Path.Combine(_directory, "image");

    private string SegmentPath => Directory.GetFiles(_image, "*.log").Order(StringComparer.Ordinal).Last();

    public void Dispose() => Directory.Delete(_directory, true);

    [Fact]
    public async Task A_file_that_was_cut_at_any_byte_is_refused()
    {
        var (whole, used) = await WriteAsync(4);
        for (var length = 0; length < used + 64; length++)
        {
            await File.WriteAllBytesAsync(SegmentPath, whole.AsMemory(0, length));
            Assert.Throws<LogDamageException>(() => LogFiles.Open(_image, 0));
        }
    }

    [Fact]
    public async Task A_flipped_bit_at_any_byte_is_refused_or_does_not_matter()
    {
        var (whole, used) = await WriteAsync(4);
        var refused = 0;
        for (var at = 0; at < used + 64; at++)
        {
            whole[at] ^= (byte)(1 << (at % 8));
            Overwrite(whole, used);
            refused += await OpenAsync(4, 4) ? 0 : 1;
            whole[at] ^= (byte)(1 << (at % 8));
        }

        Assert.True(refused >= used, $"{refused} of {used} bytes");
    }

    [Fact]
    public async Task The_end_that_was_lost_at_any_byte_leaves_no_entry_that_was_not_written()
    {
        var (whole, used) = await WriteAsync(4);
        for (var from = used - 1; from >= SegmentFormat.HeadBytes; from--)
        {
            whole[from] = 0;
            Overwrite(whole, used);
            await OpenAsync(0, 4);
        }
    }

    [Fact]
    public async Task Whatever_sectors_of_an_interrupted_write_reached_the_disk_all_that_was_flushed_is_there()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 100; round++)
        {
            var flushed = random.Next(1, 6);
            var all = flushed + random.Next(1, 8);
            var (before, from) = await WriteAsync(flushed);
            var (after, to) = await ContinueAsync(flushed, all);
            var torn = before.ToArray();
            for (var sector = from / SectorBytes; sector <= to / SectorBytes; sector++)
            {
                if (random.Next(2) == 0)
                {
                    after.AsSpan(sector * SectorBytes, SectorBytes).CopyTo(torn.AsSpan(sector * SectorBytes));
                }
            }

            await File.WriteAllBytesAsync(SegmentPath, torn);
            Assert.True(await OpenAsync(flushed, all), $"refused, seed {seed}, round {round}");

            // And what was cut off is gone: the next entries take its place.
            await using var files = LogFiles.Open(_image, 0);
            files.Write([Entry(files.Last + 1, 9)], files.Last);
            Assert.Equal(9, files.TermAt(files.Last));
        }
    }

    [Fact]
    public async Task A_damaged_entry_before_one_that_was_written_after_its_flush_is_refused_even_if_it_looks_torn()
    {
        await WriteAsync(3);
        var (whole, _) = await ContinueAsync(3, 6);
        var places = Places();
        var damaged = whole.ToArray();
        damaged.AsSpan((int)places[2].Offset, (int)RecordFormat.Measure(places[2].Length)).Clear();
        await File.WriteAllBytesAsync(SegmentPath, damaged);
        var error = Assert.Throws<LogDamageException>(() => LogFiles.Open(_image, 0));
        Assert.Contains("Entry 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_missing_file_or_a_damaged_older_one_is_refused(int which)
    {
        await using (var model = new LogModel(Directory.CreateDirectory(_image).FullName, 300_000))
        {
            await model.AppendAsync(1, 60, 1);
        }

        var paths = Directory.GetFiles(_image, "*.log").Order(StringComparer.Ordinal).ToList();
        Assert.True(paths.Count >= 3);
        var content = await File.ReadAllBytesAsync(paths[which]);
        File.Delete(paths[which]);
        Assert.Throws<LogDamageException>(() => FollowerChild.Open(_image, new MemoryStorage()));
        content.AsSpan(content.Length / 3, 100_000).Clear();
        await File.WriteAllBytesAsync(paths[which], content);
        Assert.Throws<LogDamageException>(() => FollowerChild.Open(_image, new MemoryStorage()));
    }

    [Fact]
    public async Task An_entry_that_is_damaged_while_the_node_runs_stops_it_when_a_follower_needs_it()
    {
        await WriteAsync(3);
        var storage = new MemoryStorage();
        storage.Apply(3, 1, default, null);
        Exception? failure = null;
        await using var log = DurableLog.Open(
            _image, new BasePoint(0, 0), new LogStateMachine(storage, storage, new Membership.MemberStore(Path.Combine(_image, "members"))),
            (_, error) => failure = error);
        Assert.Equal(3, await log.ReadAsync(new Reader(), 1, 3));
        var place = Places()[1];
        await using (var file = new FileStream(SegmentPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Position = place.Offset + RecordFormat.HeadBytes;
            file.WriteByte((byte)'X');
        }

        await Assert.ThrowsAsync<LogDamageException>(async () => await log.ReadAsync(new Reader(), 1, 3));
        Assert.Equal(2, Assert.IsType<LogDamageException>(failure).Index);
    }

    [Fact]
    public async Task All_files_gone_are_refused()
    {
        await WriteAsync(3);
        File.Delete(SegmentPath);
        Assert.Throws<LogDamageException>(() => FollowerChild.Open(_image, new MemoryStorage()));
    }

    [Fact]
    public async Task A_missing_term_is_refused_and_so_is_one_older_than_the_entries()
    {
        await WriteAsync(3);
        var state = TermFile.PathIn(_image);
        File.Delete(state);
        Assert.Throws<LogDamageException>(() => FollowerChild.Open(_image, new MemoryStorage()));
        TermFile.Open(_image).Dispose();
        var error = Assert.Throws<LogDamageException>(() => FollowerChild.Open(_image, new MemoryStorage()));
        Assert.Contains("knows of none", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terms_that_go_down_are_refused()
    {
        await WriteAsync(1);
        await using (var files = LogFiles.Open(_image, 0))
        {
            files.Write([Entry(2, 5), Entry(3, 4)], 1);
        }

        var error = Assert.Throws<LogDamageException>(() => LogFiles.Open(_image, 0));
        Assert.Contains("go down", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A cut of the tail dies after its note, with any of its zeros on the disk and any of the newer files gone.</summary>
    [Fact]
    public async Task A_cut_of_the_tail_that_was_interrupted_anywhere_is_finished_at_the_start()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 20; round++)
        {
            if (Directory.Exists(_image))
            {
                Directory.Delete(_image, true);
            }

            await using var model = new LogModel(Directory.CreateDirectory(_image).FullName, 150_000);
            await model.AppendAsync(1, 40, 1);
            var at = random.Next(2, 41);
            await model.Log.DisposeAsync();
            using (var state = TermFile.Open(_image))
            {
                state.Write(state.State with { CutFrom = at });
            }

            Interrupt(at, random);
            await using var log = FollowerChild.Open(_image, new MemoryStorage());
            Assert.True(at - 1 == log.LastEntryIndex, $"seed {seed}, round {round}: {log.LastEntryIndex} instead of {at - 1}");
            model.Check();
            await log.DisposeAsync();
            using (var state = TermFile.Open(_image))
            {
                Assert.Equal(0, state.State.CutFrom);
            }
        }
    }

    private static StoredEntry Entry(long index, long term)
        => new(index, term, StoredEntry.CommandFlag, 1, LogModel.Content(index, term, ContentBytesMax), null);

    private void Interrupt(long at, Random random)
    {
        var paths = Directory.GetFiles(_image, "*.log").Order(StringComparer.Ordinal).ToList();
        while (paths.Count > 1 && long.Parse(Path.GetFileNameWithoutExtension(paths[^1])) >= at && random.Next(3) > 0)
        {
            File.Delete(paths[^1]);
            paths.RemoveAt(paths.Count - 1);
        }

        var path = paths.Last(p => long.Parse(Path.GetFileNameWithoutExtension(p)) <= at);
        var content = File.ReadAllBytes(path);
        long start;
        using (var segment = new Released(SegmentReader.Open(path, 0, true)))
        {
            if (segment.Segment.Last < at)
            {
                return;
            }

            start = segment.Segment[at].Offset;
        }

        for (var offset = start; offset < content.Length; offset = (offset / SectorBytes * SectorBytes) + SectorBytes)
        {
            if (random.Next(2) == 0)
            {
                content.AsSpan((int)offset..(int)Math.Min(content.Length, (offset / SectorBytes * SectorBytes) + SectorBytes)).Clear();
            }
        }

        File.WriteAllBytes(path, content);
    }

    /// <summary>A log with so many entries, each flushed before the next; the bytes of its file and how many of them are used.</summary>
    private async Task<(byte[] Bytes, int Used)> WriteAsync(int entries)
    {
        if (Directory.Exists(_image))
        {
            Directory.Delete(_image, true);
        }

        await using (var log = FollowerChild.Open(Directory.CreateDirectory(_image).FullName, new MemoryStorage()))
        {
            await log.UpdateTermAsync(1, true);
        }

        await using (var files = LogFiles.Open(_image, 0))
        {
            for (var index = 1; index <= entries; index++)
            {
                files.Write([Entry(index, 1)], index - 1);
            }
        }

        return Read();
    }

    /// <summary>More entries, in one write.</summary>
    private async Task<(byte[] Bytes, int Used)> ContinueAsync(int flushed, int all)
    {
        await using (var files = LogFiles.Open(_image, 0))
        {
            files.Write([.. Enumerable.Range(flushed + 1, all - flushed).Select(static i => Entry(i, 1))], flushed);
        }

        return Read();
    }

    private void Overwrite(byte[] bytes, int used)
    {
        using var file = File.OpenWrite(SegmentPath);
        file.Write(bytes, 0, used + SectorBytes);
    }

    private (byte[] Bytes, int Used) Read()
    {
        var bytes = File.ReadAllBytes(SegmentPath);
        return (bytes, bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1);
    }

    private RecordPlace[] Places()
    {
        using var segment = new Released(SegmentReader.Open(SegmentPath, 0, true));
        return [.. segment.Segment.Records.Places.Take(segment.Segment.Records.Count)];
    }

    /// <summary>False if the log is refused; else it has between so many and so many entries, and each is what was written.</summary>
    private async Task<bool> OpenAsync(int min, int max)
    {
        LogFiles files;
        try
        {
            files = LogFiles.Open(_image, 0);
        }
        catch (LogDamageException)
        {
            return false;
        }

        await using (files)
        {
            Assert.InRange(files.Last, min, max);
            using var entries = new LogEntryList();
            files.Capture(1, files.Last, entries);
            for (var i = 0; i < entries.Count; i++)
            {
                Assert.Equal((i + 1L, 1L), (entries[i].Index, entries[i].Term));
                Assert.Equal(LogModel.Content(i + 1, 1, ContentBytesMax), entries[i].Content);
            }
        }

        return true;
    }

    /// <summary>Reads as the sender of entries does.</summary>
    private sealed class Reader : ILogEntryConsumer<IRaftLogEntry, int>
    {
        public ValueTask<int> ReadAsync<TEntry, TList>(TList entries, long? snapshotIndex, CancellationToken token)
            where TEntry : notnull, IRaftLogEntry
            where TList : notnull, IReadOnlyList<TEntry>
            => new(entries.Count(static e => e.TryGetMemory(out _)));
    }

    private sealed record Released(LogSegment Segment) : IDisposable
    {
        public void Dispose() => Segment.Release();
    }
}
