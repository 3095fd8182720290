using System.Diagnostics;

namespace Rqlite.Pg.Harness.Faults;

/// <summary>
/// Injects faults until stopped, and heals each: one after the other in the processes, and independently of that one after the other in the
/// network between them.
/// </summary>
public sealed class FaultInjector(TestCluster cluster, FaultKinds kinds, int seed) : IDisposable
{
    private readonly SemaphoreSlim _network = new(1);
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, int> _counts = [];
    private readonly List<double> _failovers = [];
    private readonly List<string> _unexpected = [];

    /// <summary>Nodes that ended without having been killed, with the end of what they wrote.</summary>
    public IReadOnlyList<string> Unexpected => _unexpected;

    /// <summary>Seconds from the kill of a leader until another node led.</summary>
    public IReadOnlyList<double> Failovers => _failovers;

    public string Counts
    {
        get
        {
            lock (_lock)
            {
                return string.Join(", ", _counts.Select(c => $"{c.Key} {c.Value}"));
            }
        }
    }

    /// <summary>Ends with everything healed, the nodes running, and a leader.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var links = cluster.Links;
        var network = links is null || (kinds & FaultKinds.Network) == 0
            ? Task.CompletedTask
            : new NetworkFaults(cluster, links, kinds, new Random(seed + 1), this).RunAsync(_network, stop);
        var processes = (kinds & FaultKinds.Processes) == 0
            ? Task.CompletedTask
            : new ProcessFaults(cluster, kinds, new Random(seed), this).RunAsync(stop);
        // Stopped links may be what the other waits for; so the network ends, and heals, on its own.
        await Task.WhenAll(network, processes);
        NoteDead();
        await cluster.ReadyAsync();
    }

    public void Dispose() => _network.Dispose();

    internal static async Task PauseAsync(int milliseconds, CancellationToken stop) =>
        await Task.Delay(milliseconds, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    internal void Count(FaultKinds kind)
    {
        lock (_lock)
        {
            _counts[kind.ToString()] = _counts.GetValueOrDefault(kind.ToString()) + 1;
        }
    }

    /// <summary>Runs something that needs the links between nodes whole.</summary>
    internal async Task WithNetworkAsync(Func<Task> action)
    {
        await _network.WaitAsync();
        try
        {
            await action();
        }
        finally
        {
            _network.Release();
        }
    }

    internal async Task TimeFailoverAsync(int killed)
    {
        var clock = Stopwatch.StartNew();
        await cluster.LeaderAsync(except: killed);
        _failovers.Add(clock.Elapsed.TotalSeconds);
    }

    /// <summary>Called before a node is killed: one that is dead already died by itself.</summary>
    internal void NoteDead()
    {
        foreach (var node in cluster.Nodes.Where(n => n.HasExited))
        {
            _unexpected.Add($"node {node.Options.Id} (process {node.Id}) ended by itself:\n{(node.Log.Length > 4000 ? node.Log[^4000..] : node.Log)}");
        }
    }
}
