using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.Extensions.Logging.Abstractions;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>
/// The same random entries through nodes that live differently: one runs on, one is reopened, one has other settings, one is a copy of its
/// files, one is sent the first one's database now and then, and one is a process in another time zone, started later.
/// </summary>
public class DeterminismTests
{
    // RQLITE_DETERMINISM_ENTRIES runs more than CI does, and RQLITE_DETERMINISM_SEED repeats a run.
    private static readonly int s_entries = Number("RQLITE_DETERMINISM_ENTRIES", 10_000);
    private static readonly int s_seed = Number("RQLITE_DETERMINISM_SEED", Environment.TickCount);

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : otherwise;

    [Fact]
    public async Task Nodes_that_live_differently_hold_the_same()
    {
        await using var bed = new Bed();
        var generator = new EntryGenerator(s_seed);
        for (var i = 1; i <= s_entries; i++)
        {
            var (stamp, commands) = generator.Next(i);
            var leader = bed.Nodes[0].Database.Writer;
            var batch = LeaderRun.Rehearse(leader, stamp, commands);
            LeaderRun.Keep(leader, stamp, batch);
            foreach (var node in bed.Nodes.Skip(1))
            {
                await node.PrepareAsync(i, bed.Nodes[0].Database);
                if (node.Database.AppliedIndex < i)
                {
                    // A copy that was just received has the entry already.
                    node.Replay(stamp, batch.Entry!);
                }
            }

            bed.CompareDigests(i, commands);
            if (i % 250 == 0 || i == s_entries)
            {
                await bed.CompareContentAsync(i);
            }
        }

        Assert.True(generator.Kinds > 40, "the generator left kinds of statement out");
        var elsewhere = await RunElsewhereAsync();
        Assert.True(elsewhere == await bed.Nodes[0].TellAsync(s_entries), $"seed {s_seed}: a process in another time zone has {elsewhere}");
    }

    /// <summary>The body of the process that <see cref="Nodes_that_live_differently_hold_the_same"/> starts: prints digest and hash at the end.</summary>
    internal static async Task RunChildAsync(string directory, int entries, int seed)
    {
        var node = new Node(directory, options => options, reopenEvery: 0, copyEvery: 0, receiveEvery: 0, answers: true);
        var generator = new EntryGenerator(seed);
        for (var i = 1; i <= entries; i++)
        {
            var (stamp, commands) = generator.Next(i);
            LeaderRun.Keep(node.Database.Writer, stamp, LeaderRun.Rehearse(node.Database.Writer, stamp, commands));
        }

        Console.Out.WriteLine(await node.TellAsync(entries));
        await node.Database.DisposeAsync();
    }

