using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>make_date and its kin, and to_timestamp of a Unix time.</summary>
internal static class ConstructionFunctions
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("make_date(integer,integer,integer)", (in call) =>
            call.ReturnDate(DateTimeConstruction.Date(call.Int32(0), call.Int32(1), call.Int32(2))));
        registry.Call("make_time(integer,integer,double precision)", (in call) =>
            call.ReturnTime(DateTimeConstruction.Time(call.Int32(0), call.Int32(1), call.Float8(2))));
        registry.Call("make_timestamp(integer,integer,integer,integer,integer,double precision)", (in call) =>
            call.ReturnTimestamp(Timestamp(call)));
        registry.Call("make_timestamptz(integer,integer,integer,integer,integer,double precision)", (in call) =>
            call.ReturnTimestamp(DateTimeArithmetic.FromLocal(Timestamp(call), call.Zone())));
        registry.Call("make_timestamptz(integer,integer,integer,integer,integer,double precision,text)", (in call) =>
            call.ReturnTimestamp(DateTimeArithmetic.FromLocal(Timestamp(call), TimeZones.RequireOrOffset(call.String(6)))));
        registry.Call("make_interval(integer,integer,integer,integer,integer,integer,double precision)", (in call) =>
            call.Return(DateTimeConstruction.Interval(
                call.Int32(0), call.Int32(1), call.Int32(2), call.Int32(3), call.Int32(4), call.Int32(5), call.Float8(6))));
        registry.Call("to_timestamp(double precision)", (in call) =>
            call.ReturnTimestamp(DateTimeConstruction.FromUnixSeconds(call.Float8(0))));
    }

    private static long Timestamp(in FunctionCall call) => DateTimeConstruction.Timestamp(
        call.Int32(0), call.Int32(1), call.Int32(2), call.Int32(3), call.Int32(4), call.Float8(5));
}
