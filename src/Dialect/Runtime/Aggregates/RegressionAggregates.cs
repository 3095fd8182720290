using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime.Aggregates;

/// <summary>The family of regr_, covar_ and corr over pairs of doubles, the dependent variable first.</summary>
internal static class RegressionAggregates
{
    public static void Register(FunctionRegistry registry)
    {
        Add(registry, "regr_sxx", pairs => pairs.Count < 1 ? null : pairs.Sxx);
        Add(registry, "regr_syy", pairs => pairs.Count < 1 ? null : pairs.Syy);
        Add(registry, "regr_sxy", pairs => pairs.Count < 1 ? null : pairs.Sxy);
        Add(registry, "regr_avgx", pairs => pairs.Count < 1 ? null : pairs.SumX / pairs.Count);
        Add(registry, "regr_avgy", pairs => pairs.Count < 1 ? null : pairs.SumY / pairs.Count);
        Add(registry, "covar_pop", pairs => pairs.Count < 1 ? null : pairs.Sxy / pairs.Count);
        Add(registry, "covar_samp", pairs => pairs.Count < 2 ? null : pairs.Sxy / (pairs.Count - 1));
        Add(registry, "corr", pairs => pairs.Count < 1 || pairs.Sxx == 0 || pairs.Syy == 0 ? null : pairs.Sxy / Math.Sqrt(pairs.Sxx * pairs.Syy));
        Add(registry, "regr_r2", pairs => pairs.Count < 1 || pairs.Sxx == 0 ? null
            : pairs.Syy == 0 ? 1 : pairs.Sxy * pairs.Sxy / (pairs.Sxx * pairs.Syy));
        Add(registry, "regr_slope", pairs => pairs.Count < 1 || pairs.Sxx == 0 ? null : pairs.Sxy / pairs.Sxx);
        Add(registry, "regr_intercept", pairs => pairs.Count < 1 || pairs.Sxx == 0 ? null
            : (pairs.SumY - (pairs.SumX * pairs.Sxy / pairs.Sxx)) / pairs.Count);
        registry.Aggregate("regr_count(double precision,double precision)", () => new CountState(), invertible: true);
    }

    private static void Add(FunctionRegistry registry, string name, Func<Pairs, double?> answer) =>
        registry.Aggregate($"{name}(double precision,double precision)", () => new Pairs(answer));

    private sealed class CountState : SqlAggregateState
    {
        private long _count;

        public override void Step(in FunctionCall call) => _count++;

        public override void Inverse(in FunctionCall call) => _count--;

        public override void Answer(in FunctionCall call) => call.Return(_count);
    }

    private sealed class Pairs(Func<Pairs, double?> answer) : Accumulator<(double Y, double X)>
    {
        public double Count { get; private set; }

        public double SumX { get; private set; }

        public double SumY { get; private set; }

        public double Sxx { get; private set; }

        public double Syy { get; private set; }

        public double Sxy { get; private set; }

        public override (double Y, double X) Read(in FunctionCall call) => (call.Float8(0), call.Float8(1));

        public override void Add(in (double Y, double X) row)
        {
            var (y, x) = row;
            var (before, sumX, sumY) = (Count, SumX, SumY);
            Count++;
            SumX += x;
            SumY += y;
            if (before == 0)
            {
                Sxx = double.IsFinite(x) ? 0 : double.NaN;
                Syy = double.IsFinite(y) ? 0 : double.NaN;
                Sxy = double.IsFinite(x) && double.IsFinite(y) ? 0 : double.NaN;
                return;
            }

            var distanceX = (x * Count) - SumX;
            var distanceY = (y * Count) - SumY;
            var scale = 1 / (Count * before);
            Sxx += distanceX * distanceX * scale;
            Syy += distanceY * distanceY * scale;
            Sxy += distanceX * distanceY * scale;
            CheckOverflow(double.IsInfinity(sumX) || double.IsInfinity(x), double.IsInfinity(sumY) || double.IsInfinity(y));
        }

        public override void Answer(in FunctionCall call)
        {
            if (answer(this) is { } value)
            {
                call.ReturnFloat8(value);
            }
        }

        private void CheckOverflow(bool infiniteX, bool infiniteY)
        {
            var (overX, overY) = (double.IsInfinity(SumX) || double.IsInfinity(Sxx), double.IsInfinity(SumY) || double.IsInfinity(Syy));
            if ((overX && !infiniteX) || (overY && !infiniteY) || (double.IsInfinity(Sxy) && !infiniteX && !infiniteY))
            {
                throw TypeErrors.FloatOverflow();
            }

            // An infinite or undefined value has no distance from others.
            Sxx = double.IsInfinity(Sxx) ? double.NaN : Sxx;
            Syy = double.IsInfinity(Syy) ? double.NaN : Syy;
            Sxy = double.IsInfinity(Sxy) ? double.NaN : Sxy;
        }
    }
}
