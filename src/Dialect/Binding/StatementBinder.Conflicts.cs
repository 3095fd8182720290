using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>ON CONFLICT, and the search for the unique index that decides.</summary>
internal sealed partial class StatementBinder
{
    /// <param name="Elements">The columns and expressions of the target.</param>
    /// <param name="Predicate">The condition that the index may have.</param>
    /// <param name="Constraint">The constraint that was named instead.</param>
    /// <param name="OtherCollation">An element asks for a collation that no index here has, since indexes have those of what they are over.</param>
    private sealed record ConflictParts(
        BoundConflict Bound, ConflictTarget? Target, List<BoundExpression> Elements, BoundExpression? Predicate, ConstraintInfo? Constraint,
        bool OtherCollation);

    private ConflictParts BindConflict(ConflictClause conflict, Scope scope)
    {
        var target = scope.Target!;
        var relation = TargetOf(scope);
        ScopeItem? excluded = null;
        if (conflict.Set is not null)
        {
            // EXCLUDED is there while the target is read, though not visible, so that errors can name it.
            excluded = AddRelation(relation, new TableAlias(conflict.Location, "excluded", []), only: false, scope, inFrom: false);
            excluded.SystemColumns = false;
        }

        if (conflict.Set is not null && conflict.Target is null)
        {
            throw Error(
                SqlState.SyntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name", conflict.Location,
                "For example, ON CONFLICT (column_name).");
        }

        if (relation.Kind == RelationKind.Catalog)
        {
            throw Error(SqlState.FeatureNotSupported, "ON CONFLICT is not supported with system catalog tables", conflict.Location);
        }

        var elements = new List<BoundExpression>();
        var otherCollation = false;
        foreach (var element in conflict.Target?.Elements ?? [])
        {
            var value = BindConflictElement(element, conflict.Target!, scope);
            elements.Add(value);
            otherCollation |= element.Collation is { } collation && _resolver.Collation(collation, Locations.Of(value)) != value.Collation;
        }

        var predicate = conflict.Target?.Where is { } where ? BindExpression(where, scope, ExpressionKind.IndexPredicate) : null;
        var constraint = conflict.Target?.Constraint is { } name ? FindConstraint(relation, name) : null;
        List<TargetEntry>? set = null;
        BoundExpression? condition = null;
        if (conflict.Set is not null)
        {
            scope.Namespace = [target, excluded!];
            set = BindAssignments(conflict.Set, scope);
            condition = BindCondition(conflict.Where, scope, ExpressionKind.Where, "WHERE");
        }

        return new ConflictParts(
            new BoundConflict(null, set is null ? null : ListOf(set), condition, excluded?.Relation ?? 0), conflict.Target, elements,
            predicate is null ? null : AssignCollations(predicate), constraint, otherCollation);
    }

    private BoundExpression BindConflictElement(IndexElement element, ConflictTarget target, Scope scope)
    {
        if (element.Direction != SortDirection.Default)
        {
            throw Error(SqlState.InvalidColumnReference, "ASC/DESC is not allowed in ON CONFLICT clause", target.Location);
        }

        if (element.Nulls != NullsOrder.Default)
        {
            throw Error(SqlState.InvalidColumnReference, "NULLS FIRST/LAST is not allowed in ON CONFLICT clause", target.Location);
        }

        if (element.OperatorClass is not null)
        {
            throw Unsupported("an operator class in ON CONFLICT", target.Location);
        }

        var expression = element.Column is { } column ? new ColumnReference(target.Location, [column]) : element.Value!;
        return AssignCollations(BindExpression(expression, scope, ExpressionKind.IndexExpression));
    }

    private static ConstraintInfo FindConstraint(Relation relation, string name) =>
        relation.Constraints.FirstOrDefault(c => c.Name == name) ?? throw Error(
            SqlState.UndefinedObject, $"constraint \"{name}\" for table \"{relation.Name}\" does not exist");

    private BoundConflict CompleteConflict(BoundConflict bound, ConflictParts parts, Relation relation, int number)
    {
        var set = bound.Set is null ? null : CompleteUpdate(bound.Set, relation);
        if (parts.Target is null)
        {
            return bound with { Set = set };
        }

        if (parts.Constraint is { } constraint)
        {
            return bound with
            {
                Set = set,
                Index = relation.Indexes.FirstOrDefault(index => index.Oid == constraint.IndexOid) ?? throw Error(
                    SqlState.WrongObjectType, "constraint in ON CONFLICT clause has no associated index"),
            };
        }

        foreach (var index in relation.Indexes)
        {
            if (index.Unique && !parts.OtherCollation && Matches(index, parts, relation, number))
            {
                return bound with { Set = set, Index = index };
            }
        }

        throw Error(
            SqlState.InvalidColumnReference, "there is no unique or exclusion constraint matching the ON CONFLICT specification");
    }

    /// <summary>The index covers exactly the columns and expressions of the target, and its condition is among those of the target's WHERE.</summary>
    private bool Matches(IndexInfo index, ConflictParts parts, Relation relation, int number)
    {
        var columns = index.Columns.Take(index.KeyCount).Where(column => column != 0).ToHashSet();
        if (!columns.SetEquals(parts.Elements.OfType<Var>().Where(v => v.Relation == number).Select(v => v.Attribute)))
        {
            return false;
        }

        BoundExpression[] expressions = [.. index.Expressions.Select(text => BindIndexed(text, relation, number, ExpressionKind.IndexExpression))];
        BoundExpression[] elements = [.. parts.Elements.Where(e => e is not Var)];
        if (!elements.All(expressions.Contains) || !expressions.All(elements.Contains))
        {
            return false;
        }

        return index.Predicate is null || (parts.Predicate is { } given && Conjuncts(
            BindIndexed(index.Predicate, relation, number, ExpressionKind.IndexPredicate)).All(Conjuncts(given).Contains));
    }

    private static NodeList<BoundExpression> Conjuncts(BoundExpression condition) =>
        condition is BoolExpr { Operator: BoolOperator.And } and ? and.Arguments : [condition];

    /// <summary>An expression of an index, with its columns as those of the relation of a number.</summary>
    private BoundExpression BindIndexed(string text, Relation relation, int number, ExpressionKind kind)
    {
        var expression = Parser.ParseExpression(text);
        return DeepTrees.Run(expression, text, () => new StatementBinder(ContextOf(text)).BindAt(expression, relation, number, kind));
    }
}
