using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Operators;

/// <summary>Comparisons of dates, timestamps and timestamps with time zone with each other, of which two depend on the session's time zone.</summary>
internal static class MomentComparisons
{
    private delegate long Reader(in FunctionCall call, int argument);

    private static readonly (string Name, Predicate<int> Holds)[] s_operations =
    [
        ("lt", c => c < 0), ("le", c => c <= 0), ("eq", c => c == 0), ("ne", c => c != 0), ("ge", c => c >= 0), ("gt", c => c > 0),
    ];

    private static readonly (string Name, string Type)[] s_types =
    [
        ("date", "date"), ("timestamp", "timestamp without time zone"), ("timestamptz", "timestamp with time zone"),
    ];

    public static void Register(FunctionRegistry registry)
    {
        foreach (var left in s_types)
        {
            foreach (var right in s_types.Where(t => t != left))
            {
                var (read, readOther) = (ReaderOf(left.Name, right.Name), ReaderOf(right.Name, left.Name));
                foreach (var (name, holds) in s_operations)
                {
                    registry.Call(
                        $"{left.Name}_{name}_{right.Name}({left.Type},{right.Type})",
                        (in FunctionCall call) => call.Return(holds(read(call, 0).CompareTo(readOther(call, 1)))));
                }

                registry.Call(
                    $"{left.Name}_cmp_{right.Name}({left.Type},{right.Type})",
                    (in FunctionCall call) => call.Return(read(call, 0).CompareTo(readOther(call, 1))));
            }
        }
    }

    /// <summary>Reads a value in the type that the comparison has: with a time zone, if one of the two types has it.</summary>
    private static Reader ReaderOf(string type, string other) => (type, other) switch
    {
        ("timestamptz", _) => static (in FunctionCall call, int argument) => call.TimestampTz(argument),
        ("timestamp", "timestamptz") => static (in FunctionCall call, int argument) => InZone(call, call.Timestamp(argument)),
        ("timestamp", _) => static (in FunctionCall call, int argument) => call.Timestamp(argument),
        (_, "timestamptz") => static (in FunctionCall call, int argument) => InZone(call, DateTimeArithmetic.FromDate(call.Date(argument))),
        _ => static (in FunctionCall call, int argument) => DateTimeArithmetic.FromDate(call.Date(argument)),
    };

    private static long InZone(in FunctionCall call, long local) =>
        DateTimeArithmetic.FromLocal(local, CallerSettings.FormatOf(call.Statement.Caller?.Settings).TimeZone);
}
