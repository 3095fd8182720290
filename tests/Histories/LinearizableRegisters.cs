namespace Rqlite.Pg.Histories;

/// <summary>
/// Checks registers for linearizability, each key on its own (linearizability is local), by the search of Wing and Gong with
/// Lowe's memory of visited configurations.
/// </summary>
public sealed class LinearizableRegisters(long stepsMax = 20_000_000, int visitedMax = 4_000_000)
{
    public Verdict Check(IEnumerable<Operation> history, long? initial = null)
    {
        var undecided = (Verdict?)null;
        foreach (var key in history.Where(o => o.Outcome != Outcome.Failed).GroupBy(o => o.Key))
        {
            var verdict = CheckKey(key.Key, Relevant([.. key]), initial);
            if (verdict.Kind == VerdictKind.Violation)
            {
                return verdict;
            }

            undecided ??= verdict.Passed ? null : verdict;
        }

        return undecided ?? Verdict.Valid;
    }

    /// <summary>
    /// Leaves out what cannot decide: unknown reads, and unknown writes of a value that nobody saw. A write that nobody saw can be
    /// taken out of any order without harm, unless a refused compare-and-set may have needed it.
    /// </summary>
    private static List<Operation> Relevant(List<Operation> operations)
    {
        var seen = new HashSet<long?>();
        var refused = false;
        foreach (var operation in operations)
        {
            if (operation.Kind == OperationKind.Read && operation.Outcome == Outcome.Ok)
            {
                seen.Add(operation.Value);
            }
            else if (operation.Kind == OperationKind.CompareAndSet)
            {
                seen.Add(operation.Expected);
                refused |= operation.Outcome == Outcome.Ok && !operation.Swapped;
            }
        }

        return [.. operations.Where(o => o.Outcome == Outcome.Ok || (o.Kind != OperationKind.Read && (refused || seen.Contains(o.Value))))];
    }

    private Verdict CheckKey(string key, List<Operation> operations, long? initial)
    {
        operations.Sort((a, b) => a.Invoked.CompareTo(b.Invoked));
        var search = new RegisterSearch(operations, initial, stepsMax, visitedMax);
        return search.Run() switch
        {
            true => Verdict.Valid,
            false => Verdict.Violation($"key {key}: no order of these operations explains the answers; the furthest got stuck at{search.Stuck()}"),
            null => Verdict.Undecided($"key {key}: {operations.Count} operations, gave up after {search.Steps} steps"),
        };
    }
}
