using System.Collections;
using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>Whole nodes over real databases, in the order of their starts. Who starts again finds its directory and its address.</summary>
internal sealed class TestNodes : IReadOnlyList<ClusterNode>, IAsyncDisposable
{
    private readonly List<ClusterNode> _running = [];
    private readonly Dictionary<string, string> _addresses = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("nodes-test-").FullName;

    public int Count => _running.Count;

    public ClusterNode this[int index] => _running[index];

    public async Task<ClusterNode> StartAsync(
        string id, ClusterNode? join = null, bool voter = true, Func<ClusterOptions, ClusterOptions>? adjust = null)
    {
        var directory = Path.Combine(Folder, id);
        var options = new ClusterOptions
        {
            NodeId = id,
            DataDirectory = directory,
            RaftAddress = _addresses.TryGetValue(id, out var address) ? address : _addresses[id] = $"127.0.0.1:{TestCluster.FreePort()}",
            Join = join is null ? [] : [join.Self.RaftAddress],
            JoinInterval = TimeSpan.FromMilliseconds(200),
            JoinAttempts = 50,
            NonVoter = !voter,
            HeartbeatTimeout = TimeSpan.FromMilliseconds(400),
            ElectionTimeout = TimeSpan.FromMilliseconds(400),
        };
        var node = await ClusterNode.StartAsync(
            adjust?.Invoke(options) ?? options, new StorageOptions { Directory = Path.Combine(directory, "db") },
            NullLoggerFactory.Instance, default);
        _running.Add(node);
        return node;
    }

    public async Task StopAsync(ClusterNode node)
    {
        _running.Remove(node);
        await node.DisposeAsync();
    }

    public Task ReadyAsync() => TestCluster.Until(() => _running.All(static node => node.Ready), "all ready");

    public async ValueTask DisposeAsync()
    {
        while (_running.Count > 0)
        {
            await StopAsync(_running[^1]);
        }

        Directory.Delete(Folder, true);
    }

    public IEnumerator<ClusterNode> GetEnumerator() => _running.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
