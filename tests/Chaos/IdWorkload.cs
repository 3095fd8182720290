using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Chaos;

/// <summary>Unique ids, inserted over HTTP and, by a driver, over the PostgreSQL protocol: none lost, none twice, pairs never by half.</summary>
internal sealed class IdWorkload(WorkloadOptions options) : Workload("ids", options)
{
    private const long PerRun = 1L << 32;
    private static readonly Dictionary<long, Outcome> Open = [];
    private IdInserts? _http;
    private PgInserts? _pg;

    public override long Acknowledged => (_http?.Acknowledged ?? 0) + (_pg?.Acknowledged ?? 0);

    public override string Counts => string.Join(", ", Outcomes.Values.CountBy(o => o).OrderBy(c => c.Key).Select(c => $"{c.Value} {c.Key.ToString().ToLowerInvariant()}"));

    private Dictionary<long, Outcome> Outcomes => _http!.Outcomes.Concat(_pg!.Outcomes).ToDictionary();

    private long First => (Options.Run + 1) * PerRun;

    public override Task CreateAsync(Api api) => IdInserts.CreateTableAsync(api);

    public override void Start()
    {
        _http = IdInserts.Start(Options.Nodes, Options.Clients, Options.Seed, First);
        _pg = PgInserts.Start(Options.Nodes, Options.Clients, Options.Seed, First + (PerRun / 2));
    }

    public override async Task StopAsync()
    {
        await (_http?.StopAsync() ?? Task.CompletedTask);
        await (_pg?.StopAsync() ?? Task.CompletedTask);
    }

    public override async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        // What was unknown in an earlier run may still come late.
        var outcomes = Outcomes;
        var verdict = await Contents.CheckAsync(nodes, outcomes.Concat(Open).ToDictionary());
        foreach (var (id, _) in outcomes.Where(o => o.Value == Outcome.Unknown))
        {
            Open[id] = Outcome.Unknown;
        }

        verdict = verdict.Passed ? await PairsAsync(nodes[0]) : verdict;
        (await nodes[0].Api.ExecuteAsync($"DELETE FROM {IdInserts.Table}")).Result();
        return verdict;
    }

    public override IEnumerable<string> History() => Outcomes.Select(o => $"{o.Key} {o.Value}");

    public override async ValueTask DisposeAsync()
    {
        await StopAsync();
        await base.DisposeAsync();
    }

    protected override Task ClientAsync(int client, Random random) => Task.CompletedTask;

    /// <summary>Both rows of a transaction are there, or neither.</summary>
    private async Task<Verdict> PairsAsync(NodeProcess node)
    {
        var halves = (await node.Api.QueryAsync(
            "none", $"SELECT count(*) FROM (SELECT id / 2 FROM {IdInserts.Table} WHERE client < 0 GROUP BY id / 2 HAVING count(*) <> 2)")).Scalar().GetInt64();
        return halves == 0 ? Verdict.Valid : Verdict.Violation($"{halves} transactions took effect by half");
    }
}
