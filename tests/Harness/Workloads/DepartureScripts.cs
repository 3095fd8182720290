namespace Rqlite.Pg.Harness.Workloads;

/// <summary>What clients are in the middle of when they vanish; whatever of it is committed are two rows with one tag.</summary>
internal static class DepartureScripts
{
    // More than the buffers of two sockets hold.
    private const string ManyRows =
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000) SELECT n, 'a text of ordinary length, again and again' AS t FROM c";

    public static byte[] Make(Random random, long tag, long key, string channel) =>
    [
        .. PgFrames.Startup(), .. random.Next(9) switch
        {
            0 => Queries("BEGIN", Row(tag), "SAVEPOINT s", Row(tag), "SELECT count(*) FROM gone", "COMMIT"),
            1 => Queries("BEGIN ISOLATION LEVEL SERIALIZABLE", "SELECT count(*) FROM gone", $"INSERT INTO gone VALUES ({tag}), ({tag})", "COMMIT"),
            2 => Queries("BEGIN", "LOCK TABLE gone", Row(tag), $"INSERT INTO gone VALUES ({tag})", "COMMIT"),
            3 => Queries("BEGIN", Row(tag), $"COPY ({ManyRows}) TO STDOUT", Row(tag), "COMMIT"),
            4 => Queries($"COPY ({ManyRows}) TO STDOUT", "SELECT 1"),
            5 => Queries($"SELECT pg_advisory_lock({key})", $"INSERT INTO gone VALUES ({tag}), ({tag})", $"SELECT pg_advisory_unlock({key})"),
            6 => Queries("BEGIN", $"SELECT pg_advisory_xact_lock({key})", Row(tag), Row(tag), "COMMIT"),
            7 => Queries($"LISTEN {channel}", $"BEGIN; NOTIFY {channel}, 'gone'", Row(tag), Row(tag), "COMMIT"),
            _ => Pipelines(tag),
        },
    ];

    private static string Row(long tag) => $"INSERT INTO gone VALUES ({tag})";

    private static byte[] Queries(params string[] texts) => [.. texts.SelectMany(PgFrames.Query)];

    /// <summary>Two rows up to one Sync, and then rows that no Sync ever follows.</summary>
    private static byte[] Pipelines(long tag) =>
    [
        .. PgFrames.Execute(Row(tag)), .. PgFrames.Execute(Row(tag)), .. PgFrames.Sync(), .. PgFrames.Execute("INSERT INTO gone VALUES (-1)"),
        .. PgFrames.Execute("INSERT INTO gone VALUES (-1)"),
    ];
}
