using Rqlite.Pg.Harness;

namespace Rqlite.Pg.Benchmarks;

/// <summary>One or more nodes of this project.</summary>
internal sealed class OwnServer : Server
{
    private readonly TestCluster _cluster;
    private readonly int _leader;

    private OwnServer(TestCluster cluster, int leader, string? program)
        : base($"{(program is null ? "rqlited" : "beside")}{(cluster.Count == 1 ? "" : $" x{cluster.Count}")}")
    {
        _cluster = cluster;
        _leader = leader;
        Version = program ?? "this tree";
    }

    public override IReadOnlyList<int> PgPorts => [.. LeaderFirst().Select(n => n.Options.PgPort)];

    public override IReadOnlyList<int> HttpPorts => [.. LeaderFirst().Select(n => n.Options.HttpPort)];

    public override IReadOnlyList<int> ProcessIds => [.. LeaderFirst().Select(n => n.Id)];

    /// <param name="program">The program of another build; null for this one.</param>
    public static async Task<OwnServer> StartAsync(int nodes, string? program = null)
    {
        var usual = Environment.GetEnvironmentVariable(Binaries.RqlitedVariable);
        Environment.SetEnvironmentVariable(Binaries.RqlitedVariable, program ?? usual);
        try
        {
            var cluster = await TestCluster.StartAsync(nodes);
            return new OwnServer(cluster, await cluster.LeaderAsync(), program);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Binaries.RqlitedVariable, usual);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _cluster.Dispose();
        return ValueTask.CompletedTask;
    }

    private IEnumerable<NodeProcess> LeaderFirst() => _cluster.Nodes.OrderBy(n => n == _cluster.Nodes[_leader] ? 0 : 1);
}
