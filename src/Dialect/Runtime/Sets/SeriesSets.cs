using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>generate_series.</summary>
internal static class SeriesSets
{
    internal static void Register(FunctionRegistry registry)
    {
        foreach (var (type, max) in new[] { ("integer", int.MaxValue), ("bigint", long.MaxValue) })
        {
            registry.Set($"generate_series({type},{type})", f => new FunctionSet(f, (in call) => new Integers(call.Integer(0), call.Integer(1), 1, max)));
            registry.Set($"generate_series({type},{type},{type})", f => new FunctionSet(f, (in call) =>
                new Integers(call.Integer(0), call.Integer(1), call.Integer(2) is not 0 and var step ? step : throw ZeroStep(), max)));
        }

        registry.Set("generate_series(numeric,numeric)", f => new FunctionSet(f, (in call) => Numbers(call, Numeric.One)));
        registry.Set("generate_series(numeric,numeric,numeric)", f => new FunctionSet(f, (in call) => Numbers(call, call.Numeric(2))));
        registry.Set(
            "generate_series(timestamp without time zone,timestamp without time zone,interval)",
            f => new FunctionSet(f, (in call) => new Moments(call.Timestamp(0), call.Timestamp(1), Step(call), null)));
        registry.Set(
            "generate_series(timestamp with time zone,timestamp with time zone,interval)",
            f => new FunctionSet(f, (in call) => new Moments(call.TimestampTz(0), call.TimestampTz(1), Step(call), call.Zone())));
    }

    private static TypeException ZeroStep() => new(SqlState.InvalidParameterValue, "step size cannot equal zero");

    private static Interval Step(in FunctionCall call) =>
        call.Interval(2) is var step && step.SpanEquals(Interval.Zero) ? throw ZeroStep() : step;

    private static NumberScan Numbers(in FunctionCall call, Numeric step)
    {
        var (start, stop) = (call.Numeric(0), call.Numeric(1));
        RequireFinite(start, "start value");
        RequireFinite(stop, "stop value");
        RequireFinite(step, "step size");
        return new NumberScan(start, stop, step.Sign != 0 ? step : throw ZeroStep());
    }

    private static void RequireFinite(Numeric value, string name)
    {
        if (!value.IsFinite)
        {
            throw new TypeException(SqlState.InvalidParameterValue, $"{name} cannot be {(value.IsNaN ? "NaN" : "infinity")}");
        }
    }

    private sealed class Integers(long start, long stop, long step, long max) : SqlRowScan
    {
        private long _value = start;
        private bool _begun;
        private bool _ended;

        public override bool Read()
        {
            if (_begun)
            {
                // Behind the largest number of the type the series ends.
                var next = (Int128)_value + step;
                _ended |= next > max || next < -(Int128)max - 1;
                _value = _ended ? _value : (long)next;
            }

            _begun = true;
            return !_ended && (step > 0 ? _value <= stop : _value >= stop);
        }

        public override void Column(int column, in FunctionCall answer) => answer.Return(_value);
    }

    private sealed class NumberScan(Numeric start, Numeric stop, Numeric step) : SqlRowScan
    {
        private Numeric? _value;

        public override bool Read()
        {
            _value = _value is { } last ? last + step : start;
            return step.Sign > 0 ? _value <= stop : _value >= stop;
        }

        public override void Column(int column, in FunctionCall answer) => answer.Return(_value!.Value);
    }

    private sealed class Moments(long start, long stop, Interval step, PgTimeZone? zone) : SqlRowScan
    {
        private readonly bool _up = step > Interval.Zero;
        private long? _value;

        public override bool Read()
        {
            if (_value is not { } last)
            {
                _value = start;
            }
            else if (Calendar.IsInfinite(last))
            {
                // A series from an infinity would never move.
                throw TypeErrors.TimestampRange();
            }
            else
            {
                _value = zone is null ? DateTimeArithmetic.Add(last, step) : DateTimeArithmetic.Add(last, step, zone);
            }

            return _up ? _value <= stop : _value >= stop;
        }

        public override void Column(int column, in FunctionCall answer) => answer.ReturnTimestamp(_value!.Value);
    }
}
