namespace Rqlite.Pg.TypesOracle;

/// <summary>The questions by family of types: hand-written edges and what seeded generators make.</summary>
internal static partial class Families
{
    public static IReadOnlyList<(string Name, Func<Random, IEnumerable<OracleCase>> Cases)> All { get; } =
    [
        ("numeric", Numeric),
        ("numbers", Numbers),
        ("times", Times),
        ("time-arithmetic", TimeArithmetic),
        ("intervals", Intervals),
        ("zones", Zones),
        ("texts", Texts),
        ("arrays", Arrays),
        ("json", Json),
        ("network", Network),
        ("ranges", Ranges),
    ];

    private static string Pick(Random random, string[] items) => items[random.Next(items.Length)];

    private static string Digits(Random random, int count)
    {
        var digits = new char[count];
        for (var i = 0; i < count; i++)
        {
            digits[i] = (char)('0' + random.Next(10));
        }

        return new string(digits);
    }
}
