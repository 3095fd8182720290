using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>INSERT.</summary>
internal sealed partial class StatementBinder
{
    private BoundQuery BindInsert(InsertStatement insert, Scope scope)
    {
        BindWith(insert.With, scope);
        var alias = insert.Alias is null ? null : new TableAlias(insert.Table.Location, insert.Alias, []);
        var target = SetTarget(insert.Table, alias, only: false, scope, alsoSource: false);
        var relation = TargetOf(scope);
        var columns = BindInsertColumns(insert, relation);
        var targets = BindInsertSource(insert, columns, scope);
        scope.Namespace = [target];
        var conflict = insert.OnConflict is null ? null : BindConflict(insert.OnConflict, scope);
        scope.Namespace = [target];
        var returning = BindReturning(insert.Returning, scope);
        var query = AssignCollations(Close(
            new BoundQuery(QueryKind.Insert)
            {
                Result = target.Relation,
                Targets = ListOf(targets),
                Overriding = insert.Overriding,
                OnConflict = conflict?.Bound,
                Returning = ListOf(returning),
            },
            insert.With, scope));
        CheckWritable(relation, QueryKind.Insert);
        query = CompleteInsert(query, relation);
        return conflict is null ? query : query with { OnConflict = CompleteConflict(query.OnConflict!, conflict, relation, target.Relation) };
    }

    /// <summary>The columns in the order in which values are given for them.</summary>
    private List<(Attribute Column, WrittenColumn Written)> BindInsertColumns(InsertStatement insert, Relation relation)
    {
        if (insert.Columns.Count == 0)
        {
            return [.. relation.Attributes.Where(a => !a.Dropped).Select(a => (a, new WrittenColumn(Location.None, a.Name, [])))];
        }

        var columns = new List<(Attribute Column, WrittenColumn Written)>();
        foreach (var written in insert.Columns)
        {
            var column = FindAttribute(relation, written.Name) ?? throw NoSuchTargetColumn(relation, written.Name, written.Location);
            if (columns.Exists(c => c.Column.Number == column.Number && (written.Steps.Count == 0 || c.Written.Steps.Count == 0)))
            {
                throw Error(SqlState.DuplicateColumn, $"column \"{written.Name}\" specified more than once", written.Location);
            }

            columns.Add((column, written));
        }

        return columns;
    }

    private List<TargetEntry> BindInsertSource(InsertStatement insert, List<(Attribute Column, WrittenColumn Written)> columns, Scope scope)
    {
        List<BoundExpression> values;
        switch (insert.Source)
        {
            case null:
                values = [];
                break;
            case ValuesQuery { With: null, OrderBy.Count: 0, Limit: null, Offset: null, Locking.Count: 0 } rows:
                values = rows.Rows.Count == 1
                    ? BindInsertRow(insert, BindList(rows.Rows[0], scope, ExpressionKind.ValuesSingle, allowDefault: true), columns, scope)
                    : BindInsertRows(insert, rows, columns, scope);
                break;
            default:
                var given = BindInsertQuery(insert.Source, scope);
                values = BindInsertRow(insert, given, columns, scope);
                ReplaceUnknowns(given, values, scope);
                break;
        }

        return [.. values.Select((value, i) => new TargetEntry(value, columns[i].Column.Number, columns[i].Column.Name))];
    }

    /// <summary>Several rows of VALUES are a relation, whose columns are assigned.</summary>
    private List<BoundExpression> BindInsertRows(
        InsertStatement insert, ValuesQuery values, List<(Attribute Column, WrittenColumn Written)> columns, Scope scope)
    {
        var rows = new List<List<BoundExpression>>();
        var length = -1;
        foreach (var row in values.Rows)
        {
            var given = BindList(row, scope, ExpressionKind.Values, allowDefault: true);
            if (length >= 0 && given.Count != length)
            {
                throw Error(SqlState.SyntaxError, "VALUES lists must all be the same length", Locations.Of(given));
            }

            length = given.Count;
            rows.Add([.. BindInsertRow(insert, given, columns, scope).Select(AssignCollations)]);
        }

        PgType[] types = [.. rows[0].Select(value => value.Type)];
        var lateral = BoundWalk.FindVar(rows.SelectMany(row => row), 0) is not null;
        var item = AddValues(rows, types, new uint[types.Length], lateral, scope);
        scope.From.Add(new FromRelation(item.Relation));
        return [.. ExpandItem(item, 0, Location.None).Select(column => column.Value)];
    }

    /// <summary>The columns of the query that gives the rows. A literal of unknown type is taken out of it, so that it gets the column's.</summary>
    private List<BoundExpression> BindInsertQuery(Query source, Scope scope)
    {
        var query = BindQuery(source, new Scope(scope) { ResolveUnknowns = false });
        var item = AddSubquery(query, null, "*SELECT*", lateral: false, scope);
        scope.From.Add(new FromRelation(item.Relation));
        var values = new List<BoundExpression>();
        foreach (var target in query.Visible)
        {
            values.Add(target.Value is Const or Param && target.Value.Type.Oid == PgTypes.Unknown
                ? target.Value
                : new Var(item.Relation, target.Number, 0, target.Value.Type, target.Value.Collation, Locations.Of(target.Value)));
        }

        return values;
    }

    /// <summary>The literals and parameters that were taken out of the query get a type there too, since every parameter has one only.</summary>
    private void ReplaceUnknowns(List<BoundExpression> given, List<BoundExpression> values, Scope scope)
    {
        var entry = (SubqueryEntry)scope.Relations[^1];
        TargetEntry[] targets = [.. entry.Query.Targets];
        for (var i = 0; i < given.Count; i++)
        {
            var index = Array.FindIndex(targets, target => !target.Junk && ReferenceEquals(target.Value, given[i]));
            if (index >= 0)
            {
                targets[index] = targets[index] with { Value = given[i] is Param ? TypedParam(values[i]) : ToText(given[i]) };
            }
        }

        scope.Relations[^1] = entry with { Query = entry.Query with { Targets = [.. targets] } };
    }

    private static BoundExpression TypedParam(BoundExpression value) => BoundWalk.Find(value, (node, _) => node is Param)!;

    /// <summary>Fits a row of values to the columns.</summary>
    private List<BoundExpression> BindInsertRow(
        InsertStatement insert, List<BoundExpression> values, List<(Attribute Column, WrittenColumn Written)> columns, Scope scope)
    {
        if (values.Count > columns.Count)
        {
            throw Error(SqlState.SyntaxError, "INSERT has more expressions than target columns", Locations.Of(values[columns.Count]));
        }

        if (insert.Columns.Count > 0 && values.Count < columns.Count)
        {
            throw Error(
                SqlState.SyntaxError, "INSERT has more target columns than expressions", columns[values.Count].Written.Location,
                values.Count == 1 && FieldsOf(values[0], scope)?.Length == columns.Count
                    ? "The insertion source is a row expression containing the same number of columns expected by the INSERT. Did you accidentally "
                        + "use extra parentheses?"
                    : null);
        }

        var assigned = new List<BoundExpression>(values.Count);
        for (var i = 0; i < values.Count; i++)
        {
            assigned.Add(BindAssigned(values[i], columns[i].Column, columns[i].Written, scope, null));
        }

        return assigned;
    }
}
