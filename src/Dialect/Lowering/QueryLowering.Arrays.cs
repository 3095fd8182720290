using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Arrays, GREATEST and LEAST: constructs that have no row in pg_proc.</content>
internal sealed partial class QueryLowering
{
    private void WriteArray(ArrayExpr array)
    {
        _sql.Add(array.Multidimensional ? "pg_array_of_arrays(" : "pg_array(");
        for (var i = 0; i < array.Items.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            Write(array.Items[i]);
        }

        _sql.Add(")");
    }

    private void WriteSubscripting(SubscriptingExpr subscripting)
    {
        var container = StoredTypes.Carried(subscripting.Container.Type, Schema).Oid;
        if (container == PgTypes.Jsonb)
        {
            WriteJsonSubscript(subscripting);
            return;
        }

        if (container is PgTypes.Int2Vector or PgTypes.OidVector)
        {
            WriteVectorSubscript(subscripting);
            return;
        }

        var element = StoredTypes.ElementOf(subscripting.Container.Type, Schema);
        if (element == 0)
        {
            throw NotSupported($"subscripting of type {TypeFormat.Name(container)}", subscripting.Location);
        }

        _sql.Add(subscripting.Lower is null ? "pg_element(" : "pg_slice(");
        Write(subscripting.Container);
        _sql.Add(", ").Add(StoredTypes.Carried(new PgType(element), Schema).Oid);
        for (var i = 0; i < subscripting.Upper.Count; i++)
        {
            if (subscripting.Lower is { } lower)
            {
                WriteBoundOfSlice(lower[i], subscripting.Upper[i]);
            }
            else
            {
                _sql.Add(", ");
                Write(subscripting.Upper[i]!);
            }
        }

        _sql.Add(")");
    }

    /// <summary>A dimension of a slice: two numbers, where a text stands for a bound that was left out.</summary>
    private void WriteBoundOfSlice(BoundExpression? lower, BoundExpression? upper)
    {
        foreach (var bound in (BoundExpression?[])[lower, upper])
        {
            _sql.Add(", ");
            if (bound is null)
            {
                _sql.Add("''");
            }
            else
            {
                Write(bound);
            }
        }
    }

    private void WriteSubscriptAssignment(SubscriptAssignExpr assignment)
    {
        var container = StoredTypes.Carried(assignment.Type, Schema).Oid;
        var element = StoredTypes.ElementOf(assignment.Type, Schema);
        if (container != PgTypes.Jsonb && (element == 0 || container is PgTypes.Int2Vector or PgTypes.OidVector))
        {
            throw NotSupported($"assignment to elements of type {TypeFormat.Name(container)}", assignment.Location);
        }

        _sql.Add(container == PgTypes.Jsonb ? "pg_set_json(" : assignment.Lower is null ? "pg_set_element(" : "pg_set_slice(");
        Write(assignment.Container);
        _sql.Add(", ");
        if (container != PgTypes.Jsonb)
        {
            _sql.Add(StoredTypes.Carried(new PgType(element), Schema).Oid).Add(", ");
        }

        Write(assignment.Value);
        for (var i = 0; i < assignment.Upper.Count; i++)
        {
            if (assignment.Lower is { } lower)
            {
                WriteBoundOfSlice(lower[i], assignment.Upper[i]);
            }
            else
            {
                _sql.Add(", ");
                Write(assignment.Upper[i]!);
            }
        }

        _sql.Add(")");
    }

    private void WriteJsonSubscript(SubscriptingExpr subscripting)
    {
        if (subscripting.Lower is not null)
        {
            throw new DialectException(
                SqlState.DatatypeMismatch, "jsonb subscript does not support slices", _context.Position(subscripting.Location));
        }

        // Subscripts are texts or integers, which select as the -> operators do, NULL for NULL.
        BoundExpression value = subscripting.Container;
        foreach (var index in subscripting.Upper)
        {
            var byNumber = index!.Type.Oid is PgTypes.Int4 or PgTypes.Int2 or PgTypes.Int8;
            value = Call(
                byNumber ? "jsonb_array_element(jsonb,integer)" : "jsonb_object_field(jsonb,text)", new PgType(PgTypes.Jsonb), [value, index],
                subscripting.Location);
        }

        Write(value);
    }

    private void WriteVectorSubscript(SubscriptingExpr subscripting)
    {
        if (subscripting.Lower is not null || subscripting.Upper.Count != 1)
        {
            throw NotSupported("this form of subscripting a vector", subscripting.Location);
        }

        _sql.Add("pg_vector_element(");
        Write(subscripting.Container);
        _sql.Add(", ");
        Write(subscripting.Upper[0]!);
        _sql.Add(")");
    }

    private void WriteMinMax(MinMaxExpr expression)
    {
        if (expression.Arguments.Count == 1)
        {
            Write(expression.Arguments[0]);
            return;
        }

        var order = RequireOrder(expression, "comparing");
        RefuseEnumArrayOrder(expression);
        if (order.EnumOid != 0)
        {
            WriteEnumMinMax(expression, order.EnumOid);
            return;
        }

        _sql.Add(expression.Greatest ? "pg_greatest(" : "pg_least(").Add(StoredTypes.Carried(expression.Type, Schema).Oid);
        foreach (var argument in expression.Arguments)
        {
            _sql.Add(", ");
            Write(argument);
        }

        _sql.Add(")");
    }
}
