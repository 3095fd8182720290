using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Calls of functions, and fields that are written as calls or the other way round.</summary>
internal sealed partial class StatementBinder
{
    private const int ArgumentsMax = 100;

    private BoundExpression BindCall(FunctionCall call, Scope scope)
    {
        var lastSet = scope.LastSet;
        var arguments = new List<BoundExpression>(call.Arguments.Count);
        foreach (var argument in call.Arguments)
        {
            arguments.Add(BindExpression(argument, scope));
        }

        if (call.WithinGroup)
        {
            // The order of WITHIN GROUP takes part in the choice of the function as further arguments.
            foreach (var item in call.OrderBy)
            {
                arguments.Add(BindExpression(item.Value, scope, ExpressionKind.OrderBy));
            }
        }

        return FinishCall(call, arguments, scope, lastSet);
    }

    private BoundExpression FinishCall(FunctionCall call, List<BoundExpression> arguments, Scope scope, BoundExpression? lastSet)
    {
        var filter = BindCondition(call.Filter, scope, ExpressionKind.Filter, "FILTER");
        if (arguments.Count > ArgumentsMax)
        {
            throw Error(SqlState.TooManyArguments, $"cannot pass more than {ArgumentsMax} arguments to a function", call.Location);
        }

        // Drivers of JDBC declare parameters that receive results as void; they are no arguments.
        if (!call.WithinGroup)
        {
            arguments.RemoveAll(argument => argument is Param { Type.Oid: PgTypes.Void });
        }

        string?[] names = [.. arguments.Select((_, i) => i < call.Arguments.Count ? (call.Arguments[i] as NamedArgument)?.Name : null)];
        var match = _resolver.Function(
            call.Name, arguments, names, call.Variadic, call.Location, [.. call.Arguments.Select(argument => argument.Location)]);
        if (match.Cast is not null)
        {
            RefuseDecoration(call);
            return match.Arguments[0];
        }

        if (match.Function is not { } function)
        {
            return ProjectCall(call, arguments, scope) ?? throw NoSuchFunction(call, arguments, names);
        }

        return function.Kind switch
        {
            'p' => throw Error(
                SqlState.WrongObjectType, $"{_resolver.Show(call.Name, arguments, names)} is a procedure", call.Location,
                "To call a procedure, use CALL."),
            'a' => FinishAggregate(new CallParts(call, function, match, filter, lastSet), arguments, names, scope),
            'w' => FinishWindowFunction(new CallParts(call, function, match, filter, lastSet), scope),
            _ => FinishPlainCall(call, function, match, scope, lastSet),
        };
    }

    /// <param name="LastSet">The last set-returning call before this call's arguments.</param>
    private sealed record CallParts(FunctionCall Call, PgFunction Function, FunctionMatch Match, BoundExpression? Filter, BoundExpression? LastSet);

    private FuncExpr FinishPlainCall(FunctionCall call, PgFunction function, FunctionMatch match, Scope scope, BoundExpression? lastSet)
    {
        RefuseDecoration(call);
        if (function.ReturnsSet)
        {
            CheckSetPlacement(scope, lastSet, call.Location);
        }

        var result = new FuncExpr(
            function, ListOf(match.Arguments), call.Syntax == CallSyntax.Call ? CallForm.Call : CallForm.Syntax, match.Variadic, match.Result, 0, 0,
            call.Location)
        {
            Syntax = call.Syntax,
        };
        if (function.ReturnsSet)
        {
            scope.LastSet = result;
        }

        return result;
    }

    /// <summary>A plain function takes nothing that only aggregates and window functions have.</summary>
    private void RefuseDecoration(FunctionCall call)
    {
        var name = Join(call.Name);
        var message = call.Star ? $"{name}(*) specified, but {name} is not an aggregate function"
            : call.Distinct ? $"DISTINCT specified, but {name} is not an aggregate function"
            : call.WithinGroup ? $"WITHIN GROUP specified, but {name} is not an aggregate function"
            : call.OrderBy.Count > 0 ? $"ORDER BY specified, but {name} is not an aggregate function"
            : call.Filter is not null ? $"FILTER specified, but {name} is not an aggregate function"
            : call.Over is not null ? $"OVER specified, but {name} is not a window function nor an aggregate function"
            : null;
        if (message is not null)
        {
            throw Error(SqlState.WrongObjectType, message, call.Location);
        }
    }

