using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>CASE, COALESCE, GREATEST, LEAST, IN and BETWEEN.</summary>
internal sealed partial class StatementBinder
{
    // The operand of BETWEEN stands twice in what it means, so each level within another doubles the tree.
    private const int BetweenLevelsMax = 8;

    private int _betweenLevels;

    private CaseExpr BindCase(CaseExpression expression, Scope scope)
    {
        var lastSet = scope.LastSet;
        BoundExpression? operand = null;
        CaseTestExpr? placeholder = null;
        if (expression.Operand is not null)
        {
            operand = BindExpression(expression.Operand, scope);
            if (operand.Type.Oid == PgTypes.Unknown)
            {
                operand = _resolver.CoerceToCommon(operand, PgTypes.Text, "CASE");
            }

            operand = AssignCollations(operand);
            placeholder = new CaseTestExpr(operand.Type, operand.Collation);
        }

        var conditions = new BoundExpression[expression.Whens.Count];
        var results = new BoundExpression[conditions.Length + 1];
        for (var i = 0; i < conditions.Length; i++)
        {
            var when = expression.Whens[i];
            var condition = BindExpression(when.Condition, scope);
            conditions[i] = _resolver.CoerceToBoolean(
                placeholder is null ? condition : _resolver.Operator(["="], placeholder, condition, when.Location), "CASE/WHEN");
            results[i + 1] = BindExpression(when.Result, scope);
        }

        // ELSE weighs most in the choice of the type, so it comes first.
        results[0] = expression.Else is null
            ? new Const(null, new PgType(PgTypes.Unknown), 0, Location.None)
            : BindExpression(expression.Else, scope);
        return FinishCase(expression, operand, conditions, results, scope, lastSet);
    }

    private CaseExpr FinishCase(
        CaseExpression expression, BoundExpression? operand, BoundExpression[] conditions, BoundExpression[] results, Scope scope,
        BoundExpression? lastSet)
    {
        var type = _resolver.CommonType(results, "CASE", out _);
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = _resolver.CoerceToCommon(results[i], type, i == 0 ? "CASE/ELSE" : "CASE/WHEN");
        }