    private static async Task<string> RunElsewhereAsync()
    {
        using var directory = new TemporaryDirectory();
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        string[] arguments =
        [
            "exec", typeof(DeterminismTests).Assembly.Location, "determinism", directory.Path,
            s_entries.ToString(CultureInfo.InvariantCulture), s_seed.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["TZ"] = "America/New_York";
        start.Environment["LC_ALL"] = "tr_TR.UTF-8";
        using var child = Process.Start(start)!;
        var said = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.Equal(0, child.ExitCode);
        return said.Trim();
    }

    [Fact]
    public async Task A_planted_difference_is_found_by_digest_and_by_content()
    {
        await using var bed = new Bed();
        var generator = new EntryGenerator(s_seed);
        for (var i = 1; i <= 20; i++)
        {
            var (stamp, commands) = generator.Next(i);
            foreach (var node in bed.Nodes)
            {
                node.Database.Writer.Apply(stamp, commands, null);
            }
        }

        var planted = new EntryStamp(21, 1, 1000, 1);
        foreach (var node in bed.Nodes)
        {
            // One clock is a millisecond off.
            var stamp = node == bed.Nodes[^1] ? planted with { UnixMicroseconds = 2000 } : planted;
            node.Database.Writer.Apply(stamp, [TestDatabase.Command(BatchOptions.None, "CREATE TABLE planted AS SELECT unixepoch('now','subsec') AS x")], null);
        }

        await Assert.ThrowsAnyAsync<Exception>(() => bed.CompareContentAsync(21));
        Assert.ThrowsAny<Exception>(() => bed.CompareDigests(21, []));
    }

    private sealed class Bed : IAsyncDisposable
    {
        private readonly string _directory = Path.Combine(Path.GetTempPath(), "determinism-" + Guid.NewGuid().ToString("N"));

        public Bed()
        {
            Nodes =
            [
                new Node(_directory + "/live", options => options, reopenEvery: 0, copyEvery: 0, receiveEvery: 0, answers: true),
                new Node(_directory + "/reopened", options => options, reopenEvery: 37, copyEvery: 0, receiveEvery: 0, answers: false),
                new Node(_directory + "/copied", options => options, reopenEvery: 0, copyEvery: 101, receiveEvery: 0, answers: false),
                new Node(_directory + "/received", options => options, reopenEvery: 0, copyEvery: 0, receiveEvery: 89, answers: false),
                new Node(
                    _directory + "/other", options => options with { WriterCacheBytes = 64 << 10, StatementCacheMax = 3, MemoryMapBytes = 0, ReadersMax = 2, ReadersIdleMax = 1 },
                    reopenEvery: 211, copyEvery: 0, receiveEvery: 0, answers: true),
            ];
        }

        public Node[] Nodes { get; }

        public void CompareDigests(long index, IReadOnlyList<ApplyCommand> commands)
        {
            Assert.True(Nodes[0].Database.TryGetDigest(index, out var expected));
            foreach (var node in Nodes)
            {
                Assert.True(node.Database.TryGetDigest(index, out var digest));
                Assert.True(digest == expected, $"seed {s_seed}, entry {index}, {node.Name}: {EntryGenerator.Text(commands)}");
            }
        }

        public async Task CompareContentAsync(long index)
        {
            var expected = await Nodes[0].Database.ContentHashAsync(default);
            foreach (var node in Nodes)
            {
                Assert.True(expected == await node.Database.ContentHashAsync(default), $"seed {s_seed}, content of {node.Name} at entry {index}");
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var node in Nodes)
            {
                await node.Database.DisposeAsync();
            }

            Directory.Delete(_directory, recursive: true);
        }
    }

    private sealed class Node
    {
        private readonly int _reopenEvery;
        private readonly int _copyEvery;
        private readonly int _receiveEvery;
        private StorageOptions _options;

        public Node(string directory, Func<StorageOptions, StorageOptions> change, int reopenEvery, int copyEvery, int receiveEvery, bool answers)
        {
            Name = Path.GetFileName(directory);
            _options = change(new StorageOptions { Directory = directory });
            _reopenEvery = reopenEvery;
            _copyEvery = copyEvery;
            _receiveEvery = receiveEvery;
            Answers = answers;
            Database = Open();
        }

        public string Name { get; }

        public bool Answers { get; }

        public Database Database { get; private set; }

        public void Replay(in EntryStamp stamp, BatchEntry entry)
        {
            try
            {
                Assert.True(Database.Writer.ApplyBatch(stamp, () => entry, null, Answers ? new CommandResult?[entry.Commands.Count] : null));
            }
            catch (StorageException e)
            {
                Assert.Fail($"seed {s_seed}, entry {stamp.Index}, {Name}: {e.Message} {EntryGenerator.Text(entry.Commands)}");
            }
        }

        private Database Open() => Database.Open(_options, NullLoggerFactory.Instance);

        public async Task PrepareAsync(int index, Database first)
        {
            if (_reopenEvery > 0 && index % _reopenEvery == 0)
            {
                await Database.DisposeAsync();
                Database = Open();
            }

            if (_copyEvery > 0 && index % _copyEvery == 0)
            {
                await Database.DisposeAsync();
                var copy = _options.Directory + "+";
                CopyAll(_options.Directory, copy);
                Directory.Delete(_options.Directory, recursive: true);
                _options = _options with { Directory = copy };
                Database = Open();
            }

            if (_receiveEvery > 0 && index % _receiveEvery == 0)
            {
                await Database.DisposeAsync();
                Directory.Delete(_options.Directory, recursive: true);
                Database = Open();
                await ReceiveAsync(first);
            }
        }

        public async Task<string> TellAsync(long index)
        {
            Assert.True(Database.TryGetDigest(index, out var digest));
            return $"{digest:x} {await Database.ContentHashAsync(default):x}";
        }

        private async Task ReceiveAsync(Database first)
        {
            var pipe = new Pipe();
            var sending = SendAsync();
            Database.Install(await Database.ReceiveCopyAsync(pipe.Reader.AsStream(), default));
            await sending;

            async Task SendAsync()
            {
                await first.WriteCopyAsync(pipe.Writer.AsStream(), default);
                await pipe.Writer.CompleteAsync();
            }
        }

        private static void CopyAll(string from, string to)
        {
            Directory.CreateDirectory(to);
            foreach (var file in Directory.GetFiles(from))
            {
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            }

            foreach (var directory in Directory.GetDirectories(from))
            {
                CopyAll(directory, Path.Combine(to, Path.GetFileName(directory)));
            }
        }
    }
}
