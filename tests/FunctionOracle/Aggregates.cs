using Rqlite.Pg.Dialect.Data;

namespace Rqlite.Pg.FunctionOracle;

/// <summary>Calls of aggregates: over several rows, one row, none, NULLs alone, and over a frame that moves.</summary>
internal static class Aggregates
{
    private const string Frame = "window=ORDER BY n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW";

    public static IEnumerable<FunctionCase> Of(PgFunction function, uint[] types, Random random)
    {
        if (types.Length == 0 || types.Any(t => Pools.Of(t).Length == 0) || Builtins.FindAggregate(function.Oid) is not { Kind: 'n' })
        {
            yield break;
        }

        yield return new FunctionCase(function, types, "", []);
        yield return new FunctionCase(function, types, "", [.. types.Select(t => Pools.Of(t)[0])]);
        yield return new FunctionCase(function, types, "", [.. types.Select(_ => (string?)null), .. types.Select(_ => (string?)null)]);
        for (var i = 0; i < 8; i++)
        {
            // The first values of a pool are the ordinary ones; extreme ones would make most sums an error.
            var ordinary = i % 4 < 3;
            var rows = random.Next(2, 9);
            var arguments = Enumerable.Range(0, rows).SelectMany(_ => types.Select(t => random.Next(8) == 0 ? null : Pick(t, random, ordinary)));
            yield return new FunctionCase(function, types, i % 4 == 1 ? Frame : "", [.. arguments]);
        }
    }

    private static string Pick(uint type, Random random, bool ordinary)
    {
        var pool = Pools.Of(type);
        return pool[random.Next(ordinary ? Math.Min(pool.Length, Pools.Ordinary) : pool.Length)];
    }
}
