using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Expressions of every kind. The methods that call each other have small frames, since a tree may be 1,000 levels deep.</summary>
internal sealed partial class StatementBinder
{
    /// <summary>An expression as a part of a construct, whose kind decides what it may hold.</summary>
    private BoundExpression BindExpression(Expression expression, Scope scope, ExpressionKind kind)
    {
        var outer = scope.Kind;
        scope.Kind = kind;
        var result = BindExpression(expression, scope);
        scope.Kind = outer;
        return result;
    }

    private BoundExpression BindExpression(Expression expression, Scope scope)
    {
        switch (expression)
        {
            case ColumnReference reference:
                return BindColumn(reference, scope);
            case Constant constant:
                return BindConstant(constant, scope);
            case Parameter parameter:
                return BindParameter(parameter);
            case OperatorExpression operation:
                return BindOperator(operation, scope);
            case FunctionCall call:
                return BindCall(call, scope);
            case BooleanExpression boolean:
                return BindBoolean(boolean, scope);
            case NotExpression not:
                return new BoolExpr(
                    BoolOperator.Not, [_resolver.CoerceToBoolean(BindExpression(not.Operand, scope), "NOT")], not.Location);
            case TypeCast cast:
                return BindCast(cast, scope);
            case SubqueryExpression subquery:
                return BindSubLink(subquery, scope);
            case NullTest test:
                return BindNullTest(BindExpression(test.Operand, scope), test.Not, test.Location);
            case CaseExpression @case:
                return BindCase(@case, scope);
            case Indirection indirection:
                return BindIndirection(indirection, scope);
            case InList list:
                return BindInList(list, scope);
            case BetweenExpression between:
                return BindBetween(between, scope);
            case RowConstructor row:
                return BindRow(row, scope);
            case ArrayConstructor array:
                return BindArray(array, null, scope);
            default:
                return BindRare(expression, scope);
        }
    }

    private BoundExpression BindRare(Expression expression, Scope scope)
    {
        switch (expression)
        {
            case CoalesceExpression coalesce:
                return BindCoalesce(coalesce, scope);
            case ExtremeExpression extreme:
                return BindExtreme(extreme, scope);
            case LikeExpression like:
                return BindLike(like, scope);
            case DistinctTest distinct:
                return BindDistinct(distinct, scope);
            case NullIfExpression nullIf:
                return BindNullIf(nullIf, scope);
            case BooleanTest test:
                return BindBooleanTest(test, scope);
            case ArrayComparison comparison:
                var left = BindExpression(comparison.Left, scope);
                return _resolver.ArrayOperator(
                    comparison.Operator, !comparison.All, left, BindExpression(comparison.Array, scope), comparison.Location);
            case CollateExpression collate:
                return _resolver.Collate(BindExpression(collate.Operand, scope), collate.Collation, collate.Location);
            case SqlValueFunction function:
                return BindSqlValue(function);
            case NamedArgument argument:
                // PostgreSQL's parser of calls takes these apart; nothing else holds one.
                return BindExpression(argument.Value, scope);
            case DefaultValue:
                throw Error(SqlState.SyntaxError, "DEFAULT is not allowed in this context", expression.Location);
            case CurrentOf:
                throw Unsupported("WHERE CURRENT OF", expression.Location);
            case GroupingCall:
                throw Unsupported("GROUPING", expression.Location);
            case XmlExpression or XmlSerialize:
                throw UnsupportedXml();
            default:
                throw new ArgumentException($"{expression.GetType().Name} is no expression of a statement.", nameof(expression));
        }
    }

    /// <summary>A condition: of WHERE, HAVING, FILTER, ON.</summary>
    private BoundExpression? BindCondition(Expression? condition, Scope scope, ExpressionKind kind, string construct) =>
        condition is null ? null : _resolver.CoerceToBoolean(BindExpression(condition, scope, kind), construct);

    private BoolExpr BindBoolean(BooleanExpression boolean, Scope scope)
    {
        var and = boolean.Operator == BooleanOperator.And;
        var operands = new BoundExpression[boolean.Operands.Count];
        for (var i = 0; i < operands.Length; i++)
        {
            operands[i] = _resolver.CoerceToBoolean(BindExpression(boolean.Operands[i], scope), and ? "AND" : "OR");
        }

        return new BoolExpr(and ? BoolOperator.And : BoolOperator.Or, [.. operands], boolean.Location);
    }

