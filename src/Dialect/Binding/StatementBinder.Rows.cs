using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Rows and their comparison.</summary>
internal sealed partial class StatementBinder
{
    /// <summary>The strategies of btree by their numbers, and inequality.</summary>
    private enum RowComparison
    {
        Less = 1,
        LessEqual,
        Equal,
        GreaterEqual,
        Greater,
        NotEqual,
    }

    private RowExpr BindRow(RowConstructor row, Scope scope, bool allowDefault = false)
    {
        var items = BindList(row.Items, scope, scope.Kind, allowDefault);
        if (items.Count > ColumnsMax)
        {
            throw Error(SqlState.TooManyColumns, $"ROW expressions can have at most {ColumnsMax} entries", row.Location);
        }

        return new RowExpr(ListOf(items), FieldNames(items.Count), row.Location);
    }

    private static NodeList<string> FieldNames(int count) => ListOf(Enumerable.Range(1, count).Select(i => $"f{i}"));

    private BoundExpression CompareRows(
        NodeList<string> name, NodeList<BoundExpression> left, NodeList<BoundExpression> right, Location location)
    {
        var operations = PairOperators(name, left, right, location);
        if (operations.Length == 1)
        {
            return operations[0];
        }

        var comparison = ComparisonOf(name, operations, location);
        return KindOf(comparison) is { } kind
            ? new RowCompareExpr(
                kind, ListOf(operations.Select(o => o.Operator)), ListOf(operations.Select(o => o.Arguments[0])),
                ListOf(operations.Select(o => o.Arguments[1])), ListOf(operations.Select(o => o.InputCollation)), location)
            : new BoolExpr(
                comparison == RowComparison.Equal ? BoolOperator.And : BoolOperator.Or, ListOf<BoundExpression>(operations), location);
    }

    /// <summary>The operators between the columns of two rows.</summary>
    private OpExpr[] PairOperators(
        NodeList<string> name, NodeList<BoundExpression> left, IReadOnlyList<BoundExpression> right, Location location)
    {
        if (left.Count != right.Count)
        {
            throw Error(SqlState.SyntaxError, "unequal number of entries in row expressions", location);
        }

        if (left.Count == 0)
        {
            throw Error(SqlState.FeatureNotSupported, "cannot compare rows of zero length", location);
        }

        var operations = new OpExpr[left.Count];
        for (var i = 0; i < operations.Length; i++)
        {
            operations[i] = (OpExpr)_resolver.Operator(name, left[i], right[i], location);
            if (operations[i].Type.Oid != PgTypes.Bool)
            {
                throw Error(
                    SqlState.DatatypeMismatch,
                    $"row comparison operator must yield type boolean, not type {_types.Format(operations[i].Type.Oid)}", location);
            }
        }

        return operations;
    }

    /// <summary>
    /// What the operators between the columns say about the rows, which the families of btree tell: the first meaning that all of them have.
    /// </summary>
    private RowComparison ComparisonOf(NodeList<string> name, OpExpr[] operations, Location location)
    {
        IEnumerable<RowComparison> common = MeaningsOf(operations[0].Operator);
        foreach (var operation in operations.AsSpan(1))
        {
            common = common.Intersect(MeaningsOf(operation.Operator));
        }

        RowComparison[] meanings = [.. common.Order()];
        return meanings.Length > 0 ? meanings[0] : throw Error(
            SqlState.FeatureNotSupported, $"could not determine interpretation of row comparison operator {name[^1]}", location,
            "Row comparison operators must be associated with btree operator families.");
    }

    private static List<RowComparison> MeaningsOf(PgOperator operation)
    {
        var meanings = new List<RowComparison>();
        foreach (var member in OperatorFamilies.FamiliesOf(operation.Oid))
        {
            if (member.Btree)
            {
                meanings.Add((RowComparison)member.Strategy);
            }
        }

        if (meanings.Count == 0 && operation.Negator != 0
            && OperatorFamilies.FamiliesOf(operation.Negator).Any(m => m is { Btree: true, Strategy: OperatorFamilies.Equal }))
        {
            meanings.Add(RowComparison.NotEqual);
        }

        return meanings;
    }

    private BoundExpression DistinctRows(RowExpr left, RowExpr right, Location location)
    {
        if (left.Items.Count != right.Items.Count)
        {
            throw Error(SqlState.SyntaxError, "unequal number of entries in row expressions", location);
        }

        var tests = new BoundExpression[left.Items.Count];
        for (var i = 0; i < tests.Length; i++)
        {
            tests[i] = MakeDistinct(left.Items[i], right.Items[i], location);
        }

        return tests.Length switch
        {
            0 => BooleanConstant(false, location),
            1 => tests[0],
            _ => new BoolExpr(BoolOperator.Or, [.. tests], location),
        };
    }

    /// <summary>Several expressions, among which a star stands for columns.</summary>
    private List<BoundExpression> BindList(NodeList<Expression> expressions, Scope scope, ExpressionKind kind, bool allowDefault)
    {
        var outer = scope.Kind;
        scope.Kind = kind;
        var result = new List<BoundExpression>(expressions.Count);
        for (var i = 0; i < expressions.Count; i++)
        {
            if (expressions[i] is ColumnReference { Star: true } or Indirection { Steps: [.., StarStep] } or DefaultValue)
            {
                AddSpecial(expressions[i], result, scope, allowDefault);
            }
            else
            {
                result.Add(BindExpression(expressions[i], scope));
            }
        }

        scope.Kind = outer;
        return result;
    }

    private void AddSpecial(Expression expression, List<BoundExpression> result, Scope scope, bool allowDefault)
    {
        if (expression is DefaultValue)
        {
            result.Add(allowDefault
                ? new SetToDefaultExpr(new PgType(PgTypes.Unknown), 0, expression.Location)
                : BindExpression(expression, scope));
            return;
        }

        var columns = expression is ColumnReference star ? ExpandStar(star, scope) : ExpandRow((Indirection)expression, scope);
        result.AddRange(columns.Select(column => column.Value));
    }
}
