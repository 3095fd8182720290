using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>UNION, INTERSECT and EXCEPT.</summary>
internal sealed partial class StatementBinder
{
    /// <summary>An operand of a set operation while the types of its columns may still change.</summary>
    /// <param name="Columns">The columns as the operation above sees them.</param>
    private readonly record struct SetPart(SetOperand Tree, List<TargetEntry> Columns);

    private BoundQuery BindSetOperation(SetOperation operation, Scope scope)
    {
        BindWith(operation.With, scope);
        if (operation.Locking.Count > 0)
        {
            throw LockingRefused(operation.Locking[0].Strength, "UNION/INTERSECT/EXCEPT");
        }

        var whole = BindSetTree(operation, scope, isTop: true);
        var leftmost = whole.Tree;
        while (leftmost.Operation is { } inner)
        {
            leftmost = inner.Left;
        }

        var tree = whole.Tree.Operation!;
        TargetEntry[] names = [.. ((SubqueryEntry)scope.Relations[leftmost.Relation - 1]).Query.Visible];
        var targets = new List<TargetEntry>();
        for (var i = 0; i < names.Length; i++)
        {
            var column = new Var(
                leftmost.Relation, names[i].Number, 0, tree.Types[i], tree.Collations[i], Locations.Of(names[i].Value));
            targets.Add(new TargetEntry(column, (short)scope.NextNumber++, names[i].Name));
        }

        var order = BindSetOrder(operation, targets, scope);
        var offset = BindLimit(operation.Offset, scope, ExpressionKind.Offset, false);
        var limit = BindLimit(operation.Limit, scope, ExpressionKind.Limit, operation.WithTies);
        return AssignCollations(Close(
            new BoundQuery(QueryKind.Select)
            {
                Targets = ListOf(targets),
                OrderBy = ListOf(order),
                Offset = offset,
                Limit = limit,
                WithTies = operation.WithTies,
                SetOperations = tree,
            },
            operation.With, scope));
    }

    /// <summary>ORDER BY of a set operation names output columns only; a namespace of them lets expressions be read before they are refused.</summary>
    private List<SortClause> BindSetOrder(SetOperation operation, List<TargetEntry> targets, Scope scope)
    {
        var relations = scope.Relations.Count;
        var outer = scope.Namespace;
        var entry = new JoinEntry(
            null, "unnamed_join", ListOf(targets.Select(t => t.Name ?? "")), JoinKind.Inner, ListOf(targets.Select(t => t.Value)), []);
        var item = scope.Add(
            entry, [.. targets.Select(t => (Var)t.Value).Select(v => new ScopeColumn(v.Relation, v.Attribute, v.Type, v.Collation))], inFrom: false);
        item.NameVisible = false;
        scope.Namespace = [item];
        var count = targets.Count;
        var order = BindOrderBy(operation.OrderBy, targets, scope, ExpressionKind.OrderBy, byExpression: false);
        scope.Namespace = outer;
        scope.Relations.RemoveAt(relations);
        scope.Items.RemoveAt(relations);
        return targets.Count == count ? order : throw Error(
            SqlState.FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause", Locations.Of(targets[count].Value),
            "Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
            "Only result column names can be used, not expressions or functions.");
    }

    private SetPart BindSetTree(SetOperation operation, Scope scope, bool isTop)
    {
        // From left to right: each operation takes the one before it as its left operand.
        var left = BindSetOperand(operation.Operands[0], scope);
        for (var i = 1; i < operation.Operands.Count; i++)
        {
            if (isTop && i == operation.Operands.Count - 1 && scope.ParentCommonTable is { Recursive: true } table)
            {
                SetRecursiveColumns(table, left, scope);
            }

            var right = BindSetOperand(operation.Operands[i], scope);
            left = CombineSets(operation, left, right, scope);
        }

        return left;
    }

