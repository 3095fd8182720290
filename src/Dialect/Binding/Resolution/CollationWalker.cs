using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Walks expressions from below and gives them their collations.</summary>
internal sealed partial class CollationWalker(BindContext context)
{
    private readonly TypeLookup _types = new(context);

    /// <summary>An expression whose collation does not matter to another one.</summary>
    public BoundExpression Assign(BoundExpression expression)
    {
        var state = default(CollationState);
        return Walk(expression, ref state);
    }

    public BoundExpression? AssignOptional(BoundExpression? expression) => expression is null ? null : Assign(expression);

    public TargetEntry Assign(TargetEntry target)
    {
        var state = default(CollationState);
        return WalkTarget(target, ref state);
    }

    public FromItem AssignFrom(FromItem item) => item is FromJoin join
        ? join with { Left = AssignFrom(join.Left), Right = AssignFrom(join.Right), On = AssignOptional(join.On) }
        : item;

    public DialectException Mismatch(in CollationState state) => Mismatch(
        "implicit", state.Collation, state.Other, state.OtherLocation,
        "You can choose the collation by applying the COLLATE clause to one or both expressions.");

    /// <summary>Gives an expression and all below it their collations, and takes its own into the state of what it is a part of.</summary>
    public BoundExpression Walk(BoundExpression expression, ref CollationState parent)
    {
        switch (expression)
        {
            case Var or Const or Param or CaseTestExpr or SetToDefaultExpr:
                var collation = expression.Collation;
                Merge(ref parent, collation, collation != 0 ? CollationStrength.Implicit : default, expression.Location);
                return expression;
            case CollateExpr or FieldSelectExpr or CoerceToDomainExpr or RowExpr or RowCompareExpr:
                return WalkSpecial(expression, ref parent);
            case FuncExpr or OpExpr or DistinctExpr or NullIfExpr or ScalarArrayOpExpr or MinMaxExpr:
                return WalkCall(expression, ref parent);
            case Aggref aggregate:
                return WalkAggregate(aggregate, ref parent);
            case WindowFunc call:
                return WalkWindow(call, ref parent);
            case SubLink link:
                return WalkSubLink(link, ref parent);
            case CaseExpr choice:
                return WalkCase(choice, ref parent);
            case SubscriptingExpr subscripting:
                return WalkSubscripting(subscripting, ref parent);
            case SubscriptAssignExpr assignment:
                return WalkSubscriptAssign(assignment, ref parent);
            default:
                return WalkPlain(expression, ref parent);
        }
    }

    /// <summary>Nodes that have a collation of their own, or none whatever they consist of.</summary>
    private BoundExpression WalkSpecial(BoundExpression expression, ref CollationState parent)
    {
        var local = default(CollationState);
        switch (expression)
        {
            case CollateExpr e:
                e = e with { Argument = Walk(e.Argument, ref local) };
                Merge(ref parent, e.Collation, CollationStrength.Explicit, e.Location);
                return e;
            case FieldSelectExpr e:
                e = e with { Argument = Walk(e.Argument, ref local) };
                Merge(ref parent, e.Collation, e.Collation != 0 ? CollationStrength.Implicit : default, ExpressionTree.LocationOf(e));
                return e;
            case CoerceToDomainExpr e:
                return WalkDomain(e, ref parent);
            case RowExpr e:
                return e with { Items = Collations.Each(e.Items, Assign) };
            default:
                return WalkRowCompare((RowCompareExpr)expression);
        }
    }

    private CoerceToDomainExpr WalkDomain(CoerceToDomainExpr expression, ref CollationState parent)
    {
        var local = default(CollationState);
        var argument = Walk(expression.Argument, ref local);
        var declared = _types.CollationOf(expression.Type.Oid);
        if (declared is not (0 or CollationNames.Default))
        {
            local = new CollationState
            {
                Collation = declared, Strength = CollationStrength.Implicit, Location = ExpressionTree.LocationOf(expression),
            };
        }
        else if (declared == 0)
        {
            local = default;
        }

        Merge(ref parent, local);
        return expression with { Argument = argument, Collation = local.Strength == CollationStrength.Conflict ? 0 : local.Collation };
    }

