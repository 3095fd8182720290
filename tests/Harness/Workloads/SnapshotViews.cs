using System.Collections.Concurrent;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>Counters that are incremented in pairs, and views of all of them at the level none on any node.</summary>
public sealed class SnapshotViews(WorkloadOptions options) : Workload("snapshots", options)
{
    private const int Pairs = 3;
    private const string Place = "place";
    private readonly ConcurrentQueue<Snapshot> _views = new();
    private readonly ConcurrentQueue<IndexedWrite> _writes = new();

    public override async Task CreateAsync(Api api)
    {
        (await api.ExecuteAsync("CREATE TABLE IF NOT EXISTS snapshots (run INTEGER, k TEXT, v INTEGER NOT NULL, PRIMARY KEY(run, k))")).Result();
        var rows = Enumerable.Range(0, Pairs).Select(p => $"({Options.Run}, 'a{p}', 0), ({Options.Run}, 'b{p}', 0)");
        (await api.ExecuteAsync($"INSERT INTO snapshots(run, k, v) VALUES ({Options.Run}, '{Place}', 0), {string.Join(", ", rows)}")).Result();
    }

    public override async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        foreach (var node in nodes)
        {
            await Contents.SyncAsync(node);
            await LookAsync(node.Api, node.Options.Id);
        }

        string[][] together = [.. Enumerable.Range(0, Pairs).Select(p => new[] { $"a{p}", $"b{p}" })];
        return Snapshots.Check(_views, _writes, together);
    }

    public override IEnumerable<string> History() => _views.Select(v => v.ToString()).Concat(_writes.Select(w => w.ToString()));

    protected override async Task ClientAsync(int client, Random random)
    {
        var apis = Options.Nodes.Select(n => new Api(n.HttpPort, TimeSpan.FromSeconds(10))).ToArray();
        try
        {
            while (!Stopped.IsCancellationRequested)
            {
                var node = random.Next(apis.Length);
                var reply = random.Next(3) == 0 ? await WriteAsync(apis[node], random.Next(Pairs)) : await LookAsync(apis[node], Options.Nodes[node].Id);
                Count(reply.Outcome, reply.Ok ? null : reply.ToString());
                if (!reply.Ok)
                {
                    await PauseAsync(random, 60);
                }
            }
        }
        finally
        {
            Array.ForEach(apis, static a => a.Dispose());
        }
    }

    /// <summary>Every write also counts itself in one row: that number is its place among all, and a view's is the view's.</summary>
    private async Task<Reply> WriteAsync(Api api, int pair)
    {
        var sql = $"UPDATE snapshots SET v = v + 1 WHERE run = {Options.Run} AND k IN ('a{pair}', 'b{pair}', '{Place}') RETURNING k, v";
        var reply = await api.PostAsync("/db/request", [sql]);
        if (reply.Clean)
        {
            var versions = reply.Rows().ToDictionary(r => r[0].GetString()!, r => r[1].GetInt64());
            versions.Remove(Place, out var place);
            foreach (var (key, version) in versions)
            {
                _writes.Enqueue(new IndexedWrite(key, version, place));
            }
        }

        return reply;
    }

    private async Task<Reply> LookAsync(Api api, string node)
    {
        var reply = await api.QueryAsync("none", $"SELECT k, v FROM snapshots WHERE run = {Options.Run}");
        if (reply.Clean)
        {
            var versions = reply.Rows().ToDictionary(r => r[0].GetString()!, r => r[1].GetInt64());
            versions.Remove(Place, out var place);
            _views.Enqueue(new Snapshot(node, place, versions));
        }

        return reply;
    }
}
