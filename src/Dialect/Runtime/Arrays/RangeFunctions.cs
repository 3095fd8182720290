using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Ranges: constructors, bounds and operators.</summary>
internal static class RangeFunctions
{
    private delegate bool Test(Ranges ranges, RangeParts left, RangeParts right);

    private delegate RangeParts Operation(Ranges ranges, RangeParts left, RangeParts right);

    internal static void Register(FunctionRegistry registry)
    {
        foreach (var type in PgTypes.All.Where(t => t.Kind == 'r' && t.RangeSubtype != 0))
        {
            var bound = PgTypes.SqlNameOf(type.RangeSubtype);
            registry.Call($"{type.Name}({bound},{bound})", (in call) => Construct(call, type.Oid, true, false));
            registry.Call($"{type.Name}({bound},{bound},text)", (in call) =>
            {
                var (lower, upper) = ReadFlags(call);
                Construct(call, type.Oid, lower, upper);
            });
        }

        registry.Call("int4range_canonical(int4range)", (in call) => call.ReturnArgument(0));
        registry.Call("int8range_canonical(int8range)", (in call) => call.ReturnArgument(0));
        registry.Call("daterange_canonical(daterange)", (in call) => call.ReturnArgument(0));
        registry.Call("int4range_subdiff(integer,integer)", (in call) => call.ReturnFloat8((double)call.Integer(0) - call.Integer(1)));
        registry.Call("int8range_subdiff(bigint,bigint)", (in call) => call.ReturnFloat8((double)call.Integer(0) - call.Integer(1)));
        registry.Call("numrange_subdiff(numeric,numeric)", (in call) => call.ReturnFloat8((call.Numeric(0) - call.Numeric(1)).ToFloat8()));
        registry.Call("daterange_subdiff(date,date)", (in call) => call.ReturnFloat8((double)call.Date(0) - call.Date(1)));
        registry.Call("tsrange_subdiff(timestamp without time zone,timestamp without time zone)", (in call) =>
            call.ReturnFloat8(((double)call.Timestamp(0) - call.Timestamp(1)) / 1e6));
        registry.Call("tstzrange_subdiff(timestamp with time zone,timestamp with time zone)", (in call) =>
            call.ReturnFloat8(((double)call.TimestampTz(0) - call.TimestampTz(1)) / 1e6));

        registry.Call("lower(anyrange)", (in call) => ReturnBound(call, call.Range(0).Lower));
        registry.Call("upper(anyrange)", (in call) => ReturnBound(call, call.Range(0).Upper));
        registry.Call("isempty(anyrange)", (in call) => call.Return(call.Range(0).IsEmpty));
        registry.Call("lower_inc(anyrange)", (in call) => call.Return(call.Range(0) is { Lower: not null, LowerInclusive: true }));
        registry.Call("upper_inc(anyrange)", (in call) => call.Return(call.Range(0) is { Upper: not null, UpperInclusive: true }));
        registry.Call("lower_inf(anyrange)", (in call) => call.Return(call.Range(0) is { IsEmpty: false, Lower: null }));
        registry.Call("upper_inf(anyrange)", (in call) => call.Return(call.Range(0) is { IsEmpty: false, Upper: null }));

        RegisterTest(registry, "overlaps", (ranges, a, b) => ranges.Overlaps(a, b));
        RegisterTest(registry, "contains", (ranges, a, b) => ranges.Contains(a, b));
        RegisterTest(registry, "contained_by", (ranges, a, b) => ranges.Contains(b, a));
        RegisterTest(registry, "adjacent", (ranges, a, b) => ranges.IsAdjacent(a, b));
        RegisterTest(registry, "before", (ranges, a, b) => ranges.IsBefore(a, b));
        RegisterTest(registry, "after", (ranges, a, b) => ranges.IsBefore(b, a));
        RegisterTest(registry, "overleft", (ranges, a, b) => ranges.EndsNotAfter(a, b));
        RegisterTest(registry, "overright", (ranges, a, b) => ranges.BeginsNotBefore(a, b));
        RegisterOperation(registry, "union", (ranges, a, b) => ranges.Union(a, b));
        RegisterOperation(registry, "intersect", (ranges, a, b) => ranges.Intersect(a, b));
        RegisterOperation(registry, "minus", (ranges, a, b) => ranges.Subtract(a, b));
        RegisterOperation(registry, "merge", (ranges, a, b) => ranges.Merge(a, b));

        registry.Call("range_contains_elem(anyrange,anyelement)", (in call) =>
            call.Return(call.RangesOf(0).Contains(call.Range(0), ArrayValue.Copy(call.Value(1)))));
        registry.Call("elem_contained_by_range(anyelement,anyrange)", (in call) =>
            call.Return(call.RangesOf(1).Contains(call.Range(1), ArrayValue.Copy(call.Value(0)))));
    }

    /// <summary>The calculation for the type of an argument.</summary>
    internal static Ranges RangesOf(this in FunctionCall call, int argument) => Ranges.Of(call.Types()[argument].Oid);

    internal static RangeParts Range(this in FunctionCall call, int argument) => call.RangesOf(argument).Read(call.Value(argument));

    internal static void Return(this in FunctionCall call, Ranges ranges, RangeParts range)
    {
        var output = Arguments.TakeBuffer();
        ranges.Write(range, output);
        call.ReturnWritten(output);
    }

    /// <summary>Answers with a bound; null for an infinite one.</summary>
    internal static void ReturnBound(in FunctionCall call, StoredValue? bound)
    {
        if (bound is not null)
        {
            call.Return(bound.Value);
        }
    }

    private static void RegisterTest(FunctionRegistry registry, string name, Test test) => registry.Call(
        $"range_{name}(anyrange,anyrange)", (in call) => call.Return(test(call.RangesOf(0), call.Range(0), call.Range(1))));

    private static void RegisterOperation(FunctionRegistry registry, string name, Operation operation) => registry.Call(
        $"range_{name}(anyrange,anyrange)", (in call) =>
        {
            var ranges = call.RangesOf(0);
            call.Return(ranges, operation(ranges, call.Range(0), call.Range(1)));
        });

    private static void Construct(in FunctionCall call, uint type, bool lowerInclusive, bool upperInclusive)
    {
        var ranges = Ranges.Of(type);
        var lower = call.IsNull(0) ? null : ArrayValue.Copy(call.Value(0));
        var upper = call.IsNull(1) ? null : ArrayValue.Copy(call.Value(1));
        call.Return(ranges, ranges.Make(lower, upper, lowerInclusive, upperInclusive));
    }

    private static (bool Lower, bool Upper) ReadFlags(in FunctionCall call)
    {
        if (call.IsNull(2))
        {
            throw new TypeException(SqlState.DataException, "range constructor flags argument must not be null");
        }

        return call.String(2) switch
        {
            "[]" => (true, true),
            "[)" => (true, false),
            "(]" => (false, true),
            "()" => (false, false),
            _ => throw new TypeException(
                SqlState.SyntaxError, "invalid range bound flags", hint: "Valid values are \"[]\", \"[)\", \"(]\", and \"()\"."),
        };
    }
}
