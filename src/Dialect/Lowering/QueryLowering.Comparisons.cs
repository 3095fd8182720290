using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Comparisons, of values, of rows and with the elements of arrays.</content>
internal sealed partial class QueryLowering
{
    private void WriteComparison(NativeComparison comparison, BoundExpression left, BoundExpression right)
    {
        if (comparison is { IsEquality: false, IsInequality: false })
        {
            RefuseEnumArrayOrder(left);
        }

        _sql.Add("(");
        WriteOperands(comparison, left, right, $" {comparison.Sql} ");
        _sql.Add(")");
    }

    /// <summary>Two operands with the collation on the left one, which is the one that SQLite goes by.</summary>
    private void WriteOperands(NativeComparison comparison, BoundExpression left, BoundExpression right, string between)
    {
        WriteCompared(comparison, left, right);
        _sql.Add(between);
        if (_context.Volatile && right is not Const && Trees.IsVolatile(left))
        {
            // Otherwise SQLite might begin with the right one, and compute the left one only if that is not null.
            WriteAsSecond(() => WriteRight(comparison, right));
        }
        else
        {
            WriteRight(comparison, right);
        }
    }

    private void WriteRight(NativeComparison comparison, BoundExpression right)
    {
        if (comparison.Order.EnumOid != 0)
        {
            WriteEnumOrder(right, comparison.Order.EnumOid);
        }
        else
        {
            Write(right);
        }
    }

    private void WriteCompared(NativeComparison comparison, BoundExpression left, BoundExpression? right)
    {
        if (comparison.Order.EnumOid != 0)
        {
            WriteEnumOrder(left, comparison.Order.EnumOid);
            return;
        }

        var collation = comparison.Order.Collation ?? (IsForeignText(left) || (right is not null && IsForeignText(right)) ? "BINARY" : null);
        if (collation is null)
        {
            Write(left);
            return;
        }

        _sql.Enter();
        Write(left);
        _sql.Add(" COLLATE ").Add(collation);
        _sql.Leave();
    }

    private void WriteDistinct(DistinctExpr distinct)
    {
        if (Comparisons.Find(distinct.Operator, distinct.Left.Type, distinct.Right.Type, Schema) is { } comparison)
        {
            _sql.Add("(");
            WriteOperands(comparison, distinct.Left, distinct.Right, " IS NOT ");
            _sql.Add(")");
            return;
        }

        WriteLetValue(distinct.Left, left => WriteLetValue(distinct.Right, right =>
        {
            _sql.Add("(CASE WHEN ");
            Write(left);
            _sql.Add(" IS NULL THEN ");
            Write(right);
            _sql.Add(" IS NOT NULL WHEN ");
            Write(right);
            _sql.Add(" IS NULL THEN TRUE ELSE NOT ");
            WriteResolved(distinct.Operator, left, right, distinct.Location);
            _sql.Add(" END)");
        }));
    }

    private void WriteResolved(PgOperator op, BoundExpression left, BoundExpression right, Location location) =>
        Write(new OpExpr(op, [left, right], new PgType(op.Result), 0, 0, location));

    private void WriteNullIf(NullIfExpr nullIf)
    {
        if (Comparisons.Find(nullIf.Operator, nullIf.Left.Type, nullIf.Right.Type, Schema) is { } comparison)
        {
            _sql.Add("nullif(");
            WriteOperands(comparison, nullIf.Left, nullIf.Right, ", ");
            _sql.Add(")");
            return;
        }

        WriteLetValue(nullIf.Left, left =>
        {
            _sql.Add("(CASE WHEN ");
            WriteResolved(nullIf.Operator, left, nullIf.Right, nullIf.Location);
            _sql.Add(" THEN NULL ELSE ");
            Write(left);
            _sql.Add(" END)");
        });
    }

