using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Conversions between date and time types, and to their precisions.</summary>
internal static class TimeCasts
{
    private const int IntervalFullRange = 0x7FFF;
    private const int IntervalFullPrecision = 0xFFFF;

    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("date(timestamp without time zone)", (in call) => call.ReturnDate(DateTimeArithmetic.ToDate(call.Timestamp(0))));
        registry.Call("date(timestamp with time zone)", (in call) => call.ReturnDate(DateTimeArithmetic.ToDate(Local(call))));
        registry.Call("timestamp(date)", (in call) => call.ReturnTimestamp(DateTimeArithmetic.FromDate(call.Date(0))));
        registry.Call("timestamp(timestamp with time zone)", (in call) => call.ReturnTimestamp(Local(call)));
        registry.Call("timestamptz(date)", (in call) =>
            call.ReturnTimestamp(DateTimeArithmetic.FromLocal(DateTimeArithmetic.FromDate(call.Date(0)), call.Zone())));
        registry.Call("timestamptz(timestamp without time zone)", (in call) =>
            call.ReturnTimestamp(DateTimeArithmetic.FromLocal(call.Timestamp(0), call.Zone())));
        registry.Call("timestamptz(date,time without time zone)", (in call) => call.ReturnTimestamp(DateTimeArithmetic.FromLocal(
            DateTimeArithmetic.Add(DateTimeArithmetic.FromDate(call.Date(0)), new Interval(0, 0, call.Time(1))), call.Zone())));
        registry.Call("time(timestamp without time zone)", (in call) => ReturnTime(call, DateTimeArithmetic.ToTime(call.Timestamp(0))));
        registry.Call("time(timestamp with time zone)", (in call) => ReturnTime(call, DateTimeArithmetic.ToTime(Local(call))));
        registry.Call("time(time with time zone)", (in call) => call.ReturnTime(call.TimeTz(0).Time));
        registry.Call("time(interval)", (in call) => call.ReturnTime(DateTimeArithmetic.AddToTime(0, call.Interval(0))));
        registry.Call("interval(time without time zone)", (in call) => call.Return(new Interval(0, 0, call.Time(0))));
        registry.Call("timetz(time without time zone)", (in call) => call.Return(new TimeTz(call.Time(0), OffsetToday(call, call.Time(0)))));
        registry.Call("timetz(timestamp with time zone)", (in call) =>
        {
            var moment = call.TimestampTz(0);
            if (DateTimeArithmetic.ToTime(DateTimeArithmetic.ToLocal(moment, call.Zone())) is { } time)
            {
                call.Return(new TimeTz(time, call.Zone().SpanAtTimestamp(moment).Offset));
            }
        });

        registry.Call("time(time without time zone,integer)", (in call) =>
            call.ReturnTime(DateTimes.RoundTime(call.Time(0), call.Int32(1))));
        registry.Call("timetz(time with time zone,integer)", (in call) =>
        {
            var value = call.TimeTz(0);
            call.Return(value with { Time = DateTimes.RoundTime(value.Time, call.Int32(1)) });
        });
        registry.Call("timestamp(timestamp without time zone,integer)", (in call) =>
            call.ReturnTimestamp(RoundTimestamp(call.Timestamp(0), call.Int32(1))));
        registry.Call("timestamptz(timestamp with time zone,integer)", (in call) =>
            call.ReturnTimestamp(RoundTimestamp(call.TimestampTz(0), call.Int32(1))));
        registry.Call("interval(interval,integer)", (in call) => call.Return(Modify(call.Interval(0), call.Int32(1))));
    }

    private static long Local(in FunctionCall call) => DateTimeArithmetic.ToLocal(call.TimestampTz(0), call.Zone());

    private static void ReturnTime(in FunctionCall call, long? time)
    {
        if (time is { } value)
        {
            call.ReturnTime(value);
        }
    }

    private static long RoundTimestamp(long timestamp, int precision) =>
        Calendar.IsInfinite(timestamp) || precision is -1 or (>= 0 and <= DateTimes.PrecisionMax)
            ? DateTimes.RoundTimestamp(timestamp, precision)
            : throw new TypeException(
                SqlState.InvalidParameterValue, $"timestamp({precision}) precision must be between 0 and {DateTimes.PrecisionMax}");

    private static Interval Modify(Interval value, int modifier)
    {
        if (modifier < 0)
        {
            return value;
        }

        const int DayTime = IntervalFields.Day | IntervalFields.Hour;
        var fields = (modifier >> 16) & 0x7FFF;
        var precision = modifier & 0xFFFF;
        if (fields is not (IntervalFullRange or IntervalFields.Year or IntervalFields.Month or IntervalFields.Day or IntervalFields.Hour
            or IntervalFields.Minute or IntervalFields.Second or (IntervalFields.Year | IntervalFields.Month) or DayTime
            or (DayTime | IntervalFields.Minute) or (DayTime | IntervalFields.Minute | IntervalFields.Second)
            or (IntervalFields.Hour | IntervalFields.Minute) or (IntervalFields.Hour | IntervalFields.Minute | IntervalFields.Second)
            or (IntervalFields.Minute | IntervalFields.Second)))
        {
            throw new TypeException(SqlState.InternalError, $"unrecognized interval typmod: {modifier}");
        }

        return precision is IntervalFullPrecision or <= DateTimes.PrecisionMax
            ? value.ApplyModifier(modifier)
            : throw new TypeException(
                SqlState.InvalidParameterValue, $"interval({precision}) precision must be between 0 and {DateTimes.PrecisionMax}");
    }

    /// <summary>The offset of the session's zone at a time of today.</summary>
    private static int OffsetToday(in FunctionCall call, long time)
    {
        var zone = call.Zone();
        var today = DateTimeArithmetic.FromDate(DateTimeArithmetic.ToDate(DateTimeArithmetic.ToLocal(call.Now(), zone)));
        return zone.OffsetAtLocal(Calendar.FloorDivide(today + time, Calendar.SecondMicroseconds) + Calendar.EpochSeconds);
    }
}
