using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Aggregates;

/// <summary>sum, avg, variance and standard deviation of integers and numerics, calculated exactly and divided once.</summary>
internal static class NumericAggregates
{
    private static readonly string[] s_types = ["smallint", "integer", "bigint", "numeric"];

    public static void Register(FunctionRegistry registry)
    {
        // The sum of these cannot leave bigint, unless there are billions of rows.
        registry.Native("sum(smallint)", "sum({0})");
        registry.Native("sum(integer)", "sum({0})");
        Add(registry, "sum(bigint)", false, totals => totals.Sum);
        Add(registry, "sum(numeric)", false, totals => totals.Sum);
        foreach (var type in s_types)
        {
            Add(registry, $"avg({type})", false, totals => totals.Sum / Numeric.FromInt64(totals.Count));
            Add(registry, $"var_pop({type})", true, totals => Deviation(totals, sample: false, root: false));
            Add(registry, $"stddev_pop({type})", true, totals => Deviation(totals, sample: false, root: true));
            foreach (var name in new[] { "var_samp", "variance" })
            {
                Add(registry, $"{name}({type})", true, totals => Deviation(totals, sample: true, root: false));
            }

            foreach (var name in new[] { "stddev_samp", "stddev" })
            {
                Add(registry, $"{name}({type})", true, totals => Deviation(totals, sample: true, root: true));
            }
        }
    }

    private static void Add(FunctionRegistry registry, string signature, bool squares, Func<NumericTotals, Numeric?> answer) =>
        registry.Aggregate(signature, () => new NumericAccumulator(squares, answer), exact: true);

    private static Numeric? Deviation(NumericTotals totals, bool sample, bool root)
    {
        var count = Numeric.FromInt64(totals.Count);
        if (sample && totals.Count == 1)
        {
            return null;
        }

        if (!totals.IsFinite)
        {
            return Numeric.NaN;
        }

        var sum = totals.Sum;
        var dividend = (totals.Squares * count) - (sum * sum);
        if (dividend.Sign <= 0)
        {
            return Numeric.Zero;
        }

        var divisor = count * (sample ? count - Numeric.One : count);
        var variance = dividend / divisor;
        return root ? variance.Sqrt(Numeric.QuotientScale(dividend, divisor)) : variance;
    }

    private sealed class NumericAccumulator(bool squares, Func<NumericTotals, Numeric?> answer) : Accumulator<NumericRow>
    {
        private readonly NumericTotals _totals = new(squares);

        public override NumericRow Read(in FunctionCall call) => NumericRow.Read(call);

        public override void Add(in NumericRow row) => _totals.Add(row);

        public override bool TryRemove(in NumericRow row)
        {
            _totals.Remove(row);
            return true;
        }

        public override void Answer(in FunctionCall call)
        {
            if (_totals.Count > 0 && answer(_totals) is { } value)
            {
                call.Return(value);
            }
        }
    }
}
