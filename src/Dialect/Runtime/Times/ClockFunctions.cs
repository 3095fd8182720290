using System.Globalization;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;
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

        // In an entry of the log the time of the call would differ between replicas, so the statement brings the moment at which it was sent.
        registry.Helper(
            "pg_statement_timestamp_at", 1, (in call) => call.ReturnTimestamp(Moment(call, call.Statement.StatementTime) - UnixEpoch), Purity.Stable,
            asksSession: false);
        registry.Helper(
            "pg_clock_timestamp_at", 1, (in call) => call.ReturnTimestamp(Moment(call, call.Statement.ClockTime) - UnixEpoch), Purity.Volatile);
        registry.Helper(
            "pg_timeofday_at", 1, (in call) => call.ReturnText(TimeOfDay(Moment(call, call.Statement.ClockTime) - UnixEpoch, call.Zone())), Purity.Volatile,
            asksSession: true);
    }

    /// <summary>The function that takes the place of one that tells the present moment, where the statement brings its own; null for other functions.</summary>
    internal static string? AtMoment(PgFunction function) => function.Signature switch
    {
        "statement_timestamp()" => "pg_statement_timestamp_at",
        "clock_timestamp()" => "pg_clock_timestamp_at",
        "timeofday()" => "pg_timeofday_at",
        _ => null,
    };

    // The clocks of nodes differ, and no statement of a transaction is older than the transaction.
    private static long Moment(in FunctionCall call, long present) =>
        call.Statement.InEntry ? Math.Max(call.Integer(0), call.Statement.TransactionTime) : present;

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
