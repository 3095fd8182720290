using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// The items of WITH RECURSIVE in an order in which each comes after those that it names, and which of them name themselves (PostgreSQL's
/// parse_cte.c).
/// </summary>
internal sealed class RecursionOrder
{
    private readonly CommonTable[] _tables;
    private readonly HashSet<int>[] _dependencies;
    private readonly HashSet<string> _recursive = new(StringComparer.Ordinal);
    private int _current;

    public RecursionOrder(With with)
    {
        _tables = [.. with.Tables];
        _dependencies = [.. _tables.Select(_ => new HashSet<int>())];
        var names = new WithNames(Note);
        for (_current = 0; _current < _tables.Length; _current++)
        {
            names.Walk(_tables[_current].Statement);
        }
    }

    public bool IsRecursive(CommonTable table) => _recursive.Contains(table.Name);

    /// <param name="error">Makes the error for items that name each other in a circle.</param>
    public List<CommonTable> Sort(Func<string, string, Location, DialectException> error)
    {
        var sorted = new List<CommonTable>();
        var remaining = Enumerable.Range(0, _tables.Length).ToList();
        while (remaining.Count > 0)
        {
            var free = remaining.FindIndex(i => !_dependencies[i].Overlaps(remaining));
            if (free < 0)
            {
                throw error(
                    SqlState.FeatureNotSupported, "mutual recursion between WITH items is not implemented", _tables[remaining[0]].Location);
            }

            // PostgreSQL exchanges the item that is taken with the first one left, which decides the order of the rest.
            sorted.Add(_tables[remaining[free]]);
            remaining[free] = remaining[0];
            remaining.RemoveAt(0);
        }

        return sorted;
    }

    private void Note(RelationReference reference)
    {
        var index = Array.FindIndex(_tables, table => table.Name == reference.Name.Name);
        if (index == _current)
        {
            _recursive.Add(_tables[index].Name);
        }
        else if (index >= 0)
        {
            _dependencies[_current].Add(index);
        }
    }
}

/// <summary>Walks over a syntax tree and reports the unqualified names of relations that no WITH within the tree defines.</summary>
internal class WithNames(Action<RelationReference> found)
{
    private readonly List<HashSet<string>> _inner = [];

    public void Walk(Node node)
    {
        switch (node)
        {
            case RelationReference { Name.Parts: [var name] } reference:
                if (!_inner.Exists(names => names.Contains(name)))
                {
                    found(reference);
                }

                break;
            case Query { With: { } with } query:
                WalkWith(with, query);
                break;
            default:
                WalkParts(node);
                break;
        }
    }

    protected virtual void WalkParts(Node node)
    {
        foreach (var part in SyntaxParts.Of(node))
        {
            Walk(part);
        }
    }

    private void WalkWith(With with, Query query)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        _inner.Add(names);
        if (with.Recursive)
        {
            names.UnionWith(with.Tables.Select(table => table.Name));
        }

        foreach (var table in with.Tables)
        {
            Walk(table.Statement);
            names.Add(table.Name);
        }

        WalkParts(query);
        _inner.Remove(names);
    }
}
