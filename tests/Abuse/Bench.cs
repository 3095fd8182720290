using System.Diagnostics;
using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Abuse;

/// <summary>Three nodes with small limits, the other clients, and what is watched.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private static readonly string[] s_tables =
    [
        "CREATE TABLE IF NOT EXISTS marks(id INTEGER)", "CREATE TABLE IF NOT EXISTS p(a)", "CREATE TABLE IF NOT EXISTS t(a)",
    ];

    private readonly HashSet<string> _setUp = [];
    private long _mark;

    private Bench(AbuseOptions options, TestCluster cluster)
    {
        Options = options;
        Cluster = cluster;
        Others = new Others(cluster.Options, options.Seed, options.Patience / 2);
        Watch = new NodeWatch(cluster, options.MemoryMax);
    }

    public AbuseOptions Options { get; }

    public TestCluster Cluster { get; }

    public Others Others { get; }

    public NodeWatch Watch { get; }

    /// <summary>A client of any node, to look at what is there.</summary>
    public Api Api => Cluster.Nodes[0].Api;

    public static async Task<Bench> StartAsync(AbuseOptions options)
    {
        var cluster = await TestCluster.StartAsync(3, await NodeFlags.SmallAsync(options));
        try
        {
            await IdInserts.CreateTableAsync(cluster.Nodes[0].Api);
            (await cluster.Nodes[0].Api.ExecuteAsync(s_tables)).Result();
        }
        catch
        {
            cluster.Dispose();
            throw;
        }

        var bench = new Bench(options, cluster);
        bench.Others.Start();
        return bench;
    }

    public long NextMark() => Interlocked.Increment(ref _mark);

    public async Task SetUpAsync(AbuseCase @case)
    {
        foreach (var sql in @case.Setup.Where(s => !_setUp.Contains(s)))
        {
            (await Api.ExecuteAsync(sql)).Result();
            _setUp.Add(sql);
        }
    }

    public async Task<NodeOptions> NodeAsync(bool leader)
    {
        var index = await Cluster.LeaderAsync();
        return Cluster.Options[leader ? index : (index + 1) % Cluster.Count];
    }

    /// <summary>Says what is wrong with the nodes, if the other clients do not get on with all of them.</summary>
    public async Task<string?> TroubleAsync()
    {
        if (Exited() is { } exited)
        {
            return exited;
        }

        var late = await Others.ProgressAsync(Options.Patience);
        return Exited() ?? (late is null ? null : $"others do not get on: {late}");
    }

    /// <summary>Ends all nodes, in order or by SIGKILL, and starts them again.</summary>
    /// <returns>What went wrong, or null.</returns>
    public async Task<string?> RestartAsync(bool kill)
    {
        try
        {
            var clock = Stopwatch.StartNew();
            if (kill)
            {
                await Cluster.KillAllAsync();
            }
            else
            {
                var codes = await Task.WhenAll(Cluster.Nodes.Select(n => n.TerminateAsync()));
                if (codes.Any(static c => c != 0))
                {
                    return $"exit codes {string.Join(", ", codes)} after SIGTERM";
                }
            }

            var ended = clock.Elapsed;
            for (var i = 0; i < Cluster.Count; i++)
            {
                Cluster.Restart(i);
            }

            await Cluster.ReadyAsync();
            Console.WriteLine($"  all {(kill ? "killed" : "stopped")} in {ended.TotalSeconds:0.0} s, ready again after {(clock.Elapsed - ended).TotalSeconds:0.0} s");
            return await TroubleAsync();
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            return $"after {(kill ? "SIGKILL" : "SIGTERM")} of all nodes: {e.Message}";
        }
    }

    /// <summary>Stops the other clients, compares what all nodes hold with what was acknowledged, and lets them go on.</summary>
    public async Task<Verdict> CheckAsync()
    {
        await Others.StopAsync();
        try
        {
            var verdict = await Contents.CheckAsync(Cluster.Nodes, Others.Outcomes);
            return verdict.Passed ? await Contents.SameAnswerAsync(Cluster.Nodes, "SELECT (SELECT count(*) FROM p), (SELECT count(*) FROM marks)") : verdict;
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            return Verdict.Violation(e.Message);
        }
        finally
        {
            Others.Start();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Others.DisposeAsync();
        await Watch.DisposeAsync();
        Cluster.Dispose();
    }

    private string? Exited()
    {
        var exited = Cluster.Nodes.Where(static n => n.HasExited).Select(n => $"{n.Options.Id} has ended: {LastLines(n.Log)}").ToArray();
        return exited.Length == 0 ? null : Watch.Killed ?? string.Join("; ", exited);
    }

    private static string LastLines(string log) => string.Join(" / ", log.Split('\n').Where(static l => l.Length > 0).TakeLast(3).Select(static l => l.Length > 250 ? l[..250] : l));
}
