using System.Numerics;
using System.Text;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>The methods of items.</summary>
internal sealed partial class PathEvaluator
{
    // The ids of objects within one value differ by their places; values have this much between them.
    private const long IdDistance = 10_000_000_000;

    private static string TypeName(PathValue value) => value.Moment?.Type switch
    {
        PgTypes.Date => "date",
        PgTypes.Time => "time without time zone",
        PgTypes.TimeTz => "time with time zone",
        PgTypes.Timestamp => "timestamp without time zone",
        PgTypes.TimestampTz => "timestamp with time zone",
        _ => JsonAccess.NameOf(value.Node.Kind),
    };

    private PathResult ExecuteMethod(JsonPathItem item, PathValue value, List<PathValue>? found, bool unwrap)
    {
        switch (item.Kind)
        {
            case JsonPathKind.Type:
                return Next(item, PathValue.Text(TypeName(value)), found);
            case JsonPathKind.Size:
                if (!value.IsArray && !_lax && !_ignoresStructure)
                {
                    return Fail(SqlState.SqlJsonArrayNotFound, "jsonpath item method .size() can only be applied to an array");
                }

                return Next(item, PathValue.Number(Numeric.FromInt64(value.IsArray ? value.Node.Items.Count : 1)), found);
        }

        if (unwrap && value.IsArray)
        {
            return Unwrap(item, value, found, unwrapElements: false);
        }

        switch (item.Kind)
        {
            case JsonPathKind.Abs or JsonPathKind.Floor or JsonPathKind.Ceiling:
                if (value.Kind != JsonKind.Number)
                {
                    return Fail(
                        SqlState.NonNumericSqlJsonItem, $"jsonpath item method .{item.Symbol}() can only be applied to a numeric value");
                }

                var number = value.Node.Number;
                return Next(item, PathValue.Number(item.Kind switch
                {
                    JsonPathKind.Abs => number.Abs(),
                    JsonPathKind.Floor => number.Floor(),
                    _ => number.Ceiling(),
                }), found);
            case JsonPathKind.Double:
                return ExecuteDouble(item, value, found);
            case JsonPathKind.DateTime:
                return ExecuteDateTime(item, value, found);
            default:
                return ExecuteKeyValue(item, value, found);
        }
    }

    private PathResult ExecuteDouble(JsonPathItem item, PathValue value, List<PathValue>? found)
    {
        const string Method = "jsonpath item method .double()";
        if (value.Kind is not (JsonKind.Number or JsonKind.String))
        {
            return Fail(SqlState.NonNumericSqlJsonItem, $"{Method} can only be applied to a string or numeric value");
        }

        double number;
        try
        {
            number = value.Kind == JsonKind.Number ? value.Node.Number.ToFloat8() : Floats.ParseFloat8(value.Node.Text.Span);
        }
        catch (TypeException)
        {
            number = double.NaN;
        }

        if (double.IsFinite(number))
        {
            return Next(item, value.Kind == JsonKind.Number ? value : PathValue.Number(Numeric.FromFloat8(number)), found);
        }

        return Fail(
            SqlState.NonNumericSqlJsonItem,
            value.Kind == JsonKind.Number
                ? $"numeric argument of {Method} is out of range for type double precision"
                : $"string argument of {Method} is not a valid representation of a double precision number");
    }

    private PathResult ExecuteDateTime(JsonPathItem item, PathValue value, List<PathValue>? found)
    {
        if (value.Kind != JsonKind.String)
        {
            return Fail(
                SqlState.InvalidArgumentForSqlJsonDatetimeFunction, "jsonpath item method .datetime() can only be applied to a string");
        }

        try
        {
            var template = item.Left is null ? null : Encoding.UTF8.GetString(item.Left.Text);
            return Next(item, new PathValue(JsonNode.Null, PathMoments.Read(value.Node.Text.Span, template)), found);
        }
        catch (TypeException) when (!_throws)
        {
            return PathResult.Error;
        }
    }

