namespace Rqlite.Pg.Storage;

/// <summary>The tables of this project in a database.</summary>
internal static class OwnTables
{
    public const string Prefix = "_rqlite_";

    public const string Load = "_rqlite_load";

    public const string Sequences = "_rqlite_sequences";

    /// <summary>What belongs to a running cluster and means nothing to another one: not in a backup, and not taken from a loaded file.</summary>
    public static IReadOnlyList<string> OfCluster { get; } =
    [
        "_rqlite_meta", "_rqlite_requests", "_rqlite_locks", "_rqlite_lock_tickets", "_rqlite_call", "_rqlite_skipped", "_rqlite_rewrite", Load,
    ];

    public static bool IsOwn(string name) => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
}
