using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>DISTINCT, DISTINCT ON, LIMIT and OFFSET.</summary>
internal sealed partial class StatementBinder
{
    /// <summary>DISTINCT over all columns: those of ORDER BY first, so that one sort serves both.</summary>
    private List<SortClause> BindDistinct(List<TargetEntry> targets, List<SortClause> order, bool aggregate)
    {
        var distinct = new List<SortClause>();
        foreach (var clause in order)
        {
            var target = targets.Find(t => t.SortReference == clause.Reference)!;
            if (target.Junk)
            {
                throw Error(
                    SqlState.InvalidColumnReference,
                    aggregate
                        ? "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list"
                        : "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                    Locations.Of(target.Value));
            }

            distinct.Add(clause);
        }

        for (var i = 0; i < targets.Count; i++)
        {
            if (!targets[i].Junk)
            {
                AddToGroup(targets, i, distinct, Locations.Of(targets[i].Value));
            }
        }

        return distinct.Count > 0 ? distinct : throw Error(
            SqlState.SyntaxError,
            aggregate ? "an aggregate with DISTINCT must have at least one argument" : "SELECT DISTINCT must have at least one column");
    }

    private List<SortClause> BindDistinctOn(
        NodeList<Expression> on, List<TargetEntry> targets, List<SortClause> order, Scope scope)
    {
        var references = new List<int>();
        foreach (var item in on)
        {
            references.Add(ReferTo(targets, FindTarget(item, targets, scope, ExpressionKind.DistinctOn, byExpression: false)));
        }

        var distinct = new List<SortClause>();
        var skipped = false;
        foreach (var clause in order)
        {
            var index = references.IndexOf(clause.Reference);
            if (index < 0)
            {
                skipped = true;
            }
            else if (skipped)
            {
                throw DistinctOnMismatch(on[index]);
            }
            else
            {
                distinct.Add(clause);
            }
        }

        for (var i = 0; i < references.Count; i++)
        {
            var index = targets.FindIndex(t => t.SortReference == references[i]);
            if (IsIn(distinct, targets[index], null))
            {
                continue;
            }

            if (skipped)
            {
                throw DistinctOnMismatch(on[i]);
            }

            AddToGroup(targets, index, distinct, Locations.Of(on[i]));
        }

        return distinct;
    }

    private DialectException DistinctOnMismatch(Expression item) => Error(
        SqlState.InvalidColumnReference, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions", Locations.Of(item));

    private BoundExpression? BindLimit(Expression? clause, Scope scope, ExpressionKind kind, bool withTies)
    {
        if (clause is null)
        {
            return null;
        }

        var construct = ExpressionKinds.NameOf(kind);
        var value = _resolver.CoerceTo(BindExpression(clause, scope, kind), new PgType(PgTypes.Int8), construct);
        RefuseVars(value, construct);
        return kind == ExpressionKind.Limit && withTies && IsNull(clause)
            ? throw Error(SqlState.InvalidRowCountInLimitClause, "row count cannot be null in FETCH FIRST ... WITH TIES clause")
            : value;
    }

    private void RefuseVars(BoundExpression value, string construct)
    {
        if (BoundWalk.FindVar(value) is { } column)
        {
            throw Error(SqlState.InvalidColumnReference, $"argument of {construct} must not contain variables", column.Location);
        }
    }
}
