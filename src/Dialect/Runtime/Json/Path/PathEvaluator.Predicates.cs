using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Predicates, whose errors are the truth value unknown.</summary>
internal sealed partial class PathEvaluator
{
    private delegate PathTruth Comparer(PathValue left, PathValue right);

    private PathTruth Test(JsonPathItem item, PathValue value)
    {
        if (++_depth > DepthMax)
        {
            throw JsonParser.TooDeep();
        }

        try
        {
            return TestItem(item, value);
        }
        finally
        {
            _depth--;
        }
    }

    private PathTruth TestItem(JsonPathItem item, PathValue value)
    {
        switch (item.Kind)
        {
            case JsonPathKind.And:
                var both = Test(item.Left!, value);
                if (both == PathTruth.False)
                {
                    return both;
                }

                var second = Test(item.Right!, value);
                return second == PathTruth.True ? both : second;
            case JsonPathKind.Or:
                var either = Test(item.Left!, value);
                if (either == PathTruth.True)
                {
                    return either;
                }

                var other = Test(item.Right!, value);
                return other == PathTruth.False ? either : other;
            case JsonPathKind.Not:
                return Test(item.Left!, value) switch
                {
                    PathTruth.True => PathTruth.False,
                    PathTruth.False => PathTruth.True,
                    _ => PathTruth.Unknown,
                };
            case JsonPathKind.IsUnknown:
                return Of(Test(item.Left!, value) == PathTruth.Unknown);
            case JsonPathKind.Exists:
                return TestExists(item.Left!, value);
            case JsonPathKind.StartsWith:
                return TestPairs(item.Left!, item.Right, value, unwrapRight: false, StartsWith);
            case JsonPathKind.LikeRegex:
                return TestPairs(item.Left!, null, value, unwrapRight: false, (left, _) => LikeRegex(item, left));
            default:
                return TestPairs(item.Left!, item.Right, value, unwrapRight: true, (left, right) => Compare(item.Kind, left, right));
        }
    }

    private static PathTruth Of(bool truth) => truth ? PathTruth.True : PathTruth.False;

    private PathTruth TestExists(JsonPathItem item, PathValue value)
    {
        // In strict mode all of the path is looked at, since an error may come behind the first item.
        var found = IsStrict ? new List<PathValue>() : null;
        var result = ExecuteSilently(item, value, unwrap: false, found);
        return result == PathResult.Error ? PathTruth.Unknown : Of(found is null ? result == PathResult.Ok : found.Count > 0);
    }

    private PathResult ExecuteSilently(JsonPathItem item, PathValue value, bool unwrap, List<PathValue>? found)
    {
        var throws = _throws;
        _throws = false;
        var result = ExecuteAndUnwrap(item, value, unwrap, found);
        _throws = throws;
        return result;
    }

    /// <summary>Executes an item, and in lax mode puts the elements of arrays in their places.</summary>
    private PathResult ExecuteAndUnwrap(JsonPathItem item, PathValue value, bool unwrap, List<PathValue>? found)
    {
        if (!unwrap || !_lax)
        {
            return Execute(item, value, found);
        }

        var items = new List<PathValue>();
        var result = Execute(item, value, items);
        if (result == PathResult.Error)
        {
            return result;
        }

        foreach (var one in items)
        {
            if (one.IsArray)
            {
                Unwrap(null, one, found, unwrapElements: false);
            }
            else
            {
                found?.Add(one);
            }
        }

        return PathResult.Ok;
    }

    /// <summary>Tests each value of the left with each of the right.</summary>
    private PathTruth TestPairs(JsonPathItem left, JsonPathItem? right, PathValue value, bool unwrapRight, Comparer test)
    {
        var lefts = new List<PathValue>();
        var rights = new List<PathValue>();
        if (ExecuteSilently(left, value, unwrap: true, lefts) == PathResult.Error
            || (right is not null && ExecuteSilently(right, value, unwrapRight, rights) == PathResult.Error))
        {
            return PathTruth.Unknown;
        }

        if (right is null)
        {
            rights.Add(new PathValue(JsonNode.Null));
        }

        var (found, unknown) = (false, false);
        foreach (var a in lefts)
        {
            foreach (var b in rights)
            {
                var truth = test(a, b);
                if (truth == PathTruth.Unknown && IsStrict)
                {
                    return PathTruth.Unknown;
                }

                if (truth == PathTruth.True && !IsStrict)
                {
                    return PathTruth.True;
                }

                found |= truth == PathTruth.True;
                unknown |= truth == PathTruth.Unknown;
            }
        }

        return found ? PathTruth.True : unknown ? PathTruth.Unknown : PathTruth.False;
    }

