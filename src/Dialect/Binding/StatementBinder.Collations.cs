namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The collations of what has been bound, at the moments at which PostgreSQL assigns them.</summary>
internal sealed partial class StatementBinder
{
    private BoundExpression AssignCollations(BoundExpression expression) => Collations.Assign(expression, _context);

    private BoundQuery AssignCollations(BoundQuery query) => Collations.Assign(query, _context);

    /// <summary>The collation of a column that several expressions make.</summary>
    /// <param name="optional">A conflict leaves the column without one instead of being an error.</param>
    private uint CommonCollation(IReadOnlyList<BoundExpression> values, bool optional) => Collations.Common(values, optional, _context);
}
