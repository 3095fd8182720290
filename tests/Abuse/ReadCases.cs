using static Rqlite.Pg.Abuse.CaseTable;

namespace Rqlite.Pg.Abuse;

/// <summary>Reads of all levels that do not end, or that take all memory or room for temporary files.</summary>
internal static class ReadCases
{
    private static readonly string[] s_text = ["CREATE VIRTUAL TABLE IF NOT EXISTS f USING fts5(x)"];

    public static IReadOnlyList<AbuseCase> All { get; } =
    [
        Read("read-endless", Endless("count(*)"), AnswerKinds.Time) with { Short = true },
        Read("read-endless-client-limit", Endless("count(*)"), AnswerKinds.Time) with { Limit = LimitOf.Client },
        Read("read-endless-cancelled", Endless("count(*)"), AnswerKinds.Time) with { Limit = LimitOf.Cancel },
        Read("read-endless-left", Endless("count(*)"), AnswerKinds.Time) with { Limit = LimitOf.Departure },
        Read("read-doubling", LogCases.Doubling, AnswerKinds.Bound),
        Read("read-group-concat", $"SELECT {LogCases.GroupConcats}", AnswerKinds.Bound),
        Read("read-json-pretty", $"SELECT length({LogCases.Pretty})", AnswerKinds.Bound),
        Read("read-trim", $"SELECT length({LogCases.Trim})", AnswerKinds.Bound | AnswerKinds.Done),
        Read("read-json-patch", $"SELECT length({LogCases.Patch})", AnswerKinds.Bound | AnswerKinds.Limit | AnswerKinds.Error),
        Read("read-fts-ors", $"SELECT count(*) FROM f WHERE f MATCH {LogCases.Ors}", AnswerKinds.Bound | AnswerKinds.Error) with { Setup = s_text },
        Read("read-sort", $"SELECT n, b FROM (SELECT n, hex(randomblob(2000)) AS b FROM {Series(10_000_000)}) ORDER BY b LIMIT 1 OFFSET 5000000", AnswerKinds.Bound | AnswerKinds.Full),
    ];

    private static SqlCase Read(string name, string sql, AnswerKinds expected) => new(CaseGroup.Reads, name, sql, expected) { Doors = Doors.Reads };
}
