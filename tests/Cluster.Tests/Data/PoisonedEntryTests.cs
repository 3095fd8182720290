using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Entries of older logs that no node can apply, and the operator's way past them.</summary>
public class PoisonedEntryTests
{
    // SQLite answers FULL and takes the whole transaction along, so that nothing shows any more that no disk was full.
    private static readonly byte[] s_poison = Entry(
        "CREATE TABLE s(id INTEGER PRIMARY KEY AUTOINCREMENT)", "INSERT INTO s DEFAULT VALUES",
        "UPDATE sqlite_sequence SET seq=9223372036854775807", "INSERT INTO s DEFAULT VALUES");

    [Fact]
    public async Task A_node_that_has_ended_three_times_at_an_entry_names_it_and_the_way_past_it()
    {
        using var folder = new TemporaryFolder();
        for (var crash = 1; crash <= 3; crash++)
        {
            using var mark = new CrashMark(folder.Path);
            Assert.Equal(crash - 1, mark.Crashes);
            await using var started = new Started(folder);
            Assert.Throws<StorageException>(() => new EntryApplier(started.Storage, mark).Apply(1, 1, s_poison, null));
        }

        using (var mark = new CrashMark(folder.Path))
        {
            await using var started = new Started(folder);
            var error = Assert.Throws<ClusterException>(() => new EntryApplier(started.Storage, mark).Apply(1, 1, s_poison, null));
            Assert.Contains("3 times while it applied entry 1 (CREATE TABLE s", error.Message, StringComparison.Ordinal);
            Assert.Contains($"-skip-entry {SkippedEntry.Of(1, s_poison)}", error.Message, StringComparison.Ordinal);
        }

        using (var mark = new CrashMark(folder.Path))
        {
            await using var started = new Started(folder);
            var applier = new EntryApplier(started.Storage, mark, [SkippedEntry.Of(1, s_poison)]);
            applier.Apply(1, 1, s_poison, null);
            applier.Apply(2, 1, Entry("CREATE TABLE t(a)"), null);
            Assert.Equal((2, 0), (started.Storage.AppliedIndex, mark.Crashes));
        }
    }

    [Fact]
    public async Task Nodes_that_skip_an_entry_agree_and_remember_it()
    {
        using var one = new TemporaryFolder();
        using var two = new TemporaryFolder();
        await using var first = new Started(one);
        await using var second = new Started(two);
        foreach (var node in new[] { first, second })
        {
            var applier = new EntryApplier(node.Storage, null, [SkippedEntry.Of(2, s_poison)]);
            applier.Apply(1, 1, Entry("CREATE TABLE t(a)"), null);
            applier.Apply(2, 1, s_poison, null);
            applier.Apply(3, 1, Entry("INSERT INTO t VALUES(1)"), null);
        }

        Assert.True(first.Storage.TryGetDigest(3, out var digest) && second.Storage.TryGetDigest(3, out var other) && digest == other);
        Assert.Equal(await first.Storage.ContentHashAsync(default), await second.Storage.ContentHashAsync(default));
        Assert.Equal(0, await first.CountAsync("SELECT count(*) FROM sqlite_schema WHERE name='s'"));
    }

    [Fact]
    public async Task Another_entry_than_the_named_one_is_not_skipped()
    {
        using var folder = new TemporaryFolder();
        await using var started = new Started(folder);
        var applier = new EntryApplier(started.Storage, null, [SkippedEntry.Of(1, s_poison)]);
        var error = Assert.Throws<ClusterException>(() => applier.Apply(1, 1, Entry("CREATE TABLE t(a)"), null));
        Assert.Contains("names another entry", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, started.Storage.AppliedIndex);
    }

    [Fact]
    public async Task A_node_that_skipped_differs_from_one_that_did_not()
    {
        using var one = new TemporaryFolder();
        using var two = new TemporaryFolder();
        await using var first = new Started(one);
        await using var second = new Started(two);
        var entry = Entry("CREATE TABLE t(a)");
        new EntryApplier(first.Storage, null, [SkippedEntry.Of(1, entry)]).Apply(1, 1, entry, null);
        new EntryApplier(second.Storage).Apply(1, 1, entry, null);
        Assert.True(first.Storage.TryGetDigest(1, out var digest) && second.Storage.TryGetDigest(1, out var other) && digest != other);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("7:")]
    [InlineData("-7:00")]
    [InlineData("0:00")]
    [InlineData("7:xyz")]
    public void What_names_no_entry_is_refused(string text) => Assert.False(SkippedEntry.TryParse(text, out _));

    [Fact]
    public async Task An_apply_is_undone_when_the_node_stops_and_runs_again_at_the_next_start()
    {
        using var folder = new TemporaryFolder();
        var entry = Entry("CREATE TABLE t(a)", "INSERT INTO t WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c LIMIT 3000000) SELECT n FROM c");
        using (var mark = new CrashMark(folder.Path))
        {
            await using var started = new Started(folder);
            var applying = Task.Run(() => Assert.Throws<ApplyStoppedException>(() => new EntryApplier(started.Storage, mark).Apply(1, 1, entry, null)));
            started.Storage.Writer.Stop();
            await applying;
            Assert.Equal((0, 0), (started.Storage.AppliedIndex, mark.CrashedIndex));
        }

        using (var mark = new CrashMark(folder.Path))
        {
            await using var started = new Started(folder);
            Assert.Equal(0, mark.Crashes);
            new EntryApplier(started.Storage, mark).Apply(1, 1, entry, null);
            Assert.Equal(3_000_000, await started.CountAsync("SELECT count(*) FROM t"));
        }
    }

    private static byte[] Entry(params string[] sql)
    {
        var output = new ArrayBufferWriter<byte>();
        LogCommandEncoding.WriteHead(output, 1, 1, 1, 1);
        LogCommandEncoding.WriteCommand(output, new(default, Sql.Batch(sql)));
        return output.WrittenSpan.ToArray();
    }

    private sealed class Started(TemporaryFolder folder) : IAsyncDisposable
    {
        public Rqlite.Pg.Storage.Database Storage { get; } = folder.Open();

        public async Task<long> CountAsync(string sql)
        {
            var lease = await Storage.RentReaderAsync(default);
            await using var cursor = lease.Run(Sql.Statement(sql), BatchOptions.None, null, ownsLease: true, default);
            return await cursor.WaitToReadAsync(default) && cursor.TryRead() ? cursor[0].Integer : -1;
        }

        public ValueTask DisposeAsync() => Storage.DisposeAsync();
    }
}