    private PathResult ExecuteKeyValue(JsonPathItem item, PathValue value, List<PathValue>? found)
    {
        if (!value.IsObject)
        {
            return Fail(SqlState.SqlJsonObjectNotFound, "jsonpath item method .keyvalue() can only be applied to an object");
        }

        if (value.Node.Members.Count == 0)
        {
            return PathResult.NotFound;
        }

        if (item.Next is null && found is null)
        {
            return PathResult.Ok;
        }

        var id = Numeric.FromInt64((_baseId * IdDistance) + JsonbLayout.OffsetOf(_base, value.Node));
        var result = PathResult.NotFound;
        foreach (var (key, member) in value.Node.Members)
        {
            var pair = JsonNode.FromMembers(
            [
                ("id"u8.ToArray(), JsonNode.FromNumber(id)), ("key"u8.ToArray(), JsonNode.FromText(key)), ("value"u8.ToArray(), member),
            ]);
            result = NextWithin(item, pair, _nextId++, new PathValue(pair), found);
            if (result == PathResult.Error || (result == PathResult.Ok && found is null))
            {
                break;
            }
        }

        return result;
    }
}

/// <summary>
/// Where an object lies in PostgreSQL's binary form of a jsonb, since the ids of keyvalue() are such places: containers have a header and an entry of four
/// bytes each, then their keys and values; numbers and containers begin at multiples of four.
/// </summary>
internal static class JsonbLayout
{
    /// <summary>The distance of a part from the beginning of the whole; 0 if it is no part.</summary>
    public static long OffsetOf(JsonNode whole, JsonNode part) => TryFind(whole, part, 0, out var offset) ? offset : 0;

    private static bool TryFind(JsonNode node, JsonNode part, long start, out long offset)
    {
        offset = start;
        if (ReferenceEquals(node, part))
        {
            return true;
        }

        if (node.IsScalar)
        {
            return false;
        }

        var at = start + HeaderOf(node);
        foreach (var (key, _) in node.Members)
        {
            at += key.Length;
        }

        foreach (var value in Values(node))
        {
            var begin = value.Kind == JsonKind.Number || !value.IsScalar ? Aligned(at) : at;
            if (TryFind(value, part, begin, out offset))
            {
                return true;
            }

            at = End(value, at);
        }

        return false;
    }

    private static IEnumerable<JsonNode> Values(JsonNode node) =>
        node.Kind == JsonKind.Object ? node.Members.Select(member => member.Value) : node.Items;

    private static long HeaderOf(JsonNode node) => 4 + (4L * (node.Kind == JsonKind.Object ? node.Members.Count * 2 : node.Items.Count));

    private static long Aligned(long at) => (at + 3) / 4 * 4;

    private static long End(JsonNode node, long at)
    {
        switch (node.Kind)
        {
            case JsonKind.String:
                return at + node.Text.Length;
            case JsonKind.Number:
                return Aligned(at) + NumberLength(node.Number);
            case JsonKind.Array or JsonKind.Object:
                at = Aligned(at) + HeaderOf(node);
                foreach (var (key, _) in node.Members)
                {
                    at += key.Length;
                }

                foreach (var value in Values(node))
                {
                    at = End(value, at);
                }

                return at;
            default:
                return at;
        }
    }

    /// <summary>A length, a header of two bytes or four, and digits in groups of four.</summary>
    private static int NumberLength(Numeric number)
    {
        var digits = number.TrimScale();
        var text = BigInteger.Abs(digits.Digits).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var whole = Math.Max(0, text.Length - digits.Scale);
        var groups = digits.Sign == 0 ? 0 : Groups(text.PadLeft(digits.Scale, '0'), whole);
        var weight = whole > 0 ? ((whole + 3) / 4) - 1 : 0;
        var isShort = number.Scale <= 63 && weight <= 63;
        return 4 + (isShort ? 2 : 4) + (2 * groups);
    }

    private static int Groups(string digits, int whole)
    {
        var padded = digits.PadLeft(digits.Length + ((4 - (whole % 4)) % 4), '0');
        padded = padded.PadRight((padded.Length + 3) / 4 * 4, '0');
        var (first, last) = (0, padded.Length / 4);
        while (first < last && padded.AsSpan(first * 4, 4).SequenceEqual("0000"))
        {
            first++;
        }

        while (last > first && padded.AsSpan((last - 1) * 4, 4).SequenceEqual("0000"))
        {
            last--;
        }

        return last - first;
    }
}
