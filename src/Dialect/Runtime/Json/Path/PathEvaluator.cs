using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>
/// Evaluates a jsonpath as SQL/JSON says. In lax mode what does not fit the structure is passed over, arrays are unwrapped and single values wrapped where
/// an accessor asks for it; in strict mode it is an error, which predicates turn into unknown.
/// </summary>
/// <param name="variables">Null: all variables are null.</param>
/// <param name="zone">The session's zone, for comparisons of moments with and without one; null where these are refused.</param>
internal sealed partial class PathEvaluator(JsonPath path, JsonNode root, JsonNode? variables, bool throws, PgTimeZone? zone)
{
    // An item takes some frames of the stack.
    private const int DepthMax = 1200;

    private readonly JsonPath _path = path;
    private readonly JsonNode _root = root;
    private readonly JsonNode? _variables = variables;
    private readonly bool _lax = path.Lax;
    private bool _ignoresStructure = path.Lax;
    private bool _throws = throws;
    private PathValue _current = new(root);
    private int _innermostSize = -1;
    private int _depth;

    // For keyvalue(), which numbers objects: where they lie within a value that was not made by it.
    private JsonNode _base = root;
    private long _baseId;
    private long _nextId = variables is null ? 1 : 2;

    private bool IsStrict => !_lax;

    /// <summary>True if the path gives an item; null if it ends with an error that is not thrown.</summary>
    public bool? Exists()
    {
        // In strict mode an error behind the first item counts too.
        var found = IsStrict ? new List<PathValue>() : null;
        var result = Execute(_path.Root, new PathValue(_root), found);
        return result == PathResult.Error ? null : found is null ? result == PathResult.Ok : found.Count > 0;
    }

    /// <summary>All items, up to an error that is not thrown.</summary>
    public List<PathValue> Query()
    {
        var found = new List<PathValue>();
        Execute(_path.Root, new PathValue(_root), found);
        return found;
    }

    private PathResult Fail(string sqlState, string message, string? detail = null) =>
        _throws ? throw new TypeException(sqlState, message, detail) : PathResult.Error;

    private PathResult Execute(JsonPathItem item, PathValue value, List<PathValue>? found) => Execute(item, value, found, _lax);

    /// <param name="unwrap">Arrays are unwrapped for an accessor that does not take them.</param>
    private PathResult Execute(JsonPathItem item, PathValue value, List<PathValue>? found, bool unwrap)
    {
        if (++_depth > DepthMax)
        {
            throw JsonParser.TooDeep();
        }

        try
        {
            return ExecuteItem(item, value, found, unwrap);
        }
        finally
        {
            _depth--;
        }
    }

    private PathResult ExecuteItem(JsonPathItem item, PathValue value, List<PathValue>? found, bool unwrap)
    {
        switch (item.Kind)
        {
            case >= JsonPathKind.And and <= JsonPathKind.GreaterOrEqual or JsonPathKind.Exists or JsonPathKind.StartsWith or JsonPathKind.LikeRegex:
                return Next(item, Truth(Test(item, value)), found);
            case >= JsonPathKind.Add and <= JsonPathKind.Modulo:
                return Calculate(item, value, found);
            case JsonPathKind.Plus or JsonPathKind.Minus:
                return CalculateSigned(item, value, found);
            case JsonPathKind.Null:
                return Next(item, new PathValue(JsonNode.Null), found);
            case JsonPathKind.True or JsonPathKind.False:
                return Next(item, PathValue.Boolean(item.Kind == JsonPathKind.True), found);
            case JsonPathKind.String:
                return Next(item, new PathValue(JsonNode.FromText(item.Text)), found);
            case JsonPathKind.Number:
                return Next(item, PathValue.Number(item.Number), found);
            case JsonPathKind.Variable:
                return ExecuteVariable(item, found);
            case JsonPathKind.Root:
                return NextWithin(item, _root, 0, new PathValue(_root), found);
            case JsonPathKind.Current:
                return Next(item, _current, found);
            case JsonPathKind.Last:
                return Next(item, PathValue.Number(Numeric.FromInt64(_innermostSize - 1)), found);
            case JsonPathKind.Key:
                return ExecuteKey(item, value, found, unwrap);
            case JsonPathKind.AnyKey:
                return ExecuteAnyKey(item, value, found, unwrap);
            case JsonPathKind.AnyArray:
                return ExecuteAnyArray(item, value, found);
            case JsonPathKind.IndexArray:
                return ExecuteSubscripts(item, value, found);
            case JsonPathKind.Any:
                return ExecuteLevels(item, value, found);
            case JsonPathKind.Filter:
                return ExecuteFilter(item, value, found, unwrap);
            default:
                return ExecuteMethod(item, value, found, unwrap);
        }
    }