    private RowCompareExpr WalkRowCompare(RowCompareExpr expression)
    {
        var (left, right) = (new BoundExpression[expression.Left.Count], new BoundExpression[expression.Left.Count]);
        var collations = new uint[left.Length];
        for (var i = 0; i < left.Length; i++)
        {
            var pair = default(CollationState);
            left[i] = Walk(expression.Left[i], ref pair);
            right[i] = Walk(expression.Right[i], ref pair);
            collations[i] = pair.Strength == CollationStrength.Conflict ? 0 : pair.Collation;
            RequireCollation(pair, expression.Operators[i].Code);
        }

        return expression with
        {
            Left = NodeList.Create<BoundExpression>(left),
            Right = NodeList.Create<BoundExpression>(right),
            Collations = NodeList.Create<uint>(collations),
        };
    }

    /// <summary>Nodes that call a function which may ask for a collation.</summary>
    private BoundExpression WalkCall(BoundExpression expression, ref CollationState parent)
    {
        var local = default(CollationState);
        switch (expression)
        {
            case FuncExpr e:
                e = e with { Arguments = Walk(e.Arguments, ref local) };
                RequireCollation(local, e.Function.Oid);
                return e with { Collation = Settle(e, local, ref parent), InputCollation = InputOf(local) };
            case OpExpr e:
                e = e with { Arguments = Walk(e.Arguments, ref local) };
                RequireCollation(local, e.Operator.Code);
                return e with { Collation = Settle(e, local, ref parent), InputCollation = InputOf(local) };
            case DistinctExpr e:
                e = e with { Left = Walk(e.Left, ref local), Right = Walk(e.Right, ref local) };
                RequireCollation(local, e.Operator.Code);
                return e with { InputCollation = InputOf(local) };
            case NullIfExpr e:
                e = e with { Left = Walk(e.Left, ref local), Right = Walk(e.Right, ref local) };
                RequireCollation(local, e.Operator.Code);
                return e with { Collation = Settle(e, local, ref parent), InputCollation = InputOf(local) };
            case ScalarArrayOpExpr e:
                e = e with { Scalar = Walk(e.Scalar, ref local), Array = Walk(e.Array, ref local) };
                RequireCollation(local, e.Operator.Code);
                return e with { InputCollation = InputOf(local) };
            default:
                var extreme = (MinMaxExpr)expression;
                extreme = extreme with { Arguments = Walk(extreme.Arguments, ref local) };
                RequireComparison(local);
                return extreme with { Collation = Settle(extreme, local, ref parent), InputCollation = InputOf(local) };
        }
    }

    private WindowFunc WalkWindow(WindowFunc call, ref CollationState parent)
    {
        var local = default(CollationState);
        call = call with { Arguments = Walk(call.Arguments, ref local), Filter = AssignOptional(call.Filter) };
        RequireCollation(local, call.Function.Oid);
        return call with { Collation = Settle(call, local, ref parent), InputCollation = InputOf(local) };
    }

    /// <summary>Only the results count, neither the operand nor the conditions.</summary>
    private CaseExpr WalkCase(CaseExpr expression, ref CollationState parent)
    {
        var local = default(CollationState);
        var arms = Collations.Each(expression.Arms, arm => arm with { Condition = Assign(arm.Condition) });
        expression = expression with
        {
            Operand = AssignOptional(expression.Operand), Arms = WalkArms(arms, ref local), Default = Walk(expression.Default, ref local),
        };
        return expression with { Collation = Settle(expression, local, ref parent) };
    }

    /// <summary>Only the container counts, not the subscripts.</summary>
    private SubscriptingExpr WalkSubscripting(SubscriptingExpr expression, ref CollationState parent)
    {
        var local = default(CollationState);
        expression = expression with
        {
            Upper = AssignBounds(expression.Upper),
            Lower = expression.Lower is { } lower ? AssignBounds(lower) : null,
            Container = Walk(expression.Container, ref local),
        };
        return expression with { Collation = Settle(expression, local, ref parent) };
    }

    private SubscriptAssignExpr WalkSubscriptAssign(SubscriptAssignExpr expression, ref CollationState parent)
    {
        var local = default(CollationState);
        expression = expression with
        {
            Upper = AssignBounds(expression.Upper),
            Lower = expression.Lower is { } lower ? AssignBounds(lower) : null,
            Container = Walk(expression.Container, ref local),
            Value = Walk(expression.Value, ref local),
        };
        return expression with { Collation = Settle(expression, local, ref parent) };
    }

