using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// The lengths to which values of char(n) are padded. A value of PostgreSQL's holds its blanks, and keeps them where an expression's type has lost the
/// length, as that of max() has. Here blanks at the end are not stored, so the length is found by where the value comes from.
/// </summary>
internal sealed class PaddedLengths
{
    // A NULL has every length.
    private const int Any = 0;
    private const int Unknown = -1;

    // Common tables that refer to each other twice each would take forever.
    private const int StepsMax = 1000;

    private int _steps;

    /// <summary>The types of the columns of a query's result, with the lengths of their values where they are known and the type lacks it.</summary>
    public static PgType[] Of(BoundQuery query) => [.. query.Visible.Select((target, column) =>
        IsOpen(target.Value.Type) && new PaddedLengths().OfColumn(query, column, []) is > 4 and var modifier
            ? target.Value.Type with { Modifier = modifier }
            : target.Value.Type)];

    private static bool IsOpen(PgType type) => type.Oid is PgTypes.BpChar or PgTypes.BpCharArray && type.Modifier <= 4;

    /// <param name="queries">The query that the expression stands in, and those around it from the inside to the outside.</param>
    private int Modifier(BoundExpression value, ReadOnlySpan<BoundQuery> queries)
    {
        if (value is Const { Text: null })
        {
            return Any;
        }

        if (value.Type.Oid is not (PgTypes.BpChar or PgTypes.BpCharArray) || ++_steps > StepsMax)
        {
            return Unknown;
        }

        return !IsOpen(value.Type) ? value.Type.Modifier : value switch
        {
            Var { Attribute: > 0 } v when v.LevelsUp < queries.Length =>
                Modifier(queries[v.LevelsUp].Relations[v.Relation - 1], v.Attribute - 1, queries[v.LevelsUp..]),
            Aggref { Function.Name: "min" or "max" or "array_agg" } a => Modifier(a.Arguments[0].Value, queries),
            WindowFunc { Function.Name: "min" or "max" or "array_agg" or "first_value" or "last_value" or "nth_value" } w => Modifier(w.Arguments[0], queries),
            WindowFunc { Function.Name: "lag" or "lead" } w => Common(w.Arguments.Where(static (_, i) => i != 1), queries),
            FuncExpr { Function.Name: "unnest" } f => Modifier(f.Arguments[0], queries),
            CoalesceExpr c => Common(c.Arguments, queries),
            MinMaxExpr m => Common(m.Arguments, queries),
            CaseExpr c => Common(c.Arms.Select(static arm => arm.Result).Append(c.Default), queries),
            NullIfExpr n => Modifier(n.Left, queries),
            RelabelExpr r => Modifier(r.Argument, queries),
            CollateExpr c => Modifier(c.Argument, queries),
            SubscriptingExpr s => Modifier(s.Container, queries),
            SubLink { Kind: SubLinkKind.Expression or SubLinkKind.Array } s => OfColumn(s.Query, 0, queries),
            _ => Unknown,
        };
    }

    private int Modifier(RangeTableEntry relation, int column, ReadOnlySpan<BoundQuery> queries) => relation switch
    {
        SubqueryEntry s => OfColumn(s.Query, column, queries),
        JoinEntry j => Modifier(j.Values[column], queries),
        ValuesEntry v => Common(v.Rows.Select(row => row[column]), queries),
        CommonTableEntry { SelfReference: false } c when c.LevelsUp < queries.Length
            && queries[c.LevelsUp].CommonTables.FirstOrDefault(table => table.Name == c.Table) is { Recursive: false } table =>
            OfColumn(table.Query, column, queries[c.LevelsUp..]),
        _ => Unknown,
    };

    /// <summary>Of a column of a query that stands within others.</summary>
    private int OfColumn(BoundQuery query, int column, ReadOnlySpan<BoundQuery> around)
    {
        BoundQuery[] queries = [query, .. around];
        if (query.SetOperations is { } operations)
        {
            return OfOperation(operations, column, queries);
        }

        var value = query.Visible.ElementAtOrDefault(column)?.Value;
        return value is null ? Unknown : Modifier(value, queries);
    }

    private int OfOperation(SetOperationTree operation, int column, ReadOnlySpan<BoundQuery> queries)
    {
        var (left, right) = (OfOperand(operation.Left, column, queries), OfOperand(operation.Right, column, queries));
        return left == Any ? right : right == Any || left == right ? left : Unknown;
    }

    private int OfOperand(SetOperand operand, int column, ReadOnlySpan<BoundQuery> queries) =>
        operand.Operation is { } operation ? OfOperation(operation, column, queries) : Modifier(queries[0].Relations[operand.Relation - 1], column, queries);

    private int Common(IEnumerable<BoundExpression> values, ReadOnlySpan<BoundQuery> queries)
    {
        var common = Any;
        foreach (var value in values)
        {
            var modifier = Modifier(value, queries);
            if (modifier == Unknown || (common != Any && modifier != Any && modifier != common))
            {
                return Unknown;
            }

            common = modifier == Any ? common : modifier;
        }

        return common;
    }
}
