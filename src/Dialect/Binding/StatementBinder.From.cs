using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>FROM and USING: what names they bring into scope, and where those may be used (PostgreSQL's parse_clause.c).</summary>
internal sealed partial class StatementBinder
{
    /// <param name="Item">What the whole of it looks like, for a join around it.</param>
    /// <param name="Names">What names see of it.</param>
    private readonly record struct FromPart(FromItem Tree, ScopeItem Item, List<ScopeItem> Names);

    private void BindFrom(NodeList<TableExpression> tables, Scope scope)
    {
        foreach (var table in tables)
        {
            var part = BindFromItem(table, scope);
            CheckNameConflicts(scope.Namespace, part.Names);
            SetLateral(part.Names, only: true, allowed: true);
            scope.From.Add(part.Tree);
            scope.Namespace.AddRange(part.Names);
        }

        SetLateral(scope.Namespace, only: false, allowed: true);
    }

    private FromPart BindFromItem(TableExpression table, Scope scope)
    {
        switch (table)
        {
            case RelationReference relation:
                return Single(BindRelation(relation, scope));
            case SubqueryTable subquery:
                return Single(BindSubqueryTable(subquery, scope));
            case FunctionTable function:
                return Single(BindFunctionTable(function, scope));
            case JoinExpression join:
                return BindJoins(join, scope);
            case TableSample sample:
                throw Unsupported("TABLESAMPLE", sample.Location);
            default:
                throw UnsupportedXml();
        }
    }

    private static FromPart Single(ScopeItem item) => new(new FromRelation(item.Relation), item, [item]);

    private ScopeItem BindRelation(RelationReference reference, Scope scope)
    {
        if (reference.Name.Schema is null && FindCommonTable(scope, reference.Name.Name, out var levels) is { } table)
        {
            return AddCommonTable(table, levels, reference.Alias, scope);
        }

        return AddRelation(OpenRelation(reference.Name, scope), reference.Alias, reference.Only, scope, inFrom: true);
    }

    private ScopeItem BindSubqueryTable(SubqueryTable table, Scope scope)
    {
        var outer = scope.Kind;
        scope.Kind = ExpressionKind.FromSubselect;
        scope.LateralActive = table.Lateral;
        var query = BindSubquery(table.Query, new Scope(scope));
        scope.LateralActive = false;
        scope.Kind = outer;
        return AddSubquery(query, table.Alias, table.Alias.Name, table.Lateral, scope);
    }

    /// <summary>Joins that begin on the left are taken one after the other, so that a long chain of them needs no stack.</summary>
    private FromPart BindJoins(JoinExpression join, Scope scope)
    {
        var joins = new Stack<JoinExpression>();
        TableExpression left = join;
        while (left is JoinExpression inner)
        {
            joins.Push(inner);
            left = inner.Left;
        }

        var part = BindFromItem(left, scope);
        while (joins.TryPop(out var next))
        {
            part = BindJoin(next, part, scope);
        }

        return part;
    }

    private FromPart BindJoin(JoinExpression join, FromPart left, Scope scope)
    {
        SetLateral(left.Names, only: true, allowed: join.Kind is JoinKind.Inner or JoinKind.Left);
        var outer = scope.Namespace;
        scope.Namespace = [.. outer, .. left.Names];
        var right = BindFromItem(join.Right, scope);
        scope.Namespace = outer;
        CheckNameConflicts(left.Names, right.Names);
        return FinishJoin(join, left, right, scope);
    }

    private FromPart FinishJoin(JoinExpression join, FromPart left, FromPart right, Scope scope)
    {
        List<ScopeItem> names = [.. left.Names, .. right.Names];
        var columns = new JoinColumns(left.Item, right.Item);
        var merged = join.Natural ? columns.Common() : join.Using;
        BoundExpression? on = null;
        if (merged.Count > 0)
        {
            columns.Merge(merged);
            foreach (var (name, leftColumn, rightColumn) in columns.Merged)
            {
                MergeColumn(join.Kind, name, leftColumn, rightColumn, columns, scope.Relations.Count + 1);
            }

            on = BindUsing(columns);
        }
        else if (join.On is not null)
        {
            on = BindOn(join.On, names, scope);
        }

        columns.AddRest();
        if (columns.Names.Count > ColumnsMax)
        {
            throw Error(SqlState.TooManyColumns, $"joins can have at most {ColumnsMax} columns");
        }

        var item = AddJoin(join, merged, columns, scope);
        if (join.UsingAlias is { } alias)
        {
            // The alias names the merged columns only.
            var merging = new ScopeItem(item.Entry, item.Relation, alias, merged, item.Columns[..merged.Count]) { ColumnsVisible = false };
            CheckNameConflicts([merging], names);
            names.Add(merging);
        }

        foreach (var hidden in names)
        {
            hidden.ColumnsVisible = false;
        }

        item.NameVisible = join.Alias is not null;
        return new FromPart(
            new FromJoin(join.Kind, left.Tree, right.Tree, on, item.Relation) { Using = merged, Natural = join.Natural }, item,
            join.Alias is null ? [.. names, item] : [item]);
    }

    private static ScopeItem AddJoin(JoinExpression join, NodeList<string> merged, JoinColumns columns, Scope scope)
    {
        var name = join.Alias?.Name ?? "unnamed_join";
        var names = NamesOf("join", name, join.Alias?.Columns ?? [], columns.Names);
        var entry = new JoinEntry(join.Alias, name, names, join.Kind, ListOf(columns.Values), merged)
        {
            UsingAlias = join.UsingAlias,
            Unnamed = join.Alias is null,
        };
        return scope.Add(entry, [.. columns.Scope], inFrom: true);
    }

    private BoundExpression BindUsing(JoinColumns columns)
    {
        var tests = new List<BoundExpression>();
        foreach (var (_, left, right) in columns.Merged)
        {
            tests.Add(_resolver.Operator(["="], columns.LeftVar(left), columns.RightVar(right), Location.None));
        }

        return _resolver.CoerceToBoolean(
            tests.Count == 1 ? tests[0] : new BoolExpr(
                BoolOperator.And, ListOf(tests.Select(t => _resolver.CoerceToBoolean(t, "AND"))), Location.None),
            "JOIN/USING");
    }

    /// <summary>The condition of ON sees the two sides of its join, and nothing else of its query.</summary>
    private BoundExpression BindOn(Expression condition, List<ScopeItem> names, Scope scope)
    {
        SetLateral(names, only: false, allowed: true);
        var outer = scope.Namespace;
        scope.Namespace = names;
        var result = BindCondition(condition, scope, ExpressionKind.JoinOn, "JOIN/ON")!;
        scope.Namespace = outer;
        return result;
    }

    /// <summary>A merged column is that of one side if that is enough, else both sides' in one.</summary>
    private void MergeColumn(JoinKind kind, string name, int leftIndex, int rightIndex, JoinColumns columns, int joinRelation)
    {
        var left = columns.LeftVar(leftIndex);
        var right = columns.RightVar(rightIndex);
        BoundExpression[] both = [left, right];
        var type = _resolver.CommonType(both, "JOIN/USING", out _);
        var common = new PgType(type, Resolver.CommonModifier(both, type));
        var leftValue = ToMerged(left, common);
        var rightValue = ToMerged(right, common);
        var value = kind switch
        {
            JoinKind.Inner => leftValue is not Var && rightValue is Var ? rightValue : leftValue,
            JoinKind.Left => leftValue,
            JoinKind.Right => rightValue,
            _ => new CoalesceExpr([leftValue, rightValue], common, 0, Location.None),
        };
        value = AssignCollations(value);
        columns.AddMerged(name, value, ReferenceEquals(value, left) ? leftIndex : -1, ReferenceEquals(value, right) ? rightIndex : -1, joinRelation);
    }

    private BoundExpression ToMerged(Var column, PgType common)
    {
        if (column.Type.Oid != common.Oid)
        {
            return _resolver.Coerce(column, common, CoercionContext.Implicit, CallForm.ImplicitCast, Location.None)!;
        }

        return column.Type.Modifier == common.Modifier
            ? column
            : new RelabelExpr(column, CallForm.ImplicitCast, common, column.Collation, Location.None);
    }

    private static void CheckNameConflicts(List<ScopeItem> some, List<ScopeItem> others)
    {
        foreach (var one in some)
        {
            foreach (var other in others)
            {
                if (one.NameVisible && other.NameVisible && one.Name == other.Name && !DifferentTables(one, other))
                {
                    throw Error(SqlState.DuplicateAlias, $"table name \"{one.Name}\" specified more than once");
                }
            }
        }
    }

    /// <summary>Tables of one name in different schemas do not conflict, since the schema tells them apart.</summary>
    private static bool DifferentTables(ScopeItem one, ScopeItem other) =>
        one.Entry is RelationEntry { Alias: null } first && other.Entry is RelationEntry { Alias: null } second
        && first.Relation.Oid != second.Relation.Oid;

    private static void SetLateral(List<ScopeItem> items, bool only, bool allowed)
    {
        foreach (var item in items)
        {
            item.LateralOnly = only;
            item.LateralAllowed = allowed;
        }
    }
}