    private SetPart BindSetOperand(Query query, Scope scope)
    {
        if (query is SelectQuery { Into: { } into })
        {
            throw Error(SqlState.SyntaxError, "INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT", into.Location);
        }

        if (query.Locking.Count > 0)
        {
            throw LockingRefused(query.Locking[0].Strength, "UNION/INTERSECT/EXCEPT");
        }

        if (query is SetOperation { With: null, OrderBy.Count: 0, Limit: null, Offset: null } inner)
        {
            return BindSetTree(inner, scope, isTop: false);
        }

        var bound = BindQuery(query, new Scope(scope) { ResolveUnknowns = false });
        if (scope.Namespace.Count > 0 && FindOuterVar(bound) is { } column)
        {
            throw Error(
                SqlState.InvalidColumnReference,
                "UNION/INTERSECT/EXCEPT member statement cannot refer to other relations of same query level", column.Location);
        }

        var item = AddSubquery(bound, null, $"*SELECT* {scope.Relations.Count + 1}", lateral: false, scope);
        return new SetPart(new SetOperand(item.Relation, null), [.. bound.Visible]);
    }

    private static BoundExpression? FindOuterVar(BoundQuery query)
    {
        BoundExpression? found = null;
        BoundWalk.Visit(query, (node, levels) =>
        {
            found ??= node is Var v && v.LevelsUp == levels + 1 ? node : null;
            return found is null;
        });
        return found;
    }

    private SetPart CombineSets(SetOperation operation, SetPart left, SetPart right, Scope scope)
    {
        var construct = operation.Operator switch
        {
            SetOperator.Union => "UNION",
            SetOperator.Intersect => "INTERSECT",
            _ => "EXCEPT",
        };
        if (left.Columns.Count != right.Columns.Count)
        {
            throw Error(
                SqlState.SyntaxError, $"each {construct} query must have the same number of columns",
                Locations.Of([.. right.Columns.Select(c => c.Value)]));
        }

        var unionAll = operation is { Operator: SetOperator.Union, All: true };
        var columns = new List<TargetEntry>();
        var group = new List<SortClause>();
        for (var i = 0; i < left.Columns.Count; i++)
        {
            BoundExpression[] pair = [left.Columns[i].Value, right.Columns[i].Value];
            var type = _resolver.CommonType(pair, construct, out var best);
            var location = Locations.Of(best);
            pair[0] = ConvertSetColumn(left, i, type, construct, scope);
            pair[1] = ConvertSetColumn(right, i, type, construct, scope);
            var result = new SetToDefaultExpr(
                new PgType(type, Resolver.CommonModifier(pair, type)), CommonCollation(pair, unionAll), location);
            columns.Add(new TargetEntry(result, (short)(i + 1), left.Columns[i].Name));
            if (!unionAll)
            {
                var operators = _resolver.SortOperators(type, needLess: false, needEqual: true, location);
                group.Add(new SortClause(0, operators.Equal, operators.Less, NullsFirst: false, Descending: false));
            }
        }

        var tree = new SetOperationTree(
            operation.Operator, operation.All, left.Tree, right.Tree, ListOf(columns.Select(c => c.Value.Type)),
            ListOf(columns.Select(c => c.Value.Collation)), ListOf(group));
        return new SetPart(new SetOperand(0, tree), columns);
    }

    /// <summary>
    /// A column as the operation's type. The operand itself is changed only where it is a literal or parameter of unknown type, which gets its
    /// type here.
    /// </summary>
    private BoundExpression ConvertSetColumn(SetPart part, int index, uint type, string construct, Scope scope)
    {
        var value = part.Columns[index].Value;
        if (value.Type.Oid != PgTypes.Unknown)
        {
            return _resolver.CoerceToCommon(value, type, construct);
        }

        if (value is not (Const or Param))
        {
            return value;
        }

        value = AssignCollations(_resolver.CoerceToCommon(value, type, construct));
        part.Columns[index] = part.Columns[index] with { Value = value };
        var number = part.Columns[index].Number;
        var entry = (SubqueryEntry)scope.Relations[part.Tree.Relation - 1];
        scope.Relations[part.Tree.Relation - 1] = entry with
        {
            Query = entry.Query with { Targets = ListOf(entry.Query.Targets.Select(t => t.Number == number ? t with { Value = value } : t)) },
        };
        return value;
    }

    /// <summary>The non-recursive term decides the columns of its item of WITH, before the recursive term refers to them.</summary>
    private void SetRecursiveColumns(CommonTableState table, SetPart left, Scope scope)
    {
        var leftmost = left.Tree;
        while (leftmost.Operation is { } inner)
        {
            leftmost = inner.Left;
        }

        TargetEntry[] names = [.. ((SubqueryEntry)scope.Relations[leftmost.Relation - 1]).Query.Visible];
        SetColumns(table, [.. left.Columns.Select((column, i) => column with { Name = names[i].Name })]);
    }
}