        RefuseSets("CASE", scope, lastSet);
        return new CaseExpr(
            operand, ListOf(conditions.Select((c, i) => new CaseArm(c, results[i + 1], expression.Whens[i].Location))), results[0],
            new PgType(type, Resolver.CommonModifier(results, type)), 0, expression.Location);
    }

    private void RefuseSets(string construct, Scope scope, BoundExpression? lastSet)
    {
        if (!ReferenceEquals(scope.LastSet, lastSet))
        {
            throw Error(
                SqlState.FeatureNotSupported, $"set-returning functions are not allowed in {construct}", Locations.Of(scope.LastSet), LateralHint);
        }
    }

    private const string LateralHint = "You might be able to move the set-returning function into a LATERAL FROM item.";

    private CoalesceExpr BindCoalesce(CoalesceExpression coalesce, Scope scope)
    {
        var lastSet = scope.LastSet;
        var arguments = BindCommon(coalesce.Arguments, "COALESCE", scope, out var type);
        RefuseSets("COALESCE", scope, lastSet);
        return new CoalesceExpr(arguments, type, 0, coalesce.Location);
    }

    private MinMaxExpr BindExtreme(ExtremeExpression extreme, Scope scope)
    {
        var arguments = BindCommon(extreme.Arguments, extreme.Greatest ? "GREATEST" : "LEAST", scope, out var type);
        return new MinMaxExpr(extreme.Greatest, arguments, type, 0, 0, extreme.Location);
    }

    /// <summary>Expressions converted to the type that they have in common.</summary>
    private NodeList<BoundExpression> BindCommon(NodeList<Expression> expressions, string construct, Scope scope, out PgType type)
    {
        var values = new BoundExpression[expressions.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BindExpression(expressions[i], scope);
        }

        var common = _resolver.CommonType(values, construct, out _);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _resolver.CoerceToCommon(values[i], common, construct);
        }

        type = new PgType(common, Resolver.CommonModifier(values, common));
        return [.. values];
    }

    private BoundExpression BindInList(InList list, Scope scope)
    {
        var operand = BindExpression(list.Operand, scope);
        var items = new BoundExpression[list.Items.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = BindExpression(list.Items[i], scope);
        }

        var tests = new List<BoundExpression>();
        BoundExpression[] plain = [.. items.Where(item => BoundWalk.FindVar(item) is null)];
        if (plain.Length > 1 && BindArrayIn(list, operand, plain) is { } test)
        {
            tests.Add(test);
            items = [.. items.Where(item => BoundWalk.FindVar(item) is not null)];
        }

        NodeList<string> name = [list.Not ? "<>" : "="];
        foreach (var item in items)
        {
            var comparison = operand is RowExpr left && item is RowExpr right
                ? CompareRows(name, left.Items, right.Items, list.Location)
                : _resolver.Operator(name, operand, item, list.Location);
            tests.Add(_resolver.CoerceToBoolean(comparison, "IN"));
        }

        return tests.Count == 1 ? tests[0] : new BoolExpr(list.Not ? BoolOperator.And : BoolOperator.Or, ListOf(tests), list.Location);
    }

    /// <summary>IN over values without columns as one comparison with an array; null if the values have no array type in common.</summary>
    private BoundExpression? BindArrayIn(InList list, BoundExpression operand, BoundExpression[] items)
    {
        BoundExpression[] all = [operand, .. items];
        var type = _resolver.CommonType(all, null, out _);
        if (type is 0 or PgTypes.Record || !all.All(e => _resolver.CanCoerce(e.Type.Oid, type, CoercionContext.Implicit))
            || _types.ArrayOf(type) is 0)
        {
            return null;
        }

        for (var i = 0; i < items.Length; i++)
        {
            items[i] = _resolver.CoerceToCommon(items[i], type, "IN");
        }

        var array = new ArrayExpr(
            [.. items], Multidimensional: false, new PgType(_types.ArrayOf(type), Resolver.CommonModifier(items, type)), 0, Location.None);
        return _resolver.ArrayOperator([list.Not ? "<>" : "="], !list.Not, operand, array, list.Location);
    }

    private BoolExpr BindBetween(BetweenExpression between, Scope scope)
    {
        if (++_betweenLevels > BetweenLevelsMax)
        {
            throw Error(SqlState.StatementTooComplex, $"BETWEEN nests more than {BetweenLevelsMax} levels", between.Location);
        }

        var low = between.Not ? "<" : ">=";
        var high = between.Not ? ">" : "<=";
        var inner = between.Not ? BoolOperator.Or : BoolOperator.And;
        var result = BindRange(between, low, between.Low, high, between.High, inner, scope);
        if (between.Symmetric)
        {
            var swapped = BindRange(between, low, between.High, high, between.Low, inner, scope);
            result = new BoolExpr(between.Not ? BoolOperator.And : BoolOperator.Or, [result, swapped], between.Location);
        }

        _betweenLevels--;
        return result;
    }

    private BoolExpr BindRange(
        BetweenExpression between, string low, Expression lowBound, string high, Expression highBound, BoolOperator combination, Scope scope)
    {
        var operand = BindExpression(between.Operand, scope);
        var first = _resolver.Operator([low], operand, BindExpression(lowBound, scope), between.Location);
        var again = operand is Param ? BindExpression(between.Operand, scope) : operand;
        var second = _resolver.Operator([high], again, BindExpression(highBound, scope), between.Location);
        return new BoolExpr(
            combination, [_resolver.CoerceToBoolean(first, NameOf(combination)), _resolver.CoerceToBoolean(second, NameOf(combination))],
            between.Location);
    }

    private static string NameOf(BoolOperator combination) => combination == BoolOperator.And ? "AND" : "OR";
}
