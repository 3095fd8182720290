using System.Diagnostics;
using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Chaos;

/// <summary>Epochs of load and faults; after each the load stops and everything is checked.</summary>
internal sealed class Campaign(TestCluster cluster, ChaosOptions options)
{
    private readonly Random _random = new(options.Seed);
    private long _acknowledged;
    private long _registerOperations;

    public static async Task<int> RunAsync(ChaosOptions options)
    {
        using var cluster = await TestCluster.StartAsync(3);
        await IdInserts.CreateTableAsync(cluster.Nodes[0].Api);
        await Registers.CreateTableAsync(cluster.Nodes[0].Api);
        var campaign = new Campaign(cluster, options);
        var faults = new Faults(cluster, campaign._random);
        var clock = Stopwatch.StartNew();
        for (var epoch = 0; clock.Elapsed.TotalMinutes < options.Minutes; epoch++)
        {
            var verdict = await campaign.EpochAsync(epoch, faults);
            Console.WriteLine($"epoch {epoch}, {clock.Elapsed.TotalSeconds:0} s: {verdict.Kind}; acknowledged {campaign._acknowledged}, "
                + $"register operations {campaign._registerOperations}, faults {faults}");
            if (!verdict.Passed)
            {
                Console.WriteLine($"{verdict.Explanation}\n{cluster.Logs()}\nseed {options.Seed}");
                return 1;
            }
        }

        Console.WriteLine($"nothing lost, nothing doubled, no difference, linearizable; seed {options.Seed}");
        return 0;
    }

    private async Task<Verdict> EpochAsync(int epoch, Faults faults)
    {
        await using var http = IdInserts.Start(cluster.Options, clients: 4, _random.Next(), firstId: 1);
        await using var pg = PgInserts.Start(cluster.Options, clients: 3, _random.Next(), firstId: 1L << 40);
        await using var registers = Registers.Start(cluster.Options, clients: 4, (options.Seed % 10_000 * 1000) + epoch);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < options.EpochSeconds)
        {
            await Task.Delay(_random.Next(200, 3000));
            await faults.OneAsync();
        }

        await http.StopAsync();
        await pg.StopAsync();
        await registers.StopAsync();
        await cluster.ReadyAsync();
        _acknowledged += http.Acknowledged + pg.Acknowledged;
        var history = registers.History.ToList();
        _registerOperations += history.Count;
        if (http.Acknowledged == 0 || pg.Acknowledged == 0 || registers.Reads == 0)
        {
            var last = string.Join('\n', http.Surprises.TakeLast(5).Concat(pg.Surprises.TakeLast(5)).Concat(registers.Surprises.Keys.Take(5)));
            return Verdict.Undecided($"too little was answered: http {http.Acknowledged}, pg {pg.Acknowledged}, reads {registers.Reads}\n{last}");
        }

        var outcomes = http.Outcomes.Concat(pg.Outcomes).ToDictionary();
        var verdict = await Contents.CheckAsync(cluster.Nodes, outcomes);
        verdict = verdict.Passed ? await PairsAsync() : verdict;
        verdict = verdict.Passed ? new LinearizableRegisters().Check(history) : verdict;
        verdict = verdict.Passed
            ? await Contents.SameAnswerAsync(cluster.Nodes, "SELECT count(*), sum(v), sum(unicode(k)) FROM registers")
            : verdict;
        (await cluster.Nodes[0].Api.ExecuteAsync($"DELETE FROM {IdInserts.Table}")).Result();
        return verdict;
    }

    /// <summary>Both rows of a transaction are there, or neither.</summary>
    private async Task<Verdict> PairsAsync()
    {
        var halves = (await cluster.Nodes[0].Api.QueryAsync(
            "none", $"SELECT count(*) FROM (SELECT id / 2 FROM {IdInserts.Table} WHERE client < 0 GROUP BY id / 2 HAVING count(*) <> 2)")).Scalar().GetInt64();
        return halves == 0 ? Verdict.Valid : Verdict.Violation($"{halves} transactions took effect by half");
    }
}
