using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// In a query with groups, columns that are neither grouped nor dependent on grouped ones may stand in aggregates only (parseCheckAggregates).
/// </summary>
internal sealed class GroupingCheck
{
    private readonly BoundQuery _query;
    private readonly BindContext _context;
    private readonly List<BoundExpression> _groups = [];

    // The tables whose primary key is grouped, so that all of their columns are.
    private readonly HashSet<int> _dependent = [];

    // The walk is within the direct arguments of an ordered-set aggregate, which are evaluated once a group.
    private bool _direct;

    public GroupingCheck(BoundQuery query, BindContext context)
    {
        _query = query;
        _context = context;
        foreach (var clause in query.GroupBy)
        {
            _groups.Add(ThroughJoins(query.Targets.First(t => t.SortReference == clause.Reference).Value));
        }
    }

    public void Run()
    {
        BoundWalk.Visit(_query.Targets.Select(t => t.Value), Visit);
        BoundWalk.Visit(_query.Having, Visit);
        if (_query.HasAggregates && _query.Relations.OfType<CommonTableEntry>().Any(e => e.SelfReference))
        {
            BoundExpression? aggregate = null;
            BoundWalk.Visit(_query, (node, levels) =>
            {
                aggregate ??= node is Aggref a && a.LevelsUp == levels ? node : null;
                return aggregate is null;
            });
            throw _context.Error(
                SqlState.InvalidRecursion, "aggregate functions are not allowed in a recursive query's recursive term",
                Locations.Of(aggregate));
        }
    }

    private bool Visit(BoundExpression node, int levels)
    {
        switch (node)
        {
            case Const or Param:
                return false;
            case Aggref aggregate when aggregate.LevelsUp == levels:
                var outer = _direct;
                _direct = true;
                BoundWalk.Visit(aggregate.Direct, (inner, deeper) => Visit(inner, levels + deeper));
                _direct = outer;
                return false;
            case Aggref aggregate when aggregate.LevelsUp > levels:
                return false;
            case Var column:
                if (column.LevelsUp == levels)
                {
                    Check(column, levels);
                }

                return false;
            default:
                return levels > 0 || !IsGrouped(node);
        }
    }

    private bool IsGrouped(BoundExpression node) => _groups.Exists(group => group is not Var && group.Equals(node));

    private void Check(Var column, int levels)
    {
        var real = ThroughJoins(column with { LevelsUp = 0 });
        if (real is not Var { LevelsUp: 0 } own)
        {
            BoundWalk.Visit(real, (node, _) =>
            {
                if (node is Var inner)
                {
                    Check(inner, levels);
                }

                return levels > 0 || !IsGrouped(node);
            });
            return;
        }

        if (IsGroupedColumn(own.Relation, own.Attribute) || _dependent.Contains(own.Relation) || IsDependent(own.Relation))
        {
            return;
        }

        var entry = _query.Relations[own.Relation - 1];
        var name = $"{entry.Name}.{StatementBinder.NameOfColumn(entry, own.Attribute)}";
        var location = column.Location.Offset >= 0 ? column.Location : own.Location;
        throw levels > 0
            ? _context.Error(SqlState.GroupingError, $"subquery uses ungrouped column \"{name}\" from outer query", location)
            : _context.Error(
                SqlState.GroupingError, $"column \"{name}\" must appear in the GROUP BY clause or be used in an aggregate function", location,
                detail: _direct ? "Direct arguments of an ordered-set aggregate must use only grouped columns." : null);
    }

    private bool IsGroupedColumn(int relation, short attribute) =>
        _groups.Exists(g => g is Var { LevelsUp: 0 } v && v.Relation == relation && v.Attribute == attribute);

    private bool IsDependent(int relation) =>
        _query.Relations[relation - 1] is RelationEntry { Relation: { Kind: RelationKind.Table } table }
        && table.Constraints.FirstOrDefault(c => c.Type == ConstraintType.PrimaryKey) is { Deferrable: false } key
        && key.Columns.All(number => IsGroupedColumn(relation, number))
        && _dependent.Add(relation);

    /// <summary>A column that a join makes is looked through to those of its sides.</summary>
    private BoundExpression ThroughJoins(BoundExpression value)
    {
        while (value is Var { LevelsUp: 0, Attribute: > 0 } column && _query.Relations[column.Relation - 1] is JoinEntry join)
        {
            value = join.Values[column.Attribute - 1];
        }

        return value;
    }
}
