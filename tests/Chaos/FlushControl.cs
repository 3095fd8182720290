using System.Diagnostics;
using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;

namespace Rqlite.Pg.Chaos;

/// <summary>
/// The negative control of durability: without the log's flush before an acknowledgement, killing all nodes and destroying the
/// leader's disk must lose something sooner or later, or the tests of durability would prove nothing.
/// </summary>
internal static class FlushControl
{
    /// <summary>The switch that the log reads; it exists for this program only.</summary>
    public const string Switch = "RQLITED_TEST_NO_LOG_FLUSH";

    public static async Task<int> RunAsync(ChaosOptions options)
    {
        var clock = Stopwatch.StartNew();
        for (var round = 0; clock.Elapsed.TotalMinutes < options.Minutes; round++)
        {
            using var cluster = await TestCluster.StartAsync(3, environment: new Dictionary<string, string> { [Switch] = "1" });
            await IdInserts.CreateTableAsync(cluster.Nodes[0].Api);
            await using var inserts = IdInserts.Start(cluster.Options, clients: 12, options.Seed + round);
            await inserts.MoreAsync(800 + (97 * (round % 7)), cluster.Logs);
            var leader = await cluster.LeaderAsync();
            await cluster.KillAllAsync();
            await inserts.StopAsync();
            cluster.Wipe(leader);
            var survivors = Enumerable.Range(0, 3).Where(i => i != leader).Select(cluster.Restart).ToArray();
            await Task.WhenAll(survivors.Select(n => n.ReadyAsync()));
            var verdict = await Contents.CheckAsync(survivors, inserts.Outcomes);
            Console.WriteLine($"round {round}: {inserts.Acknowledged} acknowledged, {verdict.Explanation}");
            if (!verdict.Passed)
            {
                Console.WriteLine("The loss was seen, as it must be without the flush.");
                return 0;
            }
        }

        Console.WriteLine("No loss was seen without the flush: either the switch does nothing or the test is too weak.");
        return 1;
    }
}
