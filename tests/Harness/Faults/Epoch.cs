using Rqlite.Pg.Harness.Workloads;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Faults;

/// <summary>What came of a workload.</summary>
public sealed record WorkloadReport(Workload Workload, Verdict Verdict)
{
    public override string ToString() => $"{Workload.Name}: {Workload.Counts}; {Verdict.Kind}";
}

/// <summary>What came of an epoch.</summary>
public sealed record EpochReport(IReadOnlyList<WorkloadReport> Workloads, Verdict SameState, FaultInjector Faults)
{
    public bool Passed => SameState.Passed && Faults.Unexpected.Count == 0 && Workloads.All(w => w.Verdict.Passed);

    public string Explanation => string.Join('\n', (string[])
    [
        .. Workloads.Where(w => !w.Verdict.Passed).Select(w => $"{w.Workload.Name}: {w.Verdict.Kind}: {w.Verdict.Explanation}"),
        .. SameState.Passed ? Array.Empty<string>() : [SameState.Explanation],
        .. Faults.Unexpected,
    ]);
}

/// <summary>Load and faults at the same time; then both stop, everything heals, and all that was seen is judged.</summary>
public static class Epoch
{
    /// <summary>Fewer answers than this prove nothing.</summary>
    private const int Enough = 20;

    public static async Task<EpochReport> RunAsync(
        TestCluster cluster, IReadOnlyList<Workload> workloads, FaultKinds faults, int seed, TimeSpan duration)
    {
        foreach (var workload in workloads)
        {
            await workload.CreateAsync(cluster.Nodes[0].Api);
        }

        // A node that has not heard of the tables yet would have nothing to show.
        foreach (var node in cluster.Nodes)
        {
            await Contents.SyncAsync(node);
        }

        using var injector = new FaultInjector(cluster, faults, seed);
        foreach (var workload in workloads)
        {
            workload.Start();
        }

        using (var stop = new CancellationTokenSource(duration))
        {
            await Task.WhenAll(injector.RunAsync(stop.Token), StopClientsAsync(workloads, duration));
        }

        var reports = new List<WorkloadReport>();
        foreach (var workload in workloads)
        {
            reports.Add(new WorkloadReport(workload, await JudgeAsync(workload, cluster)));
        }

        var same = cluster.Links is { Unnamed: > 0 } links
            ? Verdict.Undecided($"{links.Unnamed} connections between nodes were not understood, so no fault could stop them")
            : await Contents.SameStateAsync(cluster.Nodes);
        return new EpochReport(reports, same, injector);
    }

    /// <summary>
    /// On a slow machine each workload goes on, without faults, until there is enough to judge; those that have enough make room for the others.
    /// </summary>
    private static async Task StopClientsAsync(IReadOnlyList<Workload> workloads, TimeSpan duration)
    {
        await Task.Delay(duration);
        var late = DateTime.UtcNow + Until.Bound;
        await Task.WhenAll(workloads.Select(async workload =>
        {
            while (workload.Acknowledged < Enough && DateTime.UtcNow < late)
            {
                await Task.Delay(100);
            }

            await workload.StopAsync();
        }));
    }

    private static async Task<Verdict> JudgeAsync(Workload workload, TestCluster cluster)
    {
        if (workload.Acknowledged < Enough)
        {
            var surprises = workload.Surprises.OrderByDescending(s => s.Value).Take(8).Select(s => $"  {s.Value} x {s.Key}");
            return Verdict.Undecided($"only {workload.Acknowledged} operations succeeded\n{string.Join('\n', surprises)}");
        }

        return await workload.CheckAsync(cluster.Nodes);
    }
}
