using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>Nodes in this process over loopback sockets, each with a directory and a database that outlive it.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("raft-test-").FullName;
    private readonly Dictionary<string, TestNode> _nodes = [];

    public Func<ClusterOptions, ClusterOptions> Adjust { get; set; } = static options => options;

    public ILoggerFactory Loggers { get; set; } = NullLoggerFactory.Instance;

    public IEnumerable<TestNode> Nodes => _nodes.Values;

    public IEnumerable<TestNode> Running => _nodes.Values.Where(static n => n.Replica is not null);

    public TestNode this[string id] => _nodes[id];

    public static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public static async Task<T> Until<T>(Func<T?> condition, string what)
        where T : class
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            if (condition() is { } found)
            {
                return found;
            }

            Assert.False(limit.IsCancellationRequested, $"waited in vain: {what}");
            await Task.Delay(10);
        }
    }

    public static Task Until(Func<bool> condition, string what) => Until(() => condition() ? "" : null, what);

    public static async Task<TestCluster> StartAsync(int count, Func<ClusterOptions, ClusterOptions>? adjust = null)
    {
        var cluster = new TestCluster();
        if (adjust is not null)
        {
            cluster.Adjust = adjust;
        }

        await cluster.AddAsync("n1");
        await cluster.LeaderAsync();
        for (var i = 2; i <= count; i++)
        {
            await cluster.AddAsync($"n{i}", join: "n1");
            await cluster.HasMembersAsync(i);
        }

        return cluster;
    }

    public async Task<TestNode> AddAsync(string id, string? join = null, Func<ClusterOptions, ClusterOptions>? adjust = null)
    {
        var options = new ClusterOptions
        {
            NodeId = id,
            DataDirectory = Path.Combine(_directory, $"{id}-{_nodes.Count}"),
            RaftAddress = $"127.0.0.1:{FreePort()}",
            HttpAdvertisedAddress = $"{id}.example:4001",
            Join = join is null ? [] : [_nodes[join].Options.RaftAddress],
            JoinInterval = TimeSpan.FromMilliseconds(200),
            JoinAttempts = 50,
            HeartbeatTimeout = TimeSpan.FromMilliseconds(400),
            ElectionTimeout = TimeSpan.FromMilliseconds(400),
            SnapshotInterval = TimeSpan.FromMilliseconds(50),
        };
        options = Adjust(options);
        var node = new TestNode(this, adjust?.Invoke(options) ?? options);
        _nodes[id] = node;
        await node.StartAsync();
        return node;
    }

    public Task<TestNode> LeaderAsync() => Until(() => Running.FirstOrDefault(static n => n.Replica!.Log.IsLeader), "a leader");

    public async Task HasMembersAsync(int count)
        => await Until(() => Running.All(n => n.Replica!.Members.Nodes.Count == count), $"{count} members everywhere");

    /// <summary>Proposes through whoever leads until it is applied; the text may then have been applied more than once.</summary>
    public async Task WriteAsync(string text)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var leader = await LeaderAsync();
            try
            {
                await leader.WriteAsync(text);
                return;
            }
            catch (ClusterException) when (!limit.IsCancellationRequested)
            {
                await Task.Delay(20);
            }
        }
    }

    public async Task SameEverywhereAsync()
    {
        var target = Running.Max(static n => n.Storage.AppliedIndex);
        await Until(() => Running.All(n => n.Storage.AppliedIndex >= target), $"index {target} applied everywhere");
        var expected = Running.MaxBy(static n => n.Storage.AppliedIndex)!.Storage.Texts;
        foreach (var node in Running)
        {
            Assert.Equal(expected.Take(node.Storage.Texts.Count), node.Storage.Texts);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Values.Select(static n => n.StopAsync()));
        Directory.Delete(_directory, true);
    }
}

/// <summary>One node; stopping it keeps its directory and database.</summary>
internal sealed class TestNode(TestCluster cluster, ClusterOptions options)
{
    public ClusterOptions Options { get; set; } = options;

    public MemoryStorage Storage { get; set; } = new();

    public Replica? Replica { get; private set; }

    public async Task StartAsync()
    {
        var replica = await Replica.OpenAsync(Options, () => Storage, null, cluster.Loggers, CancellationToken.None);
        try
        {
            await replica.StartAsync(Storage, new NoData(), CancellationToken.None);
        }
        catch
        {
            await replica.DisposeAsync();
            throw;
        }

        Replica = replica;
    }

    public async Task StopAsync()
    {
        if (Replica is { } replica)
        {
            Replica = null;
            await replica.DisposeAsync();
        }
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    public async Task<long> WriteAsync(string text)
    {
        var applied = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var limit = new CancellationTokenSource(TestCluster.Patience);
        await Replica!.Log.ReplicateAsync(Encoding.UTF8.GetBytes(text), applied, limit.Token);
        return await applied.Task.WaitAsync(limit.Token);
    }

    private sealed class NoData : INodeRequestHandler
    {
        public ValueTask HandleAsync(NodeRequestKind kind, ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken token)
            => throw new ClusterException(ClusterError.Invalid, "no data plane here");
    }
}
