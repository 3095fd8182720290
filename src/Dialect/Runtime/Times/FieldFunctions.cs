using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>extract and date_part.</summary>
internal static class FieldFunctions
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("extract(text,date)", (in call) => Return(call, DateTimeFields.FromDate(call.Word(0), call.Date(1))));
        registry.Call("extract(text,time without time zone)", (in call) =>
            call.Return(DateTimeFields.FromTime(call.Word(0), call.Time(1))));
        registry.Call("extract(text,time with time zone)", (in call) =>
            call.Return(DateTimeFields.FromTimeTz(call.Word(0), call.TimeTz(1))));
        registry.Call("extract(text,timestamp without time zone)", (in call) =>
            Return(call, DateTimeFields.FromTimestamp(call.Word(0), call.Timestamp(1))));
        registry.Call("extract(text,timestamp with time zone)", (in call) =>
            Return(call, DateTimeFields.FromTimestampTz(call.Word(0), call.TimestampTz(1), call.Zone())));
        registry.Call("extract(text,interval)", (in call) => call.Return(DateTimeFields.FromInterval(call.Word(0), call.Interval(1))));

        registry.Call("date_part(text,date)", (in call) =>
            Return(call, DateTimeParts.FromTimestamp(call.Word(0), DateTimeArithmetic.FromDate(call.Date(1)))));
        registry.Call("date_part(text,time without time zone)", (in call) =>
            call.ReturnFloat8(DateTimeParts.FromTime(call.Word(0), call.Time(1))));
        registry.Call("date_part(text,time with time zone)", (in call) =>
            call.ReturnFloat8(DateTimeParts.FromTimeTz(call.Word(0), call.TimeTz(1))));
        registry.Call("date_part(text,timestamp without time zone)", (in call) =>
            Return(call, DateTimeParts.FromTimestamp(call.Word(0), call.Timestamp(1))));
        registry.Call("date_part(text,timestamp with time zone)", (in call) =>
            Return(call, DateTimeParts.FromTimestampTz(call.Word(0), call.TimestampTz(1), call.Zone())));
        registry.Call("date_part(text,interval)", (in call) => call.ReturnFloat8(DateTimeParts.FromInterval(call.Word(0), call.Interval(1))));
    }

    // A field that an infinity does not have is null.
    private static void Return(in FunctionCall call, Numeric? value)
    {
        if (value is { } number)
        {
            call.Return(number);
        }
    }

    private static void Return(in FunctionCall call, double? value)
    {
        if (value is { } number)
        {
            call.ReturnFloat8(number);
        }
    }
}
