namespace Rqlite.Pg.Histories.Tests;

/// <summary>Makes strictly serializable histories of lists: every transaction takes effect at one instant between its call and its return.</summary>
internal static class ModelLists
{
    public static List<ListTransaction> Generate(int seed, int clients, int count, double unknown, double failed)
    {
        var random = new Random(seed);
        var clocks = new long[clients];
        var plans = new List<(long Instant, ListTransaction Plan)>();
        var value = 0L;
        for (var i = 0; i < count; i++)
        {
            var client = random.Next(clients);
            var invoked = clocks[client] + random.Next(1, 30);
            var returned = invoked + random.Next(1, 60);
            clocks[client] = returned;
            var luck = random.NextDouble();
            var outcome = luck < unknown ? Outcome.Unknown : luck < unknown + failed ? Outcome.Failed : Outcome.Ok;
            var instant = outcome == Outcome.Unknown ? invoked + random.Next(0, 500) : random.NextInt64(invoked, returned + 1);
            var steps = Enumerable.Range(0, random.Next(1, 6)).Select(_ =>
            {
                var key = $"k{(i / 200 * 4) + random.Next(4)}";
                return random.Next(2) == 0 ? ListStep.Append(key, ++value) : ListStep.Reads(key);
            });
            plans.Add((instant, new ListTransaction(client, [.. steps], invoked, returned, outcome)));
        }

        return Run(plans, random);
    }

    private static List<ListTransaction> Run(List<(long Instant, ListTransaction Plan)> plans, Random random)
    {
        var state = new Dictionary<string, List<long>>();
        var history = new List<ListTransaction>();
        foreach (var (_, plan) in plans.OrderBy(p => p.Instant))
        {
            var happens = plan.Outcome == Outcome.Ok || (plan.Outcome == Outcome.Unknown && random.Next(2) == 0);
            var scratch = state.ToDictionary(s => s.Key, s => s.Value.ToList());
            var steps = new List<ListStep>();
            foreach (var step in plan.Steps)
            {
                scratch.TryAdd(step.Key, []);
                if (step.Read is null)
                {
                    scratch[step.Key].Add(step.Value);
                    steps.Add(step);
                }
                else
                {
                    steps.Add(ListStep.Reads(step.Key, [.. scratch[step.Key]]));
                }
            }

            history.Add(plan with { Steps = steps });
            state = happens ? scratch : state;
        }

        return history;
    }
}
