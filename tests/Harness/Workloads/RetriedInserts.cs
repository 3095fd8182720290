using System.Collections.Concurrent;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>
/// Inserts that have a name and are sent again until one is answered, to whatever node, sometimes to two at once and sometimes once more
/// after the answer: each takes effect once, and all answers are the first one's. The table has no unique key, and the answer holds a random
/// number, so that a second run would show.
/// </summary>
public sealed class RetriedInserts(WorkloadOptions options) : Workload("retries", options)
{
    private const int TriesMax = 40;
    private readonly ConcurrentDictionary<long, Outcome> _outcomes = new();
    private readonly ConcurrentDictionary<long, string> _answers = new();
    private readonly ConcurrentQueue<string> _differences = new();
    private long _next;

    public override async Task CreateAsync(Api api) =>
        (await api.ExecuteAsync("CREATE TABLE IF NOT EXISTS retries (run INTEGER, id INTEGER, v INTEGER)")).Result();

    public override async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        foreach (var node in nodes)
        {
            await Contents.SyncAsync(node);
            var rows = (await node.Api.QueryAsync("none", $"SELECT id FROM retries WHERE run = {Options.Run}")).Rows();
            var verdict = UniqueIds.Check(_outcomes, rows.Select(r => r[0].GetInt64()));
            if (!verdict.Passed)
            {
                return verdict with { Explanation = $"node {node.Options.Id}: {verdict.Explanation}" };
            }
        }

        return _differences.TryPeek(out var difference) ? Verdict.Violation(difference) : Verdict.Valid;
    }

    public override IEnumerable<string> History() => _outcomes.OrderBy(o => o.Key).Select(o => $"{o.Key} {o.Value} {_answers.GetValueOrDefault(o.Key)}");

    protected override async Task ClientAsync(int client, Random random)
    {
        // Impatient, so that many are still on their way when they are sent again.
        var apis = Options.Nodes.Select(n => new Api(n.HttpPort, TimeSpan.FromSeconds(1.5))).ToArray();
        try
        {
            while (!Stopped.IsCancellationRequested)
            {
                var id = Interlocked.Increment(ref _next);
                _outcomes[id] = Outcome.Unknown;
                await InsertAsync(apis, id, random);
                Count(_outcomes[id]);
            }
        }
        finally
        {
            Array.ForEach(apis, static a => a.Dispose());
        }
    }

    private async Task InsertAsync(Api[] apis, long id, Random random)
    {
        // After the last answer it is sometimes asked for once more.
        for (var (tries, more) = (0, true); more && tries < TriesMax; tries++)
        {
            var twice = random.Next(6) == 0;
            var sent = Enumerable.Range(0, twice ? 2 : 1).Select(_ => SendAsync(apis[random.Next(apis.Length)], id)).ToArray();
            var answered = (await Task.WhenAll(sent)).Any(ok => ok);
            more = answered ? random.Next(4) == 0 : !Stopped.IsCancellationRequested;
            if (!answered)
            {
                await PauseAsync(random, 100);
            }
        }
    }

    private async Task<bool> SendAsync(Api api, long id)
    {
        var sql = $"INSERT INTO retries(run, id, v) VALUES({Options.Run}, {id}, random()) RETURNING v";
        var reply = await api.PostNamedAsync("/db/request", $"run-{Options.Run}-{id}", [sql]);
        if (!reply.Clean)
        {
            // What one try was refused another one may have done.
            Count(Outcome.Failed, reply.ToString());
            return false;
        }

        _outcomes[id] = Outcome.Ok;
        var answer = reply.Result().ToString();
        if (_answers.GetOrAdd(id, answer) is { } first && first != answer)
        {
            _differences.Enqueue($"two answers to one name: run-{Options.Run}-{id}: {first} and {answer}");
        }

        return true;
    }
}
