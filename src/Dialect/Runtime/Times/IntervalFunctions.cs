
namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Arithmetic of intervals.</summary>
internal static class IntervalFunctions
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("interval_pl(interval,interval)", (in call) => call.Return(call.Interval(0) + call.Interval(1)));
        registry.Call("interval_mi(interval,interval)", (in call) => call.Return(call.Interval(0) - call.Interval(1)));
        registry.Call("interval_um(interval)", (in call) => call.Return(-call.Interval(0)));
        registry.Call("interval_mul(interval,double precision)", (in call) => call.Return(call.Interval(0) * call.Float8(1)));
        registry.Call("mul_d_interval(double precision,interval)", (in call) => call.Return(call.Interval(1) * call.Float8(0)));
        registry.Call("interval_div(interval,double precision)", (in call) => call.Return(call.Interval(0) / call.Float8(1)));
        registry.Call("justify_hours(interval)", (in call) => call.Return(call.Interval(0).JustifyHours()));
        registry.Call("justify_days(interval)", (in call) => call.Return(call.Interval(0).JustifyDays()));
        registry.Call("justify_interval(interval)", (in call) => call.Return(call.Interval(0).JustifyInterval()));
    }
}
