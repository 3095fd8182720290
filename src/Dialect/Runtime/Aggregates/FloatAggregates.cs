using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Aggregates;

/// <summary>sum, avg, variance and standard deviation of floats, row by row as PostgreSQL adds them, so that the last digits are the same.</summary>
internal static class FloatAggregates
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Aggregate("sum(real)", () => new RealSum());
        registry.Aggregate("sum(double precision)", () => new DoubleSum());
        foreach (var (type, real) in new[] { ("real", true), ("double precision", false) })
        {
            Add(registry, $"avg({type})", real, moments => moments.Count == 0 ? null : moments.Sum / moments.Count);
            Add(registry, $"var_pop({type})", real, moments => moments.Count == 0 ? null : moments.Squares / moments.Count);
            Add(registry, $"stddev_pop({type})", real, moments => moments.Count == 0 ? null : Math.Sqrt(moments.Squares / moments.Count));
            foreach (var name in new[] { "var_samp", "variance" })
            {
                Add(registry, $"{name}({type})", real, moments => moments.Count <= 1 ? null : moments.Squares / (moments.Count - 1));
            }

            foreach (var name in new[] { "stddev_samp", "stddev" })
            {
                Add(registry, $"{name}({type})", real, moments => moments.Count <= 1 ? null : Math.Sqrt(moments.Squares / (moments.Count - 1)));
            }
        }
    }

    private static void Add(FunctionRegistry registry, string signature, bool real, Func<Moments, double?> answer) =>
        registry.Aggregate(signature, () => new Moments(real, answer));

    private sealed class RealSum : Accumulator<float>
    {
        private float? _sum;

        public override float Read(in FunctionCall call) => call.Float4(0);

        public override void Add(in float row) => _sum = _sum is { } sum ? Floats.Add(sum, row) : row;

        public override void Answer(in FunctionCall call)
        {
            if (_sum is { } sum)
            {
                call.ReturnFloat4(sum);
            }
        }
    }

    private sealed class DoubleSum : Accumulator<double>
    {
        private double? _sum;

        public override double Read(in FunctionCall call) => call.Float8(0);

        public override void Add(in double row) => _sum = _sum is { } sum ? Floats.Add(sum, row) : row;

        public override void Answer(in FunctionCall call)
        {
            if (_sum is { } sum)
            {
                call.ReturnFloat8(sum);
            }
        }
    }

    /// <summary>The number of rows, their sum, and the sum of squared distances from the mean, by the method of Youngs and Cramer.</summary>
    private sealed class Moments(bool real, Func<Moments, double?> answer) : Accumulator<double>
    {
        public double Count { get; private set; }

        public double Sum { get; private set; }

        public double Squares { get; private set; }

        public override double Read(in FunctionCall call) => real ? call.Float4(0) : call.Float8(0);

        public override void Add(in double row)
        {
            var (before, sumBefore) = (Count, Sum);
            Count++;
            Sum += row;
            if (before == 0)
            {
                // An infinite or undefined value has no distance from others.
                Squares = double.IsFinite(row) ? 0 : double.NaN;
                return;
            }

            var distance = (row * Count) - Sum;
            Squares += distance * distance / (Count * before);
            if (double.IsInfinity(Sum) || double.IsInfinity(Squares))
            {
                if (!double.IsInfinity(sumBefore) && !double.IsInfinity(row))
                {
                    throw TypeErrors.FloatOverflow();
                }

                Squares = double.NaN;
            }
        }

        public override void Answer(in FunctionCall call)
        {
            if (answer(this) is { } value)
            {
                call.ReturnFloat8(value);
            }
        }
    }
}
