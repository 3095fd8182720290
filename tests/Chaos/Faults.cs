using Rqlite.Pg.Harness;

namespace Rqlite.Pg.Chaos;

/// <summary>Injects one fault at a time and heals it; a minority suffers, except when all are killed.</summary>
internal sealed class Faults(TestCluster cluster, Random random)
{
    private readonly SortedDictionary<string, int> _counts = [];
    private int _extra;

    public async Task OneAsync()
    {
        var choice = random.Next(100);
        var node = random.Next(cluster.Count);
        switch (choice)
        {
            case < 25:
                Count("kill leader");
                await KillAsync(await cluster.LeaderAsync());
                break;
            case < 40:
                Count("kill node");
                await KillAsync(node);
                break;
            case < 50:
                Count("kill all");
                await KillAllAsync();
                break;
            case < 75:
                Count("pause");
                await PauseAsync(random.Next(2) == 0 ? node : await cluster.LeaderAsync());
                break;
            case < 85:
                Count("wipe");
                await WipeAsync(node);
                break;
            case < 92:
                Count("stop");
                await cluster.Nodes[node].TerminateAsync();
                await cluster.Restart(node).ReadyAsync();
                break;
            default:
                Count("add and remove");
                await AddAndRemoveAsync();
                break;
        }
    }

    public override string ToString() => string.Join(", ", _counts.Select(c => $"{c.Key} {c.Value}"));

    private void Count(string name) => _counts[name] = _counts.GetValueOrDefault(name) + 1;

    private async Task KillAsync(int node)
    {
        await cluster.Nodes[node].KillAsync();
        await Task.Delay(random.Next(0, 2500));
        await cluster.Restart(node).ReadyAsync();
    }

    private async Task KillAllAsync()
    {
        await cluster.KillAllAsync();
        foreach (var i in Enumerable.Range(0, cluster.Count).OrderBy(_ => random.Next()).ToArray())
        {
            cluster.Restart(i);
            await Task.Delay(random.Next(0, 1500));
        }

        await cluster.ReadyAsync();
    }

    private async Task PauseAsync(int node)
    {
        cluster.Nodes[node].Pause();
        await Task.Delay(random.Next(100, 6000));
        cluster.Nodes[node].Resume();
        await cluster.Nodes[node].ReadyAsync();
    }

    private async Task WipeAsync(int node)
    {
        // A disk may only be lost while the other two are whole and in step, else no quorum has everything.
        await cluster.ReadyAsync();
        await cluster.Nodes[node].KillAsync();
        cluster.Wipe(node);
        await cluster.Restart(node).ReadyAsync();
        await cluster.MembersAsync(cluster.Count);
    }

    private async Task AddAndRemoveAsync()
    {
        var leader = await cluster.LeaderAsync();
        var id = $"extra{_extra++}";
        using var extra = NodeProcess.Start(cluster.NewNode(id) with { Join = $"http://localhost:{cluster.Options[leader].HttpPort}" });
        await extra.ReadyAsync();
        await Until.TrueAsync($"{id} is removed", async () =>
            (await cluster.Nodes[leader].Api.SendAsync(HttpMethod.Delete, "/remove", $"{{\"id\":\"{id}\"}}", "application/json")).Status == 200);
    }
}
