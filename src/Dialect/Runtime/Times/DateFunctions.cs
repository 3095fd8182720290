using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Arithmetic of dates and times of day.</summary>
internal static class DateFunctions
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("date_pli(date,integer)", (in call) => call.ReturnDate(DateTimeArithmetic.AddDays(call.Date(0), call.Int32(1))));
        registry.Call("integer_pl_date(integer,date)", (in call) => call.ReturnDate(DateTimeArithmetic.AddDays(call.Date(1), call.Int32(0))));
        registry.Call("date_mii(date,integer)", (in call) => call.ReturnDate(DateTimeArithmetic.SubtractDays(call.Date(0), call.Int32(1))));
        registry.Call("date_mi(date,date)", (in call) => call.Return((long)DateTimeArithmetic.SubtractDates(call.Date(0), call.Date(1))));
        registry.Call(
            "date_pl_interval(date,interval)",
            (in call) => call.ReturnTimestamp(DateTimeArithmetic.Add(DateTimeArithmetic.FromDate(call.Date(0)), call.Interval(1))));
        registry.Call(
            "interval_pl_date(interval,date)",
            (in call) => call.ReturnTimestamp(DateTimeArithmetic.Add(DateTimeArithmetic.FromDate(call.Date(1)), call.Interval(0))));
        registry.Call(
            "date_mi_interval(date,interval)",
            (in call) => call.ReturnTimestamp(DateTimeArithmetic.Subtract(DateTimeArithmetic.FromDate(call.Date(0)), call.Interval(1))));
        registry.Call("datetime_pl(date,time without time zone)", (in call) => call.ReturnTimestamp(AtTime(call.Date(0), call.Time(1))));
        registry.Call("timestamp(date,time without time zone)", (in call) => call.ReturnTimestamp(AtTime(call.Date(0), call.Time(1))));
        registry.Call("timedate_pl(time without time zone,date)", (in call) => call.ReturnTimestamp(AtTime(call.Date(1), call.Time(0))));
        registry.Call("datetimetz_pl(date,time with time zone)", (in call) => call.ReturnTimestamp(AtTime(call.Date(0), call.TimeTz(1))));
        registry.Call("timestamptz(date,time with time zone)", (in call) => call.ReturnTimestamp(AtTime(call.Date(0), call.TimeTz(1))));
        registry.Call("timetzdate_pl(time with time zone,date)", (in call) => call.ReturnTimestamp(AtTime(call.Date(1), call.TimeTz(0))));

        registry.Call(
            "time_pl_interval(time without time zone,interval)",
            (in call) => call.ReturnTime(DateTimeArithmetic.AddToTime(call.Time(0), call.Interval(1))));
        registry.Call(
            "interval_pl_time(interval,time without time zone)",
            (in call) => call.ReturnTime(DateTimeArithmetic.AddToTime(call.Time(1), call.Interval(0))));
        registry.Call(
            "time_mi_interval(time without time zone,interval)",
            (in call) => call.ReturnTime(DateTimeArithmetic.SubtractFromTime(call.Time(0), call.Interval(1))));
        registry.Call(
            "time_mi_time(time without time zone,time without time zone)",
            (in call) => call.Return(new Interval(0, 0, call.Time(0) - call.Time(1))));
        registry.Call(
            "timetz_pl_interval(time with time zone,interval)",
            (in call) => call.Return(DateTimeArithmetic.AddToTime(call.TimeTz(0), call.Interval(1))));
        registry.Call(
            "interval_pl_timetz(interval,time with time zone)",
            (in call) => call.Return(DateTimeArithmetic.AddToTime(call.TimeTz(1), call.Interval(0))));
        registry.Call(
            "timetz_mi_interval(time with time zone,interval)",
            (in call) => call.Return(DateTimeArithmetic.SubtractFromTime(call.TimeTz(0), call.Interval(1))));

        registry.Call("isfinite(date)", (in call) => call.Return(!Calendar.IsInfiniteDate(call.Date(0))));
        registry.Call("isfinite(timestamp without time zone)", (in call) => call.Return(!Calendar.IsInfinite(call.Timestamp(0))));
        registry.Call("isfinite(timestamp with time zone)", (in call) => call.Return(!Calendar.IsInfinite(call.TimestampTz(0))));
        registry.Call("isfinite(interval)", (in call) => call.Return(true));
    }

    private static long AtTime(int date, long time)
    {
        var midnight = DateTimeArithmetic.FromDate(date);
        return Calendar.IsInfinite(midnight) ? midnight : Checked((Int128)midnight + time);
    }

    private static long AtTime(int date, TimeTz time)
    {
        var midnight = DateTimeArithmetic.FromDate(date);
        return Calendar.IsInfinite(midnight)
            ? midnight
            : Checked((Int128)midnight + time.Time - ((long)time.Offset * Calendar.SecondMicroseconds));
    }

    private static long Checked(Int128 timestamp) =>
        Calendar.TimestampInRange(timestamp) ? (long)timestamp : throw TypeErrors.TimestampRange();
}
