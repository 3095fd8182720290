using System.Diagnostics;
using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Faults;
using Rqlite.Pg.Harness.Workloads;

namespace Rqlite.Pg.Chaos;

/// <summary>Epochs of load and faults; after each the load stops and everything is checked.</summary>
internal sealed class Campaign(ChaosOptions options)
{
    private readonly List<double> _failovers = [];

    public async Task<int> RunAsync()
    {
        string[] extra = ["-raft-snap", options.Snap.ToString(), "-raft-snap-int", "300ms", "-raft-log-level", "INFO", "-write-timeout", "5s"];
        using var cluster = await TestCluster.StartAsync(options.Nodes, extra, links: true);
        var clock = Stopwatch.StartNew();
        for (var epoch = 0; clock.Elapsed.TotalSeconds < options.Seconds; epoch++)
        {
            var workloads = options.Workloads.Select(name => WorkloadTable.Make(
                name, new WorkloadOptions(cluster.Options, options.Clients, options.Seed + (epoch * 1000), epoch))).ToArray();
            try
            {
                if (!await EpochAsync(cluster, workloads, epoch, clock))
                {
                    return 1;
                }
            }
            catch (Exception e) when (e is TimeoutException or InvalidOperationException or HttpRequestException)
            {
                Console.WriteLine($"epoch {epoch} got stuck, seed {options.Seed}: {e.Message}");
                Save(cluster, workloads, e.ToString());
                return 1;
            }
            finally
            {
                await Task.WhenAll(workloads.Select(w => w.DisposeAsync().AsTask()));
            }
        }

        Console.WriteLine($"no anomaly; seed {options.Seed}; {Failovers()}; copies installed {Copies(cluster)}");
        return 0;
    }

    private static int Copies(TestCluster cluster) => cluster.AllLogs().Split("Installed a copy").Length - 1;

    private async Task<bool> EpochAsync(TestCluster cluster, Workload[] workloads, int epoch, Stopwatch clock)
    {
        var seed = options.Seed + epoch;
        var report = await Epoch.RunAsync(cluster, workloads, options.Faults, seed, TimeSpan.FromSeconds(options.EpochSeconds));
        _failovers.AddRange(report.Faults.Failovers);
        Console.WriteLine($"epoch {epoch}, {clock.Elapsed.TotalSeconds:0} s: {(report.Passed ? "valid" : "ANOMALY")}; same state {report.SameState.Kind}; "
            + $"faults {report.Faults.Counts}; {Failovers()}; copies installed {Copies(cluster)}");
        foreach (var workload in report.Workloads)
        {
            var surprises = workload.Workload.Surprises.OrderByDescending(s => s.Value).Take(3).Select(s => $"\n      {s.Value} x {s.Key.ReplaceLineEndings(" ")}");
            Console.WriteLine($"  {workload}{string.Concat(surprises)}");
        }

        if (!report.Passed)
        {
            Console.WriteLine(report.Explanation);
            Save(cluster, workloads, report.Explanation);
        }

        return report.Passed;
    }

    private string Failovers()
    {
        var sorted = _failovers.Order().ToArray();
        return sorted.Length == 0 ? "no failover" : $"failover p50 {sorted[sorted.Length / 2]:0.0} s, longest {sorted[^1]:0.0} s of {sorted.Length}";
    }

    private void Save(TestCluster cluster, Workload[] workloads, string explanation)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Out, $"seed-{options.Seed}")).FullName;
        File.WriteAllText(Path.Combine(folder, "explanation.txt"), explanation);
        File.WriteAllText(Path.Combine(folder, "nodes.log"), cluster.AllLogs());
        foreach (var workload in workloads)
        {
            File.WriteAllLines(Path.Combine(folder, workload.Name + ".history"), workload.History());
        }

        Console.WriteLine($"the history and the logs are in {folder}; seed {options.Seed}");
    }
}
