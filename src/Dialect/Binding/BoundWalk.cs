namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// Walks over bound trees with a stack of its own, so that their depth does not matter: each node before its parts, the parts in the order in
/// which they were written.
/// </summary>
internal static class BoundWalk
{
    /// <summary>Looks at a node of a query so many levels below the start.</summary>
    /// <returns>False to leave out the node's parts.</returns>
    public delegate bool Visitor(BoundExpression node, int levels);

    public static void Visit(BoundExpression? root, Visitor visitor)
    {
        if (root is not null)
        {
            Run(new Stack<Item>([new Item(root, null, 0)]), visitor);
        }
    }

    public static void Visit(IEnumerable<BoundExpression> roots, Visitor visitor)
    {
        var items = new Stack<Item>();
        foreach (var root in roots.Reverse())
        {
            items.Push(new Item(root, null, 0));
        }

        Run(items, visitor);
    }

    /// <summary>The whole of a query, whose own nodes are at level 0.</summary>
    public static void Visit(BoundQuery query, Visitor visitor) => Run(new Stack<Item>([new Item(null, query, 0)]), visitor);

    /// <summary>The first node for which a condition holds.</summary>
    public static BoundExpression? Find(BoundExpression? root, Func<BoundExpression, int, bool> condition) =>
        root is null ? null : Find([root], condition);

    public static BoundExpression? Find(IEnumerable<BoundExpression> roots, Func<BoundExpression, int, bool> condition)
    {
        BoundExpression? found = null;
        Visit(roots, (node, levels) =>
        {
            if (found is null && condition(node, levels))
            {
                found = node;
            }

            return found is null;
        });
        return found;
    }

    /// <summary>The first column of the query a number of levels up that an expression refers to.</summary>
    public static BoundExpression? FindVar(IEnumerable<BoundExpression> roots, int levelsUp) =>
        Find(roots, (node, levels) => node is Var v && v.LevelsUp == levelsUp + levels);

    public static BoundExpression? FindVar(BoundExpression? root, int levelsUp = 0) => root is null ? null : FindVar([root], levelsUp);

    public static BoundExpression? FindAggregate(IEnumerable<BoundExpression> roots, int levelsUp) =>
        Find(roots, (node, levels) => node is Aggref a && a.LevelsUp == levelsUp + levels);

    public static BoundExpression? FindAggregate(BoundExpression? root, int levelsUp = 0) => root is null ? null : FindAggregate([root], levelsUp);

    /// <summary>The first window function of the expression's own query.</summary>
    public static BoundExpression? FindWindowFunction(IEnumerable<BoundExpression> roots) =>
        Find(roots, (node, levels) => levels == 0 && node is WindowFunc);

    public static BoundExpression? FindWindowFunction(BoundExpression? root) => root is null ? null : FindWindowFunction([root]);

    private static void Run(Stack<Item> items, Visitor visitor)
    {
        var parts = new List<BoundExpression>();
        var queries = new List<(BoundQuery Query, int Levels)>();
        while (items.TryPop(out var item))
        {
            parts.Clear();
            queries.Clear();
            if (item.Node is { } node)
            {
                if (!visitor(node, item.Levels))
                {
                    continue;
                }

                BoundParts.Add(node, parts);
                if (node is SubLink link)
                {
                    queries.Add((link.Query, item.Levels + 1));
                }
            }
            else
            {
                BoundParts.Add(item.Query!, item.Levels, parts, queries);
            }

            for (var i = queries.Count - 1; i >= 0; i--)
            {
                items.Push(new Item(null, queries[i].Query, queries[i].Levels));
            }

            for (var i = parts.Count - 1; i >= 0; i--)
            {
                items.Push(new Item(parts[i], null, item.Levels));
            }
        }
    }

    private readonly record struct Item(BoundExpression? Node, BoundQuery? Query, int Levels);
}
