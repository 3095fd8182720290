using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>How an object came to be dropped.</summary>
[Flags]
internal enum DropReason : byte
{
    None = 0,

    /// <summary>The statement names it.</summary>
    Named = 1,

    /// <summary>It refers to an object that is dropped, which only CASCADE allows.</summary>
    Normal = 2,

    /// <summary>It is a part of an object that is dropped, or goes with it without a word.</summary>
    Part = 4,
}

/// <param name="Dependee">The object because of which it is dropped.</param>
internal sealed record DropTarget(ObjectAddress Object, ObjectAddress Dependee)
{
    public DropReason Reasons { get; set; }
}

/// <summary>Finds what has to be dropped with objects, in PostgreSQL's order (dependency.c, findDependentObjects).</summary>
internal sealed class DependencyWalk
{
    private readonly ILookup<(uint Class, uint Object), Dependency> _dependents;
    private readonly ILookup<(uint Class, uint Object), Dependency> _own;
    private readonly ObjectDescriptions _descriptions;
    private readonly List<ObjectAddress> _open = [];

    /// <param name="dropped">Objects that are no more, though the snapshot's dependencies name them.</param>
    public DependencyWalk(SchemaSnapshot snapshot, ObjectDescriptions descriptions, IReadOnlySet<ObjectAddress> dropped)
    {
        Dependency[] all = [.. PgDepend.Of(snapshot).Where(dependency => !dropped.Contains(dependency.Object))];
        _dependents = all.ToLookup(d => (d.Referenced.Class, d.Referenced.Object));
        _own = all.ToLookup(d => (d.Object.Class, d.Object.Object));
        _descriptions = descriptions;
    }

    /// <summary>Each object behind those that depend on it.</summary>
    public List<DropTarget> Targets { get; } = [];

    public void Visit(ObjectAddress address) => Visit(address, address, DropReason.Named);

    private void Visit(ObjectAddress address, ObjectAddress dependee, DropReason reason)
    {
        if (_open.Contains(address))
        {
            return;
        }

        // A column of a table that is dropped goes with it.
        if (Targets.Find(target => target.Object == address || target.Object == address with { Sub = 0 }) is { } known)
        {
            known.Reasons |= known.Object == address ? reason : DropReason.None;
            return;
        }

        if (OwnerOf(address) is { } owner && !_open.Contains(owner) && !_open.Contains(owner with { Sub = 0 }))
        {
            if (reason == DropReason.Named)
            {
                throw new DialectException(
                    SqlState.DependentObjectsStillExist, $"cannot drop {Describe(address)} because {Describe(owner)} requires it",
                    hint: $"You can drop {Describe(owner)} instead.");
            }

            // A part is not dropped alone: what it belongs to is.
            Visit(owner, dependee, reason);
            return;
        }

        _open.Add(address);
        foreach (var group in _dependents[(address.Class, address.Object)].Where(d => address.Sub == 0 || d.Referenced.Sub == address.Sub)
            .GroupBy(d => d.Object).OrderByDescending(g => g.Key.Object).ThenBy(g => g.Key.Sub))
        {
            if (group.Key == address)
            {
                continue;
            }

            var why = group.Aggregate(DropReason.None, (all, d) => all | (d.Kind == 'n' ? DropReason.Normal : DropReason.Part));
            Visit(group.Key, address, why);
        }

        _open.RemoveAt(_open.Count - 1);
        Targets.Add(new DropTarget(address, dependee) { Reasons = reason });
    }

    /// <summary>The object that this one is a part of (deptype i); null for none.</summary>
    private ObjectAddress? OwnerOf(ObjectAddress address)
    {
        foreach (var dependency in _own[(address.Class, address.Object)])
        {
            if (dependency.Kind == 'i' && dependency.Object.Sub == address.Sub)
            {
                return dependency.Referenced;
            }
        }

        return null;
    }

    private string Describe(ObjectAddress address) => _descriptions.Describe(address) ?? "object";
}