    private BoundExpression BindOperator(OperatorExpression operation, Scope scope)
    {
        if (operation.Left is RowConstructor row && operation.Right is SubqueryExpression { Kind: SubqueryKind.Scalar } subquery)
        {
            return BindRowAndSubquery(operation, row, subquery, scope);
        }

        var left = operation.Left is null ? null : BindExpression(operation.Left, scope);
        var right = BindExpression(operation.Right, scope);
        return operation is { Left: RowConstructor, Right: RowConstructor }
            ? CompareRows(operation.Operator, ((RowExpr)left!).Items, ((RowExpr)right).Items, operation.Location)
            : _resolver.Operator(operation.Operator, left, right, operation.Location);
    }

    private NullTestExpr BindNullTest(BoundExpression operand, bool not, Location location) =>
        new(operand, not, IsRowType(operand.Type.Oid), location);

    private BooleanTestExpr BindBooleanTest(BooleanTest test, Scope scope)
    {
        var construct = (test.Not ? "IS NOT " : "IS ") + test.Kind switch
        {
            BooleanTestKind.True => "TRUE",
            BooleanTestKind.False => "FALSE",
            _ => "UNKNOWN",
        };
        return new BooleanTestExpr(_resolver.CoerceToBoolean(BindExpression(test.Operand, scope), construct), test.Kind, test.Not, test.Location);
    }

    private BoundExpression BindLike(LikeExpression like, Scope scope)
    {
        var operand = BindExpression(like.Operand, scope);
        var similar = like.Kind == LikeKind.SimilarTo;
        Expression pattern = like.Escape is null && !similar
            ? like.Pattern
            : new FunctionCall(
                like.Location, ["pg_catalog", similar ? "similar_to_escape" : "like_escape"],
                like.Escape is null ? [like.Pattern] : [like.Pattern, like.Escape]);
        var name = like.Kind switch
        {
            LikeKind.Like => "~~",
            LikeKind.Ilike => "~~*",
            _ => "~",
        };
        return _resolver.Operator([like.Not ? "!" + name : name], operand, BindExpression(pattern, scope), like.Location);
    }

    private BoundExpression BindDistinct(DistinctTest test, Scope scope)
    {
        if (IsNull(test.Right) || IsNull(test.Left))
        {
            var tested = IsNull(test.Right) ? test.Left : test.Right;
            return new NullTestExpr(BindExpression(tested, scope), Not: !test.Not, RowTest: false, test.Location);
        }

        var left = BindExpression(test.Left, scope);
        var right = BindExpression(test.Right, scope);
        var result = left is RowExpr leftRow && right is RowExpr rightRow
            ? DistinctRows(leftRow, rightRow, test.Location)
            : MakeDistinct(left, right, test.Location);
        return test.Not ? new BoolExpr(BoolOperator.Not, [result], test.Location) : result;
    }

    private static bool IsNull(Expression expression) => expression is Constant { Kind: ConstantKind.Null };

    private DistinctExpr MakeDistinct(BoundExpression left, BoundExpression right, Location location)
    {
        var operation = MakeEquality(left, right, "IS DISTINCT FROM", location);
        return new DistinctExpr(operation.Operator, operation.Arguments[0], operation.Arguments[1], operation.InputCollation, location);
    }

    private OpExpr MakeEquality(BoundExpression left, BoundExpression right, string construct, Location location)
    {
        var operation = (OpExpr)_resolver.Operator(["="], left, right, location);
        return operation.Type.Oid == PgTypes.Bool
            ? operation
            : throw Error(SqlState.DatatypeMismatch, $"{construct} requires = operator to yield boolean", location);
    }

    private NullIfExpr BindNullIf(NullIfExpression nullIf, Scope scope)
    {
        var left = BindExpression(nullIf.Left, scope);
        var operation = MakeEquality(left, BindExpression(nullIf.Right, scope), "NULLIF", nullIf.Location);
        var result = operation.Arguments[0];
        return new NullIfExpr(operation.Operator, result, operation.Arguments[1], result.Type, 0, 0, nullIf.Location);
    }
}