    private NodeList<CaseArm> WalkArms(NodeList<CaseArm> arms, ref CollationState state)
    {
        var walked = new CaseArm[arms.Count];
        for (var i = 0; i < walked.Length; i++)
        {
            walked[i] = arms[i] with { Result = Walk(arms[i].Result, ref state) };
        }

        return NodeList.Create<CaseArm>(walked);
    }

    private NodeList<BoundExpression?> AssignBounds(NodeList<BoundExpression?> bounds)
    {
        var assigned = new BoundExpression?[bounds.Count];
        for (var i = 0; i < assigned.Length; i++)
        {
            assigned[i] = AssignOptional(bounds[i]);
        }

        return NodeList.Create<BoundExpression?>(assigned);
    }

    /// <summary>Nodes all of whose parts count alike.</summary>
    private BoundExpression WalkPlain(BoundExpression expression, ref CollationState parent)
    {
        var local = default(CollationState);
        switch (expression)
        {
            case BoolExpr e:
                return e with { Arguments = Walk(e.Arguments, ref local) };
            case NullTestExpr e:
                return e with { Argument = Walk(e.Argument, ref local) };
            case BooleanTestExpr e:
                return e with { Argument = Walk(e.Argument, ref local) };
            case RelabelExpr e:
                e = e with { Argument = Walk(e.Argument, ref local) };
                return e with { Collation = Settle(e, local, ref parent) };
            case CoerceViaIOExpr e:
                e = e with { Argument = Walk(e.Argument, ref local) };
                return e with { Collation = Settle(e, local, ref parent) };
            case ArrayCoerceExpr e:
                e = e with { Argument = Walk(e.Argument, ref local), Element = Walk(e.Element, ref local) };
                return e with { Collation = Settle(e, local, ref parent) };
            case CoalesceExpr e:
                e = e with { Arguments = Walk(e.Arguments, ref local) };
                return e with { Collation = Settle(e, local, ref parent) };
            case ArrayExpr e:
                e = e with { Items = Walk(e.Items, ref local) };
                return e with { Collation = Settle(e, local, ref parent) };
            case SqlValueExpr e:
                return e with { Collation = Settle(e, local, ref parent) };
            default:
                throw new InvalidOperationException($"{expression.GetType().Name} has no rule for collations.");
        }
    }

    private NodeList<BoundExpression> Walk(NodeList<BoundExpression> expressions, ref CollationState state)
    {
        BoundExpression[]? changed = null;
        for (var i = 0; i < expressions.Count; i++)
        {
            var walked = Walk(expressions[i], ref state);
            if (!ReferenceEquals(walked, expressions[i]))
            {
                changed ??= expressions.Span.ToArray();
                changed[i] = walked;
            }
        }

        return changed is null ? expressions : NodeList.Create<BoundExpression>(changed);
    }

    /// <summary>Decides the collation of a node by those of its parts, and takes it into the parent's state.</summary>
    private uint Settle(BoundExpression expression, in CollationState local, ref CollationState parent)
    {
        var declared = _types.CollationOf(expression.Type.Oid);
        if (declared == 0)
        {
            return 0;
        }

        if (local.Strength == CollationStrength.None)
        {
            Merge(ref parent, declared, CollationStrength.Implicit, ExpressionTree.LocationOf(expression));
            return declared;
        }

        Merge(ref parent, local);
        return InputOf(local);
    }

    private static uint InputOf(in CollationState local) => local.Strength == CollationStrength.Conflict ? 0 : local.Collation;

    private void Merge(ref CollationState parent, in CollationState local) =>
        Merge(ref parent, local.Collation, local.Strength, local.Location, local.Other, local.OtherLocation);

    private void Merge(
        ref CollationState parent, uint collation, CollationStrength strength, Location location, uint other = 0,
        Location otherLocation = default)
    {
        if (!parent.Merge(collation, strength, location, other, otherLocation))
        {
            throw Mismatch("explicit", parent.Collation, collation, location, hint: null);
        }
    }

    private DialectException Mismatch(string kind, uint one, uint other, Location location, string? hint) => context.Error(
        "42P21", $"collation mismatch between {kind} collations \"{CollationNames.NameOf(one)}\" and \"{CollationNames.NameOf(other)}\"",
        location, hint);
}
