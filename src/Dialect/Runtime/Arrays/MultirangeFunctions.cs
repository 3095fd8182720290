using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Multiranges: constructors, bounds, operators and aggregates. A range counts as a multirange of one in all of them.</summary>
internal static class MultirangeFunctions
{
    private delegate bool Test(Ranges ranges, IReadOnlyList<RangeParts> left, IReadOnlyList<RangeParts> right);

    private delegate IReadOnlyList<RangeParts> Operation(Ranges ranges, IReadOnlyList<RangeParts> left, IReadOnlyList<RangeParts> right);

    internal static void Register(FunctionRegistry registry)
    {
        foreach (var type in PgTypes.All.Where(t => t.Kind == 'r' && t.MultirangeOid != 0))
        {
            var name = PgTypes.Find(type.MultirangeOid)!.Name;
            registry.Call($"{name}()", (in call) => call.ReturnText("{}"u8));
            registry.Call($"{name}({type.Name})", (in call) => ReturnOne(call, Ranges.Of(type.Oid)));
            registry.Call($"{name}({type.Name}[])", (in call) => ReturnAll(call, Ranges.Of(type.Oid), type));
        }

        registry.Call("multirange(anyrange)", (in call) => ReturnOne(call, call.RangesOf(0)));
        RegisterBounds(registry);
        RegisterTest(registry, "overlaps", Overlaps, "multirange", "range_multirange", "multirange_range");
        RegisterTest(registry, "adjacent", IsAdjacent, "multirange", "range_multirange", "multirange_range");
        RegisterTest(registry, "before", IsBefore, "multirange", "range_multirange", "multirange_range");
        RegisterTest(registry, "after", (ranges, a, b) => IsBefore(ranges, b, a), "multirange", "range_multirange", "multirange_range");
        RegisterTest(
            registry, "overleft", (ranges, a, b) => a.Count > 0 && b.Count > 0 && ranges.EndsNotAfter(a[^1], b[^1]), "multirange",
            "range_multirange", "multirange_range");
        RegisterTest(
            registry, "overright", (ranges, a, b) => a.Count > 0 && b.Count > 0 && ranges.BeginsNotBefore(a[0], b[0]), "multirange",
            "range_multirange", "multirange_range");
        RegisterTest(registry, "contains", Contains, "multirange", "range_multirange", "multirange_range");
        RegisterTest(registry, "contained_by", (ranges, a, b) => Contains(ranges, b, a), "multirange", "range_multirange", "multirange_range");
        registry.Call("multirange_contains_elem(anymultirange,anyelement)", (in call) => call.Return(ContainsElement(call, 0, 1)));
        registry.Call("elem_contained_by_multirange(anyelement,anymultirange)", (in call) => call.Return(ContainsElement(call, 1, 0)));

        RegisterOperation(registry, "union", (ranges, a, b) => ranges.Normalize([.. a, .. b]));
        RegisterOperation(registry, "minus", (ranges, a, b) => ranges.Subtract(a, b));
        RegisterOperation(registry, "intersect", (ranges, a, b) => ranges.Intersect(a, b));
        registry.Call("range_merge(anymultirange)", (in call) =>
        {
            var all = Read(call, 0);
            call.Return(call.RangesOf(0), all.Count == 0 ? RangeParts.Empty : call.RangesOf(0).Merge(all[0], all[^1]));
        });

        registry.Aggregate("range_agg(anyrange)", () => new Joined(), invertible: true);
        registry.Aggregate("range_agg(anymultirange)", () => new Joined(), invertible: true);
        registry.Aggregate("range_intersect_agg(anyrange)", () => new Common(multirange: false), invertible: true);
        registry.Aggregate("range_intersect_agg(anymultirange)", () => new Common(multirange: true), invertible: true);
    }

    private static void RegisterBounds(FunctionRegistry registry)
    {
        registry.Call("lower(anymultirange)", (in call) => RangeFunctions.ReturnBound(call, First(call)?.Lower));
        registry.Call("upper(anymultirange)", (in call) => RangeFunctions.ReturnBound(call, Last(call)?.Upper));
        registry.Call("isempty(anymultirange)", (in call) => call.Return(First(call) is null));
        registry.Call("lower_inc(anymultirange)", (in call) => call.Return(First(call) is { Lower: not null, LowerInclusive: true }));
        registry.Call("upper_inc(anymultirange)", (in call) => call.Return(Last(call) is { Upper: not null, UpperInclusive: true }));
        registry.Call("lower_inf(anymultirange)", (in call) => call.Return(First(call) is { Lower: null }));
        registry.Call("upper_inf(anymultirange)", (in call) => call.Return(Last(call) is { Upper: null }));
    }

    private static RangeParts? First(in FunctionCall call) => Read(call, 0) is { Count: > 0 } all ? all[0] : null;

    private static RangeParts? Last(in FunctionCall call) => Read(call, 0) is { Count: > 0 } all ? all[^1] : null;

