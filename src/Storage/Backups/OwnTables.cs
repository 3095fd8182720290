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

    /// <summary>
    /// The columns of those tables, which have been the same in all versions: a table of the same name with others is a client's. A name without
    /// columns is no table of this version.
    /// </summary>
    public static IReadOnlyDictionary<string, string> ColumnsOfCluster { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["_rqlite_meta"] = "id,format,idx,term,time,digest,base_idx,base_term",
        ["_rqlite_requests"] = "id,idx,time,result",
        ["_rqlite_locks"] = "ticket,space,key,node,session,mode,level,granted,rank,count",
        ["_rqlite_lock_tickets"] = "id,last,held",
        ["_rqlite_call"] = "id",
        ["_rqlite_skipped"] = "idx,checksum",
        [Load] = "number,load,time,data",
    };

    public static bool IsOwn(string name) => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
}
