using System.Globalization;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Resolution;

/// <summary>Binds expressions without queries, so that the resolver is tested by itself.</summary>
internal sealed class ExpressionBinder
{
    private static readonly TestSchema s_schema = new();

    private readonly BindContext _context;
    private readonly Resolver _resolver;

    public ExpressionBinder(string text, params uint[] parameters)
    {
        _context = new BindContext(s_schema, ["$user", "public"], new ParameterTypes(parameters))
        {
            Text = text, User = "postgres", Database = "resolve",
        };
        _resolver = new Resolver(_context);
    }

    public Resolver Resolver => _resolver;

    public BindContext Context => _context;

    /// <summary>An expression as a column of a select list.</summary>
    public BoundExpression BindColumn(Expression expression)
    {
        var bound = Bind(expression);
        bound = bound.Type.Oid == PgTypes.Unknown ? _resolver.CoerceToCommon(bound, PgTypes.Text, "SELECT") : bound;
        return Collations.Assign(bound, _context);
    }

    public BoundExpression Bind(Expression expression) => expression switch
    {
        Constant e => BindConstant(e),
        Parameter e => BindParameter(e),
        ColumnReference { Names: [var name] } e => BindColumn(name, e.Location),
        TypeCast e => BindCast(e),
        CollateExpression e => _resolver.Collate(Bind(e.Operand), e.Collation, e.Location),
        OperatorExpression e => _resolver.Operator(e.Operator, e.Left is null ? null : Bind(e.Left), Bind(e.Right), e.Location),
        BooleanExpression { Operator: BooleanOperator.And } e => new BoolExpr(BoolOperator.And, BindConditions(e, "AND"), e.Location),
        BooleanExpression e => new BoolExpr(BoolOperator.Or, BindConditions(e, "OR"), e.Location),
        NotExpression e => new BoolExpr(BoolOperator.Not, [_resolver.CoerceToBoolean(Bind(e.Operand), "NOT")], e.Location),
        NullTest e => new NullTestExpr(Bind(e.Operand), e.Not, RowTest: false, e.Location),
        BooleanTest e => new BooleanTestExpr(_resolver.CoerceToBoolean(Bind(e.Operand), NameOf(e)), e.Kind, e.Not, e.Location),
        DistinctTest e => BindDistinct(e),
        InList e => BindIn(e),
        LikeExpression e => BindLike(e),
        BetweenExpression e => BindBetween(e),
        ArrayComparison e => _resolver.ArrayOperator(e.Operator, !e.All, Bind(e.Left), Bind(e.Array), e.Location),
        CaseExpression e => BindCase(e),
        CoalesceExpression e => BindCoalesce(e),
        ExtremeExpression e => BindExtreme(e),
        NullIfExpression e => BindNullIf(e),
        ArrayConstructor e => BindArray(e, 0, default),
        RowConstructor e => new RowExpr(ListOf(e.Items.Select(Bind)), [], e.Location),
        FunctionCall e => BindCall(e),
        SqlValueFunction e => new SqlValueExpr(e.Kind, new PgType(PgTypes.Name), 0, e.Location),
        _ => throw new NotSupportedException(expression.GetType().Name),
    };

    private static string NameOf(BooleanTest test) => $"IS {(test.Not ? "NOT " : "")}{test.Kind.ToString().ToUpperInvariant()}";

    private NodeList<BoundExpression> BindConditions(BooleanExpression expression, string construct) =>
        ListOf(expression.Operands.Select(operand => _resolver.CoerceToBoolean(Bind(operand), construct)));

    private static NodeList<T> ListOf<T>(IEnumerable<T> items) => [.. items];

