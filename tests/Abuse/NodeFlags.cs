using Rqlite.Pg.Harness;

namespace Rqlite.Pg.Abuse;

/// <summary>The flags that make the nodes' limits small, so that a statement without an end takes seconds of the run and not minutes.</summary>
internal static class NodeFlags
{
    private static string? s_help;

    public static async Task<string[]> SmallAsync(AbuseOptions options)
    {
        s_help ??= (await NodeProcess.RunAsync("-help")).ToString();
        (string Flag, string Value)[] flags =
        [
            // Its statements are in SQLite's dialect at every door.
            ("-pg-dialect", "sqlite"),
            ("-write-timeout", $"{options.Limit.TotalMilliseconds:0}ms"), ("-read-timeout", $"{options.Limit.TotalMilliseconds * 2:0}ms"), ("-raft-snap", "1000"),
        ];
        return [.. flags.Where(f => s_help.Contains(f.Flag, StringComparison.Ordinal)).SelectMany(f => (string[])[f.Flag, f.Value])];
    }
}
