using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>SELECT and VALUES (PostgreSQL's analyze.c).</summary>
internal sealed partial class StatementBinder
{
    /// <summary>A query within another statement's scope.</summary>
    private BoundQuery BindSubquery(Statement statement, Scope scope) => statement switch
    {
        Query query => BindQuery(query, scope),
        MergeStatement => throw Unsupported("MERGE", statement.Location),
        _ => throw Error(SqlState.FeatureNotSupported, "data-modifying statements in WITH are not supported", statement.Location),
    };

    private BoundQuery BindQuery(Query query, Scope scope) => query switch
    {
        SelectQuery select => BindSelect(select, scope),
        ValuesQuery values => BindValues(values, scope),
        _ => BindSetOperation((SetOperation)query, scope),
    };

    private BoundQuery BindSelect(SelectQuery select, Scope scope)
    {
        BindWith(select.With, scope);
        if (select.Into is { } into)
        {
            throw Error(SqlState.SyntaxError, "SELECT ... INTO is not allowed here", into.Location);
        }

        scope.Windows = [.. select.Windows];
        BindFrom(select.From, scope);
        var targets = BindTargets(select.Targets, scope, ExpressionKind.SelectTarget);
        MarkOrigins(targets, scope);
        var where = BindCondition(select.Where, scope, ExpressionKind.Where, "WHERE");
        var having = BindCondition(select.Having, scope, ExpressionKind.Having, "HAVING");
        var order = BindOrderBy(select.OrderBy, targets, scope, ExpressionKind.OrderBy, byExpression: false);
        var group = BindGroupBy(select.GroupBy, targets, order, scope, ExpressionKind.GroupBy, byExpression: false);
        List<SortClause> distinct = [];
        if (select.Distinct is { } on)
        {
            distinct = on.Count == 0 ? BindDistinct(targets, order, aggregate: false) : BindDistinctOn(on, targets, order, scope);
        }

        var offset = BindLimit(select.Offset, scope, ExpressionKind.Offset, false);
        var limit = BindLimit(select.Limit, scope, ExpressionKind.Limit, select.WithTies);
        var windows = BindWindows(targets, scope);
        if (scope.ResolveUnknowns)
        {
            ResolveUnknowns(targets);
        }

        return FinishSelect(select, scope, new BoundQuery(QueryKind.Select)
        {
            Where = where,
            Targets = ListOf(targets),
            GroupBy = ListOf(group),
            Having = having,
            Windows = windows,
            Distinct = ListOf(distinct),
            DistinctOn = select.Distinct is { Count: > 0 },
            OrderBy = ListOf(order),
            Offset = offset,
            Limit = limit,
            WithTies = select.WithTies,
        });
    }

    private BoundQuery FinishSelect(SelectQuery select, Scope scope, BoundQuery query)
    {
        query = Close(query, select.With, scope);
        foreach (var locking in select.Locking)
        {
            CheckLocking(query, locking, scope, pushedDown: false);
        }

        query = AssignCollations(query with { Locking = select.Locking });
        if (query.HasAggregates || query.GroupBy.Count > 0 || query.Having is not null)
        {
            new GroupingCheck(query, _context).Run();
        }

        return query;
    }

    /// <summary>Takes over what the scope has gathered.</summary>
    private BoundQuery Close(BoundQuery query, With? with, Scope scope) => query with
    {
        CommonTables = CloseWith(scope),
        Recursive = with?.Recursive ?? false,
        Relations = ListOf(scope.Relations),
        From = ListOf(scope.From),
        HasAggregates = scope.HasAggregates,
        HasWindows = scope.HasWindows,
        HasTargetSets = scope.HasTargetSets,
    };

    private BoundQuery BindValues(ValuesQuery values, Scope scope)
    {
        BindWith(values.With, scope);
        var rows = BindRows(values.Rows, scope, allowDefault: false);
        var (types, collations) = UnifyRows(rows);
        var lateral = scope.Relations.Count > 0 && BoundWalk.FindVar(rows.SelectMany(r => r), 0) is not null;
        var item = AddValues(rows, types, collations, lateral, scope);
        scope.From.Add(new FromRelation(item.Relation));
        scope.Namespace.Add(item);
        var targets = new List<TargetEntry>();
        AddColumns(targets, ExpandItem(item, 0, Location.None), scope);
        var order = BindOrderBy(values.OrderBy, targets, scope, ExpressionKind.OrderBy, byExpression: false);
        var offset = BindLimit(values.Offset, scope, ExpressionKind.Offset, false);
        var limit = BindLimit(values.Limit, scope, ExpressionKind.Limit, values.WithTies);
        if (values.Locking.Count > 0)
        {
            throw Error(SqlState.FeatureNotSupported, $"{NameOf(values.Locking[0].Strength)} cannot be applied to VALUES");
        }

        return AssignCollations(Close(
            new BoundQuery(QueryKind.Select)
            {
                Targets = ListOf(targets),
                OrderBy = ListOf(order),
                Offset = offset,
                Limit = limit,
                WithTies = values.WithTies,
            },
            values.With, scope));
    }

    private List<List<BoundExpression>> BindRows(NodeList<NodeList<Expression>> rows, Scope scope, bool allowDefault)
    {
        var result = new List<List<BoundExpression>>(rows.Count);
        foreach (var row in rows)
        {
            var values = BindList(row, scope, ExpressionKind.Values, allowDefault);
            if (result.Count > 0 && result[0].Count != values.Count)
            {
                throw Error(SqlState.SyntaxError, "VALUES lists must all be the same length", Locations.Of(values));
            }

            result.Add(values);
        }

        return result;
    }

    /// <summary>Converts each column of VALUES to one type.</summary>
    private (PgType[] Types, uint[] Collations) UnifyRows(List<List<BoundExpression>> rows)
    {
        var types = new PgType[rows[0].Count];
        var collations = new uint[types.Length];
        for (var i = 0; i < types.Length; i++)
        {
            BoundExpression[] column = [.. rows.Select(row => row[i])];
            var type = _resolver.CommonType(column, "VALUES", out _);
            for (var row = 0; row < column.Length; row++)
            {
                column[row] = AssignCollations(_resolver.CoerceToCommon(column[row], type, "VALUES"));
                rows[row][i] = column[row];
            }

            types[i] = new PgType(type, Resolver.CommonModifier(column, type));
            collations[i] = CommonCollation(column, optional: true);
        }

        return (types, collations);
    }

    private static ScopeItem AddValues(
        List<List<BoundExpression>> rows, PgType[] types, uint[] collations, bool lateral, Scope scope)
    {
        var entry = new ValuesEntry(
            null, "*VALUES*", ListOf(Enumerable.Range(1, types.Length).Select(i => $"column{i}")),
            ListOf(rows.Select(row => ListOf(row))), [.. types], [.. collations]) { Lateral = lateral, Unnamed = true };
        return scope.Add(entry, ColumnsFor(scope, types.Zip(collations)), inFrom: true);
    }
}
