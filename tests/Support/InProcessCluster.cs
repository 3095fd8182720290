using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Support;

/// <summary>Whole nodes with Raft between them, in one process and in folders that go away with them.</summary>
public sealed class InProcessCluster : IAsyncDisposable
{
    private static readonly TimeSpan s_bound = TimeSpan.FromMinutes(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("rqlite-pg-").FullName;
    private readonly List<ClusterNode> _nodes = [];

    private InProcessCluster()
    {
    }

    public IReadOnlyList<ClusterNode> Nodes => _nodes;

    public ClusterNode Leader => _nodes.First(static node => node.IsLeader);

    /// <summary>A transaction has the leader's writer.</summary>
    public bool WriterHeld => ((ClusterDatabase)Leader.Database).WriterHeld;

    /// <summary>Transactions and commands that wait for the leader's writer, from whichever node.</summary>
    public int WritersWaiting => ((ClusterDatabase)Leader.Database).WritersWaiting;

    public static async Task<InProcessCluster> StartAsync(int count)
    {
        var cluster = new InProcessCluster();
        try
        {
            for (var i = 0; i < count; i++)
            {
                await cluster.AddAsync($"n{i + 1}");
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every node has applied what is committed now.</summary>
    public async Task SyncAsync()
    {
        foreach (var node in _nodes)
        {
            await node.SyncAsync(s_bound, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Enumerable.Reverse(_nodes))
        {
            await node.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task AddAsync(string id)
    {
        var folder = Path.Combine(_folder, id);
        var options = new ClusterOptions
        {
            NodeId = id,
            DataDirectory = folder,
            RaftAddress = "127.0.0.1:0",
            Join = _nodes.Count == 0 ? [] : [_nodes[0].Self.RaftAddress],

            // Nothing here is about elections: a machine that is busy must not hold one.
            ElectionTimeout = TimeSpan.FromSeconds(5),
        };
        var node = await ClusterNode.StartAsync(
            options, new StorageOptions { Directory = Path.Combine(folder, "db") }, NullLoggerFactory.Instance, CancellationToken.None);
        _nodes.Add(node);
        using var bound = new CancellationTokenSource(s_bound);
        while (!node.Ready)
        {
            await Task.Delay(10, bound.Token);
        }
    }
}
