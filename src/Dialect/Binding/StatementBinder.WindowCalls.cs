using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Calls with OVER.</summary>
internal sealed partial class StatementBinder
{
    private WindowFunc FinishWindowFunction(CallParts parts, Scope scope)
    {
        var (call, function, match, filter, lastSet) = parts;
        var name = Join(call.Name);
        var isAggregate = function.Kind == 'a';
        if (call.Over is not { } over)
        {
            throw Error(SqlState.WrongObjectType, $"window function {name} requires an OVER clause", call.Location);
        }

        if (!isAggregate && call.WithinGroup)
        {
            throw Error(SqlState.WrongObjectType, $"window function {name} cannot have WITHIN GROUP", call.Location);
        }

        if (call.Distinct)
        {
            throw Error(SqlState.FeatureNotSupported, "DISTINCT is not implemented for window functions", call.Location);
        }

        if (isAggregate && match.Arguments.Count == 0 && !call.Star)
        {
            throw Error(SqlState.WrongObjectType, $"{name}(*) must be used to call a parameterless aggregate function", call.Location);
        }

        if (call.OrderBy.Count > 0)
        {
            throw Error(SqlState.FeatureNotSupported, "aggregate ORDER BY is not implemented for window functions", call.Location);
        }

        if (!isAggregate && filter is not null)
        {
            throw Error(SqlState.FeatureNotSupported, "FILTER is not implemented for non-aggregate window functions", call.Location);
        }

        if (!ReferenceEquals(scope.LastSet, lastSet))
        {
            throw Error(
                SqlState.FeatureNotSupported, "window function calls cannot contain set-returning function calls", Locations.Of(scope.LastSet),
                LateralHint);
        }

        return new WindowFunc(
            function, isAggregate ? Builtins.FindAggregate(function.Oid) : null, ListOf(match.Arguments), filter,
            PlaceWindowFunction(call, over, match.Arguments, scope), call.Star, match.Result, 0, 0, call.Location);
    }

    /// <summary>Checks where a window function stands, and finds its window.</summary>
    private int PlaceWindowFunction(FunctionCall call, WindowSpecification over, IReadOnlyList<BoundExpression> arguments, Scope scope)
    {
        if (scope.HasWindows && BoundWalk.FindWindowFunction(arguments) is { } nested)
        {
            throw Error(SqlState.WindowingError, "window function calls cannot be nested", nested.Location);
        }

        if (WindowRefusal(scope.Kind) is { } place)
        {
            throw Error(SqlState.WindowingError, $"window functions are not allowed in {place}", call.Location);
        }

        var window = over.IsReference
            ? scope.Windows.FindIndex(w => w.Name == over.Name)
            : scope.Windows.FindIndex(w => w.Base == over.Base && SameClauses(w, over));
        if (window < 0 && over.IsReference)
        {
            throw Error(SqlState.UndefinedObject, $"window \"{over.Name}\" does not exist", over.Location);
        }

        if (window < 0)
        {
            window = scope.Windows.Count;
            scope.Windows.Add(over);
        }

        scope.HasWindows = true;
        return window;
    }

    private static bool SameClauses(WindowSpecification one, WindowSpecification other) =>
        one.PartitionBy.Equals(other.PartitionBy) && one.OrderBy.Equals(other.OrderBy) && Equals(one.Frame, other.Frame);

    private static string? WindowRefusal(ExpressionKind kind) => kind switch
    {
        ExpressionKind.None or ExpressionKind.SelectTarget or ExpressionKind.OrderBy or ExpressionKind.DistinctOn => null,
        ExpressionKind.FromFunction => "functions in FROM",
        ExpressionKind.WindowPartition or ExpressionKind.WindowOrder or ExpressionKind.WindowFrameRange or ExpressionKind.WindowFrameRows
            or ExpressionKind.WindowFrameGroups => "window definitions",
        _ => ExpressionKinds.PhraseOf(kind) ?? ExpressionKinds.NameOf(kind),
    };
}
