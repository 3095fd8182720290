using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>What is known at one level of a statement while it is bound (PostgreSQL's ParseState).</summary>
internal sealed class Scope(Scope? parent)
{
    /// <summary>The query around this one.</summary>
    public Scope? Parent { get; } = parent;

    public List<RangeTableEntry> Relations { get; } = [];

    /// <summary>One for each relation: its columns, for whole rows and fields.</summary>
    public List<ScopeItem> Items { get; } = [];

    /// <summary>The relations that stand in FROM or USING, rather than being there for INSERT or ON CONFLICT.</summary>
    public HashSet<int> InFrom { get; } = [];

    public List<FromItem> From { get; } = [];

    /// <summary>The relations in which names of columns and tables are looked up.</summary>
    public List<ScopeItem> Namespace { get; set; } = [];

    /// <summary>A LATERAL item of FROM is being bound, which sees the items before it.</summary>
    public bool LateralActive { get; set; }

    public List<CommonTableState> CommonTables { get; } = [];

    /// <summary>The items of WITH that come later, for a hint.</summary>
    public List<CommonTable> FutureCommonTables { get; set; } = [];

    /// <summary>The item of WITH whose query this is.</summary>
    public CommonTableState? ParentCommonTable { get; init; }

    public ExpressionKind Kind { get; set; }

    /// <summary>The windows of WINDOW and of OVER, in the order in which calls refer to them.</summary>
    public List<WindowSpecification> Windows { get; set; } = [];

    /// <summary>The relation that INSERT, UPDATE or DELETE writes to.</summary>
    public ScopeItem? Target { get; set; }

    /// <summary>Output columns of unknown type become text at the end of the query.</summary>
    public bool ResolveUnknowns { get; init; } = true;

    /// <summary>The number of the next entry of the select list.</summary>
    public int NextNumber { get; set; } = 1;

    public bool HasAggregates { get; set; }

    public bool HasWindows { get; set; }

    public bool HasTargetSets { get; set; }

    /// <summary>The last call of a function that returns a set, to tell whether an expression holds one.</summary>
    public BoundExpression? LastSet { get; set; }

    /// <summary>The domain's value within its CHECK; null elsewhere.</summary>
    public BoundExpression? DomainValue { get; init; }

    /// <summary>The scope a number of levels up.</summary>
    public Scope Up(int levels)
    {
        var scope = this;
        for (; levels > 0; levels--)
        {
            scope = scope.Parent!;
        }

        return scope;
    }

    /// <summary>Adds a relation; its number is the item's.</summary>
    public ScopeItem Add(RangeTableEntry entry, ScopeColumn[] columns, bool inFrom)
    {
        Relations.Add(entry);
        var item = new ScopeItem(entry, Relations.Count, entry.Name, entry.Columns, columns);
        Items.Add(item);
        if (inFrom)
        {
            InFrom.Add(item.Relation);
        }

        return item;
    }
}

/// <summary>A relation as names see it (PostgreSQL's ParseNamespaceItem).</summary>
internal sealed class ScopeItem(RangeTableEntry entry, int relation, string name, NodeList<string> names, ScopeColumn[] columns)
{
    public RangeTableEntry Entry { get; } = entry;

    /// <summary>The relation's number in its query, from 1.</summary>
    public int Relation { get; } = relation;

    public string Name { get; } = name;

    public NodeList<string> Names { get; } = names;

    public ScopeColumn[] Columns { get; } = columns;

    /// <summary>The name qualifies columns.</summary>
    public bool NameVisible { get; set; } = true;

    /// <summary>Columns are found without a qualification.</summary>
    public bool ColumnsVisible { get; set; } = true;

    /// <summary>Only LATERAL items see it.</summary>
    public bool LateralOnly { get; set; }

    /// <summary>It has ctid and its kin.</summary>
    public bool SystemColumns { get; set; } = entry is RelationEntry { Relation.Kind: not Catalog.RelationKind.View };

    /// <summary>A LATERAL item may refer to it; otherwise it is an error to.</summary>
    public bool LateralAllowed { get; set; } = true;
}

/// <summary>The expression that a column of a <see cref="ScopeItem"/> stands for.</summary>
/// <param name="Relation">The relation that has it, which may be one within a join; 0 for a dropped column.</param>
internal readonly record struct ScopeColumn(int Relation, short Attribute, PgType Type, uint Collation);

/// <summary>An item of WITH while its statement is bound.</summary>
internal sealed class CommonTableState(CommonTable syntax)
{
    public CommonTable Syntax { get; } = syntax;

    public string Name => Syntax.Name;

    /// <summary>Null while the item's own query is being bound.</summary>
    public BoundQuery? Query { get; set; }

    /// <summary>It names itself.</summary>
    public bool Recursive { get; set; }

    public NodeList<string> Names { get; set; } = [];

    public NodeList<PgType> Types { get; set; } = [];

    public NodeList<uint> Collations { get; set; } = [];

    public int References { get; set; }
}

/// <summary>A field of a row type.</summary>
internal readonly record struct RowField(string Name, PgType Type, uint Collation, bool Dropped = false);
