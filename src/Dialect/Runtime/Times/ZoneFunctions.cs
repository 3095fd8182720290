using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>AT TIME ZONE.</summary>
internal static class ZoneFunctions
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("timezone(text,timestamp without time zone)", (in call) =>
            call.ReturnTimestamp(InZone(call.Timestamp(1), call.Word(0), DateTimeArithmetic.FromLocal)));
        registry.Call("timezone(text,timestamp with time zone)", (in call) =>
            call.ReturnTimestamp(InZone(call.TimestampTz(1), call.Word(0), DateTimeArithmetic.ToLocal)));
        registry.Call("timezone(text,time with time zone)", (in call) =>
        {
            var offset = TimeZones.Require(call.Word(0)).SpanAtTimestamp(call.Now()).Offset;
            call.Return(DateTimeArithmetic.AtOffset(call.TimeTz(1), offset));
        });
        registry.Call("timezone(interval,timestamp without time zone)", (in call) =>
        {
            var local = call.Timestamp(1);
            call.ReturnTimestamp(Calendar.IsInfinite(local) ? local : Checked((Int128)local - Offset(call)));
        });
        registry.Call("timezone(interval,timestamp with time zone)", (in call) =>
        {
            var moment = call.TimestampTz(1);
            call.ReturnTimestamp(Calendar.IsInfinite(moment) ? moment : Checked((Int128)moment + Offset(call)));
        });
        registry.Call("timezone(interval,time with time zone)", (in call) =>
            call.Return(DateTimeArithmetic.AtOffset(call.TimeTz(1), (int)(Offset(call) / Calendar.SecondMicroseconds))));
    }

    private static long InZone(long timestamp, string zone, Func<long, PgTimeZone, long> convert) =>
        Calendar.IsInfinite(timestamp) ? timestamp : convert(timestamp, TimeZones.Require(zone));

    /// <summary>The offset that an interval names, in microseconds east of Greenwich, cut to seconds.</summary>
    private static long Offset(in FunctionCall call)
    {
        var offset = call.Interval(0);
        if (offset is { Months: 0, Days: 0 })
        {
            return offset.Microseconds / Calendar.SecondMicroseconds * Calendar.SecondMicroseconds;
        }

        Span<byte> text = stackalloc byte[IntervalText.LengthMax];
        var length = IntervalText.Write(text, offset, call.Settings().IntervalStyle);
        throw new TypeException(
            SqlState.InvalidParameterValue,
            $"interval time zone \"{Encoding.ASCII.GetString(text[..length])}\" must not include months or days");
    }

    private static long Checked(Int128 timestamp) =>
        Calendar.TimestampInRange(timestamp) ? (long)timestamp : throw TypeErrors.TimestampRange();
}