    private void WriteRowCompare(RowCompareExpr row)
    {
        var comparisons = new NativeComparison[row.Operators.Count];
        for (var i = 0; i < comparisons.Length; i++)
        {
            RefuseEnumArrayOrder(row.Left[i]);
            comparisons[i] = Comparisons.Find(row.Operators[i], row.Left[i].Type, row.Right[i].Type, Schema)
                ?? throw NotSupported($"comparing rows by operator {row.Operators[i].Name}", row.Location);
        }

        _sql.Add("((");
        for (var i = 0; i < comparisons.Length; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            WriteCompared(comparisons[i], row.Left[i], row.Right[i]);
        }

        _sql.Add(row.Kind switch
        {
            RowCompareKind.Less => ") < (",
            RowCompareKind.LessEqual => ") <= (",
            RowCompareKind.GreaterEqual => ") >= (",
            _ => ") > (",
        });
        for (var i = 0; i < comparisons.Length; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            WriteCompared(comparisons[i] with { Order = comparisons[i].Order with { Collation = null } }, row.Right[i], null);
        }

        _sql.Add("))");
    }

    private void WriteArrayComparison(ScalarArrayOpExpr expression, bool filter)
    {
        var element = StoredTypes.ElementOf(expression.Array.Type, Schema);
        var elementType = new PgType(element);
        var comparison = Comparisons.Find(expression.Operator, expression.Scalar.Type, elementType, Schema);
        var isIn = comparison is { IsEquality: true } && expression.Any;
        var isNotIn = comparison is { IsInequality: true } && !expression.Any;
        if (ListOf(expression.Array) is { } list)
        {
            if (isIn || isNotIn)
            {
                WriteInList(comparison!.Value, expression.Scalar, list, isIn);
                return;
            }

            WriteListComparison(expression, list);
            return;
        }

        if (isIn || isNotIn)
        {
            // Without a row IN is false, where PostgreSQL's answer for an array that is null is null: the same in a filter, if it is IN.
            var maybeNull = expression.Array is not Const { Text: not null }
                && (!(filter && isIn) || (_context.Volatile && Trees.IsVolatile(expression.Array)));
            if (maybeNull)
            {
                WriteLetValue(expression.Array, array => WriteInArrayOrNull(comparison!.Value, expression, element, isIn, array));
            }
            else
            {
                WriteInArray(comparison!.Value, expression.Scalar, expression.Array, element, isIn);
            }

            return;
        }

        WriteEachElement(expression, element);
    }

    /// <summary>ARRAY[…], also one whose elements are seen as another type (a list of varchar as text): then each is. Null for another array.</summary>
    private static ArrayExpr? ListOf(BoundExpression array) => array switch
    {
        ArrayExpr { Multidimensional: false } list => list,
        ArrayCoerceExpr { Argument: ArrayExpr { Multidimensional: false } list, Element: RelabelExpr { Argument: CaseTestExpr } relabel } coerced =>
            list with { Items = [.. list.Items.Select(item => relabel with { Argument = item })], Type = coerced.Type, Collation = coerced.Collation },
        _ => null,
    };

    private void WriteInArrayOrNull(
        NativeComparison comparison, ScalarArrayOpExpr expression, uint element, bool isIn, BoundExpression array)
    {
        _sql.Add("CASE WHEN ");
        Write(array);
        _sql.Add(" IS NOT NULL THEN ");
        _sql.Enter(2);
        WriteInArray(comparison, expression.Scalar, array, element, isIn);
        _sql.Leave(2);
        _sql.Add(" END");
    }

    private void WriteInList(NativeComparison comparison, BoundExpression scalar, ArrayExpr list, bool isIn)
    {
        if (list.Items.Count == 0)
        {
            _sql.Add(isIn ? "FALSE" : "TRUE");
            return;
        }

        if (IsVolatileList(list))
        {
            WriteLetAll([scalar, .. list.Items], values => WriteInList(comparison, values[0], list with { Items = [.. values.Skip(1)] }, isIn));
            return;
        }

        _sql.Add("(");
        WriteCompared(comparison, scalar, null);
        _sql.Add(isIn ? " IN (" : " NOT IN (");
        for (var i = 0; i < list.Items.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            Write(list.Items[i]);
        }

        _sql.Add("))");
    }

