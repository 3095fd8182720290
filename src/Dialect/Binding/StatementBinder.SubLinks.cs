using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Queries within expressions.</summary>
internal sealed partial class StatementBinder
{
    // The names of the columns of scalar subqueries, which an output column takes over.
    private readonly Dictionary<SubqueryExpression, string?> _subqueryNames = new(ReferenceEqualityComparer.Instance);

    private SubLink BindSubLink(SubqueryExpression expression, Scope scope)
    {
        var query = BindSubLinkQuery(expression.Query, scope, expression.Location);
        switch (expression.Kind)
        {
            case SubqueryKind.Exists:
                return new SubLink(SubLinkKind.Exists, query, [], [], new PgType(PgTypes.Bool), 0, expression.Location);
            case SubqueryKind.Scalar or SubqueryKind.Array:
                return ScalarSubLink(expression, query);
            default:
                return CompareWithQuery(
                    expression.Kind == SubqueryKind.All ? SubLinkKind.All : SubLinkKind.Any, expression.Operator ?? ["="],
                    BindExpression(expression.Operand!, scope), query, expression.Location);
        }
    }

    private BoundQuery BindSubLinkQuery(Query query, Scope scope, Location location)
    {
        if (ExpressionKinds.SubqueryRefusal(scope.Kind) is { } construct)
        {
            throw Error(SqlState.FeatureNotSupported, $"cannot use subquery in {construct}", location);
        }

        return BindSubquery(query, new Scope(scope));
    }

    private SubLink ScalarSubLink(SubqueryExpression expression, BoundQuery query)
    {
        TargetEntry[] targets = [.. query.Visible];
        if (targets.Length != 1)
        {
            throw Error(SqlState.SyntaxError, "subquery must return only one column", expression.Location);
        }

        var column = targets[0].Value;
        _subqueryNames[expression] = targets[0].Name;
        if (expression.Kind == SubqueryKind.Scalar)
        {
            return new SubLink(SubLinkKind.Expression, query, [], [], column.Type, column.Collation, expression.Location);
        }

        // The array of arrays of a type is that same array type.
        var array = _types.ElementOf(column.Type.Oid) != 0 ? column.Type.Oid : _types.ArrayOf(column.Type.Oid);
        return array != 0
            ? new SubLink(SubLinkKind.Array, query, [], [], new PgType(array, column.Type.Modifier), column.Collation, expression.Location)
            : throw Error(
                SqlState.UndefinedObject, $"could not find array type for data type {_types.Format(column.Type.Oid)}", expression.Location);
    }

    /// <summary><c>ROW(…) op (SELECT …)</c>: the row is compared with the query's only row.</summary>
    private SubLink BindRowAndSubquery(OperatorExpression operation, RowConstructor row, SubqueryExpression subquery, Scope scope)
    {
        var query = BindSubLinkQuery(subquery.Query, scope, operation.Location);
        return CompareWithQuery(SubLinkKind.RowCompare, operation.Operator, BindExpression(row, scope), query, operation.Location);
    }

    private SubLink CompareWithQuery(SubLinkKind kind, NodeList<string> name, BoundExpression left, BoundQuery query, Location location)
    {
        var operands = left is RowExpr row ? row.Items : [left];
        BoundExpression[] columns = [.. query.Visible.Select(t => new CaseTestExpr(t.Value.Type, t.Value.Collation))];
        if (operands.Count != columns.Length)
        {
            throw Error(
                SqlState.SyntaxError, operands.Count < columns.Length ? "subquery has too many columns" : "subquery has too few columns", location);
        }

        var operations = PairOperators(name, operands, columns, location);
        var comparison = operations.Length == 1 ? RowComparison.Equal : ComparisonOf(name, operations, location);
        var converted = operations.Any(o => o.Arguments[1] is not CaseTestExpr);
        return new SubLink(
            kind, query, ListOf(operations.Select(o => o.Arguments[0])), ListOf(operations.Select(o => o.Operator)), new PgType(PgTypes.Bool), 0,
            location)
        {
            Columns = converted ? ListOf(operations.Select(o => o.Arguments[1])) : [],
            UseOr = comparison == RowComparison.NotEqual,
            RowCompare = KindOf(comparison),
        };
    }

    private static RowCompareKind? KindOf(RowComparison comparison) => comparison switch
    {
        RowComparison.Less => RowCompareKind.Less,
        RowComparison.LessEqual => RowCompareKind.LessEqual,
        RowComparison.GreaterEqual => RowCompareKind.GreaterEqual,
        RowComparison.Greater => RowCompareKind.Greater,
        _ => null,
    };
}