    private static PathValue Truth(PathTruth truth) => truth == PathTruth.Unknown ? new PathValue(JsonNode.Null) : PathValue.Boolean(truth == PathTruth.True);

    /// <summary>Goes on from an item's result with the next item, or adds it to what is found.</summary>
    private PathResult Next(JsonPathItem item, PathValue value, List<PathValue>? found)
    {
        if (item.Next is not null)
        {
            return Execute(item.Next, value, found);
        }

        found?.Add(value);
        return PathResult.Ok;
    }

    private PathResult NextWithin(JsonPathItem item, JsonNode container, long id, PathValue value, List<PathValue>? found)
    {
        var (oldBase, oldId) = (_base, _baseId);
        (_base, _baseId) = (container, id);
        var result = Next(item, value, found);
        (_base, _baseId) = (oldBase, oldId);
        return result;
    }

    private PathResult ExecuteVariable(JsonPathItem item, List<PathValue>? found)
    {
        if (_variables is null)
        {
            return Next(item, new PathValue(JsonNode.Null), found);
        }

        var value = _variables.Member(item.Text) ?? throw new TypeException(
            SqlState.UndefinedObject, $"could not find jsonpath variable \"{System.Text.Encoding.UTF8.GetString(item.Text)}\"");
        return NextWithin(item, _variables, 1, new PathValue(value), found);
    }

    /// <summary>Executes an item for the elements of an array.</summary>
    private PathResult Unwrap(JsonPathItem? item, PathValue array, List<PathValue>? found, bool unwrapElements) =>
        ExecuteAny(item, array.Node, found, 1, 1, 1, ignoreStructure: false, unwrapElements);

    private PathResult ExecuteKey(JsonPathItem item, PathValue value, List<PathValue>? found, bool unwrap)
    {
        if (value.IsObject)
        {
            return value.Node.Member(item.Text) is { } member ? Next(item, new PathValue(member), found)
                : _ignoresStructure ? PathResult.NotFound
                : Fail(
                    SqlState.SqlJsonMemberNotFound,
                    $"JSON object does not contain key \"{System.Text.Encoding.UTF8.GetString(item.Text)}\"");
        }

        return unwrap && value.IsArray ? Unwrap(item, value, found, unwrapElements: false)
            : _ignoresStructure ? PathResult.NotFound
            : Fail(SqlState.SqlJsonMemberNotFound, "jsonpath member accessor can only be applied to an object");
    }

    private PathResult ExecuteAnyKey(JsonPathItem item, PathValue value, List<PathValue>? found, bool unwrap) =>
        value.IsObject ? ExecuteAny(item.Next, value.Node, found, 1, 1, 1, ignoreStructure: false, _lax)
        : unwrap && value.IsArray ? Unwrap(item, value, found, unwrapElements: false)
        : _ignoresStructure ? PathResult.NotFound
        : Fail(SqlState.SqlJsonObjectNotFound, "jsonpath wildcard member accessor can only be applied to an object");

    private PathResult ExecuteAnyArray(JsonPathItem item, PathValue value, List<PathValue>? found) =>
        value.IsArray ? ExecuteAny(item.Next, value.Node, found, 1, 1, 1, ignoreStructure: false, _lax)
        : _lax ? Next(item, value, found)
        : _ignoresStructure ? PathResult.NotFound
        : Fail(SqlState.SqlJsonArrayNotFound, "jsonpath wildcard array accessor can only be applied to an array");

    private PathResult ExecuteLevels(JsonPathItem item, PathValue value, List<PathValue>? found)
    {
        var result = PathResult.NotFound;
        if (item.First == 0)
        {
            var ignores = _ignoresStructure;
            _ignoresStructure = true;
            result = Next(item, value, found);
            _ignoresStructure = ignores;
            if (result == PathResult.Ok && found is null)
            {
                return result;
            }
        }

        return value.IsContainer
            ? ExecuteAny(item.Next, value.Node, found, 1, item.First, item.Last, ignoreStructure: true, _lax)
            : result;
    }

