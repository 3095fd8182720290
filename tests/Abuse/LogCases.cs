using static Rqlite.Pg.Abuse.CaseTable;

namespace Rqlite.Pg.Abuse;

/// <summary>Writes that do not end, take all memory, or fail in ways that look like a failure of the machine.</summary>
internal static class LogCases
{
    private const string EndlessInsert = "INSERT INTO p WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT ";

    private static readonly string[] s_levels =
    [
        "CREATE TABLE IF NOT EXISTS hundred(a)", "DELETE FROM hundred", $"INSERT INTO hundred SELECT n FROM {Series(100)}",
        .. Enumerable.Range(0, 6).Select(static i => $"CREATE TABLE IF NOT EXISTS l{i}(a)"),
        .. Enumerable.Range(0, 5).Select(static i =>
            $"CREATE TRIGGER IF NOT EXISTS lt{i} AFTER INSERT ON l{i} BEGIN INSERT INTO l{i + 1} SELECT a FROM hundred; END"),
    ];

    private static readonly string[] s_text =
    [
        "CREATE VIRTUAL TABLE IF NOT EXISTS f USING fts5(x)", "DELETE FROM f", $"INSERT INTO f SELECT 'a b c d a b c d' FROM {Series(2000)}",
        $"INSERT INTO f SELECT group_concat('a', ' ') FROM {Series(20_000)}",
    ];

    public static IReadOnlyList<AbuseCase> All { get; } =
    [
        Write("endless", EndlessInsert + "n FROM c", AnswerKinds.Bound) with { Short = true },
        Write("endless-empty", EndlessInsert + "n FROM c WHERE n < 0", AnswerKinds.Time),
        Write("endless-count", EndlessInsert + "count(*) FROM c", AnswerKinds.Time),
        Write("endless-blobs", EndlessInsert + "zeroblob(4000) FROM c", AnswerKinds.Bound | AnswerKinds.Full),
        Write("endless-update", $"UPDATE t SET a = ({Endless("count(*)")})", AnswerKinds.Time) with { Setup = ["INSERT INTO t VALUES (1)"] },
        Write("endless-delete", $"DELETE FROM t WHERE a IN ({Endless("n")})", AnswerKinds.Bound) with { Setup = ["INSERT INTO t VALUES (-1)"] },
        Write("endless-create", $"CREATE TABLE IF NOT EXISTS never AS {Endless("n")}", AnswerKinds.Bound),
        Write("endless-returning", $"INSERT INTO p VALUES (1) RETURNING ({Endless("count(*)")})", AnswerKinds.Time),
        Write("endless-client-limit", EndlessInsert + "n FROM c WHERE n < 0", AnswerKinds.Time) with { Limit = LimitOf.Client },
        Write("endless-cancelled", EndlessInsert + "n FROM c WHERE n < 0", AnswerKinds.Time) with { Limit = LimitOf.Cancel },
        Write("endless-left", EndlessInsert + "n FROM c WHERE n < 0", AnswerKinds.Time) with { Limit = LimitOf.Departure, Short = true },
        Write("triggers", "INSERT INTO l0 VALUES (1)", AnswerKinds.Bound) with { Setup = s_levels },
        Write("trim", $"INSERT INTO p SELECT length({Trim})", AnswerKinds.Bound | AnswerKinds.Done) with { Rows = 1 },
        Write("json-patch", $"INSERT INTO p SELECT length({Patch})", AnswerKinds.Bound | AnswerKinds.Limit | AnswerKinds.Error) with { Rows = 1 },
        Write("fts-ors", $"INSERT INTO p SELECT count(*) FROM f WHERE f MATCH {Ors}", AnswerKinds.Bound | AnswerKinds.Error) with { Setup = s_text },
        Write("fts-highlight", $"INSERT INTO p SELECT length({Highlight}) FROM f WHERE f MATCH 'a'", AnswerKinds.Bound | AnswerKinds.Error) with { Setup = s_text },
        Write("glob-stars", "INSERT INTO p SELECT replace(hex(zeroblob(400000)), '0', 'a') GLOB '" + Repeat("*a", 300) + "*b'", AnswerKinds.Bound | AnswerKinds.Done) with { Rows = 1 },
        Write("doubling", $"INSERT INTO p {Doubling}", AnswerKinds.Bound),
        Write("group-concat", $"INSERT INTO p SELECT {GroupConcats}", AnswerKinds.Bound),
        Write("json-pretty", $"INSERT INTO p SELECT length({Pretty})", AnswerKinds.Bound) with { Short = true },
        Write("json-group-array", $"INSERT INTO p SELECT length(json_group_array(hex(zeroblob(500000) || n))) FROM {Series(3000)}", AnswerKinds.Bound),
        Write("huge-value", "INSERT INTO p SELECT zeroblob(2147483647)", AnswerKinds.Bound) with { Short = true },
        Write("huge-format", "INSERT INTO p SELECT length(printf('%*d', 2147483000, 1))", AnswerKinds.Bound),
        new SqlCase(CaseGroup.Log, "sequence-full", static () =>
        [
            "INSERT INTO q(a) VALUES (1)", "UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'q'", "INSERT INTO q(a) VALUES (2)",
        ], AnswerKinds.Limit | AnswerKinds.Full | AnswerKinds.Error | AnswerKinds.Denied)
        {
            Doors = Doors.Writes, Setup = ["CREATE TABLE IF NOT EXISTS q(id INTEGER PRIMARY KEY AUTOINCREMENT, a)"], Short = true,
        },
        Write("rowid-full", "INSERT INTO p(rowid, a) VALUES (9223372036854775807, 1)", AnswerKinds.Limit | AnswerKinds.Full | AnswerKinds.Error | AnswerKinds.Denied),
        Write("raise-rollback", "INSERT INTO rr VALUES (1)", AnswerKinds.Error | AnswerKinds.Denied) with
        {
            Setup = ["CREATE TABLE IF NOT EXISTS rr(a)", "CREATE TRIGGER IF NOT EXISTS rrt AFTER INSERT ON rr BEGIN SELECT RAISE(ROLLBACK, 'no'); END"],
        },
        new ActionCase(CaseGroup.Log, "fts-segments", FtsSegments.RunAsync),
        new ActionCase(CaseGroup.Log, "small-disk", SmallDisk.RunAsync),
    ];

