using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Arithmetic of timestamps: sums, differences, age, date_trunc, date_bin.</summary>
internal static class TimestampFunctions
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("timestamp_pl_interval(timestamp without time zone,interval)", (in call) =>
            call.ReturnTimestamp(DateTimeArithmetic.Add(call.Timestamp(0), call.Interval(1))));
        registry.Call("interval_pl_timestamp(interval,timestamp without time zone)", (in call) =>
            call.ReturnTimestamp(DateTimeArithmetic.Add(call.Timestamp(1), call.Interval(0))));
        registry.Call("timestamp_mi_interval(timestamp without time zone,interval)", (in call) =>
            call.ReturnTimestamp(DateTimeArithmetic.Subtract(call.Timestamp(0), call.Interval(1))));
        registry.Call("timestamp_mi(timestamp without time zone,timestamp without time zone)", (in call) =>
            call.Return(DateTimeArithmetic.Subtract(call.Timestamp(0), call.Timestamp(1))));
        registry.Call("timestamptz_pl_interval(timestamp with time zone,interval)", (in call) =>
            call.ReturnTimestamp(DateTimeArithmetic.Add(call.TimestampTz(0), call.Interval(1), call.Zone())));
        registry.Call("interval_pl_timestamptz(interval,timestamp with time zone)", (in call) =>
            call.ReturnTimestamp(DateTimeArithmetic.Add(call.TimestampTz(1), call.Interval(0), call.Zone())));
        registry.Call("timestamptz_mi_interval(timestamp with time zone,interval)", (in call) =>
            call.ReturnTimestamp(DateTimeArithmetic.Subtract(call.TimestampTz(0), call.Interval(1), call.Zone())));
        registry.Call("timestamptz_mi(timestamp with time zone,timestamp with time zone)", (in call) =>
            call.Return(DateTimeArithmetic.Subtract(call.TimestampTz(0), call.TimestampTz(1))));

        registry.Call("age(timestamp without time zone,timestamp without time zone)", (in call) =>
            call.Return(DateTimeArithmetic.Age(call.Timestamp(0), call.Timestamp(1))));
        registry.Call("age(timestamp with time zone,timestamp with time zone)", (in call) =>
            call.Return(DateTimeArithmetic.Age(call.TimestampTz(0), call.TimestampTz(1), call.Zone())), asksSession: true);
        registry.Call("age(timestamp without time zone)", (in call) =>
            call.Return(DateTimeArithmetic.Age(DateTimeArithmetic.FromDate(Today(call)), call.Timestamp(0))));
        registry.Call("age(timestamp with time zone)", (in call) =>
        {
            var zone = call.Zone();
            var midnight = DateTimeArithmetic.FromLocal(DateTimeArithmetic.FromDate(Today(call)), zone);
            call.Return(DateTimeArithmetic.Age(midnight, call.TimestampTz(0), zone));
        });

        registry.Call("date_trunc(text,timestamp without time zone)", (in call) =>
            call.ReturnTimestamp(DateTimeTruncation.Truncate(call.Word(0), call.Timestamp(1))));
        registry.Call("date_trunc(text,timestamp with time zone)", (in call) =>
            call.ReturnTimestamp(DateTimeTruncation.Truncate(call.Word(0), call.TimestampTz(1), call.Zone())));
        registry.Call("date_trunc(text,timestamp with time zone,text)", (in call) =>
            call.ReturnTimestamp(TruncateInZone(call.Word(0), call.TimestampTz(1), call.String(2))));
        registry.Call("date_trunc(text,interval)", (in call) => call.Return(DateTimeTruncation.Truncate(call.Word(0), call.Interval(1))));

        registry.Call("date_bin(interval,timestamp without time zone,timestamp without time zone)", (in call) =>
            call.ReturnTimestamp(DateTimeArithmetic.Bin(call.Interval(0), call.Timestamp(1), call.Timestamp(2))));
        registry.Call("date_bin(interval,timestamp with time zone,timestamp with time zone)", (in call) =>
            call.ReturnTimestamp(DateTimeArithmetic.Bin(call.Interval(0), call.TimestampTz(1), call.TimestampTz(2))));
    }

    /// <summary>The day of the transaction's start in the session's zone.</summary>
    private static int Today(in FunctionCall call) => DateTimeArithmetic.ToDate(DateTimeArithmetic.ToLocal(call.Now(), call.Zone()));

    private static long TruncateInZone(string unit, long timestamp, string zone) =>
        // PostgreSQL looks at neither the unit nor the zone for an infinity.
        Calendar.IsInfinite(timestamp) ? timestamp : DateTimeTruncation.Truncate(unit, timestamp, TimeZones.Require(zone));
}
