using System.Text.Json;
using Rqlite.Pg.Harness.Network;

namespace Rqlite.Pg.Harness;

/// <summary>Several nodes on this machine, each a process with a folder of its own.</summary>
public sealed class TestCluster : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly NodeProcess[] _nodes;
    private readonly List<string> _pastLogs = [];

    private TestCluster(int count, IReadOnlyList<string> extra, IReadOnlyDictionary<string, string> environment, NodeLinks? links)
    {
        Links = links;
        _nodes = new NodeProcess[count];
        Options = new NodeOptions[count];
        for (var i = 0; i < count; i++)
        {
            Options[i] = NewNode($"n{i + 1}") with { Extra = extra, Environment = environment };
            Options[i] = Options[i] with { AdvertisedRaftPort = links?.Open(Options[i].Id, Options[i].RaftPort) };
        }

        for (var i = 1; i < count; i++)
        {
            Options[i] = Options[i] with { Join = $"http://localhost:{Options[0].HttpPort}" };
        }
    }

    public NodeOptions[] Options { get; }

    public IReadOnlyList<NodeProcess> Nodes => _nodes;

    /// <summary>What stands between the nodes, if anything does.</summary>
    public NodeLinks? Links { get; }

    public int Count => _nodes.Length;

    /// <summary>Starts the first node, and the others with <c>-join</c> at it, one after the other.</summary>
    /// <param name="links">Puts something between the nodes that can stop what they say to one another.</param>
    public static async Task<TestCluster> StartAsync(
        int count, IReadOnlyList<string>? extra = null, IReadOnlyDictionary<string, string>? environment = null, bool links = false)
    {
        var cluster = new TestCluster(count, extra ?? [], environment ?? new Dictionary<string, string>(), links ? new NodeLinks() : null);
        try
        {
            for (var i = 0; i < count; i++)
            {
                cluster._nodes[i] = NodeProcess.Start(cluster.Options[i]);
                await cluster._nodes[i].ReadyAsync();
            }

            await cluster.MembersAsync(count);
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    public NodeOptions NewNode(string id) => new() { Id = id, Data = _folder.Sub(id) };

    /// <summary>Starts a node again, or for the first time on an emptied folder.</summary>
    public NodeProcess Restart(int index)
    {
        _pastLogs.Add($"=== {Options[index].Id} (process {_nodes[index].Id}, ended)\n{_nodes[index].Log}");
        _nodes[index].Dispose();
        return _nodes[index] = NodeProcess.Start(Options[index]);
    }

    /// <summary>Destroys the disk of a stopped node; started again, it has to join by way of the others.</summary>
    public void Wipe(int index)
    {
        Directory.Delete(Options[index].Data, recursive: true);
        var others = Options.Where((_, i) => i != index).Select(o => $"http://localhost:{o.HttpPort}");
        Options[index] = Options[index] with { Join = string.Join(',', others) };
    }

    public Task KillAllAsync() => Task.WhenAll(_nodes.Select(n => n.KillAsync()));

    public Task ReadyAsync() => Task.WhenAll(_nodes.Select(n => n.ReadyAsync()));

    /// <summary>The number of the node that leads, once a living node names one that is alive itself.</summary>
    public async Task<int> LeaderAsync(int except = -1)
    {
        var leader = await Until.NotNullAsync("a leader", () => FindLeaderAsync(except), Logs);
        return int.Parse(leader);
    }

    /// <summary>Waits until the leader counts so many members and all answer.</summary>
    public Task MembersAsync(int count) => Until.TrueAsync($"{count} members", async () =>
    {
        var reply = await _nodes[0].Api.GetAsync("/nodes?ver=2&timeout=2s");
        if (reply.Status != 200)
        {
            return false;
        }

        var members = reply.Json.GetProperty("nodes").EnumerateArray().ToArray();
        return members.Length == count && members.All(m => m.GetProperty("reachable").GetBoolean());
    }, Logs);

    public string Logs() => string.Join("\n\n", _nodes.Where(n => n is not null).Select(n => $"=== {n.Options.Id} (process {n.Id})\n{Tail(n.Log)}"));

    /// <summary>Everything that all processes have written, those that have ended included.</summary>
    public string AllLogs() => string.Join("\n\n", [.. _pastLogs, .. _nodes.Select(n => $"=== {n.Options.Id} (process {n.Id})\n{n.Log}")]);

    public void Dispose()
    {
        foreach (var node in _nodes)
        {
            node?.Dispose();
        }

        Links?.Dispose();
        _folder.Dispose();
    }

    private static string Tail(string log) => log.Length > 6000 ? "…" + log[^6000..] : log;

    private async Task<string?> FindLeaderAsync(int except)
    {
        // Asked of one node after the other: who believes itself to lead says so in its own status.
        for (var i = 0; i < _nodes.Length; i++)
        {
            if (i == except || _nodes[i].HasExited)
            {
                continue;
            }

            using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(3));
            var reply = await _nodes[i].Api.GetAsync("/status?key=store.leader", bound.Token);
            if (reply.Status == 200 && reply.Json.ValueKind == JsonValueKind.Object
                && reply.Json.TryGetProperty("node_id", out var id) && id.GetString() == Options[i].Id)
            {
                return i.ToString();
            }
        }

        return null;
    }
}
