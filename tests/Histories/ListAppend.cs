namespace Rqlite.Pg.Histories;

/// <summary>
/// Checks transactions that append to lists and read them. A list shows the order of its appends, so the order of the versions is known
/// and need not be searched: transactions depend on one another by ww (appended directly after), wr (read what the other appended last)
/// and rw (read the list before the other appended), and, for strict serializability, by rt (ended before the other began). A cycle of
/// such dependencies is an anomaly, named after Adya: G0, G1c, G-single (one rw), G2 (several); "-realtime" if rt is needed to close it.
/// Reads of refused (G1a) and of intermediate (G1b) appends, and reads that contradict their own transaction, are found beside.
/// A transaction of unknown outcome counts as committed if somebody saw an append of it, and from then on must be so entirely.
/// </summary>
public static class ListAppend
{
    /// <param name="realTime">Strict serializability; without it, serializability in any order of time.</param>
    public static Verdict Check(IEnumerable<ListTransaction> history, bool realTime = true)
    {
        var versions = new ListVersions([.. history]);
        if (versions.Anomaly is { } anomaly)
        {
            return Verdict.Violation(anomaly);
        }

        var graph = new DependencyGraph(versions.Committed.Count);
        versions.AddDependencies(graph);
        if (realTime)
        {
            graph.AddRealTime(versions.Committed);
        }

        var cycle = new CycleSearch(graph).First(realTime);
        return cycle is null ? Verdict.Valid : Verdict.Violation(Text(cycle, versions.Committed));
    }

    private static string Text(Cycle cycle, IReadOnlyList<ListTransaction> transactions)
    {
        var lines = cycle.Edges.Select(e => $"  {transactions[e.From]}\n    --{e.Text} before -->");
        return $"{cycle.Name}: these transactions must each come before the next, and the last before the first\n{string.Join('\n', lines)}";
    }
}
