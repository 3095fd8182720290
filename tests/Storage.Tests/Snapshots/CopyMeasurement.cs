using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>Copies a large database to another one of this process while it is written to, and prints times and memory.</summary>
internal static class CopyMeasurement
{
    private const int RowBytes = 3900;
    private const int RowsAnEntry = 1000;

    public static async Task RunAsync(string directory, int megabytes)
    {
        await using var source = Workload.Open(Path.Combine(directory, "source"), options: o => o with { WalLimitBytes = 16 << 20 });
        await using var replica = Workload.Open(Path.Combine(directory, "replica"), options: o => o with { WalLimitBytes = 16 << 20 });
        Fill(source, megabytes);
        GC.Collect();
        Say("resident before", ResidentMegabytes(), "MB");

        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() => Write(source, stop.Token));
        var started = Stopwatch.GetTimestamp();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 4 << 20, resumeWriterThreshold: 2 << 20));
        var sending = SendAsync(source, pipe.Writer);
        await using var copy = await replica.ReceiveCopyAsync(pipe.Reader.AsStream(), default);
        await sending;
        Say("sent, received, merged and synced in", Stopwatch.GetElapsedTime(started).TotalMilliseconds, "ms");
        started = Stopwatch.GetTimestamp();
        replica.Install(copy);
        Say("installed in", Stopwatch.GetElapsedTime(started).TotalMilliseconds, "ms");
        await stop.CancelAsync();
        Say("slowest entry meanwhile", await writing, "ms");
        Say("peak resident", PeakMegabytes(), "MB");
        Say("main file", new FileInfo(Path.Combine(directory, "source", "g1", "db.sqlite")).Length / 1e6, "MB");
        using var lease = await replica.RentReaderAsync(default);
        Say("rows in the copy", await Workload.NumberAsync(lease, "SELECT count(*) FROM big"), "");
    }

    private static void Fill(Database database, int megabytes)
    {
        Apply(database, Workload.Sql("CREATE TABLE big(id INTEGER PRIMARY KEY, pad BLOB NOT NULL)"));
        for (var rows = 0L; rows * RowBytes < megabytes * 1_000_000L; rows += RowsAnEntry)
        {
            Apply(database, Workload.Sql(string.Create(
                CultureInfo.InvariantCulture,
                $"""
                INSERT INTO big(pad)
                WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {RowsAnEntry}) SELECT randomblob({RowBytes}) FROM c
                """)));
            if (database.WalBytes > 16 << 20)
            {
                database.Checkpoint();
            }
        }

        database.Checkpoint();
    }

    private static double Write(Database database, CancellationToken token)
    {
        var slowest = 0.0;
        while (!token.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            Apply(database, Workload.Sql("UPDATE big SET pad = randomblob(3900) WHERE id = 1 + abs(random() % 100000)"));
            slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return slowest;
    }

    private static void Apply(Database database, Statement statement)
    {
        var stamp = new EntryStamp(database.AppliedIndex + 1, 1, 1_700_000_000_000_000, (ulong)database.AppliedIndex + 1);
        database.Writer.Apply(stamp, [new ApplyCommand(default, new StatementBatch([statement], BatchOptions.Atomic))], null);
    }

    private static async Task SendAsync(Database source, PipeWriter output)
    {
        await source.WriteCopyAsync(output.AsStream(), default);
        await output.CompleteAsync();
    }

    private static double ResidentMegabytes() => Environment.WorkingSet / 1e6;

    private static double PeakMegabytes()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64 / 1e6;
    }

    private static void Say(string what, double value, string unit) =>
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {value:0.#} {unit}"));
}
