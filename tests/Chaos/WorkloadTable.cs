using Rqlite.Pg.Harness.Workloads;

namespace Rqlite.Pg.Chaos;

/// <summary>The workloads by name.</summary>
internal static class WorkloadTable
{
    private static readonly Dictionary<string, Func<WorkloadOptions, Workload>> Makers = new()
    {
        ["lists-pg"] = static o => new PgLists(o),
        ["lists-http"] = static o => new HttpLists(o),
        ["bank-pg"] = static o => new PgBank(o),
        ["bank-http"] = static o => new HttpBank(o),
        ["registers"] = static o => new RegisterWorkload(o),
        ["sessions"] = static o => new Sessions(o),
        ["snapshots"] = static o => new SnapshotViews(o),
        ["comments"] = static o => new CommentThreads(o),
        ["retries"] = static o => new RetriedInserts(o),
        ["blocks"] = static o => new RetriedBlocks(o),
        ["notify"] = static o => new NotifyWorkload(o),
        ["sequences"] = static o => new SequenceWorkload(o),
        ["locks"] = static o => new LockWorkload(o),
        ["vanish"] = static o => new VanishWorkload(o),
        ["poison"] = static o => new PoisonWorkload(o),
        ["hoard"] = static o => new HoardWorkload(o),
        ["abandon"] = static o => new AbandonWorkload(o),
        ["ids"] = static o => new IdWorkload(o),
    };

    public static IReadOnlyList<string> Names { get; } = [.. Makers.Keys];

    public static Workload Make(string name, WorkloadOptions options) => Makers[name](options);
}
