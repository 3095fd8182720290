namespace Rqlite.Pg.Histories.Tests;

/// <summary>Makes valid histories: a register that takes each operation at one instant between its call and its return.</summary>
internal static class ModelHistory
{
    public static List<Operation> Generate(int seed, int clients, int operations, double unknown, string key = "k")
    {
        var random = new Random(seed);
        var plans = new List<(long Instant, Operation Plan)>();
        var clocks = new long[clients];
        var nextValue = 0L;
        for (var i = 0; i < operations; i++)
        {
            var client = random.Next(clients);
            var invoked = clocks[client] + random.Next(1, 30);
            var returned = invoked + random.Next(1, 40);
            clocks[client] = returned;
            var isUnknown = random.NextDouble() < unknown;
            // An unknown operation may take effect long after its client gave up.
            var instant = isUnknown ? invoked + random.Next(0, 400) : random.NextInt64(invoked, returned + 1);
            var kind = (OperationKind)random.Next(3);
            var outcome = isUnknown ? random.Next(2) == 0 ? Outcome.Unknown : Outcome.Failed : Outcome.Ok;
            var expected = kind == OperationKind.CompareAndSet ? random.NextInt64(Math.Max(0, nextValue - 3), nextValue + 1) : (long?)null;
            long? value = kind == OperationKind.Read ? null : ++nextValue;
            plans.Add((instant, new Operation(client, key, kind, value, expected, false, invoked, returned, outcome)));
        }

        return Run(plans, random);
    }

    private static List<Operation> Run(List<(long Instant, Operation Plan)> plans, Random random)
    {
        long? state = null;
        var history = new List<Operation>();
        foreach (var (_, plan) in plans.OrderBy(p => p.Instant))
        {
            var happens = plan.Outcome == Outcome.Ok || (plan.Outcome == Outcome.Unknown && random.Next(2) == 0);
            var operation = plan;
            switch (plan.Kind)
            {
                case OperationKind.Read:
                    operation = plan with { Value = state };
                    break;
                case OperationKind.Write when happens:
                    state = plan.Value;
                    break;
                case OperationKind.CompareAndSet when happens && plan.Expected == state:
                    state = plan.Value;
                    operation = plan with { Swapped = true };
                    break;
            }

            history.Add(operation);
        }

        return history;
    }
}
