using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Aggregates.</content>
internal sealed partial class QueryLowering
{
    private void WriteAggregate(Aggref aggregate)
    {
        var distinguished = _distinguished;
        _distinguished = _context.Volatile && Trees.IsVolatile(aggregate);
        WriteAnyAggregate(aggregate);
        _distinguished = distinguished;
    }

    private void WriteAnyAggregate(Aggref aggregate)
    {
        if (aggregate.Aggregate.Kind == 'h')
        {
            WriteHypothetical(aggregate);
            return;
        }

        if (aggregate.Star)
        {
            _sql.Add("count(*)");
        }
        else if (aggregate.Function.Name == "count")
        {
            WriteCount(aggregate);
        }
        else
        {
            WriteAggregateCall(aggregate);
            return;
        }

        WriteFilterClause(aggregate.Filter);
    }

    private void WriteFilterClause(BoundExpression? filter)
    {
        if (filter is null && !_distinguished)
        {
            return;
        }

        _sql.Add(" FILTER (WHERE ");
        if (_distinguished)
        {
            // Some number that no other aggregate has.
            _sql.Add(++_aliases).Add(filter is null ? "" : " AND ");
        }

        if (filter is not null)
        {
            WriteFilter(filter);
        }

        _sql.Add(")");
    }

    /// <summary>
    /// The aggregate that is being written has volatile arguments: SQLite would compute two equal ones once, so each gets a condition that is always true
    /// and equal to no other.
    /// </summary>
    private bool _distinguished;

    private void WriteCount(Aggref count)
    {
        var argument = count.Arguments[0].Value;
        if (argument is Var { Attribute: 0 } row)
        {
            var marker = RowMarker(row);
            _sql.Add(marker is null ? "count(*)" : $"count({marker})");
            return;
        }

        _sql.Add(count.Distinct.Count > 0 ? "count(DISTINCT " : "count(");
        if (argument is RowExpr items)
        {
            // Rows are never null. Equal ones have equal texts where the fields' stored forms are equal.
            WriteRowKey(items);
        }
        else if (count.Distinct.Count > 0)
        {
            RequireOrder(argument, "DISTINCT over");
            WriteComparable(argument);
        }
        else
        {
            Write(argument);
        }

        _sql.Add(")");
    }

    private void WriteAggregateCall(Aggref aggregate)
    {
        var distinct = aggregate.Distinct.Count > 0 && !IsIndifferentToDistinct(aggregate.Function);
        var arguments = ArgumentsOf(aggregate);
        if (aggregate.Function.Arguments is [PgTypes.AnyEnum])
        {
            WriteEnumExtreme(aggregate.Function, arguments[0], () => WriteFilterClause(aggregate.Filter));
            return;
        }

        if (aggregate.Function.Name is "min" or "max")
        {
            RefuseEnumArrayOrder(arguments[0]);
        }

        switch (Implementations.Find(aggregate.Function.Oid))
        {
            case NativeAggregate native:
                WriteNativeAggregate(aggregate, native, arguments, distinct);
                WriteFilterClause(aggregate.Filter);
                break;
            case RuntimeAggregate when distinct && CarriedArguments(aggregate.Function, arguments) > 1:
                WriteDistinctAggregate(aggregate, arguments);
                break;
            case RuntimeAggregate runtime:
                _sql.Name(runtime.Body.Name).Add(distinct ? "(DISTINCT " : "(");
                WriteAggregateArguments(aggregate, arguments, distinct);
                WriteAggregateOrder(aggregate, distinct);
                _sql.Add(")");
                WriteFilterClause(aggregate.Filter);
                break;
            default:
                throw Refused(aggregate.Function, aggregate.Location);
        }
    }

    private static bool IsIndifferentToDistinct(PgFunction function) =>
        function.Name is "min" or "max" or "bool_and" or "bool_or" or "every" or "bit_and" or "bit_or";

    private static NodeList<BoundExpression> ArgumentsOf(Aggref aggregate) =>
        [.. aggregate.Direct, .. aggregate.Arguments.Where(argument => !argument.Junk).Select(argument => argument.Value)];

