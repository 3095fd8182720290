using System.Text;
using Rqlite.Pg.Harness;
using static Rqlite.Pg.Abuse.CaseTable;

namespace Rqlite.Pg.Abuse;

/// <summary>Input nested without end, for whatever reads it by recursion.</summary>
internal static class DepthCases
{
    private const AnswerKinds Any = AnswerKinds.Limit | AnswerKinds.Denied | AnswerKinds.Error | AnswerKinds.Memory | AnswerKinds.Time;

    private static readonly (string Name, Func<string> Text, bool Harmless)[] s_texts =
    [
        ("prepare", static () => Repeat("PREPARE a AS ", 9000) + "SELECT 1", false),
        ("explain", static () => Repeat("EXPLAIN ", 20_000) + "SELECT 1", false),
        ("explain-analyze", static () => Repeat("EXPLAIN (", 20_000) + "SELECT 1", false),
        ("declare", static () => Repeat("DECLARE a CURSOR FOR ", 9000) + "SELECT 1", false),
        ("copy", static () => Repeat("COPY (", 9000) + "SELECT 1" + Repeat(") TO STDOUT", 9000), false),
        ("parentheses", static () => "SELECT " + Repeat("(", 100_000) + "1" + Repeat(")", 100_000), false),
        ("open-parentheses", static () => "SELECT " + Repeat("(", 100_000), false),
        ("operators", static () => "SELECT 1" + Repeat("+1", 100_000), false),
        ("not", static () => "SELECT " + Repeat("NOT ", 100_000) + "1", false),
        ("minus", static () => "SELECT " + Repeat("- ", 100_000) + "1", false),
        ("subselects", static () => Repeat("SELECT (", 20_000) + "SELECT 1" + Repeat(")", 20_000), false),
        ("froms", static () => Repeat("SELECT * FROM (", 20_000) + "SELECT 1" + Repeat(")", 20_000), false),
        ("cases", static () => "SELECT " + Repeat("CASE WHEN 1 THEN ", 20_000) + "1" + Repeat(" END", 20_000), false),
        ("withs", static () => Repeat("WITH a AS (", 9000) + "SELECT 1" + Repeat(") SELECT 1", 9000), false),
        ("unions", static () => "SELECT 1" + Repeat(" UNION ALL SELECT 1", 20_000), false),
        ("values", static () => $"SELECT json('{Repeat("[", 200_000)}')", false),
        ("comments", static () => Repeat("/*", 100_000) + " SELECT 1", true),
        ("begins", static () => Repeat("BEGIN; ", 2000) + "ROLLBACK", true),
        ("savepoints", static () => "BEGIN; " + Repeat("SAVEPOINT s; ", 2000) + "ROLLBACK", true),
        ("semicolons", static () => Repeat(";", 500_000) + "SELECT 1", true),
    ];

    public static IReadOnlyList<AbuseCase> All { get; } =
    [
        .. s_texts.Select(static t => new SqlCase(CaseGroup.Depth, $"depth-{t.Name}", () => [t.Text()], t.Harmless ? Any | AnswerKinds.Done : Any)
        {
            Doors = [.. Doors.Writes.Concat(Doors.Reads).Where(static d => d.Name is "execute" or "request" or "simple" or "extended" or "query-none")],
            Short = t.Name is "prepare" or "parentheses",
        }),
        new ActionCase(CaseGroup.Depth, "depth-json", JsonAsync),
    ];

    private static async Task<Finding> JsonAsync(Bench bench)
    {
        var node = await bench.NodeAsync(leader: false);
        var wrong = new List<string>();
        foreach (var path in (string[])["/db/execute", "/db/query", "/db/request", "/remove", "/leader"])
        {
            foreach (var body in (string[])[Repeat("[", 1_000_000), Repeat("{\"a\":", 1_000_000), $"[[\"SELECT ?\", {Repeat("[", 500_000)}{Repeat("]", 500_000)}]]"])
            {
                using var api = new Api(node.HttpPort, bench.Options.Patience);
                var method = path switch { "/remove" => HttpMethod.Delete, _ => HttpMethod.Post };
                var reply = await api.SendAsync(method, path, body, "application/json");
                if (reply.Status is < 400 or >= 500)
                {
                    wrong.Add($"{path} {Encoding.UTF8.GetByteCount(body)} bytes: {reply}");
                }
            }
        }

        return wrong.Count == 0 ? Finding.Good("all refused") : Finding.Bad(string.Join("; ", wrong));
    }
}
