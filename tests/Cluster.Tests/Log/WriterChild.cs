using System.Diagnostics;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>
/// The process that dies for <see cref="KilledWriterTests"/>. A line before each append says from where the log may change, one after it
/// up to where it is on disk, and with which term.
/// </summary>
internal static class WriterChild
{
    public const int ContentBytesMax = 20_000;

    /// <summary>Says how many entries of usual size one writer gets onto the disk in a second, one after the other.</summary>
    public static async Task<int> MeasureAsync(string directory)
    {
        await using var log = FollowerChild.Open(Directory.CreateDirectory(directory).FullName, new MemoryStorage());
        await log.UpdateTermAsync(1, true);
        var content = new byte[150];
        for (var round = 0; round < 5; round++)
        {
            var watch = Stopwatch.StartNew();
            var count = 0;
            for (; watch.ElapsedMilliseconds < 1000; count++)
            {
                var index = log.LastEntryIndex + 1;
                await log.AppendAsync(new ReadyEntries([new ReceivedEntry(1, false, 1, content)]), index, true);
                await log.CommitAsync(index);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count / watch.Elapsed.TotalSeconds:F0} entries/s"));
        }

        return 0;
    }

    public static async Task<int> RunAsync(string directory)
    {
        await using var log = FollowerChild.Open(directory, new MemoryStorage());
        using var output = Console.OpenStandardOutput();
        var random = new Random();
        while (true)
        {
            var last = log.LastEntryIndex;
            var replace = random.Next(5) == 0 && last > 0;
            var from = replace ? last - random.NextInt64(Math.Min(last, 200)) : last + 1;
            var term = Math.Max(1, log.Term + (replace ? 1 : 0));
            var count = random.Next(1, 8);
            Say($"change {from}");
            await log.UpdateTermAsync(term, true);
            await log.AppendAsync(
                new ReadyEntries(Enumerable.Range(0, count).Select(i => new ReceivedEntry(
                    term, false, 1, LogModel.Content(from + i, term, ContentBytesMax)))),
                from, true);
            Say($"done {from} {from + count - 1} {term}");
        }

        void Say(string line) => output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{line}\n")));
    }
}
