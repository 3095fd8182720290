using System.Diagnostics;
using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Chaos;

/// <summary>
/// The negative control of durability: without the log's flush before an acknowledgement, killing both followers the moment a write is
/// acknowledged and destroying the leader's disk must lose that write sooner or later. Under a steady load the loss does not show: every
/// further entry tells the followers to commit the one before, and then the log flushes by itself. So one client writes one row, after a
/// pause, and is the one that kills. The certain proof, of one log alone, is AcknowledgedAppendTests.
/// </summary>
internal static class FlushControl
{
    /// <summary>The switch that the log reads; it exists for this program only.</summary>
    public const string Switch = "RQLITED_TEST_NO_LOG_FLUSH";

    public static async Task<int> RunAsync(ChaosOptions options)
    {
        var clock = Stopwatch.StartNew();
        var random = new Random(options.Seed);
        for (var round = 0; clock.Elapsed.TotalSeconds < options.Seconds; round++)
        {
            using var cluster = await TestCluster.StartAsync(3, environment: new Dictionary<string, string> { [Switch] = "1" });
            await IdInserts.CreateTableAsync(cluster.Nodes[0].Api);
            var leader = await cluster.LeaderAsync();
            var followers = Enumerable.Range(0, 3).Where(i => i != leader).ToArray();
            var outcomes = await WriteAndKillAsync(cluster, leader, followers, random);
            await cluster.KillAllAsync();
            cluster.Wipe(leader);
            var survivors = followers.Select(cluster.Restart).ToArray();
            await Task.WhenAll(survivors.Select(n => n.ReadyAsync()));
            var verdict = await Contents.CheckAsync(survivors, outcomes);
            Console.WriteLine($"round {round}: {outcomes.Values.Count(o => o == Outcome.Ok)} acknowledged; {verdict.Kind} {verdict.Explanation}");
            if (!verdict.Passed)
            {
                Console.WriteLine("The loss was seen, as it must be without the flush.");
                return 0;
            }
        }

        Console.WriteLine("No loss was seen without the flush: either the switch does nothing or the test is too weak.");
        return 1;
    }

    /// <summary>Single writes with pauses; with the answer of the last one the followers die, by two signals and nothing in between.</summary>
    private static async Task<Dictionary<long, Outcome>> WriteAndKillAsync(TestCluster cluster, int leader, int[] followers, Random random)
    {
        var outcomes = new Dictionary<long, Outcome>();
        for (var id = 1; id <= 5; id++)
        {
            await Task.Delay(random.Next(100, 1500));
            var reply = await cluster.Nodes[leader].Api.ExecuteAsync($"INSERT INTO {IdInserts.Table}(id, client) VALUES(?, ?)", id, 0);
            if (id == 5)
            {
                Signals.Send(cluster.Nodes[followers[0]].Id, Signals.Kill);
                Signals.Send(cluster.Nodes[followers[1]].Id, Signals.Kill);
            }

            outcomes[id] = reply.Outcome;
        }

        return outcomes;
    }
}
