using Rqlite.Pg.Harness;

namespace Rqlite.Pg.Benchmarks;

/// <summary>One or more nodes of this project.</summary>
internal sealed class OwnServer : Server
{
    private readonly TestCluster _cluster;
    private readonly int _leader;

    private OwnServer(TestCluster cluster, int leader)
        : base(cluster.Count == 1 ? "rqlited" : $"rqlited x{cluster.Count}")
    {
        _cluster = cluster;
        _leader = leader;
        Version = "this tree";
    }

    public override IReadOnlyList<int> PgPorts => [.. LeaderFirst().Select(n => n.Options.PgPort)];

    public override IReadOnlyList<int> HttpPorts => [.. LeaderFirst().Select(n => n.Options.HttpPort)];

    public override IReadOnlyList<int> ProcessIds => [.. LeaderFirst().Select(n => n.Id)];

    public static async Task<OwnServer> StartAsync(int nodes)
    {
        var cluster = await TestCluster.StartAsync(nodes);
        return new OwnServer(cluster, await cluster.LeaderAsync());
    }

    public override ValueTask DisposeAsync()
    {
        _cluster.Dispose();
        return ValueTask.CompletedTask;
    }

    private IEnumerable<NodeProcess> LeaderFirst() => _cluster.Nodes.OrderBy(n => n == _cluster.Nodes[_leader] ? 0 : 1);
}