    /// <summary>The ranges of an argument that is a range or a multirange; an empty range is none.</summary>
    private static IReadOnlyList<RangeParts> Read(in FunctionCall call, int argument)
    {
        var type = call.Types()[argument].Oid;
        var ranges = Ranges.Of(type);
        return PgTypes.Find(type) is { Kind: 'm' } ? ranges.ReadMultirange(call.Value(argument))
            : ranges.Read(call.Value(argument)) is { IsEmpty: false } range ? [range] : [];
    }

    private static void Return(in FunctionCall call, Ranges ranges, IReadOnlyList<RangeParts> all)
    {
        var output = Arguments.TakeBuffer();
        ranges.Write(all, output);
        call.ReturnWritten(output);
    }

    private static void ReturnOne(in FunctionCall call, Ranges ranges) => Return(call, ranges, ranges.Normalize([ranges.Read(call.Value(0))]));

    private static void ReturnAll(in FunctionCall call, Ranges ranges, PgTypeInfo type)
    {
        var (dimensions, elements) = JsonElements.Read(call.Value(0), type.Oid, type.SqlName + "[]");
        if (dimensions.Length > 1)
        {
            throw new TypeException(SqlState.CardinalityViolation, "multiranges cannot be constructed from multidimensional arrays");
        }

        var all = new List<RangeParts>(elements.Count);
        foreach (var element in elements)
        {
            all.Add(element.Value.Class == StorageClass.Null
                ? throw new TypeException(SqlState.NullValueNotAllowed, "multirange values cannot contain null members")
                : ranges.Read(element.Value));
        }

        Return(call, ranges, ranges.Normalize(all));
    }

    /// <summary>Registers the forms of a test: <c>multirange</c> stands for both operands, two words for the left and the right one.</summary>
    private static void RegisterTest(FunctionRegistry registry, string name, Test test, params string[] forms)
    {
        foreach (var form in forms)
        {
            var words = form.Split('_');
            var (left, right) = (words[0], words[^1]);
            registry.Call(
                $"{left}_{name}_{right}(any{left},any{right})", (in call) => call.Return(test(call.RangesOf(0), Read(call, 0), Read(call, 1))));
        }
    }

    private static void RegisterOperation(FunctionRegistry registry, string name, Operation operation) => registry.Call(
        $"multirange_{name}(anymultirange,anymultirange)", (in call) =>
            Return(call, call.RangesOf(0), operation(call.RangesOf(0), Read(call, 0), Read(call, 1))));

    private static bool Overlaps(Ranges ranges, IReadOnlyList<RangeParts> left, IReadOnlyList<RangeParts> right) =>
        ranges.Intersect(left, right).Count > 0;

    private static bool IsBefore(Ranges ranges, IReadOnlyList<RangeParts> left, IReadOnlyList<RangeParts> right) =>
        left.Count > 0 && right.Count > 0 && ranges.IsBefore(left[^1], right[0]);

    private static bool IsAdjacent(Ranges ranges, IReadOnlyList<RangeParts> left, IReadOnlyList<RangeParts> right) =>
        left.Count > 0 && right.Count > 0
            && ((IsBefore(ranges, left, right) && ranges.IsAdjacent(left[^1], right[0]))
                || (IsBefore(ranges, right, left) && ranges.IsAdjacent(right[^1], left[0])));

    private static bool Contains(Ranges ranges, IReadOnlyList<RangeParts> whole, IReadOnlyList<RangeParts> part) =>
        part.All(range => whole.Any(other => ranges.Contains(other, range)));

    private static bool ContainsElement(in FunctionCall call, int multirange, int element)
    {
        var ranges = call.RangesOf(multirange);
        var value = ArrayValue.Copy(call.Value(element));
        return Read(call, multirange).Any(range => ranges.Contains(range, value));
    }

    /// <summary>The ranges of the rows so far. A row that leaves the frame of a window is the first of them.</summary>
    private abstract class Rows : SqlAggregateState
    {
        // About what a range takes in memory.
        private const int RangeBytes = 32;

        private long _count;

        protected Queue<IReadOnlyList<RangeParts>> All { get; } = new();

        protected Ranges? Ranges { get; private set; }

        public override void Step(in FunctionCall call)
        {
            Ranges ??= call.RangesOf(0);
            var ranges = Read(call, 0);
            All.Enqueue(ranges);
            _count += ranges.Count;
            ResultSize.Require(_count * RangeBytes);
        }

        public override void Inverse(in FunctionCall call) => _count -= All.Dequeue().Count;
    }

    /// <summary>All ranges of the rows as one multirange.</summary>
    private sealed class Joined : Rows
    {
        public override void Answer(in FunctionCall call)
        {
            if (All.Count > 0)
            {
                MultirangeFunctions.Return(call, Ranges!, Ranges!.Normalize(All.SelectMany(ranges => ranges)));
            }
        }
    }

    /// <summary>The intersection of the ranges of all rows.</summary>
    private sealed class Common(bool multirange) : Rows
    {
        public override void Answer(in FunctionCall call)
        {
            if (All.Count == 0)
            {
                return;
            }

            var common = All.Aggregate((left, right) => Ranges!.Intersect(left, right));
            if (multirange)
            {
                MultirangeFunctions.Return(call, Ranges!, common);
            }
            else
            {
                call.Return(Ranges!, common.Count == 0 ? RangeParts.Empty : common[0]);
            }
        }
    }
}
