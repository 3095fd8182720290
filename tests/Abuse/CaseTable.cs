namespace Rqlite.Pg.Abuse;

/// <summary>All cases; docs/TESTING.md says what each stands for.</summary>
internal static class CaseTable
{
    public static IReadOnlyList<AbuseCase> All { get; } =
    [
        .. LogCases.All, .. ReadCases.All, .. DoorCases.All, .. DepthCases.All, .. NodePortCases.All, .. StarvationCases.All,
    ];

    /// <summary>Numbers without an end.</summary>
    public static string Endless(string what, string where = "") =>
        $"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT {what} FROM c{where}";

    /// <summary>Numbers from 1.</summary>
    public static string Series(long count) => $"(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n < {count}) SELECT n FROM c)";

    public static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
