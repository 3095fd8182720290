using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Queries within expressions.</content>
internal sealed partial class QueryLowering
{
    private void WriteSubLink(SubLink link)
    {
        if (_context.InDefinition)
        {
            throw AreNotSupported("queries in definitions of the schema", link.Location);
        }

        switch (link.Kind)
        {
            case SubLinkKind.Exists:
                _sql.Add("EXISTS (");
                WriteQuery(link.Query, _scope);
                _sql.Add(")");
                break;
            case SubLinkKind.Expression:
                WriteScalarQuery(link.Query, 1);
                break;
            case SubLinkKind.Array:
                var alias = NextAlias();
                _sql.Add("coalesce((SELECT ").Add(IsArray(OutputsOf(link.Query)[0].Value.Type) ? "pg_collect_arrays(" : "pg_collect(")
                    .Add(alias).Add(".c1) FROM (");
                WriteQuery(link.Query, _scope);
                _sql.Add(") AS ").Add(alias).Add("), '[]')");
                break;
            case SubLinkKind.RowCompare:
                WriteRowQuery(link);
                break;
            case SubLinkKind.Any or SubLinkKind.All:
                WriteQuantified(link);
                break;
            default:
                throw NotSupported("a query of several columns here", link.Location);
        }
    }

    private bool IsArray(PgType type) => StoredTypes.ElementOf(type, Schema) != 0;

    /// <summary>A column of the one row that a query may have; more rows are an error.</summary>
    private void WriteScalarQuery(BoundQuery query, int column)
    {
        if (column == 1 && OutputsOf(query).Count == 1 && HasAtMostOneRow(query))
        {
            _sql.Add("(");
            WriteQuery(query, _scope);
            _sql.Add(")");
            return;
        }

        var alias = NextAlias();
        _sql.Add("(SELECT pg_single(").Add(alias).Add(".c").Add(column).Add(") FROM (");
        WriteQuery(query, _scope);
        _sql.Add(") AS ").Add(alias).Add(")");
    }

    private bool HasAtMostOneRow(BoundQuery query)
    {
        if (query.SetOperations is not null || query.WithTies)
        {
            return false;
        }

        if (NumberOf(query.Limit) is { Text: "0" or "1" } limit)
        {
            _context.Lifting?.Fix(limit);
            return true;
        }

        if (query.HasTargetSets)
        {
            return false;
        }

        return (query.GroupBy.Count == 0 && (query.HasAggregates || query.Having is not null)) || query.From.Count == 0 || FindsByKey(query);
    }

    /// <summary>The query reads one table by all columns of a unique index.</summary>
    private static bool FindsByKey(BoundQuery query)
    {
        if (query.From is not [FromRelation { Relation: var number }] || query.Relations[number - 1] is not RelationEntry { Relation: { } table })
        {
            return false;
        }

        var fixedColumns = new HashSet<short>();
        foreach (var condition in query.Where is BoolExpr { Operator: BoolOperator.And } all ? all.Arguments : query.Where is null ? [] : [query.Where])
        {
            if (condition is OpExpr { Operator.Name: "=", Arguments: [var left, var right] })
            {
                AddFixed(left, right);
                AddFixed(right, left);
            }
        }

        return table.Indexes.Any(index => index is { Unique: true, Predicate: null } && index.Columns.Count > 0 && index.Columns.All(fixedColumns.Contains));

        void AddFixed(BoundExpression column, BoundExpression value)
        {
            if (column is RelabelExpr { Argument: var argument })
            {
                column = argument;
            }

            if (column is Var { LevelsUp: 0, Attribute: > 0 } v && v.Relation == number && !Trees.Any(value, (e, level) => e is Var o && o.LevelsUp == level)
                && !Trees.IsVolatile(value))
            {
                fixedColumns.Add(v.Attribute);
            }
        }
    }

    private void WriteRowQuery(SubLink link)
    {
        // (a, b) op (SELECT c, d): each column by itself raises the error of a second row.
        var alias = NextAlias();
        var comparisons = ComparisonsOf(link);
        _sql.Add("((");
        for (var i = 0; i < comparisons.Length; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            WriteCompared(comparisons[i], link.Left[i], null);
        }

        _sql.Add(") ").Add(link.RowCompare switch
        {
            null => link.UseOr ? "<>" : comparisons[0].Sql,
            RowCompareKind.Less => "<",
            RowCompareKind.LessEqual => "<=",
            RowCompareKind.Greater => ">",
            _ => ">=",
        }).Add(" (SELECT ");
        for (var i = 0; i < comparisons.Length; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            WriteConvertedColumn(link, i, new Fragment($"pg_single({alias}.c{i + 1})", OutputsOf(link.Query)[i].Value.Type));
        }

        _sql.Add(" FROM (");
        WriteQuery(link.Query, _scope);
        _sql.Add(") AS ").Add(alias).Add("))");
    }

