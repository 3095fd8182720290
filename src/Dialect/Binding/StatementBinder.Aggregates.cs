using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Calls of aggregates: their order, the query that they belong to, and where they may stand (PostgreSQL's parse_agg.c).</summary>
internal sealed partial class StatementBinder
{
    private BoundExpression FinishAggregate(CallParts parts, List<BoundExpression> arguments, string?[] names, Scope scope)
    {
        var (call, function, match, filter, _) = parts;
        var aggregate = Builtins.FindAggregate(function.Oid)
            ?? throw new InvalidOperationException($"pg_aggregate has no {function.Signature}.");
        if (aggregate.Kind != 'n')
        {
            CheckOrderedSet(call, function, aggregate, arguments, names);
        }
        else if (call.WithinGroup)
        {
            throw Error(
                SqlState.WrongObjectType, $"{Join(call.Name)} is not an ordered-set aggregate, so it cannot have WITHIN GROUP", call.Location);
        }

        if (call.Over is not null)
        {
            return FinishWindowFunction(parts, scope);
        }

        if (arguments.Count == 0 && !call.Star && !call.WithinGroup)
        {
            throw Error(
                SqlState.WrongObjectType, $"{Join(call.Name)}(*) must be used to call a parameterless aggregate function", call.Location);
        }

        if (names.Any(name => name is not null))
        {
            throw Error(SqlState.FeatureNotSupported, "aggregates cannot use named arguments", call.Location);
        }

        var result = new Aggref(function, aggregate, [], [], match.Result, 0, 0, call.Location)
        {
            Filter = filter,
            Star = call.Star,
            Variadic = match.Variadic,
        };
        result = call.WithinGroup ? OrderedSet(result, call, match, scope) : PlainAggregate(result, call, match, scope);
        return PlaceAggregate(result, scope);
    }

    /// <summary>How many of the arguments of an ordered-set aggregate are direct depends on where WITHIN GROUP stands.</summary>
    private void CheckOrderedSet(
        FunctionCall call, PgFunction function, PgAggregate aggregate, List<BoundExpression> arguments, string?[] names)
    {
        var name = Join(call.Name);
        if (!call.WithinGroup)
        {
            throw Error(SqlState.WrongObjectType, $"WITHIN GROUP is required for ordered-set aggregate {name}", call.Location);
        }

        if (call.Over is not null)
        {
            throw Error(SqlState.FeatureNotSupported, $"OVER is not supported for ordered-set aggregate {name}", call.Location);
        }

        var direct = arguments.Count - call.OrderBy.Count;
        string? hint = null;
        if (function.VariadicType == 0 || aggregate.DirectArguments < function.Arguments.Count)
        {
            if (direct != aggregate.DirectArguments)
            {
                hint = $"There is an ordered-set aggregate {name}, but it requires {aggregate.DirectArguments} direct "
                    + $"argument{(aggregate.DirectArguments == 1 ? "" : "s")}, not {direct}.";
            }
        }
        else if (direct != call.OrderBy.Count)
        {
            hint = $"To use the hypothetical-set aggregate {name}, the number of hypothetical direct arguments (here {direct}) must match the "
                + $"number of ordering columns (here {call.OrderBy.Count}).";
        }

        if (hint is not null)
        {
            throw Error(
                SqlState.UndefinedFunction, $"function {_resolver.Show(call.Name, arguments, names)} does not exist", call.Location, hint);
        }
    }

    private Aggref OrderedSet(Aggref result, FunctionCall call, FunctionMatch match, Scope scope)
    {
        var values = match.Arguments.ToArray();
        var direct = values.Length - call.OrderBy.Count;
        if (result.Aggregate.Kind == 'h')
        {
            UnifyHypothetical(values, direct, call.OrderBy.Count);
        }

        var targets = new List<TargetEntry>();
        var order = new List<SortClause>();
        for (var i = direct; i < values.Length; i++)
        {
            targets.Add(new TargetEntry(values[i], (short)(targets.Count + 1), null));
            AddToSort(targets, targets.Count - 1, order, call.OrderBy[i - direct]);
        }

        return result with { Direct = ListOf(values.Take(direct)), Arguments = ListOf(targets), OrderBy = ListOf(order) };
    }

    /// <summary>A hypothetical row is compared with the ordered columns, so both get a common type.</summary>
    private void UnifyHypothetical(BoundExpression[] values, int direct, int ordered)
    {
        for (var i = direct - ordered; i < direct; i++)
        {
            var other = i + ordered;
            BoundExpression[] pair = [values[other], values[i]];
            var type = _resolver.CommonType(pair, "WITHIN GROUP", out _);
            values[i] = _resolver.CoerceToCommon(values[i], type, "WITHIN GROUP");
            values[other] = _resolver.CoerceToCommon(values[other], type, "WITHIN GROUP");
        }
    }

    private Aggref PlainAggregate(Aggref result, FunctionCall call, FunctionMatch match, Scope scope)
    {
        var targets = new List<TargetEntry>();
        foreach (var argument in match.Arguments)
        {
            targets.Add(new TargetEntry(argument, (short)(targets.Count + 1), null));
        }

        var next = scope.NextNumber;
        scope.NextNumber = targets.Count + 1;
        var order = BindOrderBy(call.OrderBy, targets, scope, ExpressionKind.OrderBy, byExpression: true);
        List<SortClause> distinct = [];
        if (call.Distinct)
        {
            distinct = BindDistinct(targets, order, aggregate: true);
            foreach (var clause in distinct.Where(clause => clause.Order is null))
            {
                var value = targets.First(t => t.SortReference == clause.Reference).Value;
                throw Error(
                    SqlState.UndefinedFunction, $"could not identify an ordering operator for type {_types.Format(value.Type.Oid)}",
                    Locations.Of(value), detail: "Aggregates with DISTINCT must be able to sort their inputs.");
            }
        }

        scope.NextNumber = next;
        return result with { Arguments = ListOf(targets), OrderBy = ListOf(order), Distinct = ListOf(distinct) };
    }

    /// <summary>Finds the query whose rows are aggregated: the innermost one of those that the arguments refer to.</summary>
    private Aggref PlaceAggregate(Aggref aggregate, Scope scope)
    {
        BoundExpression[] arguments = [.. aggregate.Arguments.Select(a => a.Value)];
        BoundExpression[] aggregated = aggregate.Filter is null ? arguments : [.. arguments, aggregate.Filter];
        var (varLevel, aggregateLevel) = LevelsOf(aggregated);
        var level = varLevel < 0 ? Math.Max(aggregateLevel, 0) : aggregateLevel < 0 ? varLevel : Math.Min(varLevel, aggregateLevel);
        if (level == aggregateLevel)
        {
            throw Error(
                SqlState.GroupingError, "aggregate function calls cannot be nested", BoundWalk.FindAggregate(aggregated, level)!.Location);
        }

        if (aggregate.Direct.Count > 0)
        {
            var (directVar, directAggregate) = LevelsOf(aggregate.Direct);
            if (directVar >= 0 && directVar < level)
            {
                throw Error(
                    SqlState.GroupingError, "outer-level aggregate cannot contain a lower-level variable in its direct arguments",
                    Locations.Of(BoundWalk.FindVar(aggregate.Direct, directVar)));
            }

            if (directAggregate >= 0 && directAggregate <= level)
            {
                throw Error(
                    SqlState.GroupingError, "aggregate function calls cannot be nested",
                    Locations.Of(BoundWalk.FindAggregate(aggregate.Direct, directAggregate)));
            }
        }

        var home = scope.Up(level);
        home.HasAggregates = true;
        if (AggregateRefusal(home.Kind) is { } place)
        {
            throw Error(SqlState.GroupingError, $"aggregate functions are not allowed in {place}", aggregate.Location);
        }

        return aggregate with { LevelsUp = level };
    }

    /// <summary>The lowest levels of the columns and of the aggregates in an aggregate's arguments; -1 for none.</summary>
    private (int Var, int Aggregate) LevelsOf(IReadOnlyList<BoundExpression> arguments)
    {
        var varLevel = -1;
        var aggregateLevel = -1;
        BoundWalk.Visit(arguments, (node, levels) =>
        {
            switch (node)
            {
                case Var v when v.LevelsUp >= levels && (varLevel < 0 || varLevel > v.LevelsUp - levels):
                    varLevel = v.LevelsUp - levels;
                    break;
                case Aggref a when a.LevelsUp >= levels && (aggregateLevel < 0 || aggregateLevel > a.LevelsUp - levels):
                    aggregateLevel = a.LevelsUp - levels;
                    break;
                case FuncExpr { ReturnsSet: true } when levels == 0:
                    throw Error(
                        SqlState.FeatureNotSupported, "aggregate function calls cannot contain set-returning function calls", Locations.Of(node),
                        LateralHint);
                case WindowFunc when levels == 0:
                    throw Error(SqlState.GroupingError, "aggregate function calls cannot contain window function calls", node.Location);
            }

            return true;
        });
        return (varLevel, aggregateLevel);
    }

    /// <summary>The construct in which no aggregate may stand, as the message names it; null where one may.</summary>
    private static string? AggregateRefusal(ExpressionKind kind) => kind switch
    {
        ExpressionKind.None or ExpressionKind.Having or ExpressionKind.WindowPartition or ExpressionKind.WindowOrder
            or ExpressionKind.SelectTarget or ExpressionKind.OrderBy or ExpressionKind.DistinctOn => null,
        ExpressionKind.FromSubselect => "FROM clause of their own query level",
        ExpressionKind.FromFunction => "functions in FROM",
        _ => ExpressionKinds.PhraseOf(kind) ?? ExpressionKinds.NameOf(kind),
    };
}
