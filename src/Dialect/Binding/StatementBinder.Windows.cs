using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The definitions of windows, after all calls over them have been seen.</summary>
internal sealed partial class StatementBinder
{
    private NodeList<BoundWindow> BindWindows(List<TargetEntry> targets, Scope scope)
    {
        var windows = new List<BoundWindow>();
        foreach (var definition in scope.Windows)
        {
            if (definition.Name is not null && windows.Exists(w => w.Name == definition.Name))
            {
                throw Error(SqlState.WindowingError, $"window \"{definition.Name}\" is already defined", definition.Location);
            }

            BoundWindow? origin = null;
            if (definition.Base is not null)
            {
                origin = windows.Find(w => w.Name == definition.Base)
                    ?? throw Error(SqlState.UndefinedObject, $"window \"{definition.Base}\" does not exist", definition.Location);
            }

            var order = BindOrderBy(definition.OrderBy, targets, scope, ExpressionKind.WindowOrder, byExpression: true);
            var partition = BindGroupBy(
                [.. definition.PartitionBy], targets, order, scope, ExpressionKind.WindowPartition, byExpression: true);
            if (origin is not null)
            {
                CheckCopy(definition, origin, partition, order);
            }

            windows.Add(BindFrame(
                definition,
                new BoundWindow(
                    definition.Name, definition.Base, origin?.PartitionBy ?? ListOf(partition),
                    order.Count == 0 && origin is not null ? origin.OrderBy : ListOf(order), definition.Frame, null, null),
                targets, scope));
        }

        return ListOf(windows);
    }

    /// <summary>A window made from another one takes over its clauses, and may add only what that one lacks.</summary>
    private void CheckCopy(WindowSpecification definition, BoundWindow origin, List<SortClause> partition, List<SortClause> order)
    {
        if (partition.Count > 0)
        {
            throw Error(SqlState.WindowingError, $"cannot override PARTITION BY clause of window \"{definition.Base}\"", definition.Location);
        }

        if (order.Count > 0 && origin.OrderBy.Count > 0)
        {
            throw Error(SqlState.WindowingError, $"cannot override ORDER BY clause of window \"{definition.Base}\"", definition.Location);
        }

        if (origin.Frame is not null)
        {
            throw Error(
                SqlState.WindowingError, $"cannot copy window \"{definition.Base}\" because it has a frame clause", definition.Location,
                definition.Name is null && order.Count == 0 && definition.Frame is null ? "Omit the parentheses in this OVER clause." : null);
        }
    }

    private BoundWindow BindFrame(WindowSpecification definition, BoundWindow window, List<TargetEntry> targets, Scope scope)
    {
        if (definition.Frame is not { } frame)
        {
            return window;
        }

        PgType? sorted = null;
        if (frame.Mode == FrameMode.Range && (HasOffset(frame.Start) || HasOffset(frame.End)))
        {
            if (window.OrderBy.Count != 1)
            {
                throw Error(
                    SqlState.WindowingError, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column", definition.Location);
            }

            sorted = targets.Find(t => t.SortReference == window.OrderBy[0].Reference)!.Value.Type;
        }

        if (frame.Mode == FrameMode.Groups && window.OrderBy.Count == 0)
        {
            throw Error(SqlState.WindowingError, "GROUPS mode requires an ORDER BY clause", definition.Location);
        }

        return window with
        {
            StartOffset = BindFrameOffset(frame.Mode, frame.Start.Offset, sorted, scope),
            EndOffset = BindFrameOffset(frame.Mode, frame.End?.Offset, sorted, scope),
        };
    }

    private static bool HasOffset(FrameBound? bound) => bound?.Offset is not null;

    private BoundExpression? BindFrameOffset(FrameMode mode, Expression? offset, PgType? sorted, Scope scope)
    {
        if (offset is null)
        {
            return null;
        }

        var (kind, construct) = mode switch
        {
            FrameMode.Rows => (ExpressionKind.WindowFrameRows, "ROWS"),
            FrameMode.Groups => (ExpressionKind.WindowFrameGroups, "GROUPS"),
            _ => (ExpressionKind.WindowFrameRange, "RANGE"),
        };
        var value = BindExpression(offset, scope, kind);
        var type = sorted is { } column ? RangeOffsetType(value, _types.BaseOf(column.Oid)) : PgTypes.Int8;
        value = _resolver.CoerceTo(value, new PgType(type), construct);
        RefuseVars(value, construct);
        return value;
    }

    /// <summary>The type of what is added to and subtracted from the sorted column (the in_range functions of btree's families).</summary>
    private uint RangeOffsetType(BoundExpression offset, uint column)
    {
        uint[] candidates = column switch
        {
            PgTypes.Int2 or PgTypes.Int4 => [PgTypes.Int8, PgTypes.Int4, PgTypes.Int2],
            PgTypes.Int8 => [PgTypes.Int8],
            PgTypes.Float4 or PgTypes.Float8 => [PgTypes.Float8],
            PgTypes.Numeric => [PgTypes.Numeric],
            PgTypes.Date or PgTypes.Time or PgTypes.TimeTz or PgTypes.Timestamp or PgTypes.TimestampTz or PgTypes.Interval => [PgTypes.Interval],
            _ => [],
        };
        var given = offset.Type.Oid;
        var preferred = given == PgTypes.Unknown ? column : given;
        uint[] matches = [.. candidates.Where(c => _resolver.CanCoerce(given, c, CoercionContext.Implicit))];
        if (candidates.Length == 0)
        {
            // The message has the type that the operator class is declared for.
            var sorted = _resolver.SortOperators(column, needLess: true, needEqual: false, Location.None).Less!.Left;
            throw Error(
                SqlState.FeatureNotSupported,
                $"RANGE with offset PRECEDING/FOLLOWING is not supported for column type {_types.Format(sorted)}", Locations.Of(offset));
        }

        var types = $"column type {_types.Format(column)} and offset type {_types.Format(given)}";
        return matches.Length == 0
            ? throw Error(
                SqlState.FeatureNotSupported, $"RANGE with offset PRECEDING/FOLLOWING is not supported for {types}", Locations.Of(offset),
                "Cast the offset value to an appropriate type.")
            : matches.Contains(preferred) ? preferred
            : matches.Length == 1 ? matches[0]
            : throw Error(
                SqlState.FeatureNotSupported, $"RANGE with offset PRECEDING/FOLLOWING has multiple interpretations for {types}",
                Locations.Of(offset), "Cast the offset value to the exact intended type.");
    }
}
