using System.Text;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>Nodes in this process over loopback sockets, each with a directory and a database that outlive it.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static int s_clusters;

    private readonly string _directory = Directory.CreateTempSubdirectory("raft-test-").FullName;
    private readonly Dictionary<string, TestNode> _nodes = [];
    private readonly int _number = Interlocked.Increment(ref s_clusters);
    private int _directories;

    public Func<ClusterOptions, ClusterOptions> Adjust { get; set; } = static options => options;

    public IEnumerable<TestNode> Nodes => _nodes.Values;

    public IEnumerable<TestNode> Running => _nodes.Values.Where(static n => n.Replica is not null);

    /// <summary>Ends a wait that would otherwise have no end.</summary>
    public static CancellationToken Limit => new CancellationTokenSource(Patience).Token;

    public TestNode this[string id] => _nodes[id];

    public static int FreePort() => Harness.Ports.Take();

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

            Assert.False(limit.IsCancellationRequested, $"waited in vain: {what}\n{TestLog.Text}");
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
        var node = Create(id, join, adjust);
        await node.StartAsync();
        return node;
    }

    public TestNode Create(string id, string? join = null, Func<ClusterOptions, ClusterOptions>? adjust = null)
    {
        var options = new ClusterOptions
        {
            NodeId = id,
            DataDirectory = Path.Combine(_directory, $"{id}-{_directories++}"),
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
        var node = new TestNode(adjust?.Invoke(options) ?? options, $"c{_number}/{id}");
        _nodes[id] = node;
        return node;
    }

    public Task<TestNode> LeaderAsync() => Until(() => Running.FirstOrDefault(static n => n.Replica?.Log.IsLeader == true), "a leader");

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

    /// <summary>Asks one node until that node's list is without the other, whoever leads meanwhile.</summary>
    public async Task RemoveAsync(string id, string through)
    {
        var limit = Limit;
        while (this[through].Replica!.Members.Find(id) is not null)
        {
            try
            {
                await this[through].Replica!.Membership.RemoveAsync((id, 0), limit);
                await Until(() => this[through].Replica!.Members.Find(id) is null, $"{through} sees {id} gone");
            }
            catch (ClusterException error) when (!limit.IsCancellationRequested && error.Error != ClusterError.Invalid)
            {
                await Task.Delay(50);
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
        await Task.WhenAll(_nodes.Values.Select(static n => n.StopAsync())).WaitAsync(Patience);
        Directory.Delete(_directory, true);
    }
}

/// <summary>One node; stopping it keeps its directory and database.</summary>
internal sealed class TestNode(ClusterOptions options, string name)
{
    public ClusterOptions Options { get; set; } = options;

    public MemoryStorage Storage { get; set; } = new();

    public Replica? Replica { get; private set; }

    public TestNetwork Network { get; private set; } = new();

    public async Task StartAsync()
    {
        Network = new TestNetwork();
        var replica = await Replica.OpenAsync(Options, () => Storage, Network.WrapAsync, TestLog.For(name), TestCluster.Limit);
        try
        {
            await replica.StartAsync(Storage, new NoData(), TestCluster.Limit);
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
            await replica.DisposeAsync().AsTask().WaitAsync(TestCluster.Patience);
        }
    }

    /// <summary>
    /// Stops as a killed process does: what lies in its files at one moment is all that the next start finds. The log must not be cut
    /// meanwhile.
    /// </summary>
    public async Task KillAsync()
    {
        Network.Cut();
        var left = Options.DataDirectory + "-killed";
        var storage = Storage.Clone();

        // The newest part of the log first and the term last: less is damage, more is what a kill leaves.
        foreach (var file in Directory.GetFiles(Options.DataDirectory, "*", SearchOption.AllDirectories)
            .OrderBy(static f => Path.GetFileName(f) == "state").ThenByDescending(static f => f, StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(Options.DataDirectory, file);
            // A file being written to take another's place is not part of what a start reads.
            if (name != "LOCK" && !name.EndsWith(".tmp", StringComparison.Ordinal))
            {
                CopyFile(name, left);
            }
        }

        await StopAsync();
        Directory.Delete(Options.DataDirectory, true);
        Directory.Move(left, Options.DataDirectory);
        Storage = storage;
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
        var network = Network;
        var replica = Replica ?? throw new ClusterException(ClusterError.NotReady, "the node is stopped");
        await replica.Log.ReplicateAsync(Encoding.UTF8.GetBytes(text), applied, limit.Token);
        var index = await applied.Task.WaitAsync(limit.Token);
        return network.IsCut
            ? throw new ClusterException(ClusterError.OutcomeUnknown, "a killed process acknowledges nothing")
            : index;
    }

    private void CopyFile(string name, string target)
    {
        var path = Path.Combine(target, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var from = new FileStream(Path.Combine(Options.DataDirectory, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var to = File.Create(path);
        from.CopyTo(to);
    }

    private sealed class NoData : INodeRequestHandler
    {
        public ValueTask HandleAsync(NodeRequestKind kind, ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken token)
            => throw new ClusterException(ClusterError.Invalid, "no data plane here");
    }
}