    private static int CarriedArguments(PgFunction function, NodeList<BoundExpression> arguments) =>
        arguments.Count + (function.Arguments.Any(IsPolymorphic) ? 1 : 0);

    private void WriteAggregateArguments(Aggref aggregate, NodeList<BoundExpression> arguments, bool distinct)
    {
        if (distinct)
        {
            RequireOrder(arguments[0], "DISTINCT over");
            WriteComparable(arguments[0]);
            return;
        }

        WriteArguments(aggregate.Function, arguments, aggregate.Variadic, carriesTypes: true);
    }

    private void WriteNativeAggregate(Aggref aggregate, NativeAggregate native, NodeList<BoundExpression> arguments, bool distinct)
    {
        var template = native.Template;
        if (!distinct && aggregate.OrderBy.Count == 0)
        {
            WriteTemplateBody(template, arguments);
            return;
        }

        // DISTINCT and ORDER BY stand within the parentheses of the call, which then has to be the whole of the template.
        var open = template.IndexOf('(', StringComparison.Ordinal);
        if (open < 0 || !IsOperand(template) || (distinct && arguments.Count > 1))
        {
            throw NotSupported($"DISTINCT or ORDER BY in aggregate {aggregate.Function.Name}", aggregate.Location);
        }

        _sql.Add(template.AsSpan(0, open + 1)).Add(distinct ? "DISTINCT " : "");
        if (distinct)
        {
            RequireOrder(arguments[0], "DISTINCT over");
            WriteComparable(arguments[0]);
        }
        else
        {
            WriteTemplateParts(template.AsSpan()[(open + 1)..^1], arguments);
        }

        WriteAggregateOrder(aggregate, distinct);
        _sql.Add(")");
    }

