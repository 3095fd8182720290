namespace Rqlite.Pg.Histories;

/// <summary>Transactions as nodes and their dependencies as edges. Nodes beyond the transactions are instants: see <see cref="AddRealTime"/>.</summary>
internal sealed class DependencyGraph(int transactions)
{
    private readonly List<List<DependencyEdge>> _edges = [.. Enumerable.Range(0, transactions).Select(_ => new List<DependencyEdge>())];

    public int Transactions => transactions;

    public int Nodes => _edges.Count;

    public IReadOnlyList<DependencyEdge> From(int node) => _edges[node];

    public void Add(int from, int to, Dependency kind, string text)
    {
        if (from != to)
        {
            _edges[from].Add(new DependencyEdge(from, to, kind, text));
        }
    }

    /// <summary>
    /// Every transaction that ended comes before all that began later. Instead of an edge for each such pair there is a chain of
    /// instants, one for each end: an end leads into its instant, and the last instant before a beginning leads out of the chain. So the
    /// edges are linear in the transactions, and paths along the chain are exactly the pairs.
    /// </summary>
    public void AddRealTime(IReadOnlyList<ListTransaction> history)
    {
        var ends = Enumerable.Range(0, transactions).Where(i => history[i].Outcome == Outcome.Ok).OrderBy(i => history[i].Returned).ToArray();
        var starts = Enumerable.Range(0, transactions).OrderBy(i => history[i].Invoked).ToArray();
        var passed = 0;
        var instant = -1;
        foreach (var start in starts)
        {
            for (; passed < ends.Length && history[ends[passed]].Returned < history[start].Invoked; passed++)
            {
                var next = _edges.Count;
                _edges.Add([]);
                if (instant >= 0)
                {
                    Add(instant, next, Dependency.RealTime, "");
                }

                Add(ends[passed], next, Dependency.RealTime, "");
                instant = next;
            }

            if (instant >= 0)
            {
                Add(instant, start, Dependency.RealTime, "");
            }
        }
    }
}
