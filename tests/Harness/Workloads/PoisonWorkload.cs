using System.Collections.Concurrent;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>
/// Writes that do not end, are too large or fail, between good ones, by every door and under short limits. What was answered as failed is absent,
/// what was acknowledged is there once, and a statement without an end is never acknowledged.
/// </summary>
public sealed class PoisonWorkload(WorkloadOptions options) : Workload("poison", options)
{
    private const string Endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT ";
    private const int LimitMilliseconds = 300;
    private readonly ConcurrentDictionary<long, Outcome> _outcomes = new();
    private readonly ConcurrentQueue<string> _wrong = new();
    private long _next;

    public override async Task CreateAsync(Api api)
    {
        (await api.ExecuteAsync("CREATE TABLE IF NOT EXISTS poison (run INTEGER, id INTEGER)")).Result();
        (await api.ExecuteAsync("CREATE TABLE IF NOT EXISTS poison_one (a INTEGER PRIMARY KEY CHECK (a = 1))")).Result();
        (await api.ExecuteAsync("INSERT OR IGNORE INTO poison_one VALUES (1)")).Result();
    }

    public override async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        foreach (var node in nodes)
        {
            await RestingNodes.WriterIsFreeAsync(node, "poison");
            await Contents.SyncAsync(node);
            var rows = (await node.Api.QueryAsync("none", $"SELECT id FROM poison WHERE run = {Options.Run}")).Rows();
            var verdict = UniqueIds.Check(_outcomes, rows.Select(static r => r[0].GetInt64()));
            if (!verdict.Passed)
            {
                return verdict with { Explanation = $"node {node.Options.Id}: {verdict.Explanation}" };
            }
        }

        return _wrong.TryPeek(out var wrong) ? Verdict.Violation(wrong) : Verdict.Valid;
    }

    public override IEnumerable<string> History() => _outcomes.OrderBy(o => o.Key).Select(o => $"{o.Key} {o.Value}");

    protected override async Task ClientAsync(int client, Random random)
    {
        var id = 2 * Interlocked.Increment(ref _next);
        _outcomes[id] = _outcomes[id + 1] = Outcome.Unknown;
        var harm = random.Next(3) == 0 ? null : Harm(random, id);
        string[] statements = [Row(id), .. harm is null ? Array.Empty<string>() : [harm], Row(id + 1)];
        var node = Options.Nodes[random.Next(Options.Nodes.Count)];
        var (first, second, answer) = random.Next(6) switch
        {
            0 => await HttpAsync(node, "/db/execute", statements),
            1 => Whole(await HttpAsync(node, "/db/execute", statements, transaction: true)),
            2 => Whole(await HttpAsync(node, "/db/request", statements, transaction: true)),
            3 => await WireAsync(node, PgFrames.Query(string.Join("; ", statements))),
            4 => await WireAsync(node, PgFrames.Query($"BEGIN; {string.Join("; ", statements)}; COMMIT")),
            _ => await WireAsync(node, [.. statements.SelectMany(PgFrames.Execute), .. PgFrames.Sync()]),
        };
        (_outcomes[id], _outcomes[id + 1]) = (first, second);
        if (harm is not null && answer.Length == 0)
        {
            _wrong.Enqueue($"{id} on {node.Id} was acknowledged with {harm}");
        }

        // A request that fails as it must is as good as one that is acknowledged.
        var known = first != Outcome.Unknown && second != Outcome.Unknown;
        Count(!known ? Outcome.Unknown : harm is not null || answer.Length == 0 ? Outcome.Ok : Outcome.Failed, (harm is null && answer.Length > 0) || !known ? answer : null);
        await PauseAsync(random, 200);
    }

    private string Row(long id) => $"INSERT INTO poison(run, id) VALUES ({Options.Run}, {id})";

    /// <summary>A statement that never succeeds; what it would leave has a negative id, which nobody added.</summary>
    private string Harm(Random random, long id) => random.Next(12) switch
    {
        0 => $"INSERT INTO poison(run, id) {Endless}{Options.Run}, -{id} FROM c",
        1 => $"INSERT INTO poison(run, id) {Endless}{Options.Run}, -{id} FROM c WHERE n < 0",
        2 => $"UPDATE poison SET id = -{id} WHERE id = ({Endless}count(*) FROM c)",
        3 => $"INSERT INTO poison(run, id) SELECT {Options.Run}, -length(group_concat(hex(zeroblob(500000)) || n)) FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100) SELECT n FROM c)",
        4 or 5 => $"INSERT INTO poison(run, id) SELECT {Options.Run}, -length(zeroblob(2147483647))",
        6 or 7 => "INSERT INTO poison_one VALUES (1)",
        8 => "INSERT INTO poison_one VALUES (2)",
        9 => $"INSERT INTO poison_none VALUES (-{id})",
        10 => "SELECT _rqlite_drop_sequence(NULL, NULL, NULL)",
        _ => $"INSERT INTO poison(run, id) SELECT {Options.Run}, abs(-9223372036854775808)",
    };

    /// <summary>The outcomes of the first and the last statement, and what failed.</summary>
    private static async Task<(Outcome First, Outcome Last, string Answer)> HttpAsync(NodeOptions node, string path, string[] statements, bool transaction = false)
    {
        using var api = new Api(node.HttpPort, TimeSpan.FromSeconds(10));
        var reply = await api.PostAsync($"{path}?db_timeout={LimitMilliseconds}ms{(transaction ? "&transaction" : "")}", statements);
        if (!reply.Ok)
        {
            return (reply.Outcome, reply.Outcome, reply.ToString());
        }

        // A request may be answered by fewer results than it has statements: those behind the last were not run.
        var results = reply.Json.GetProperty("results").EnumerateArray().ToArray();
        var outcomes = Enumerable.Range(0, statements.Length).Select(i => i < results.Length && !results[i].TryGetProperty("error", out _)).ToArray();
        return (Of(outcomes[0]), Of(outcomes[^1]), outcomes.All(static o => o) ? "" : reply.Body);
    }

    private static Outcome Of(bool ok) => ok ? Outcome.Ok : Outcome.Failed;

    private static (Outcome First, Outcome Last, string Answer) Whole((Outcome First, Outcome Last, string Answer) parts) =>
        parts.Answer.Length == 0 || parts.First == Outcome.Unknown ? parts : (Outcome.Failed, Outcome.Failed, parts.Answer);

    private static async Task<(Outcome First, Outcome Last, string Answer)> WireAsync(NodeOptions node, byte[] messages)
    {
        var sent = false;
        try
        {
            using var session = await PgText.ConnectAsync(node.PgPort, $"-c statement_timeout={LimitMilliseconds}");
            sent = true;
            var answer = await session.RunAsync(messages);
            var outcome = PgOutcome.Of(answer);
            return (outcome, outcome, outcome == Outcome.Ok ? "" : answer.ToString());
        }
        catch (IOException e)
        {
            var outcome = sent ? Outcome.Unknown : Outcome.Failed;
            return (outcome, outcome, e.Message);
        }
    }
}
