using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Values as what columns hold, and SET.</summary>
internal sealed partial class StatementBinder
{
    /// <summary>A value of SET.</summary>
    /// <param name="Location">Where to report that it does not fit.</param>
    private readonly record struct AssignedValue(BoundExpression Value, Location Location);

    /// <summary>Converts a value to what a column holds.</summary>
    /// <param name="row">The row that is changed, whose elements stay if only one is set; null for INSERT.</param>
    private BoundExpression BindAssigned(BoundExpression value, Attribute column, WrittenColumn written, Scope scope, ScopeItem? row) =>
        BindAssigned(new AssignedValue(value, Locations.Of(value)), column, written, scope, row);

    private BoundExpression BindAssigned(AssignedValue assigned, Attribute column, WrittenColumn written, Scope scope, ScopeItem? row)
    {
        var value = assigned.Value;
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
            BoundExpression container = row is null
                ? new Const(null, column.Type, column.Collation, Location.None)
                : new Var(row.Relation, column.Number, 0, column.Type, column.Collation, written.Location);
            var outer = scope.Kind;
            scope.Kind = row is null ? ExpressionKind.InsertTarget : ExpressionKind.UpdateTarget;
            var result = BindElement(container, written, assigned, scope);
            scope.Kind = outer;
            return result;
        }

        return _resolver.Coerce(value, column.Type, CoercionContext.Assignment, CallForm.ImplicitCast, Location.None) ?? throw Error(
            SqlState.DatatypeMismatch,
            $"column \"{column.Name}\" is of type {_types.Format(column.Type.Oid)} but expression is of type {_types.Format(value.Type.Oid)}",
            assigned.Location, RewriteHint);
    }

    private const string RewriteHint = "You will need to rewrite or cast the expression.";

    /// <summary>A column with one of its elements replaced.</summary>
    private BoundExpression BindElement(BoundExpression container, WrittenColumn written, AssignedValue assigned, Scope scope)
    {
        var steps = written.Steps.Span;
        if (steps[0] is FieldStep field)
        {
            throw FieldRefused(container.Type, field, written);
        }

        var (type, element) = CheckContainer(container);
        foreach (var step in steps)
        {
            if (step is FieldStep inner)
            {
                throw FieldRefused(new PgType(element), inner, written);
            }
        }

        NodeList<BoundExpression?>? lower = null;
        var upper = type.Oid == PgTypes.Jsonb ? BindJsonKeys(steps, scope) : BindBounds(steps, scope, out lower);
        var needed = type.Oid == PgTypes.Jsonb || lower is not null ? type : new PgType(element, type.Modifier);
        var value = _resolver.Coerce(assigned.Value, needed, CoercionContext.Assignment, CallForm.ImplicitCast, Location.None) ?? throw Error(
            SqlState.DatatypeMismatch,
            $"subscripted assignment to \"{written.Name}\" requires type {_types.Format(needed.Oid)} but expression is of type "
                + _types.Format(assigned.Value.Type.Oid),
            written.Location, RewriteHint);
        var result = new SubscriptAssignExpr(container, upper, lower, value, type, container.Collation, Location.None);
        return type.Oid == container.Type.Oid
            ? result
            : _resolver.Coerce(result, container.Type, CoercionContext.Assignment, CallForm.ImplicitCast, Location.None)
                ?? throw CannotCast(result, container.Type, written.Location);
    }

    private DialectException FieldRefused(PgType type, FieldStep field, WrittenColumn written)
    {
        if (FieldsOfType(type.Oid) is not { } fields)
        {
            return Error(
                SqlState.DatatypeMismatch,
                $"cannot assign to field \"{field.Name}\" of column \"{written.Name}\" because its type {_types.Format(type.Oid)} is not a composite "
                    + "type",
                written.Location);
        }

        return fields.Any(f => f.Name == field.Name)
            ? Unsupported("assignment to a field of a column", written.Location)
            : Error(
                SqlState.UndefinedColumn,
                $"cannot assign to field \"{field.Name}\" of column \"{written.Name}\" because there is no such column in data type "
                    + _types.Format(type.Oid),
                written.Location);
    }

    /// <summary>The columns that UPDATE sets, with their values.</summary>
    private List<TargetEntry> BindAssignments(NodeList<Assignment> assignments, Scope scope)
    {
        var values = new List<(WrittenColumn Column, AssignedValue Value)>();
        foreach (var assignment in assignments)
        {
            if (assignment.Multiple)
            {
                values.AddRange(assignment.Columns.Zip(BindMultiple(assignment, scope)));
            }
            else
            {
                var value = BindSource(assignment.Value, scope);
                values.Add((assignment.Columns[0], new AssignedValue(value, Locations.Of(value))));
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

            targets.Add(new TargetEntry(BindAssigned(value, column, written, scope, scope.Target), column.Number, column.Name));
        }

        return targets;
    }

    private BoundExpression BindSource(Expression expression, Scope scope) => expression is DefaultValue
        ? new SetToDefaultExpr(new PgType(PgTypes.Unknown), 0, expression.Location)
        : BindExpression(expression, scope, ExpressionKind.UpdateSource);

    /// <summary><c>(a, b) = …</c>: each column takes a field of the row, or of the query's only row.</summary>
    private List<AssignedValue> BindMultiple(Assignment assignment, Scope scope)
    {
        var outer = scope.Kind;
        scope.Kind = ExpressionKind.UpdateSource;
        List<AssignedValue> values;
        Location location;
        switch (assignment.Value)
        {
            case SubqueryExpression { Kind: SubqueryKind.Scalar } subquery:
                location = subquery.Location;
                var query = BindSubLinkQuery(subquery.Query, scope, location);
                var row = new SubLink(SubLinkKind.Multi, query, [], [], new PgType(PgTypes.Record), 0, location);
                values = [.. query.Visible.Select((t, i) => new AssignedValue(
                    new FieldSelectExpr(row, (short)(i + 1), t.Value.Type, t.Value.Collation, Location.None), Locations.Of(t.Value)))];
                break;
            case RowConstructor constructor:
                location = constructor.Location;
                values = [.. BindRow(constructor, scope, allowDefault: true).Items.Select(v => new AssignedValue(v, Locations.Of(v)))];
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

    /// <summary>Several elements of one column are set one after the other; a whole column is set once.</summary>
    private static BoundExpression Merge(TargetEntry[] assigned, string column)
    {
        var value = assigned[0].Value;
        foreach (var next in assigned.Skip(1))
        {
            value = value is SubscriptAssignExpr && next.Value is SubscriptAssignExpr element
                ? element with { Container = value }
                : throw Error(SqlState.SyntaxError, $"multiple assignments to same column \"{column}\"");
        }

        return value;
    }
}
