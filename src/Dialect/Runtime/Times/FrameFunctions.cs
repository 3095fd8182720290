using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>in_range of dates and times: whether a row lies within so much of another, for frames by RANGE.</summary>
internal static class FrameFunctions
{
    internal static void Register(FunctionRegistry registry)
    {
        Register<long>(
            registry, "date", (in call, i) => DateTimeArithmetic.FromDate(call.Date(i)),
            (in _, start, offset) => DateTimeArithmetic.Add(start, offset), (in _, start, offset) => DateTimeArithmetic.Subtract(start, offset));
        Register<long>(
            registry, "timestamp without time zone", (in call, i) => call.Timestamp(i),
            (in _, start, offset) => DateTimeArithmetic.Add(start, offset), (in _, start, offset) => DateTimeArithmetic.Subtract(start, offset));
        Register<long>(
            registry, "timestamp with time zone", (in call, i) => call.TimestampTz(i),
            (in call, start, offset) => DateTimeArithmetic.Add(start, offset, call.Zone()),
            (in call, start, offset) => DateTimeArithmetic.Subtract(start, offset, call.Zone()));
        Register<Interval>(
            registry, "interval", (in call, i) => call.Interval(i), (in _, start, offset) => start + offset, (in _, start, offset) => start - offset);

        // A frame does not wrap around at midnight, so the sum is not a time any more. Days and months of the offset do not count.
        Register<long>(
            registry, "time without time zone", (in call, i) => call.Time(i),
            (in _, start, offset) => Sum(start, offset.Microseconds), (in _, start, offset) => start - offset.Microseconds, onlyTime: true);
        Register<TimeTz>(
            registry, "time with time zone", (in call, i) => call.TimeTz(i),
            (in _, start, offset) => start with { Time = Sum(start.Time, offset.Microseconds) },
            (in _, start, offset) => start with { Time = start.Time - offset.Microseconds }, onlyTime: true);
    }

    private delegate T Reader<T>(in FunctionCall call, int argument);

    private delegate T Mover<T>(in FunctionCall call, T start, Interval offset);

    private static void Register<T>(FunctionRegistry registry, string type, Reader<T> read, Mover<T> add, Mover<T> subtract, bool onlyTime = false)
        where T : IComparable<T>
    {
        registry.Call($"in_range({type},{type},interval,boolean,boolean)", (in call) =>
        {
            var offset = call.Interval(2);
            if (onlyTime ? offset.Microseconds < 0 : offset < Interval.Zero)
            {
                throw new TypeException(
                    SqlState.InvalidPrecedingOrFollowingSize, "invalid preceding or following size in window function");
            }

            var limit = call.Boolean(3) ? subtract(call, read(call, 1), offset) : add(call, read(call, 1), offset);
            var order = read(call, 0).CompareTo(limit);
            call.Return(call.Boolean(4) ? order <= 0 : order >= 0);
        });
    }

    /// <summary>A sum that stays at the largest number.</summary>
    private static long Sum(long time, long offset) => offset > long.MaxValue - time ? long.MaxValue : time + offset;
}