    private static PathTruth StartsWith(PathValue whole, PathValue initial) => whole.Kind == JsonKind.String && initial.Kind == JsonKind.String
        ? Of(whole.Node.Text.Span.StartsWith(initial.Node.Text.Span))
        : PathTruth.Unknown;

    private static PathTruth LikeRegex(JsonPathItem item, PathValue value)
    {
        if (value.Kind != JsonKind.String)
        {
            return PathTruth.Unknown;
        }

        var expression = RegularExpression.Get(item.Text, JsonPathRegex.Convert(item.Flags));
        expression.Load(value.Node.Text.Span);
        return Of(expression.Exists());
    }

    private PathTruth Compare(JsonPathKind operation, PathValue left, PathValue right)
    {
        if (left.Moment is not null && right.Moment is not null)
        {
            return PathMoments.Compare(left.Moment, right.Moment, zone) is { } moments ? Holds(operation, moments) : PathTruth.Unknown;
        }

        if (IsBoolean(left) && IsBoolean(right))
        {
            return Holds(operation, (left.Kind == JsonKind.True).CompareTo(right.Kind == JsonKind.True));
        }

        if (left.Kind != right.Kind)
        {
            // Null differs from all other values; these cannot be compared with each other.
            return left.Kind == JsonKind.Null || right.Kind == JsonKind.Null ? Of(operation == JsonPathKind.NotEqual) : PathTruth.Unknown;
        }

        return left.Kind switch
        {
            JsonKind.Null => Holds(operation, 0),
            JsonKind.Number => Holds(operation, left.Node.Number.CompareTo(right.Node.Number)),
            JsonKind.String => Holds(operation, left.Node.Text.Span.SequenceCompareTo(right.Node.Text.Span)),
            _ => PathTruth.Unknown,
        };
    }

    private static bool IsBoolean(PathValue value) => value.Kind is JsonKind.True or JsonKind.False;

    private static PathTruth Holds(JsonPathKind operation, int order) => Of(operation switch
    {
        JsonPathKind.Equal => order == 0,
        JsonPathKind.NotEqual => order != 0,
        JsonPathKind.Less => order < 0,
        JsonPathKind.Greater => order > 0,
        JsonPathKind.LessOrEqual => order <= 0,
        _ => order >= 0,
    });

    private PathResult Calculate(JsonPathItem item, PathValue value, List<PathValue>? found)
    {
        // The standard unwraps the operands of products alone; PostgreSQL those of sums too.
        var lefts = new List<PathValue>();
        var rights = new List<PathValue>();
        if (ExecuteAndUnwrap(item.Left!, value, unwrap: true, lefts) == PathResult.Error
            || ExecuteAndUnwrap(item.Right!, value, unwrap: true, rights) == PathResult.Error)
        {
            return PathResult.Error;
        }

        if (lefts is not [{ Kind: JsonKind.Number } left])
        {
            return Fail(
                SqlState.SingletonSqlJsonItemRequired, $"left operand of jsonpath operator {item.Symbol} is not a single numeric value");
        }

        if (rights is not [{ Kind: JsonKind.Number } right])
        {
            return Fail(
                SqlState.SingletonSqlJsonItemRequired, $"right operand of jsonpath operator {item.Symbol} is not a single numeric value");
        }

        try
        {
            var (a, b) = (left.Node.Number, right.Node.Number);
            return Next(item, PathValue.Number(item.Kind switch
            {
                JsonPathKind.Add => a + b,
                JsonPathKind.Subtract => a - b,
                JsonPathKind.Multiply => a * b,
                JsonPathKind.Divide => a / b,
                _ => a % b,
            }), found);
        }
        catch (TypeException e) when (!_throws && e.SqlState is SqlState.DivisionByZero or SqlState.NumericValueOutOfRange)
        {
            return PathResult.Error;
        }
    }

    private PathResult CalculateSigned(JsonPathItem item, PathValue value, List<PathValue>? found)
    {
        var operands = new List<PathValue>();
        if (ExecuteAndUnwrap(item.Left!, value, unwrap: true, operands) == PathResult.Error)
        {
            return PathResult.Error;
        }

        var result = PathResult.NotFound;
        foreach (var operand in operands)
        {
            if (operand.Kind != JsonKind.Number)
            {
                if (found is null && item.Next is null)
                {
                    continue;
                }

                return Fail(SqlState.SqlJsonNumberNotFound, $"operand of unary jsonpath operator {item.Symbol} is not a numeric value");
            }

            if (found is null && item.Next is null)
            {
                return PathResult.Ok;
            }

            var number = item.Kind == JsonPathKind.Minus ? -operand.Node.Number : operand.Node.Number;
            var next = Next(item, PathValue.Number(number), found);
            if (next == PathResult.Error || (next == PathResult.Ok && found is null))
            {
                return next;
            }

            result = next == PathResult.Ok ? next : result;
        }

        return result;
    }
}
