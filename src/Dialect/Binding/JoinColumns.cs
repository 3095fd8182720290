using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The columns of a join, made of those of its sides: the merged ones first, then the rest of either side.</summary>
internal sealed class JoinColumns(ScopeItem left, ScopeItem right)
{
    private readonly List<(string Name, int Left, int Right)> _merged = [];

    public IReadOnlyList<(string Name, int Left, int Right)> Merged => _merged;

    public List<string> Names { get; } = [];

    /// <summary>The expression that each column stands for.</summary>
    public List<BoundExpression> Values { get; } = [];

    /// <summary>The expression that a reference to each column becomes.</summary>
    public List<ScopeColumn> Scope { get; } = [];

    /// <summary>The names that both sides have, for NATURAL.</summary>
    public NodeList<string> Common() => [.. left.Names.Where(name => name.Length > 0 && right.Names.Contains(name))];

    /// <summary>Finds the columns of USING in both sides.</summary>
    public void Merge(NodeList<string> names)
    {
        foreach (var name in names)
        {
            if (_merged.Exists(m => m.Name == name))
            {
                throw new DialectException(SqlState.DuplicateColumn, $"column name \"{name}\" appears more than once in USING clause");
            }

            _merged.Add((name, Find(left, name, "left"), Find(right, name, "right")));
        }
    }

    public Var LeftVar(int index) => VarOf(left.Columns[index]);

    public Var RightVar(int index) => VarOf(right.Columns[index]);

    /// <param name="leftIndex">The column of the left side that the merged one is the same as; -1 for none.</param>
    /// <param name="joinRelation">The join's own number, by which a column that is of neither side is referred to.</param>
    public void AddMerged(string name, BoundExpression value, int leftIndex, int rightIndex, int joinRelation)
    {
        Names.Add(name);
        Values.Add(value);
        Scope.Add(leftIndex >= 0 ? left.Columns[leftIndex]
            : rightIndex >= 0 ? right.Columns[rightIndex]
            : new ScopeColumn(joinRelation, (short)Names.Count, value.Type, value.Collation));
    }

    /// <summary>Adds the columns that are not merged.</summary>
    public void AddRest()
    {
        AddRest(left, [.. _merged.Select(m => m.Left)]);
        AddRest(right, [.. _merged.Select(m => m.Right)]);
    }

    private void AddRest(ScopeItem side, HashSet<int> merged)
    {
        for (var i = 0; i < side.Names.Count; i++)
        {
            if (side.Names[i].Length > 0 && !merged.Contains(i))
            {
                Names.Add(side.Names[i]);
                Values.Add(VarOf(side.Columns[i]));
                Scope.Add(side.Columns[i]);
            }
        }
    }

    private static int Find(ScopeItem side, string name, string which)
    {
        var found = -1;
        for (var i = 0; i < side.Names.Count; i++)
        {
            if (side.Names[i] == name)
            {
                found = found < 0 ? i : throw new DialectException(
                    SqlState.AmbiguousColumn, $"common column name \"{name}\" appears more than once in {which} table");
            }
        }

        return found >= 0 ? found : throw new DialectException(
            SqlState.UndefinedColumn, $"column \"{name}\" specified in USING clause does not exist in {which} table");
    }

    private static Var VarOf(ScopeColumn column) => new(column.Relation, column.Attribute, 0, column.Type, column.Collation, Location.None);
}