    /// <summary>Executes an item for the values within a container, at some levels; without an item they are found themselves.</summary>
    private PathResult ExecuteAny(
        JsonPathItem? item, JsonNode container, List<PathValue>? found, uint level, uint first, uint last, bool ignoreStructure, bool unwrap)
    {
        if (++_depth > DepthMax)
        {
            throw JsonParser.TooDeep();
        }

        var result = PathResult.NotFound;
        var isObject = container.Kind == JsonKind.Object;
        var count = isObject ? container.Members.Count : container.Items.Count;
        for (var i = 0; i < count && level <= last; i++)
        {
            var value = new PathValue(isObject ? container.Members[i].Value : container.Items[i]);
            var leavesOnly = first == JsonPathItem.LastLevel && last == JsonPathItem.LastLevel;
            if (level >= first || (leavesOnly && !value.IsContainer))
            {
                if (item is not null)
                {
                    var ignores = _ignoresStructure;
                    _ignoresStructure |= ignoreStructure;
                    result = Execute(item, value, found, unwrap);
                    _ignoresStructure = ignores;
                    if (result == PathResult.Error || (result == PathResult.Ok && found is null))
                    {
                        break;
                    }
                }
                else if (found is not null)
                {
                    found.Add(value);
                }
                else
                {
                    result = PathResult.Ok;
                    break;
                }
            }

            if (level < last && value.IsContainer)
            {
                result = ExecuteAny(item, value.Node, found, level + 1, first, last, ignoreStructure, unwrap);
                if (result == PathResult.Error || (result == PathResult.Ok && found is null))
                {
                    break;
                }
            }
        }

        _depth--;
        return result;
    }

    private PathResult ExecuteFilter(JsonPathItem item, PathValue value, List<PathValue>? found, bool unwrap)
    {
        if (unwrap && value.IsArray)
        {
            return Unwrap(item, value, found, unwrapElements: false);
        }

        var before = _current;
        _current = value;
        var truth = Test(item.Left!, value);
        _current = before;
        return truth == PathTruth.True ? Next(item, value, found) : PathResult.NotFound;
    }

    private PathResult ExecuteSubscripts(JsonPathItem item, PathValue value, List<PathValue>? found)
    {
        if (!value.IsArray && !_lax)
        {
            return _ignoresStructure
                ? PathResult.NotFound
                : Fail(SqlState.SqlJsonArrayNotFound, "jsonpath array accessor can only be applied to an array");
        }

        var outerSize = _innermostSize;
        var size = value.IsArray ? value.Node.Items.Count : 1;
        _innermostSize = size;
        var result = PathResult.NotFound;
        foreach (var (from, to) in item.Subscripts)
        {
            result = ExecuteSubscript(item, value, found, from, to, size);
            if (result == PathResult.Error || (result == PathResult.Ok && found is null))
            {
                break;
            }
        }

        _innermostSize = outerSize;
        return result;
    }

    private PathResult ExecuteSubscript(JsonPathItem item, PathValue value, List<PathValue>? found, JsonPathItem from, JsonPathItem? to, int size)
    {
        var result = ReadIndex(from, value, out var first);
        var last = first;
        if (result != PathResult.Error && to is not null)
        {
            result = ReadIndex(to, value, out last);
        }

        if (result == PathResult.Error)
        {
            return result;
        }

        if (!_ignoresStructure && (first < 0 || first > last || last >= size))
        {
            return Fail(SqlState.InvalidSqlJsonSubscript, "jsonpath array subscript is out of bounds");
        }

        result = PathResult.NotFound;
        for (var i = Math.Max(first, 0); i <= Math.Min(last, size - 1); i++)
        {
            if (item.Next is null && found is null)
            {
                return PathResult.Ok;
            }

            result = Next(item, value.IsArray ? new PathValue(value.Node.Items[i]) : value, found);
            if (result == PathResult.Error || (result == PathResult.Ok && found is null))
            {
                break;
            }
        }

        return result;
    }

    private PathResult ReadIndex(JsonPathItem item, PathValue value, out int index)
    {
        index = 0;
        var found = new List<PathValue>();
        if (Execute(item, value, found) == PathResult.Error)
        {
            return PathResult.Error;
        }

        if (found is not [{ Kind: JsonKind.Number } only])
        {
            return Fail(SqlState.InvalidSqlJsonSubscript, "jsonpath array subscript is not a single numeric value");
        }

        var number = only.Node.Number.Truncate(0);
        if (!number.IsFinite || number.Digits < int.MinValue || number.Digits > int.MaxValue)
        {
            return Fail(SqlState.InvalidSqlJsonSubscript, "jsonpath array subscript is out of integer range");
        }

        index = (int)number.Digits;
        return PathResult.Ok;
    }
}
