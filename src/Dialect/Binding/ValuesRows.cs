using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The rows of an INSERT that has several, in which DEFAULT is replaced.</summary>
internal sealed class ValuesRows
{
    private readonly RangeTableEntry[] _relations;
    private readonly int _number = -1;

    public ValuesRows(BoundQuery query)
    {
        _relations = [.. query.Relations];
        if (query.From is [FromRelation from] && _relations[from.Relation - 1] is ValuesEntry)
        {
            _number = from.Relation;
        }
    }

    public NodeList<RangeTableEntry> Relations => [.. _relations];

    /// <summary>True if every row has DEFAULT for a column.</summary>
    public bool AllDefault(TargetEntry target) =>
        ColumnOf(target) is >= 0 and var column && Entry.Rows.All(row => row[column] is SetToDefaultExpr);

    /// <summary>Replaces DEFAULT for a column where single rows have it.</summary>
    public void ReplaceDefaults(TargetEntry target, Func<BoundExpression> create)
    {
        var column = ColumnOf(target);
        if (column < 0 || !Entry.Rows.Any(row => row[column] is SetToDefaultExpr))
        {
            return;
        }

        var value = create();
        NodeList<NodeList<BoundExpression>> rows =
            [.. Entry.Rows.Select(row => row[column] is SetToDefaultExpr ? [.. row.Take(column), value, .. row.Skip(column + 1)] : row)];
        _relations[_number - 1] = Entry with { Rows = rows };
    }

    private ValuesEntry Entry => (ValuesEntry)_relations[_number - 1];

    private int ColumnOf(TargetEntry target) => target.Value is Var { LevelsUp: 0 } column && column.Relation == _number ? column.Attribute - 1 : -1;
}
