using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Three nodes shared by the tests that leave them whole.</summary>
public sealed class ThreeNodes : IAsyncLifetime
{
    private long _nextId = 1;

    public TestCluster Cluster { get; private set; } = null!;

    /// <summary>What became of every id inserted since the start; later tests check the earlier ones' rows once more.</summary>
    public Dictionary<long, Outcome> Outcomes { get; } = [];

    public async Task InitializeAsync()
    {
        Cluster = await TestCluster.StartAsync(3);
        await IdInserts.CreateTableAsync(Cluster.Nodes[0].Api);
    }

    public IdInserts StartInserts(int clients, int seed)
    {
        // Each run has ids of its own.
        var inserts = IdInserts.Start(Cluster.Options, clients, seed, _nextId);
        _nextId += 10_000_000;
        return inserts;
    }

    /// <summary>Stops the clients and checks every node's rows against everything inserted so far.</summary>
    public async Task CheckAsync(IdInserts inserts)
    {
        await inserts.StopAsync();
        foreach (var (id, outcome) in inserts.Outcomes)
        {
            Outcomes[id] = outcome;
        }

        await Cluster.ReadyAsync();
        var verdict = await Contents.CheckAsync(Cluster.Nodes, Outcomes);
        Assert.True(verdict.Passed, $"{verdict.Explanation}\n{string.Join('\n', inserts.Surprises.TakeLast(10))}\n{Cluster.Logs()}");
    }

    public Task DisposeAsync()
    {
        Cluster?.Dispose();
        return Task.CompletedTask;
    }
}

[CollectionDefinition(Name)]
public sealed class ThreeNodesCollection : ICollectionFixture<ThreeNodes>
{
    public const string Name = "three nodes";
}
