using System.Collections.Concurrent;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>
/// Transaction blocks that have a name and are run again until one is answered, on whatever node, sometimes two at once, sometimes once more
/// after the answer, and often left as soon as COMMIT is sent: each is committed once, and whoever is told so finds it there. The table has no
/// unique key, and a block writes two rows, so that a second run or a half would show.
/// </summary>
public sealed class RetriedBlocks(WorkloadOptions options) : Workload("blocks", options)
{
    private const string AlreadyCommitted = "RQ001";
    private readonly ConcurrentDictionary<long, Outcome> _outcomes = new();
    private readonly ConcurrentQueue<string> _missing = new();
    private long _next;
    private long _repetitions;

    public override string Counts => $"{base.Counts}, {Interlocked.Read(ref _repetitions)} told of their repetition";

    public override async Task CreateAsync(Api api) =>
        (await api.ExecuteAsync("CREATE TABLE IF NOT EXISTS blocks (run INTEGER, id INTEGER, part INTEGER)")).Result();

    public override async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        foreach (var node in nodes)
        {
            await Contents.SyncAsync(node);
            for (var part = 1; part <= 2; part++)
            {
                var rows = (await node.Api.QueryAsync("none", $"SELECT id FROM blocks WHERE run = {Options.Run} AND part = {part}")).Rows();
                var verdict = UniqueIds.Check(_outcomes, rows.Select(r => r[0].GetInt64()));
                if (!verdict.Passed)
                {
                    return verdict with { Explanation = $"node {node.Options.Id}, part {part}: {verdict.Explanation}" };
                }
            }

            var halves = (await node.Api.QueryAsync(
                "none", $"SELECT count(*) FROM (SELECT id FROM blocks WHERE run = {Options.Run} GROUP BY id HAVING count(*) <> 2)")).Scalar().GetInt64();
            if (halves != 0)
            {
                return Verdict.Violation($"node {node.Options.Id}: {halves} blocks are there in parts");
            }
        }

        return _missing.TryPeek(out var missing) ? Verdict.Violation(missing) : Verdict.Valid;
    }

    public override IEnumerable<string> History() => _outcomes.OrderBy(o => o.Key).Select(o => $"{o.Key} {o.Value}");

    protected override async Task ClientAsync(int client, Random random)
    {
        var id = Interlocked.Increment(ref _next);
        _outcomes[id] = Outcome.Unknown;

        // After the last answer it is sometimes run once more.
        for (var more = true; more;)
        {
            var tries = Enumerable.Range(0, random.Next(6) == 0 ? 2 : 1).Select(_ => TryAsync(id, new Random(random.Next()))).ToArray();
            var answered = (await Task.WhenAll(tries)).Any(ok => ok);
            more = answered ? random.Next(4) == 0 : !Stopped.IsCancellationRequested;
            if (!answered)
            {
                await PauseAsync(random, 100);
            }
        }

        Count(_outcomes[id]);
    }

    /// <returns>True if it was told that the block is committed.</returns>
    private async Task<bool> TryAsync(long id, Random random)
    {
        try
        {
            using var session = await PgText.ConnectAsync(
                Options.Nodes[random.Next(Options.Nodes.Count)].PgPort, "-c rqlite.consistency=linearizable", TimeSpan.FromSeconds(3));
            var answer = await RunAsync(session, id, random);
            if (answer.Ok && answer.Tag == "COMMIT")
            {
                _outcomes[id] = Outcome.Ok;
                return true;
            }

            if (answer.State == AlreadyCommitted)
            {
                Interlocked.Increment(ref _repetitions);
                _outcomes[id] = Outcome.Ok;
                await LookAsync(session, id);
                return true;
            }

            // What one try was refused another one may have done.
            Count(Outcome.Failed, answer.ToString());
        }
        catch (IOException)
        {
            Count(Outcome.Failed, "the connection was lost");
        }

        return false;
    }

    private async Task<PgAnswer> RunAsync(PgText session, long id, Random random)
    {
        string[] statements =
        [
            $"SET rqlite.idempotency_key = 'run-{Options.Run}-block-{id}'",
            random.Next(2) == 0 ? "BEGIN" : "BEGIN ISOLATION LEVEL SERIALIZABLE",
            "SELECT count(*) FROM blocks WHERE id < 0",
            $"INSERT INTO blocks(run, id, part) VALUES({Options.Run}, {id}, 1)",
            $"INSERT INTO blocks(run, id, part) VALUES({Options.Run}, {id}, 2)",
        ];
        foreach (var sql in statements)
        {
            var answer = await session.RunAsync(sql, extended: random.Next(2) == 0);
            if (!answer.Ok)
            {
                return answer;
            }

            // Now and then for longer than the writer's slice.
            await Task.Delay(random.Next(8) == 0 ? random.Next(150) : 0);
        }

        var commit = session.RunAsync("COMMIT");
        if (random.Next(3) == 0 && await Task.WhenAny(commit, Task.Delay(random.Next(4))) != commit)
        {
            session.Dispose();
        }

        return await commit;
    }

    private async Task LookAsync(PgText session, long id)
    {
        await session.RunAsync("ROLLBACK");
        var rows = await session.RunAsync($"SELECT part FROM blocks WHERE run = {Options.Run} AND id = {id}");
        if (rows.Ok && rows.Rows.Count != 2)
        {
            _missing.Enqueue($"block {id} was called committed, and {rows.Rows.Count} of its rows are there");
        }
    }
}
