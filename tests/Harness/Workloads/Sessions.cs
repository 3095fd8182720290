using System.Collections.Concurrent;
using System.Globalization;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>
/// Clients that write somewhere and read anywhere at the level none, and ask each node for at least the index they have seen: half of them
/// by raft_index and min_index over HTTP, half by rqlite.last_index and rqlite.min_index over the PostgreSQL protocol.
/// </summary>
public sealed class Sessions(WorkloadOptions options) : Workload("sessions", options)
{
    private const int Keys = 3;
    private readonly ConcurrentQueue<IndexedStep> _steps = new();
    private readonly ConcurrentDictionary<int, long> _indexes = new();

    public override async Task CreateAsync(Api api) =>
        (await api.ExecuteAsync("CREATE TABLE IF NOT EXISTS sessions (k TEXT PRIMARY KEY, v INTEGER NOT NULL)")).Result();

    public override Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes) => Task.FromResult(SessionGuarantees.Check(_steps));

    public override IEnumerable<string> History() => _steps.Select(s => s.ToString());

    protected override Task ClientAsync(int client, Random random) => client % 2 == 0 ? HttpAsync(client, random) : PgAsync(client, random);

    private static string WriteSql(string key) => $"INSERT INTO sessions(k, v) VALUES('{key}', 1) ON CONFLICT(k) DO UPDATE SET v = sessions.v + 1 RETURNING v";

    private static string ReadSql(string key) => $"SELECT coalesce((SELECT v FROM sessions WHERE k = '{key}'), 0)";

    private static long Number(string? text) => long.Parse(text!, CultureInfo.InvariantCulture);

    private string Key(Random random) => $"s{Options.Run}-{random.Next(Keys)}";

    private long Seen(int client) => _indexes.GetValueOrDefault(client);

    private void Add(int client, string key, bool write, long version, long asked, long index, string node)
    {
        _steps.Enqueue(new IndexedStep(client, key, write, version, asked, index, node));
        _indexes[client] = Math.Max(Seen(client), index);
        Count(Outcome.Ok);
    }

    /// <summary>A read does not tell the index it saw; what the node has applied afterwards certainly includes it. 0 if not asked for.</summary>
    private static async Task<long> LearnAsync(Api api, Random random)
    {
        var reply = random.Next(2) == 0 ? await api.GetAsync("/status?key=store.digest") : null;
        return reply is { Status: 200 } && reply.Json.TryGetProperty("applied_index", out var index) ? index.GetInt64() : 0;
    }

    private async Task HttpAsync(int client, Random random)
    {
        var apis = Options.Nodes.Select(n => new Api(n.HttpPort, TimeSpan.FromSeconds(10))).ToArray();
        try
        {
            while (!Stopped.IsCancellationRequested)
            {
                var node = random.Next(apis.Length);
                var key = Key(random);
                var write = random.Next(3) == 0;
                var asked = write ? 0 : Seen(client);
                var reply = write
                    ? await apis[node].PostAsync("/db/request?raft_index", [WriteSql(key)])
                    : await apis[node].PostAsync($"/db/query?level=none&min_index={asked}", [ReadSql(key)]);
                if (reply.Clean)
                {
                    var row = reply.Rows().Single();
                    var index = write ? reply.RaftIndex!.Value : await LearnAsync(apis[node], random);
                    Add(client, key, write, row[0].GetInt64(), asked, index, Options.Nodes[node].Id);
                }
                else
                {
                    Count(reply.Ok ? Outcome.Failed : reply.Outcome, reply.ToString());
                    await PauseAsync(random, 60);
                }
            }
        }
        finally
        {
            Array.ForEach(apis, static a => a.Dispose());
        }
    }

    private async Task PgAsync(int client, Random random)
    {
        var node = random.Next(Options.Nodes.Count);
        using var api = new Api(Options.Nodes[node].HttpPort, TimeSpan.FromSeconds(10));
        using var session = await PgText.ConnectAsync(Options.Nodes[node].PgPort, "-c rqlite.consistency=none");
        for (var i = 0; i < 5 && !Stopped.IsCancellationRequested; i++)
        {
            var key = Key(random);
            var write = random.Next(3) == 0;
            var asked = write ? 0 : Seen(client);
            var answer = await session.RunAsync($"SET rqlite.min_index = '{asked}'");
            answer = answer.Ok ? await session.RunAsync(write ? WriteSql(key) : ReadSql(key), extended: random.Next(2) == 0) : answer;
            var index = answer.Ok && write ? await session.RunAsync("SHOW rqlite.last_index") : answer;
            if (index.Ok)
            {
                var learnt = write ? Number(index.Rows[0][0]) : await LearnAsync(api, random);
                Add(client, key, write, Number(answer.Rows[0][0]), asked, learnt, Options.Nodes[node].Id + " pg");
            }
            else
            {
                Count(PgOutcome.Of(index), index.ToString());
                await PauseAsync(random, 60);
                return;
            }
        }
    }
}
