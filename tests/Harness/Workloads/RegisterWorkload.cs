using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary><see cref="Registers"/> as one workload among others.</summary>
public sealed class RegisterWorkload(WorkloadOptions options, params string[] levels) : Workload("registers", options)
{
    private Registers? _registers;

    public override long Acknowledged => _registers?.History.ToList().Count(o => o.Outcome == Outcome.Ok) ?? 0;

    public override IReadOnlyDictionary<string, int> Surprises => _registers?.Surprises ?? base.Surprises;

    public override string Counts
    {
        get
        {
            var counts = _registers!.History.ToList().CountBy(o => o.Outcome).ToDictionary();
            return $"{counts.GetValueOrDefault(Outcome.Ok)} ok, {counts.GetValueOrDefault(Outcome.Failed)} failed, {counts.GetValueOrDefault(Outcome.Unknown)} unknown";
        }
    }

    public override Task CreateAsync(Api api) => Registers.CreateTableAsync(api);

    public override void Start() => _registers = Registers.Start(Options.Nodes, Options.Clients, (int)Options.Run, levels);

    public override Task StopAsync() => _registers?.StopAsync() ?? Task.CompletedTask;

    public override Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes) => Task.FromResult(new LinearizableRegisters().Check(_registers!.History.ToList()));

    public override IEnumerable<string> History() => _registers!.History.ToList().Select(o => o.ToString());

    protected override Task ClientAsync(int client, Random random) => Task.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        if (_registers is not null)
        {
            await _registers.DisposeAsync();
            _registers = null;
        }

        await base.DisposeAsync();
    }
}