    /// <summary>Each of a million characters is compared with each of three million.</summary>
    public static string Trim => "trim(hex(zeroblob(1500000)), replace(hex(zeroblob(1500000)), '0', '1') || '0')";

    public static string Patch => $"json_patch({Keys("a")}, {Keys("b")})";

    public static string Ors => $"(SELECT group_concat('w' || n, ' OR ') FROM {Series(100_000)})";

    public static string Highlight => "highlight(f, 0, replace(hex(zeroblob(1000000)), '0', 'x'), '')";

    /// <summary>Each step is twice the one before, and SQLite builds all of it while it prepares.</summary>
    public static string Doubling =>
        $"WITH c0 AS (SELECT 1 AS a), {string.Join(", ", Enumerable.Range(1, 25).Select(static i => $"c{i} AS (SELECT a.a FROM c{i - 1} a, c{i - 1} b)"))} SELECT count(*) FROM c25";

    public static string GroupConcats =>
        $"{string.Join(" + ", Enumerable.Range(0, 100).Select(static i => $"length(group_concat(x || '{i}'))"))} FROM (SELECT hex(zeroblob(500000)) AS x FROM {Series(50)})";

    // An indent of 4 times the depth in front of each of 14 million numbers.
    public static string Pretty => $"json_pretty('{Repeat("[", 400)}' || replace(hex(zeroblob(7000000)), '0', '1,') || '1{Repeat("]", 400)}')";

    private static string Keys(string prefix) => $"(SELECT json_group_object('{prefix}' || n, n) FROM {Series(60_000)})";

    private static SqlCase Write(string name, string sql, AnswerKinds expected) => new(CaseGroup.Log, name, sql, expected) { Doors = Doors.Writes };
}
