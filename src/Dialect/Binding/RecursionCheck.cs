using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Checks that a query which names itself has a form in which that means something.</summary>
internal sealed class RecursionCheck
{
    private readonly CommonTable _table;
    private readonly Func<string, string, Location, DialectException> _error;
    private readonly Walker _walker;

    // Where the walk is, if a reference is not allowed there.
    private string? _place;
    private int _references;

    /// <param name="error">Makes an error from its SQLSTATE, message and place.</param>
    public RecursionCheck(CommonTable table, Func<string, string, Location, DialectException> error)
    {
        _table = table;
        _error = error;
        _walker = new Walker(this);
    }

    public void Run()
    {
        if (_table.Statement is not SetOperation { Operator: SetOperator.Union } union)
        {
            throw Error(
                $"recursive query \"{_table.Name}\" does not have the form non-recursive-term UNION [ALL] recursive-term", _table.Location);
        }

        _place = "its non-recursive term";
        foreach (var operand in union.Operands.Take(union.Operands.Count - 1))
        {
            _walker.Walk(operand);
        }

        _place = null;
        _walker.Walk(union.Operands[^1]);
        _place = "a subquery";
        foreach (var inner in union.With?.Tables ?? [])
        {
            _walker.Walk(inner.Statement);
        }

        RefuseClauses(union);
    }

    private void RefuseClauses(SetOperation union)
    {
        var clause = union.OrderBy.Count > 0 ? ("ORDER BY", Locations.Of(union.OrderBy[0].Value))
            : union.Offset is not null ? ("OFFSET", Locations.Of(union.Offset))
            : union.Limit is not null ? ("LIMIT", Locations.Of(union.Limit))
            : union.Locking.Count > 0 ? ("FOR UPDATE/SHARE", Location.None)
            : default((string Name, Location Location)?);
        if (clause is var (name, location))
        {
            throw _error(SqlState.FeatureNotSupported, $"{name} in a recursive query is not implemented", location);
        }
    }

    private void Note(RelationReference reference)
    {
        if (reference.Name.Name != _table.Name)
        {
            return;
        }

        if (_place is not null)
        {
            throw Error($"recursive reference to query \"{_table.Name}\" must not appear within {_place}", reference.Location);
        }

        if (++_references > 1)
        {
            throw Error($"recursive reference to query \"{_table.Name}\" must not appear more than once", reference.Location);
        }
    }

    private DialectException Error(string message, Location location) => _error(SqlState.InvalidRecursion, message, location);

    private sealed class Walker(RecursionCheck check) : WithNames(check.Note)
    {
        protected override void WalkParts(Node node)
        {
            switch (node)
            {
                case JoinExpression join:
                    WalkIn(join.Kind is JoinKind.Left or JoinKind.Inner ? null : "an outer join", join.Left);
                    WalkIn(join.Kind is JoinKind.Right or JoinKind.Inner ? null : "an outer join", join.Right);
                    if (join.On is not null)
                    {
                        Walk(join.On);
                    }

                    break;
                case SubqueryExpression subquery:
                    var outer = check._place;
                    check._place = "a subquery";
                    Walk(subquery.Query);
                    check._place = outer;
                    if (subquery.Operand is not null)
                    {
                        Walk(subquery.Operand);
                    }

                    break;
                case SetOperation { Operator: not SetOperator.Union } operation when check._place is null:
                    WalkOperands(operation);
                    break;
                default:
                    base.WalkParts(node);
                    break;
            }
        }

        private void WalkOperands(SetOperation operation)
        {
            var except = operation.Operator == SetOperator.Except;
            var place = except ? "EXCEPT" : "INTERSECT";
            for (var i = 0; i < operation.Operands.Count; i++)
            {
                WalkIn(operation.All || (except && i > 0) ? place : null, operation.Operands[i]);
            }
        }

        /// <summary>Walks where a reference is not allowed, unless it is not allowed already.</summary>
        private void WalkIn(string? place, Node node)
        {
            var outer = check._place;
            check._place ??= place;
            Walk(node);
            check._place = outer;
        }
    }
}
