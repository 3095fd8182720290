using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>What INSERT, UPDATE and DELETE have in common: the table, assignments, RETURNING.</summary>
internal sealed partial class StatementBinder
{
    /// <summary>The table that a statement writes to. It sees no items of WITH.</summary>
    private ScopeItem SetTarget(QualifiedName name, TableAlias? alias, bool only, Scope scope, bool alsoSource)
    {
        var item = AddRelation(OpenRelation(name, scope), alias, only, scope, inFrom: false);
        scope.Target = item;
        if (alsoSource)
        {
            scope.From.Add(new FromRelation(item.Relation));
            scope.Namespace.Add(item);
        }

        return item;
    }

    private static Relation TargetOf(Scope scope) => ((RelationEntry)scope.Target!.Entry).Relation;

    private static Attribute? FindAttribute(Relation relation, string name) => relation.Attributes.FirstOrDefault(a => !a.Dropped && a.Name == name);

    private DialectException NoSuchTargetColumn(Relation relation, string name, Location location) => Error(
        SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{relation.Name}\" does not exist", location);

    /// <summary>Converts a value to what a column holds.</summary>
    private BoundExpression BindAssigned(BoundExpression value, Attribute column, WrittenColumn written, Scope scope, ExpressionKind kind)
    {
        if (value is SetToDefaultExpr @default)
        {
            return written.Steps.Count > 0
                ? throw Error(
                    SqlState.FeatureNotSupported,
                    written.Steps[0] is FieldStep ? "cannot set a subfield to DEFAULT" : "cannot set an array element to DEFAULT",
                    written.Location)
                : @default with { Type = column.Type, Collation = column.Collation };
        }

        if (written.Steps.Count > 0)
        {
            throw Unsupported(
                written.Steps[0] is FieldStep ? "assignment to a field of a column" : "assignment to an element of an array", written.Location);
        }

        return _resolver.Coerce(value, column.Type, CoercionContext.Assignment, CallForm.ImplicitCast, Location.None) ?? throw Error(
            SqlState.DatatypeMismatch,
            $"column \"{column.Name}\" is of type {_types.Format(column.Type.Oid)} but expression is of type {_types.Format(value.Type.Oid)}",
            Locations.Of(value), "You will need to rewrite or cast the expression.");
    }

    private List<TargetEntry> BindReturning(NodeList<Target> returning, Scope scope)
    {
        if (returning.Count == 0)
        {
            return [];
        }

        var next = scope.NextNumber;
        scope.NextNumber = 1;
        var targets = BindTargets(returning, scope, ExpressionKind.Returning);
        scope.NextNumber = next;
        if (targets.Count == 0)
        {
            throw Error(SqlState.SyntaxError, "RETURNING must have at least one column", Locations.Of(returning[0].Value));
        }

        MarkOrigins(targets, scope);
        ResolveUnknowns(targets);
        return targets;
    }

    /// <summary>The columns that UPDATE sets, with their values.</summary>
    private List<TargetEntry> BindAssignments(NodeList<Assignment> assignments, Scope scope)
    {
        var values = new List<(WrittenColumn Column, BoundExpression Value)>();
        foreach (var assignment in assignments)
        {
            if (assignment.Multiple)
            {
                values.AddRange(assignment.Columns.Zip(BindMultiple(assignment, scope)));
            }
            else
            {
                values.Add((assignment.Columns[0], BindSource(assignment.Value, scope)));
            }
        }

        var relation = TargetOf(scope);
        var targets = new List<TargetEntry>();
        foreach (var (written, value) in values)
        {
            if (FindAttribute(relation, written.Name) is not { } column)
            {
                throw s_systemColumns.ContainsKey(written.Name)
                    ? Error(SqlState.FeatureNotSupported, $"cannot assign to system column \"{written.Name}\"", written.Location)
                    : NoSuchTargetColumn(relation, written.Name, written.Location);
            }

            targets.Add(new TargetEntry(
                BindAssigned(value, column, written, scope, ExpressionKind.UpdateTarget), column.Number, column.Name));
        }

        return targets;
    }

    private BoundExpression BindSource(Expression expression, Scope scope) => expression is DefaultValue
        ? new SetToDefaultExpr(new PgType(PgTypes.Unknown), 0, expression.Location)
        : BindExpression(expression, scope, ExpressionKind.UpdateSource);

    /// <summary><c>(a, b) = …</c>: each column takes a field of the row, or of the query's only row.</summary>
    private List<BoundExpression> BindMultiple(Assignment assignment, Scope scope)
    {
        var outer = scope.Kind;
        scope.Kind = ExpressionKind.UpdateSource;
        List<BoundExpression> values;
        Location location;
        switch (assignment.Value)
        {
            case SubqueryExpression { Kind: SubqueryKind.Scalar } subquery:
                location = subquery.Location;
                var query = BindSubLinkQuery(subquery.Query, scope, location);
                var row = new SubLink(SubLinkKind.Multi, query, [], [], new PgType(PgTypes.Record), 0, location);
                values = [.. query.Visible.Select((t, i) => new FieldSelectExpr(row, (short)(i + 1), t.Value.Type, t.Value.Collation, Location.None))];
                break;
            case RowConstructor constructor:
                location = constructor.Location;
                values = [.. BindRow(constructor, scope, allowDefault: true).Items];
                break;
            default:
                throw Error(
                    SqlState.FeatureNotSupported, "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression",
                    Locations.Of(assignment.Value));
        }

        scope.Kind = outer;
        return values.Count == assignment.Columns.Count
            ? values
            : throw Error(SqlState.SyntaxError, "number of columns does not match number of values", location);
    }

    /// <summary>Relations that cannot be written, after all other errors, as PostgreSQL finds them when it rewrites and plans.</summary>
    private static void CheckWritable(Relation relation, QueryKind kind)
    {
        var (verb, preposition) = kind switch
        {
            QueryKind.Insert => ("insert", "into "),
            QueryKind.Update => ("update", ""),
            _ => ("delete", "from "),
        };
        switch (relation.Kind)
        {
            case RelationKind.View:
                throw Error(
                    SqlState.FeatureNotSupported, $"cannot {verb} {preposition}view \"{relation.Name}\"",
                    detail: "Views are not automatically updatable here.");
            case RelationKind.Sequence:
                throw Error(SqlState.WrongObjectType, $"cannot change sequence \"{relation.Name}\"");
            case RelationKind.Catalog:
                throw Error(SqlState.InsufficientPrivilege, $"permission denied: \"{relation.Name}\" is a system catalog");
        }
    }
}