    private void WriteAggregateOrder(Aggref aggregate, bool distinct)
    {
        var clauses = aggregate.OrderBy;
        if (clauses.Count == 0 && distinct && DependsOnOrder(aggregate.Function))
        {
            // PostgreSQL finds distinct values by sorting them.
            _sql.Add(" ORDER BY ");
            WriteSortKey(aggregate.Arguments[0].Value, aggregate.Distinct[0]);
            return;
        }

        for (var i = 0; i < clauses.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : " ORDER BY ");
            var clause = clauses[i];
            WriteSortKey(aggregate.Arguments.First(argument => argument.SortReference == clause.Reference).Value, clause);
        }
    }

    private static bool DependsOnOrder(PgFunction function) =>
        function.Name is "array_agg" or "string_agg" or "json_agg" or "jsonb_agg" or "group_concat";

    /// <summary>
    /// DISTINCT over an aggregate of ours that takes more than the value: SQLite's DISTINCT wants a single argument, so the distinct values are
    /// collected into an array, from which a function makes the answer.
    /// </summary>
    private void WriteDistinctAggregate(Aggref aggregate, NodeList<BoundExpression> arguments)
    {
        var value = arguments[0];
        if (IsArray(value.Type) || IsRow(value))
        {
            throw NotSupported($"DISTINCT in aggregate {aggregate.Function.Name} over this type", aggregate.Location);
        }

        RequireOrder(value, "DISTINCT over");
        var element = StoredTypes.Carried(value.Type, Schema);
        var array = new PgType(PgTypes.ArrayOf(element.Oid), element.Oid == PgTypes.BpChar ? element.Modifier : -1);
        var collected = new Collected(aggregate, array);
        switch (aggregate.Function.Name)
        {
            case "array_agg":
                WriteCollected(collected);
                break;
            case "string_agg" when element.Oid == PgTypes.Text && IsConstant(arguments[1]):
                Write(Call("array_to_string(anyarray,text)", new PgType(PgTypes.Text), [collected, arguments[1]], aggregate.Location));
                break;
            case "jsonb_agg":
                Write(Call("to_jsonb(anyelement)", new PgType(PgTypes.Jsonb), [collected], aggregate.Location));
                break;
            default:
                throw NotSupported($"DISTINCT in aggregate {aggregate.Function.Name}", aggregate.Location);
        }
    }

    private void WriteCollected(Collected collected)
    {
        var aggregate = collected.Aggregate;
        _sql.Add("pg_collect(DISTINCT ");
        WriteComparable(aggregate.Arguments[0].Value);
        WriteAggregateOrder(aggregate, distinct: true);
        _sql.Add(")");
        if (aggregate.Function.Name != "string_agg")
        {
            WriteFilterClause(aggregate.Filter);
            return;
        }

        _sql.Add(" FILTER (WHERE ");
        Write(aggregate.Arguments[0].Value);
        _sql.Add(" IS NOT NULL");
        if (aggregate.Filter is not null)
        {
            _sql.Add(" AND ");
            WriteFilter(aggregate.Filter);
        }

        _sql.Add(")");
    }

    /// <summary>rank(x) WITHIN GROUP (ORDER BY y) and its kin: counts of the rows that stand before x would.</summary>
    private void WriteHypothetical(Aggref aggregate)
    {
        if (aggregate.OrderBy.Count != 1 || aggregate.Direct.Count != 1)
        {
            throw NotSupported($"{aggregate.Function.Name} over several columns", aggregate.Location);
        }

        var clause = aggregate.OrderBy[0];
        var key = aggregate.Arguments.First(argument => argument.SortReference == clause.Reference).Value;
        var value = aggregate.Direct[0];
        var order = RequireOrder(key, "ordering by");
        if (!IsConstant(value))
        {
            throw NotSupported($"{aggregate.Function.Name} of a value that is no constant", aggregate.Location);
        }

        void Before(string op)
        {
            // Whether the row's key sorts before the value: nulls by their place, others by comparison.
            _sql.Add("(CASE WHEN ");
            Write(key);
            _sql.Add(" IS NULL THEN (");
            Write(value);
            _sql.Add(clause.NullsFirst ? " IS NOT NULL" : op == "<" ? " IS NULL AND FALSE" : " IS NULL");
            _sql.Add(clause.NullsFirst && op == "<=" ? " OR TRUE" : "").Add(") WHEN ");
            Write(value);
            _sql.Add(clause.NullsFirst ? " IS NULL THEN FALSE ELSE " : " IS NULL THEN TRUE ELSE ");
            WriteOperands(new NativeComparison(clause.Descending ? op.Replace('<', '>') : op, order), key, value, $" {(clause.Descending ? op.Replace('<', '>') : op)} ");
            _sql.Add(" END)");
        }

        void CountBefore(string head, string op, Action? condition = null)
        {
            _sql.Add(head).Add(" FILTER (WHERE ");
            Before(op);
            condition?.Invoke();
            if (aggregate.Filter is not null)
            {
                _sql.Add(" AND ");
                WriteFilter(aggregate.Filter);
            }

            _sql.Add(")");
        }

        _sql.Enter(4);
        switch (aggregate.Function.Name)
        {
            case "rank":
                _sql.Add("(");
                CountBefore("count(*)", "<");
                _sql.Add(" + 1)");
                break;
            case "dense_rank":
                _sql.Add("(count(DISTINCT ");
                WriteComparable(key);
                CountBefore(")", "<");
                if (clause.NullsFirst)
                {
                    // DISTINCT counts no nulls; those before the value are one more rank.
                    _sql.Add(" + (");
                    CountBefore("count(*)", "<", () =>
                    {
                        _sql.Add(" AND ");
                        Write(key);
                        _sql.Add(" IS NULL");
                    });
                    _sql.Add(" > 0)");
                }

                _sql.Add(" + 1)");
                break;
            case "percent_rank":
                _sql.Add("coalesce(");
                CountBefore("count(*)", "<");
                _sql.Add(" * 1.0 / nullif(count(*)");
                WriteFilterClause(aggregate.Filter);
                _sql.Add(", 0), 0.0)");
                break;
            default:
                _sql.Add("((");
                CountBefore("count(*)", "<=");
                _sql.Add(" + 1) * 1.0 / (count(*)");
                WriteFilterClause(aggregate.Filter);
                _sql.Add(" + 1))");
                break;
        }

        _sql.Leave(4);
    }

    /// <summary>The distinct values of an aggregate as an array.</summary>
    private sealed record Collected(Aggref Aggregate, PgType Array) : BoundExpression(Array, 0, Syntax.Location.None);
}
