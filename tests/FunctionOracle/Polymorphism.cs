using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.FunctionOracle;

/// <summary>The types with which functions of polymorphic types are called.</summary>
internal static class Polymorphism
{
    private static readonly uint[] s_elements =
    [
        PgTypes.Int4, PgTypes.Text, PgTypes.Numeric, PgTypes.Bool, PgTypes.Float8, PgTypes.Timestamp, PgTypes.Interval, PgTypes.Bytea,
    ];

    private static readonly uint[] s_ranges = [PgTypes.Int4Range, PgTypes.NumRange, PgTypes.TsRange, PgTypes.DateRange];

    public static IEnumerable<uint[]> Actual(PgFunction function)
    {
        string NameOf(uint type) => PgTypes.Find(type)?.Name ?? "";
        if (!function.Arguments.Any(t => NameOf(t).StartsWith("any", StringComparison.Ordinal)))
        {
            yield return [.. function.Arguments];
            yield break;
        }

        // A label of an enum has no type here.
        if (function.Arguments.Any(t => NameOf(t) == "anyenum"))
        {
            yield break;
        }

        var ranges = function.Arguments.Any(t => NameOf(t).Contains("range", StringComparison.Ordinal));
        foreach (var type in ranges ? s_ranges : s_elements)
        {
            var element = ranges ? PgTypes.Find(type)!.RangeSubtype : type;
            yield return [.. function.Arguments.Select(t => NameOf(t) switch
            {
                "anyarray" or "anycompatiblearray" => PgTypes.ArrayOf(element),
                "anyrange" or "anycompatiblerange" => type,
                "anymultirange" or "anycompatiblemultirange" => PgTypes.Find(type)!.MultirangeOid,
                var name => name.StartsWith("any", StringComparison.Ordinal) ? element : t,
            })];
        }
    }
}
