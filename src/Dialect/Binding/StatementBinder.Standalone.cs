using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Expressions that stand in no statement: defaults, CHECKs, indexes, generated columns.</summary>
internal sealed partial class StatementBinder
{
    /// <summary>An expression over the columns of a relation, which is relation 1; null for none.</summary>
    public BoundExpression BindStandalone(Expression expression, Relation? relation, ExpressionKind kind) => BindAt(expression, relation, 1, kind);

    /// <summary>An expression over the columns of a relation that has a number of its own in the query around it.</summary>
    private BoundExpression BindAt(Expression expression, Relation? relation, int number, ExpressionKind kind)
    {
        var scope = new Scope(null);
        if (relation is not null)
        {
            while (scope.Relations.Count < number - 1)
            {
                _ = AddValues([], [], [], lateral: false, scope);
            }

            scope.Namespace.Add(AddRelation(relation, null, only: false, scope, inFrom: true));
        }

        var value = BindExpression(expression, scope, kind);
        if (kind is ExpressionKind.CheckConstraint or ExpressionKind.IndexPredicate or ExpressionKind.CopyWhere)
        {
            value = _resolver.CoerceToBoolean(value, ExpressionKinds.NameOf(kind == ExpressionKind.IndexPredicate ? ExpressionKind.Where : kind));
        }

        value = AssignCollations(value);
        CheckMutable(value, kind, relation);
        return value;
    }

    /// <summary>A column's default or generated value, as the column's type.</summary>
    public BoundExpression BindDefault(Expression expression, string column, PgType type, Relation? relation = null, bool generated = false)
    {
        var value = BindStandalone(expression, relation, generated ? ExpressionKind.GeneratedColumn : ExpressionKind.ColumnDefault);
        value = _resolver.Coerce(value, type, CoercionContext.Assignment, CallForm.ImplicitCast, Location.None) ?? throw Error(
            SqlState.DatatypeMismatch,
            $"column \"{column}\" is of type {_types.Format(type.Oid)} but default expression is of type {_types.Format(value.Type.Oid)}",
            "You will need to rewrite or cast the expression.");
        return AssignCollations(value);
    }

    /// <summary>A domain's CHECK, in which VALUE is a <see cref="CaseTestExpr"/>.</summary>
    public BoundExpression BindDomainCheck(Expression expression, PgType domain)
    {
        var scope = new Scope(null) { DomainValue = new CaseTestExpr(domain, _types.CollationOf(domain.Oid)) };
        return AssignCollations(_resolver.CoerceToBoolean(BindExpression(expression, scope, ExpressionKind.DomainCheck), "CHECK"));
    }

    private void CheckMutable(BoundExpression value, ExpressionKind kind, Relation? relation)
    {
        var message = kind switch
        {
            ExpressionKind.GeneratedColumn => "generation expression is not immutable",
            ExpressionKind.IndexExpression => "functions in index expression must be marked IMMUTABLE",
            ExpressionKind.IndexPredicate => "functions in index predicate must be marked IMMUTABLE",
            _ => null,
        };
        if (kind == ExpressionKind.GeneratedColumn && relation is not null)
        {
            CheckGenerated(value, relation);
        }

        if (message is not null && BoundWalk.Find(value, (node, _) => IsMutable(node)) is not null)
        {
            throw Error(SqlState.InvalidObjectDefinition, message);
        }
    }

    private void CheckGenerated(BoundExpression value, Relation relation) => BoundWalk.Visit(value, (node, _) =>
    {
        if (node is Var { Attribute: 0 } row)
        {
            throw Error(
                SqlState.InvalidObjectDefinition, "cannot use whole-row variable in column generation expression", row.Location,
                detail: "This would cause the generated column to depend on its own value.");
        }

        return node is Var { Attribute: > 0 } column && relation.Attributes[column.Attribute - 1] is { Generated: true } generated
            ? throw Error(
                SqlState.InvalidObjectDefinition, $"cannot use generated column \"{generated.Name}\" in column generation expression",
                column.Location, detail: "A generated column cannot reference another generated column.")
            : true;
    });

    private bool IsMutable(BoundExpression node) => node switch
    {
        FuncExpr e => e.Function.Volatility != Volatility.Immutable,
        OpExpr e => IsMutable(e.Operator),
        DistinctExpr e => IsMutable(e.Operator),
        NullIfExpr e => IsMutable(e.Operator),
        ScalarArrayOpExpr e => IsMutable(e.Operator),
        SqlValueExpr => true,
        CoerceViaIOExpr e => IsReadByStyle(e.Type.Oid) || IsWrittenByStyle(e.Argument.Type.Oid),
        _ => false,
    };

    private static bool IsMutable(PgOperator operation) => Builtins.FindFunction(operation.Code) is { Volatility: not Volatility.Immutable };

    /// <summary>The output function of the type is not immutable.</summary>
    private bool IsWrittenByStyle(uint type) => _types.Find(_types.BaseOf(type)) is not { } info
        || info.IsArray || info.Kind is 'r' or 'm' or 'e' or 'c'
        || info.Oid is PgTypes.Date or PgTypes.Timestamp or PgTypes.TimestampTz or PgTypes.Interval or PgTypes.Money or PgTypes.Record
        || info.Name.StartsWith("reg", StringComparison.Ordinal);

    /// <summary>The input function of the type is not immutable.</summary>
    private bool IsReadByStyle(uint type) => IsWrittenByStyle(type) || _types.BaseOf(type) is PgTypes.Time or PgTypes.TimeTz or PgTypes.Xml;
}
