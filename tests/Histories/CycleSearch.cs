namespace Rqlite.Pg.Histories;

/// <summary>Finds a cycle of dependencies, of the most telling kind and short.</summary>
internal sealed class CycleSearch(DependencyGraph graph)
{
    /// <summary>How many edges or nodes a short cycle is looked for from.</summary>
    private const int TriesMax = 500;
    private const Dependency Writes = Dependency.WriteWrite;
    private const Dependency Reads = Writes | Dependency.WriteRead;
    private const Dependency All = Reads | Dependency.ReadWrite;

    public Cycle? First(bool realTime)
    {
        var whole = realTime ? All | Dependency.RealTime : All;
        return Components(whole).Any(static c => c >= 0) ? Named(Dependency.None, "") ?? (realTime ? Named(Dependency.RealTime, "-realtime") : null) : null;
    }

    private Cycle? Named(Dependency also, string suffix) =>
        Any(Writes | also, "G0" + suffix)
        ?? Any(Reads | also, "G1c" + suffix)
        ?? Single(Reads | also, "G-single" + suffix)
        ?? Any(All | also, "G2" + suffix);

    private Cycle? Any(Dependency kinds, string name)
    {
        var component = Components(kinds);
        List<DependencyEdge>? shortest = null;
        var tries = 0;
        for (var node = 0; node < graph.Transactions && tries < TriesMax; node++)
        {
            if (component[node] >= 0)
            {
                tries++;
                var path = Path(node, node, kinds, component);
                shortest = path is not null && (shortest is null || path.Count < shortest.Count) ? path : shortest;
            }
        }

        return shortest is null ? null : new Cycle(name, Shown(shortest));
    }

    /// <summary>One rw and a way back without another.</summary>
    private Cycle? Single(Dependency without, string name)
    {
        var component = Components(without | Dependency.ReadWrite);
        List<DependencyEdge>? shortest = null;
        var tries = 0;
        for (var node = 0; node < graph.Transactions && tries < TriesMax; node++)
        {
            foreach (var edge in graph.From(node))
            {
                if (edge.Kind == Dependency.ReadWrite && component[node] >= 0 && component[node] == component[edge.To])
                {
                    tries++;
                    var back = Path(edge.To, node, without, component);
                    shortest = back is not null && (shortest is null || back.Count + 1 < shortest.Count) ? [edge, .. back] : shortest;
                }
            }
        }

        return shortest is null ? null : new Cycle(name, Shown(shortest));
    }

    /// <summary>The shortest way of at least one edge inside a component.</summary>
    private List<DependencyEdge>? Path(int from, int to, Dependency kinds, int[] component)
    {
        var arrivedBy = new Dictionary<int, DependencyEdge>();
        var queue = new Queue<int>([from]);
        while (queue.TryDequeue(out var node))
        {
            foreach (var edge in graph.From(node))
            {
                if ((edge.Kind & kinds) == 0 || component[edge.To] != component[from] || !arrivedBy.TryAdd(edge.To, edge))
                {
                    continue;
                }

                if (edge.To == to)
                {
                    return Walk(arrivedBy, from, to);
                }

                queue.Enqueue(edge.To);
            }
        }

        return null;
    }

    private static List<DependencyEdge> Walk(Dictionary<int, DependencyEdge> arrivedBy, int from, int to)
    {
        var path = new List<DependencyEdge>();
        var node = to;
        do
        {
            path.Add(arrivedBy[node]);
            node = arrivedBy[node].From;
        }
        while (node != from);
        path.Reverse();
        return path;
    }

    /// <summary>Without the instants: a way along their chain is one dependency of real time.</summary>
    private List<DependencyEdge> Shown(List<DependencyEdge> cycle)
    {
        var shown = new List<DependencyEdge>();
        foreach (var edge in cycle)
        {
            if (edge.From >= graph.Transactions)
            {
                shown[^1] = shown[^1] with { To = edge.To };
            }
            else
            {
                shown.Add(edge.Kind == Dependency.RealTime ? edge with { Text = "ended, and only then began the next (rt)" } : edge);
            }
        }

        return shown;
    }

    /// <summary>Tarjan's strongly connected components, without recursion; -1 for a node that is on no cycle.</summary>
    private int[] Components(Dependency kinds)
    {
        var order = new int[graph.Nodes];
        var low = new int[graph.Nodes];
        var component = new int[graph.Nodes];
        var open = new bool[graph.Nodes];
        Array.Fill(component, -1);
        var stack = new Stack<int>();
        var work = new Stack<(int Node, int Edge)>();
        var counter = 0;
        for (var root = 0; root < graph.Nodes; root++)
        {
            if (order[root] != 0)
            {
                continue;
            }

            work.Push((root, 0));
            while (work.TryPop(out var at))
            {
                var (node, next) = at;
                if (next == 0)
                {
                    order[node] = low[node] = ++counter;
                    open[node] = true;
                    stack.Push(node);
                }
                else
                {
                    low[node] = Math.Min(low[node], Reached(graph.From(node)[next - 1], kinds, open, low));
                }

                if (Descend(node, next, kinds, order, low, open, work))
                {
                    continue;
                }

                if (low[node] == order[node])
                {
                    Close(node, stack, open, component);
                }
            }
        }

        return component;
    }

    /// <summary>What the edge that was just followed leads back to.</summary>
    private static int Reached(DependencyEdge edge, Dependency kinds, bool[] open, int[] low) =>
        (edge.Kind & kinds) != 0 && open[edge.To] ? low[edge.To] : int.MaxValue;

    private bool Descend(int node, int next, Dependency kinds, int[] order, int[] low, bool[] open, Stack<(int Node, int Edge)> work)
    {
        var edges = graph.From(node);
        for (var i = next; i < edges.Count; i++)
        {
            if ((edges[i].Kind & kinds) == 0)
            {
                continue;
            }

            if (order[edges[i].To] == 0)
            {
                work.Push((node, i + 1));
                work.Push((edges[i].To, 0));
                return true;
            }

            if (open[edges[i].To])
            {
                low[node] = Math.Min(low[node], order[edges[i].To]);
            }
        }

        return false;
    }

    private static void Close(int node, Stack<int> stack, bool[] open, int[] component)
    {
        var size = 0;
        int member;
        do
        {
            member = stack.Pop();
            open[member] = false;
            component[member] = node;
            size++;
        }
        while (member != node);
        if (size == 1)
        {
            component[node] = -1;
        }
    }
}