    /// <summary>An array is computed as a whole, where a list would be looked at up to what decides.</summary>
    private bool IsVolatileList(ArrayExpr list) => _context.Volatile && list.Items.Count > 1 && list.Items.Any(Trees.IsVolatile);

    /// <summary>The elements of the array as the rows of a subquery, for which SQLite uses an index on the left side.</summary>
    private void WriteInArray(NativeComparison comparison, BoundExpression scalar, BoundExpression array, uint element, bool isIn)
    {
        if (_context.InDefinition)
        {
            throw AreNotSupported("comparisons with arrays in definitions of the schema", array.Location);
        }

        _sql.Add("(");
        WriteCompared(comparison, scalar, null);
        _sql.Add(isIn ? " IN (SELECT " : " NOT IN (SELECT ");
        WriteElements(array, element);
        _sql.Add("))");
    }

    /// <summary>"value FROM" the table of an array's elements.</summary>
    private void WriteElements(BoundExpression array, uint element)
    {
        RequireMovable(array, intoAggregate: false);
        var carried = StoredTypes.Carried(new PgType(element), Schema).Oid;
        if (Known(array) is { } text && !text.StartsWith("{{", StringComparison.Ordinal) && !text.StartsWith('[')
            && carried is not (PgTypes.Bytea or PgTypes.Float4 or PgTypes.Float8) && array.Type.Oid is not (PgTypes.Int2Vector or PgTypes.OidVector))
        {
            // SQLite's own function for elements whose JSON is their stored form.
            _sql.Add("value FROM json_each(");
            Write(array);
            _sql.Add(")");
            return;
        }

        _sql.Add("value FROM pg_elements(");
        Write(array);
        _sql.Add(", ").Add(carried).Add(")");
    }

    /// <summary>x op ANY (ARRAY[…]) for any operator: the comparisons one by one.</summary>
    private void WriteListComparison(ScalarArrayOpExpr expression, ArrayExpr list)
    {
        if (list.Items.Count == 0)
        {
            _sql.Add(expression.Any ? "FALSE" : "TRUE");
            return;
        }

        if (IsVolatileList(list))
        {
            WriteLetAll([expression.Scalar, .. list.Items], values =>
                WriteListComparison(expression with { Scalar = values[0] }, list with { Items = [.. values.Skip(1)] }));
            return;
        }

        WriteLetValue(expression.Scalar, scalar => WriteJunction(
            [.. list.Items.Select(item => new OpExpr(expression.Operator, [scalar, item], new PgType(PgTypes.Bool), 0, expression.InputCollation, expression.Location))],
            expression.Any ? " OR " : " AND ",
            Write));
    }

    /// <summary>x op ANY (array) for any operator: an aggregate over the comparisons with each element, null for an array that is null.</summary>
    private void WriteEachElement(ScalarArrayOpExpr expression, uint element)
    {
        if (_context.InDefinition)
        {
            throw AreNotSupported("comparisons with arrays in definitions of the schema", expression.Location);
        }

        RequireMovable(expression.Array, intoAggregate: true);
        RequireMovable(expression.Scalar, intoAggregate: true);
        if (_context.Volatile && Trees.IsVolatile(expression.Scalar))
        {
            WriteLetAll([expression.Scalar, expression.Array], values => WriteEachElement(expression with { Scalar = values[0], Array = values[1] }, element));
            return;
        }

        WriteLetValue(expression.Array, array =>
        {
            var elements = NextAlias();
            _sql.Add("CASE WHEN ");
            Write(array);
            _sql.Add(" IS NOT NULL THEN (SELECT ").Add(expression.Any ? "pg_any(" : "pg_all(");
            WriteResolved(expression.Operator, expression.Scalar, new Fragment(elements + ".value", new PgType(element)), expression.Location);
            _sql.Add(") FROM pg_elements(");
            Write(array);
            _sql.Add(", ").Add(StoredTypes.Carried(new PgType(element), Schema).Oid).Add(") AS ").Add(elements).Add(") END");
        });
    }
}
