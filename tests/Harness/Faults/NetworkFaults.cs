using Rqlite.Pg.Harness.Network;

namespace Rqlite.Pg.Harness.Faults;

/// <summary>Faults of the network between nodes; clients reach every node all the time.</summary>
internal sealed class NetworkFaults(TestCluster cluster, NodeLinks links, FaultKinds kinds, Random random, FaultInjector injector)
{
    private readonly FaultKinds[] _mine = [.. Enum.GetValues<FaultKinds>().Where(k => int.IsPow2((int)k) && (k & kinds & FaultKinds.Network) != 0)];

    public async Task RunAsync(SemaphoreSlim network, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await network.WaitAsync(CancellationToken.None);
            try
            {
                await OneAsync(_mine[random.Next(_mine.Length)], stop);
            }
            finally
            {
                links.Heal();
                network.Release();
            }

            await FaultInjector.PauseAsync(random.Next(500, 5000), stop);
        }
    }

    private async Task OneAsync(FaultKinds kind, CancellationToken stop)
    {
        injector.Count(kind);
        var names = cluster.Options.Select(o => o.Id).OrderBy(_ => random.Next()).ToArray();
        switch (kind)
        {
            case FaultKinds.Isolate:
                var leader = cluster.Options[await cluster.LeaderAsync()].Id;
                foreach (var other in names.Where(n => n != leader))
                {
                    links.StopBoth(leader, other);
                }

                break;
            case FaultKinds.Partition when names.Length > 3 && random.Next(2) == 0:
                // A minority of several nodes that go on hearing each other.
                var few = random.Next(2, ((names.Length - 1) / 2) + 1);
                foreach (var (one, other) in names.Take(few).SelectMany(_ => names.Skip(few), (one, other) => (one, other)))
                {
                    links.StopBoth(one, other);
                }

                break;
            case FaultKinds.Partition:
                // One pair alone leaves a bridge between its nodes; all pairs of one node isolate it.
                foreach (var other in names.Skip(1).Take(random.Next(1, names.Length)))
                {
                    links.StopBoth(names[0], other);
                }

                break;
            case FaultKinds.OneWay:
                var deaf = random.Next(2) == 0;
                foreach (var other in names.Skip(1).Take(random.Next(1, names.Length)))
                {
                    links.Stop(deaf ? other : names[0], deaf ? names[0] : other);
                }

                break;
            default:
                for (var i = random.Next(1, 10); i > 0; i--)
                {
                    links.Reset(names[0], names[random.Next(1, names.Length)]);
                    await FaultInjector.PauseAsync(random.Next(10, 200), stop);
                }

                return;
        }

        await FaultInjector.PauseAsync(random.Next(300, 8000), stop);
    }
}
