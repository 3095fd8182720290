namespace Rqlite.Pg.Host;

/// <summary>The text that <c>-help</c> prints.</summary>
internal static class FlagHelp
{
    /// <summary>Stands behind the name of a flag that takes a value.</summary>
    public const string Value = " <value>";

    private const int Column = 46;

    // A flag is of the first group one of whose prefixes begins its name.
    private static readonly (string Title, string[] Prefixes)[] s_groups =
    [
        ("PostgreSQL clients", ["pg-"]),
        ("HTTP clients", ["http-", "auth"]),
        ("Port between nodes", ["raft-addr", "raft-adv-addr", "node-cert", "node-key", "node-ca-cert", "node-no-verify", "node-verify", "node-secret", "cluster-connect"]),
        ("Forming and joining a cluster", ["join", "bootstrap", "disco", "raft-non-voter", "raft-remove", "raft-cluster", "raft-reap"]),
        ("Raft and its log", ["raft-"]),
        ("Logs and metrics", ["log", "query-log", "slow", "metrics", "otlp"]),
        ("Node", ["node-id", "config", "shutdown", "version", "hash-password", "help", "skip-entry"]),
        ("SQL and the database", [""]),
    ];

    private static readonly string[] s_order =
    [
        "Node", "HTTP clients", "PostgreSQL clients", "Port between nodes", "Forming and joining a cluster", "Raft and its log", "SQL and the database",
        "Logs and metrics",
    ];

    public static void Print(TextWriter output, IEnumerable<(string Name, string Help, string Default)> flags)
    {
        output.WriteLine("A node of Rqlite.Pg: SQLite replicated through Raft, over HTTP and the PostgreSQL protocol.");
        output.WriteLine();
        output.WriteLine("Usage: rqlited [flags] DATA_DIR");
        output.WriteLine();
        output.WriteLine("DATA_DIR is the folder of the node's data; it is made if it does not exist. A flag -some-flag may also be given as the");
        output.WriteLine("environment variable RQLITED_SOME_FLAG, or as \"some-flag\" in the JSON file of -config; the command line counts before the");
        output.WriteLine("environment, and that before the file.");
        var all = flags.ToLookup(static flag => Array.Find(s_groups, group => Array.Exists(group.Prefixes, prefix => flag.Name.StartsWith(prefix, StringComparison.Ordinal))).Title);
        foreach (var title in s_order.Where(all.Contains))
        {
            output.WriteLine();
            output.WriteLine($"{title}:");
            foreach (var (name, help, initial) in all[title])
            {
                output.WriteLine($"  -{name}".PadRight(Column) + help + (initial.Length > 0 ? $" [default: {initial}]" : ""));
            }
        }
    }
}