    private NativeComparison[] ComparisonsOf(SubLink link)
    {
        var outputs = OutputsOf(link.Query);
        var comparisons = new NativeComparison[link.Left.Count];
        for (var i = 0; i < comparisons.Length; i++)
        {
            comparisons[i] = Comparisons.Find(link.Operators[i], link.Left[i].Type, ColumnType(link, outputs, i), Schema) is { Order.EnumOid: 0 } found
                ? found
                : throw NotSupported($"comparing rows by operator {link.Operators[i].Name}", link.Location);
        }

        return comparisons;
    }

    private static PgType ColumnType(SubLink link, List<TargetEntry> outputs, int column) =>
        link.Columns.Count > 0 ? link.Columns[column].Type : outputs[column].Value.Type;

    private void WriteConvertedColumn(SubLink link, int column, Fragment value)
    {
        if (link.Columns.Count == 0)
        {
            Write(value);
            return;
        }

        WriteTesting(value, () => Write(link.Columns[column]));
    }

    private void WriteQuantified(SubLink link)
    {
        var any = link.Kind == SubLinkKind.Any;
        var outputs = OutputsOf(link.Query);
        var comparisons = link.Operators
            .Select((op, i) => Comparisons.Find(op, link.Left[i].Type, ColumnType(link, outputs, i), Schema))
            .ToArray();
        var isIn = any && !link.UseOr && comparisons.All(c => c is { IsEquality: true, Order.EnumOid: 0 });
        var isNotIn = !any && comparisons.All(c => c is { IsInequality: true, Order.EnumOid: 0 }) && (link.UseOr || link.Left.Count == 1);
        if (isIn || isNotIn)
        {
            WriteInQuery(link, comparisons!, isIn);
            return;
        }

        // An aggregate over the comparisons with each row.
        foreach (var left in link.Left)
        {
            RequireMovable(left, intoAggregate: true);
        }

        RefuseVolatileOperand(link);

        var alias = NextAlias();
        _sql.Add("(SELECT ").Add(any ? "pg_any(" : "pg_all(");
        var terms = link.Operators.Select((op, i) => (BoundExpression)new OpExpr(
            op, [link.Left[i], Column(link, i, new Fragment($"{alias}.c{i + 1}", outputs[i].Value.Type))], new PgType(PgTypes.Bool), 0, 0, link.Location));
        WriteJunction([.. terms], link.UseOr ? " OR " : " AND ", Write);
        _sql.Add(") FROM (");
        if (_context.Volatile && Trees.IsVolatile(link.Query) && !RefersOut(link.Query))
        {
            // It runs once a statement, although what is around it runs for each row.
            WriteFenced(Fence.Whole, () => WriteQuery(link.Query, _scope));
        }
        else
        {
            WriteQuery(link.Query, _scope);
        }

        _sql.Add(") AS ").Add(alias).Add(")");
    }

    private static bool RefersOut(BoundQuery query) => Trees.Any(query, static (e, level) => e is Var v && v.LevelsUp >= level);

    /// <summary>PostgreSQL computes the operand for each row of the query, up to the one that decides.</summary>
    private void RefuseVolatileOperand(SubLink link)
    {
        if (_context.Volatile && link.Left.FirstOrDefault(Trees.IsVolatile) is { } operand)
        {
            throw AreNotSupported("volatile functions on the left of such a query", operand.Location);
        }
    }

    /// <summary>A column of a query with the conversion that the comparison asks for.</summary>
    private static BoundExpression Column(SubLink link, int column, Fragment value) =>
        link.Columns.Count == 0 ? value : new TestedBy(value, link.Columns[column]);

    private void WriteInQuery(SubLink link, NativeComparison?[] comparisons, bool isIn)
    {
        if (RefersOut(link.Query))
        {
            RefuseVolatileOperand(link);
        }

        _sql.Add(link.Left.Count > 1 ? "((" : "(");
        for (var i = 0; i < comparisons.Length; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            WriteCompared(comparisons[i]!.Value, link.Left[i], null);
        }

        _sql.Add(link.Left.Count > 1 ? ")" : "").Add(isIn ? " IN (" : " NOT IN (");
        if (link.Columns.All(column => column is CaseTestExpr) && OutputsOf(link.Query).Count == comparisons.Length)
        {
            WriteQuery(link.Query, _scope);
        }
        else
        {
            var alias = NextAlias();
            _sql.Add("SELECT ");
            for (var i = 0; i < comparisons.Length; i++)
            {
                _sql.Add(i > 0 ? ", " : "");
                WriteConvertedColumn(link, i, new Fragment($"{alias}.c{i + 1}", OutputsOf(link.Query)[i].Value.Type));
            }

            _sql.Add(" FROM (");
            WriteQuery(link.Query, _scope);
            _sql.Add(") AS ").Add(alias);
        }

        _sql.Add("))");
    }
}

/// <summary>An expression over a <see cref="CaseTestExpr"/>, with the value that this stands for.</summary>
internal sealed record TestedBy(BoundExpression Value, BoundExpression Body) : BoundExpression(Body.Type, Body.Collation, Body.Location);
