namespace Rqlite.Pg.Harness.Faults;

/// <summary>Faults of nodes; a minority suffers at a time, except when all are killed.</summary>
internal sealed class ProcessFaults(TestCluster cluster, FaultKinds kinds, Random random, FaultInjector injector)
{
    // Often what moves the lead; seldom what takes long.
    private static readonly Dictionary<FaultKinds, int> Weights = new()
    {
        [FaultKinds.KillLeader] = 5, [FaultKinds.Kill] = 3, [FaultKinds.KillAll] = 2, [FaultKinds.PauseLeader] = 4, [FaultKinds.Pause] = 2,
        [FaultKinds.Away] = 2, [FaultKinds.Wipe] = 2, [FaultKinds.Stop] = 2, [FaultKinds.Members] = 1, [FaultKinds.StepDown] = 3,
    };

    // Longer than the lease of advisory locks.
    private const int PauseMax = 16_000;

    private static int _extra;

    public async Task RunAsync(CancellationToken stop)
    {
        var mine = Weights.Where(w => (w.Key & kinds) != 0).SelectMany(w => Enumerable.Repeat(w.Key, w.Value)).ToArray();
        await FaultInjector.PauseAsync(random.Next(500, 2000), stop);
        while (!stop.IsCancellationRequested)
        {
            injector.NoteDead();
            var kind = mine[random.Next(mine.Length)];
            injector.Count(kind);
            await OneAsync(kind, stop);
            await FaultInjector.PauseAsync(random.Next(200, 3000), stop);
        }
    }

    private async Task OneAsync(FaultKinds kind, CancellationToken stop)
    {
        var node = random.Next(cluster.Count);
        switch (kind)
        {
            case FaultKinds.KillLeader:
                await KillLeaderAsync();
                break;
            case FaultKinds.Kill:
                await KillAsync(Victims(node), random.Next(0, 2500), stop);
                break;
            case FaultKinds.KillAll:
                await KillAllAsync();
                break;
            case FaultKinds.PauseLeader:
                await SleepAsync(Victims(await cluster.LeaderAsync()), stop);
                break;
            case FaultKinds.Pause:
                await SleepAsync(Victims(node), stop);
                break;
            case FaultKinds.Away:
                await KillAsync(Victims(node), random.Next(4000, 12_000), stop);
                break;
            case FaultKinds.Wipe:
                await injector.WithNetworkAsync(() => WipeAsync(node));
                break;
            case FaultKinds.Stop:
                await cluster.Nodes[node].TerminateAsync();
                await cluster.Restart(node).ReadyAsync();
                break;
            case FaultKinds.Members:
                await injector.WithNetworkAsync(AddAndRemoveAsync);
                break;
            default:
                // Refused or not, somebody leads afterwards.
                await cluster.Nodes[await cluster.LeaderAsync()].Api.SendAsync(HttpMethod.Post, "/leader", null, null, stop);
                break;
        }
    }

    private async Task KillLeaderAsync()
    {
        var leader = await cluster.LeaderAsync();
        await cluster.Nodes[leader].KillAsync();
        await injector.TimeFailoverAsync(leader);
        await Task.Delay(random.Next(0, 1500));
        await cluster.Restart(leader).ReadyAsync();
    }

    /// <summary>The node and some more, as many as the cluster can do without at the most; of three nodes only the one.</summary>
    private int[] Victims(int node)
    {
        var minority = (cluster.Count - 1) / 2;
        return minority < 2
            ? [node]
            : [node, .. Enumerable.Range(0, cluster.Count).Where(n => n != node).OrderBy(_ => random.Next()).Take(random.Next(minority))];
    }

    private async Task KillAsync(int[] nodes, int milliseconds, CancellationToken stop)
    {
        await Task.WhenAll(nodes.Select(n => cluster.Nodes[n].KillAsync()));
        await FaultInjector.PauseAsync(milliseconds, stop);
        await Task.WhenAll(nodes.Select(n => cluster.Restart(n).ReadyAsync()).ToArray());
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

    private async Task SleepAsync(int[] nodes, CancellationToken stop)
    {
        Array.ForEach(nodes, n => cluster.Nodes[n].Pause());
        await FaultInjector.PauseAsync(random.Next(10) == 0 ? random.Next(6000, PauseMax) : random.Next(100, 6000), stop);
        Array.ForEach(nodes, n => cluster.Nodes[n].Resume());
        await Task.WhenAll(nodes.Select(n => cluster.Nodes[n].ReadyAsync()));
    }

    private async Task WipeAsync(int node)
    {
        // A disk may only be lost while the others are whole and in step, else no quorum has everything.
        await cluster.ReadyAsync();
        await cluster.MembersAsync(cluster.Count);
        await cluster.Nodes[node].KillAsync();
        cluster.Wipe(node);
        await cluster.Restart(node).ReadyAsync();
        await cluster.MembersAsync(cluster.Count);
    }

    private async Task AddAndRemoveAsync()
    {
        await cluster.LeaderAsync();
        var id = $"extra{Interlocked.Increment(ref _extra)}";

        // Through all of them: another fault may have one of them down for as long as a node tries to join.
        using var extra = NodeProcess.Start(cluster.NewNode(id) with
        {
            Join = string.Join(',', cluster.Options.Select(static node => $"http://localhost:{node.HttpPort}")),
        });
        await extra.ReadyAsync();
        await Until.TrueAsync($"{id} is a member", () => IsMemberAsync(id), cluster.Logs);
        if (random.Next(2) == 0)
        {
            await extra.KillAsync();
        }

        Reply? reply = null;
        await Until.TrueAsync($"{id} is removed", async () =>
        {
            reply = await cluster.Nodes[random.Next(cluster.Count)].Api.SendAsync(
                HttpMethod.Delete, "/remove", $"{{\"id\":\"{id}\"}}", "application/json");
            return reply.Status == 200 || reply.Body.Contains("is not a member", StringComparison.Ordinal);
        }, () => $"{reply}\n{cluster.Logs()}");
    }

    private async Task<bool> IsMemberAsync(string id)
    {
        var reply = await cluster.Nodes[random.Next(cluster.Count)].Api.GetAsync("/nodes?ver=2&nonvoters&timeout=2s");
        return reply.Status == 200 && reply.Json.GetProperty("nodes").EnumerateArray().Any(n => n.GetProperty("id").GetString() == id);
    }
}
