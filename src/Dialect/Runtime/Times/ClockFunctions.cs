using System.Globalization;
using Rqlite.Pg.Types.Values;
using Calendar = Rqlite.Pg.Types.Values.Calendar;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>The present moment. It comes from the statement, so that every replica has the same.</summary>
internal static class ClockFunctions
{
    private const long UnixEpoch = (long)Calendar.EpochSeconds * Calendar.SecondMicroseconds;

    private static readonly string[] s_days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    private static readonly string[] s_months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("now()", (in call) => call.ReturnTimestamp(call.Now()), asksSession: false);
        registry.Call("transaction_timestamp()", (in call) => call.ReturnTimestamp(call.Now()), asksSession: false);
        registry.Call("statement_timestamp()", (in call) => call.ReturnTimestamp(call.Statement.StatementTime - UnixEpoch), asksSession: false);
        registry.Call("clock_timestamp()", (in call) => call.ReturnTimestamp(call.Statement.ClockTime - UnixEpoch));
        registry.Call("timeofday()", (in call) => call.ReturnText(TimeOfDay(call.Statement.ClockTime - UnixEpoch, call.Zone())), asksSession: true);
    }

    private static string TimeOfDay(long moment, PgTimeZone zone)
    {
        var span = zone.SpanAtTimestamp(moment);
        var local = moment + (span.Offset * Calendar.SecondMicroseconds);
        var days = Calendar.FloorDivide(local, Calendar.DayMicroseconds);
        var (year, month, day) = Calendar.FromDays(days);
        var time = local - (days * Calendar.DayMicroseconds);
        var (hour, minute, second) = (time / Calendar.HourMicroseconds, time / Calendar.MinuteMicroseconds % 60, time / 1_000_000 % 60);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{s_days[Calendar.DayOfWeek(days)]} {s_months[month - 1]} {day:00} {hour:00}:{minute:00}:{second:00}.{time % 1_000_000:000000} {year} {span.Abbreviation}");
    }
}