    private BoundExpression BindConstant(Constant constant)
    {
        var literal = constant.Kind == ConstantKind.Null ? null : constant.Text;
        var unknown = new Const(literal, new PgType(PgTypes.Unknown), 0, constant.Location);
        return constant.Kind switch
        {
            ConstantKind.Integer or ConstantKind.Decimal when long.TryParse(
                constant.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => new Const(
                number.ToString(CultureInfo.InvariantCulture),
                new PgType(number is >= int.MinValue and <= int.MaxValue ? PgTypes.Int4 : PgTypes.Int8), 0, constant.Location),
            ConstantKind.Decimal => Read(unknown, PgTypes.Numeric),
            ConstantKind.Boolean => new Const(constant.Text == "true" ? "t" : "f", new PgType(PgTypes.Bool), 0, constant.Location),
            ConstantKind.BitString => Read(unknown with { Text = "b" + constant.Text }, PgTypes.Bit),
            ConstantKind.HexString => Read(unknown with { Text = "x" + constant.Text }, PgTypes.Bit),
            _ => unknown,
        };
    }

    private BoundExpression Read(Const literal, uint type) =>
        _resolver.Coerce(literal, new PgType(type), CoercionContext.Implicit, CallForm.ImplicitCast, Location.None)!;

    private Param BindParameter(Parameter parameter)
    {
        _context.Parameters.See(parameter.Number, parameter.Location);
        var type = _context.Parameters[parameter.Number] ?? new PgType(PgTypes.Unknown);
        return new Param(parameter.Number, type, _resolver.Types.CollationOf(type.Oid), parameter.Location);
    }

    private static Var BindColumn(string name, Location location)
    {
        var column = s_schema.FindRelation(TestSchema.Columns)!.Attributes.First(attribute => attribute.Name == name);
        return new Var(1, column.Number, 0, column.Type, column.Collation, location);
    }

    private BoundExpression BindCast(TypeCast cast)
    {
        var type = _resolver.Type(cast.Type);
        var under = _resolver.Types.BaseOf(type);
        var operand = cast.Operand is ArrayConstructor array && _resolver.Types.ElementOf(under.Oid) != 0
            ? BindArray(array, under.Oid, under) : Bind(cast.Operand);
        return _resolver.Coerce(operand, type, CoercionContext.Explicit, CallForm.ExplicitCast, cast.Location)
            ?? throw CannotCast(operand, type.Oid, cast.Location);
    }

    private DialectException CannotCast(BoundExpression operand, uint type, Location location) => _context.Error(
        "42846", $"cannot cast type {_resolver.Types.Format(operand.Type.Oid)} to {_resolver.Types.Format(type)}",
        location.Offset >= 0 ? location : ExpressionTree.LocationOf(operand));

    private ArrayExpr BindArray(ArrayConstructor array, uint type, PgType target)
    {
        var items = new List<BoundExpression>();
        var nested = false;
        foreach (var item in array.Items)
        {
            var bound = item is ArrayConstructor inner ? BindArray(inner, type, target) : Bind(item);
            nested |= item is ArrayConstructor || _resolver.Types.ElementOf(bound.Type.Oid) != 0;
            items.Add(bound);
        }

        if (type != 0)
        {
            var element = new PgType(nested ? type : _resolver.Types.ElementOf(type), target.Modifier);
            items = items.ConvertAll(item => _resolver.Coerce(item, element, CoercionContext.Explicit, CallForm.ExplicitCast, Location.None)
                ?? throw CannotCast(item, element.Oid, Location.None));
            return MakeArray(items, nested, type, element.Oid, array.Location);
        }

        if (items.Count == 0)
        {
            throw _context.Error(
                "42P18", "cannot determine type of empty array", array.Location,
                "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
        }

        var common = _resolver.CommonType(items, "ARRAY", out _);
        type = nested ? common : _resolver.Types.ArrayOf(common);
        return type == 0
            ? throw _context.Error("42704", $"could not find array type for data type {_resolver.Types.Format(common)}", array.Location)
            : MakeArray(items.ConvertAll(item => _resolver.CoerceToCommon(item, common, "ARRAY")), nested, type, common, array.Location);
    }

    private static ArrayExpr MakeArray(List<BoundExpression> items, bool nested, uint type, uint common, Location location) =>
        new(ListOf(items), nested, new PgType(type, items.Count == 0 ? -1 : Resolver.CommonModifier(items, common)), 0, location);

    private BoundExpression BindDistinct(DistinctTest test)
    {
        if (test.Right is Constant { Kind: ConstantKind.Null } || test.Left is Constant { Kind: ConstantKind.Null })
        {
            var operand = Bind(test.Right is Constant { Kind: ConstantKind.Null } ? test.Left : test.Right);
            return new NullTestExpr(operand, !test.Not, false, test.Location);
        }

        var equal = (OpExpr)_resolver.Operator(["="], Bind(test.Left), Bind(test.Right), test.Location);
        var result = new DistinctExpr(equal.Operator, equal.Arguments[0], equal.Arguments[1], 0, test.Location);
        return test.Not ? new BoolExpr(BoolOperator.Not, [result], test.Location) : result;
    }

    private BoundExpression BindIn(InList list)
    {
        var left = Bind(list.Operand);
        var items = list.Items.Select(Bind).ToList();
        NodeList<string> name = [list.Not ? "<>" : "="];
        if (items.Count > 1)
        {
            List<BoundExpression> values = [left, .. items];
            var common = _resolver.CommonType(values, null, out _);
            var type = common != 0 && _resolver.VerifyCommonType(common, values) ? _resolver.Types.ArrayOf(common) : 0;
            if (type != 0)
            {
                var array = new ArrayExpr(
                    ListOf(items.Select(item => _resolver.CoerceToCommon(item, common, "IN"))), false, new PgType(type), 0, Location.None);
                return _resolver.ArrayOperator(name, !list.Not, left, array, list.Location);
            }
        }

        BoundExpression? result = null;
        foreach (var item in items)
        {
            var test = _resolver.CoerceToBoolean(_resolver.Operator(name, left, item, list.Location), "IN");
            result = result is null ? test : new BoolExpr(list.Not ? BoolOperator.And : BoolOperator.Or, [result, test], list.Location);
        }

        return result!;
    }

    private BoundExpression BindLike(LikeExpression like)
    {
        var pattern = Bind(like.Pattern);
        if (like.Kind == LikeKind.SimilarTo)
        {
            pattern = MakeCall(["pg_catalog", "similar_to_escape"], [pattern], like.Location);
        }

        var name = like.Kind switch { LikeKind.Like => "~~", LikeKind.Ilike => "~~*", _ => "~" };
        return _resolver.Operator([like.Not ? "!" + name : name], Bind(like.Operand), pattern, like.Location);
    }

    private BoolExpr BindBetween(BetweenExpression between)
    {
        var low = _resolver.Operator([">="], Bind(between.Operand), Bind(between.Low), between.Location);
        var high = _resolver.Operator(["<="], Bind(between.Operand), Bind(between.High), between.Location);
        return new BoolExpr(BoolOperator.And, [low, high], between.Location);
    }

    private CaseExpr BindCase(CaseExpression expression)
    {
        CaseTestExpr? test = null;
        var operand = expression.Operand is null ? null : Bind(expression.Operand);
        if (operand is not null)
        {
            operand = operand.Type.Oid == PgTypes.Unknown ? _resolver.CoerceToCommon(operand, PgTypes.Text, "CASE") : operand;
            operand = Collations.Assign(operand, _context);
            test = new CaseTestExpr(operand.Type, operand.Collation);
        }

        var arms = new List<CaseArm>();
        foreach (var when in expression.Whens)
        {
            var condition = Bind(when.Condition);
            condition = test is null ? condition : _resolver.Operator(["="], test, condition, when.Location);
            arms.Add(new CaseArm(_resolver.CoerceToBoolean(condition, "CASE/WHEN"), Bind(when.Result), when.Location));
        }

        var otherwise = expression.Else is null ? new Const(null, new PgType(PgTypes.Unknown), 0, Location.None) : Bind(expression.Else);
        List<BoundExpression> results = [otherwise, .. arms.Select(arm => arm.Result)];
        var common = _resolver.CommonType(results, "CASE", out _);
        otherwise = _resolver.CoerceToCommon(otherwise, common, "CASE/ELSE");
        arms = arms.ConvertAll(arm => arm with { Result = _resolver.CoerceToCommon(arm.Result, common, "CASE/WHEN") });
        results = [otherwise, .. arms.Select(arm => arm.Result)];
        return new CaseExpr(
            operand, ListOf(arms), otherwise, new PgType(common, Resolver.CommonModifier(results, common)), 0, expression.Location);
    }

    private CoalesceExpr BindCoalesce(CoalesceExpression expression)
    {
        var values = expression.Arguments.Select(Bind).ToList();
        var common = _resolver.CommonType(values, "COALESCE", out _);
        values = values.ConvertAll(value => _resolver.CoerceToCommon(value, common, "COALESCE"));
        return new CoalesceExpr(ListOf(values), new PgType(common, Resolver.CommonModifier(values, common)), 0, expression.Location);
    }

    private MinMaxExpr BindExtreme(ExtremeExpression expression)
    {
        var name = expression.Greatest ? "GREATEST" : "LEAST";
        var values = expression.Arguments.Select(Bind).ToList();
        var common = _resolver.CommonType(values, name, out _);
        values = values.ConvertAll(value => _resolver.CoerceToCommon(value, common, name));
        return new MinMaxExpr(
            expression.Greatest, ListOf(values), new PgType(common, Resolver.CommonModifier(values, common)), 0, 0, expression.Location);
    }

    private NullIfExpr BindNullIf(NullIfExpression expression)
    {
        var equal = (OpExpr)_resolver.Operator(["="], Bind(expression.Left), Bind(expression.Right), expression.Location);
        return new NullIfExpr(equal.Operator, equal.Arguments[0], equal.Arguments[1], equal.Arguments[0].Type, 0, 0, expression.Location);
    }

    private BoundExpression BindCall(FunctionCall call)
    {
        var arguments = call.Arguments.Select(argument => Bind(argument is NamedArgument named ? named.Value : argument)).ToList();
        string?[] names = call.Arguments.Any(argument => argument is NamedArgument)
            ? [.. call.Arguments.Select(argument => (argument as NamedArgument)?.Name)] : [];
        Location[] locations = [.. call.Arguments.Select(argument => argument.Location)];
        var match = _resolver.Function(call.Name, arguments, names, call.Variadic, call.Location, locations);
        if (match.Cast is not null)
        {
            return match.Arguments[0];
        }

        var function = match.Function ?? throw _resolver.NotFound(call.Name, arguments, names, call.Location);
        var list = ListOf(match.Arguments);
        if (call.Over is not null)
        {
            return new WindowFunc(function, Builtins.FindAggregate(function.Oid), list, null, 0, false, match.Result, 0, 0, call.Location);
        }

        if (function.Kind == 'a')
        {
            var targets = ListOf(list.Select((argument, i) => new TargetEntry(argument, (short)(i + 1), null)));
            return new Aggref(function, Builtins.FindAggregate(function.Oid)!, [], targets, match.Result, 0, 0, call.Location)
            {
                Variadic = match.Variadic,
            };
        }

        var form = call.Syntax == CallSyntax.Call ? CallForm.Call : CallForm.Syntax;
        return new FuncExpr(function, list, form, match.Variadic, match.Result, 0, 0, call.Location);
    }

    private FuncExpr MakeCall(NodeList<string> name, IReadOnlyList<BoundExpression> arguments, Location location)
    {
        var match = _resolver.Function(name, arguments, [], variadic: false, location);
        return new FuncExpr(match.Function!, ListOf(match.Arguments), CallForm.Call, match.Variadic, match.Result, 0, 0, location);
    }
}