    /// <summary>A call that is a field of its only argument, a row; null if it is not.</summary>
    private BoundExpression? ProjectCall(FunctionCall call, List<BoundExpression> arguments, Scope scope) =>
        arguments.Count == 1 && call is
        {
            Name.Count: 1, OrderBy.Count: 0, Filter: null, Star: false, Distinct: false, Over: null, Variadic: false, Arguments: [not NamedArgument],
        }
        && IsRowType(arguments[0].Type.Oid)
            ? Project(arguments[0], call.Name[0], scope, call.Location)
            : null;

    private DialectException NoSuchFunction(FunctionCall call, List<BoundExpression> arguments, string?[] names) =>
        call.OrderBy.Count > 1 && !call.WithinGroup
            ? Error(
                SqlState.UndefinedFunction, $"function {_resolver.Show(call.Name, arguments, names)} does not exist", call.Location,
                "No aggregate function matches the given name and argument types. Perhaps you misplaced ORDER BY; ORDER BY must appear after all "
                    + "regular arguments of the aggregate.")
            : _resolver.NotFound(call.Name, arguments, names, call.Location);

    private static string Join(NodeList<string> name) => string.Join('.', name);

    /// <summary>
    /// A field of a row, or a function applied to a value, written as <c>value.name</c>. Null if there is neither.
    /// </summary>
    private BoundExpression? BindCallOnRow(string name, BoundExpression value, Scope scope, Location location)
    {
        if (IsRowType(value.Type.Oid) && Project(value, name, scope, location) is { } field)
        {
            return field;
        }

        var call = new FunctionCall(location, [name], []);
        FunctionMatch match;
        try
        {
            match = _resolver.Function(call.Name, [value], [], variadic: false, location);
        }
        catch (DialectException exception) when (exception.SqlState == SqlState.AmbiguousFunction)
        {
            return null;
        }

        if (match.Cast is not null)
        {
            return match.Arguments[0];
        }

        return match.Function?.Kind switch
        {
            null => null,
            'p' => throw Error(
                SqlState.WrongObjectType, $"{_resolver.Show(call.Name, [value], [])} is a procedure", location, "To call a procedure, use CALL."),
            'a' => FinishAggregate(new CallParts(call, match.Function, match, null, scope.LastSet), [value], [null], scope),
            'w' => FinishWindowFunction(new CallParts(call, match.Function, match, null, scope.LastSet), scope),
            _ => FinishPlainCall(call, match.Function!, match, scope, scope.LastSet),
        };
    }

    /// <summary>Functions that return sets are allowed in select lists and in FROM.</summary>
    private void CheckSetPlacement(Scope scope, BoundExpression? lastSet, Location location)
    {
        switch (scope.Kind)
        {
            case ExpressionKind.None:
                return;
            case ExpressionKind.FromFunction:
                if (!ReferenceEquals(scope.LastSet, lastSet))
                {
                    throw Error(
                        SqlState.FeatureNotSupported, "set-returning functions must appear at top level of FROM", Locations.Of(scope.LastSet));
                }

                return;
            case ExpressionKind.WindowPartition or ExpressionKind.WindowOrder or ExpressionKind.SelectTarget or ExpressionKind.InsertTarget
                or ExpressionKind.GroupBy or ExpressionKind.OrderBy or ExpressionKind.DistinctOn or ExpressionKind.ValuesSingle:
                scope.HasTargetSets = true;
                return;
            default:
                var phrase = scope.Kind is ExpressionKind.WindowFrameRange or ExpressionKind.WindowFrameRows or ExpressionKind.WindowFrameGroups
                    ? "window definitions"
                    : ExpressionKinds.PhraseOf(scope.Kind) ?? ExpressionKinds.NameOf(scope.Kind);
                throw Error(SqlState.FeatureNotSupported, $"set-returning functions are not allowed in {phrase}", location);
        }
    }
}
