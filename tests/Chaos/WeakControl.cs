using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Faults;
using Rqlite.Pg.Harness.Workloads;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Chaos;

/// <summary>
/// The negative control of the checkers: clients use what promises less than it is judged by, and that must be noticed. So the faults do
/// bring about what the promise excludes, and the checker does see it.
/// </summary>
internal static class WeakControl
{
    public static async Task<int> RunAsync(ChaosOptions options)
    {
        using var cluster = await TestCluster.StartAsync(3, links: true);
        var end = DateTime.UtcNow + TimeSpan.FromSeconds(options.Seconds);
        for (var epoch = 0; DateTime.UtcNow < end; epoch++)
        {
            var given = new WorkloadOptions(cluster.Options, 4, options.Seed + (epoch * 1000), epoch);
            await using Workload workload = options.Control == "control-reads"
                ? new RegisterWorkload(given, "none")
                : new PgLists(given, "READ COMMITTED");
            var report = await Epoch.RunAsync(cluster, [workload], options.Faults & FaultKinds.Network, options.Seed + epoch, TimeSpan.FromSeconds(15));
            var verdict = report.Workloads[0].Verdict;
            Console.WriteLine($"epoch {epoch}: {report.Workloads[0]}");
            if (verdict.Kind == VerdictKind.Violation)
            {
                Console.WriteLine($"{verdict.Explanation}\nThe weakness was seen, as it must be.");
                return 0;
            }
        }

        Console.WriteLine($"Nothing was seen: the faults or the checker are too weak; seed {options.Seed}");
        return 1;
    }
}
