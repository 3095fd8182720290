using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>OVERLAPS: two periods, each by its beginning and its end or its length.</summary>
internal static class OverlapFunctions
{
    private delegate T? Reader<T>(in FunctionCall call, int argument)
        where T : struct;

    private delegate T Adder<T>(in FunctionCall call, T start, Interval length)
        where T : struct;

    internal static void Register(FunctionRegistry registry)
    {
        RegisterKind<long>(registry, "time without time zone", Time, (in _, start, length) => DateTimeArithmetic.AddToTime(start, length));
        RegisterKind<long>(registry, "timestamp without time zone", Timestamp, (in _, start, length) => DateTimeArithmetic.Add(start, length));
        RegisterKind<long>(
            registry, "timestamp with time zone", TimestampTz,
            (in call, start, length) => DateTimeArithmetic.Add(start, length, call.Zone()));
        const string TimeTzName = "time with time zone";
        registry.Call($"overlaps({TimeTzName},{TimeTzName},{TimeTzName},{TimeTzName})", (in call) =>
            Answer<TimeTz>(call, TimeTz(call, 0), TimeTz(call, 1), TimeTz(call, 2), TimeTz(call, 3)));
    }

    private static void RegisterKind<T>(FunctionRegistry registry, string type, Reader<T> read, Adder<T> add)
        where T : struct, IComparable<T>
    {
        foreach (var firstLength in new[] { false, true })
        {
            foreach (var secondLength in new[] { false, true })
            {
                var signature = $"overlaps({type},{(firstLength ? "interval" : type)},{type},{(secondLength ? "interval" : type)})";
                registry.Call(signature, (in call) => Answer(
                    call, read(call, 0), End(call, 0, firstLength, read, add), read(call, 2), End(call, 2, secondLength, read, add)));
            }
        }
    }

    private static T? End<T>(in FunctionCall call, int start, bool isLength, Reader<T> read, Adder<T> add)
        where T : struct
    {
        if (!isLength)
        {
            return read(call, start + 1);
        }

        return call.IsNull(start + 1) || read(call, start) is not { } begin ? null : add(call, begin, call.Interval(start + 1));
    }

    private static long? Time(in FunctionCall call, int argument) => call.IsNull(argument) ? null : call.Time(argument);

    private static long? Timestamp(in FunctionCall call, int argument) => call.IsNull(argument) ? null : call.Timestamp(argument);

    private static long? TimestampTz(in FunctionCall call, int argument) => call.IsNull(argument) ? null : call.TimestampTz(argument);

    private static TimeTz? TimeTz(in FunctionCall call, int argument) => call.IsNull(argument) ? null : call.TimeTz(argument);

    /// <summary>The answer is null where it depends on an end that is null.</summary>
    private static void Answer<T>(in FunctionCall call, T? firstStart, T? firstEnd, T? secondStart, T? secondEnd)
        where T : struct, IComparable<T>
    {
        if (!TryOrder(ref firstStart, ref firstEnd) || !TryOrder(ref secondStart, ref secondEnd))
        {
            return;
        }

        var order = firstStart!.Value.CompareTo(secondStart!.Value);
        if (order == 0)
        {
            if (firstEnd is not null && secondEnd is not null)
            {
                call.Return(true);
            }

            return;
        }

        // The period that begins later must begin before the other one ends.
        var (later, laterEnd, earlierEnd) = order > 0 ? (firstStart.Value, firstEnd, secondEnd) : (secondStart.Value, secondEnd, firstEnd);
        if (earlierEnd is not { } end)
        {
            return;
        }

        if (later.CompareTo(end) < 0)
        {
            call.Return(true);
        }
        else if (laterEnd is not null)
        {
            call.Return(false);
        }
    }

    /// <summary>Puts the earlier moment first, a null last; false if both are null.</summary>
    private static bool TryOrder<T>(ref T? start, ref T? end)
        where T : struct, IComparable<T>
    {
        if (start is null || (end is not null && start.Value.CompareTo(end.Value) > 0))
        {
            (start, end) = (end, start);
        }

        return start is not null;
    }
}
