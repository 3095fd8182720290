using System.Collections.Concurrent;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>
/// Transactions that notify of unique payloads and insert the same ones into a table, whose rowids tell the order of the commits; sessions on
/// every node listen.
/// </summary>
public sealed class NotifyWorkload : Workload
{
    private readonly ConcurrentQueue<SentPayload> _sent = new();
    private readonly NotifyListener[] _listeners;
    private Task[] _listening = [];
    private long _next;

    public NotifyWorkload(WorkloadOptions options) : base("notify", options) =>
        _listeners = [.. options.Nodes.Select(n => new NotifyListener(n, Channel, End))];

    private string Channel => $"told{Options.Run}";

    private string End => $"end{Options.Run}";

    public override string Counts => $"{base.Counts}, {_listeners.Sum(l => l.Stretches.Count)} stretches of listening heard {_listeners.Sum(l => l.Heard)}";

    public override async Task CreateAsync(Api api) => (await api.ExecuteAsync(
        "CREATE TABLE IF NOT EXISTS told (place INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER, payload TEXT)")).Result();

    public override void Start()
    {
        _listening = [.. _listeners.Select((l, i) => Task.Run(() => l.RunAsync(new Random((Options.Seed * 1000) + 500 + i))))];
        base.Start();
    }

    public override async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        // Who is still connected has heard everything when it has heard this.
        _sent.Enqueue(new SentPayload(End, HistoryLog.Now, Outcome.Unknown));
        Reply? reply = null;
        await Until.TrueAsync(
            "the last notification is sent",
            async () => (reply = await nodes[0].Api.ExecuteOnceAsync($"told-{Options.Run}-{Options.Seed}", Sql(End))).Clean,
            () => $"{reply}");
        var deaf = await Task.WhenAll(_listeners.Select(l => l.FinishAsync()));
        await Task.WhenAll(_listening);
        var committed = (await nodes[0].Api.QueryAsync("strong", $"SELECT payload FROM told WHERE run = {Options.Run} ORDER BY place")).Rows()
            .Select(r => r[0].GetString()!).ToArray();
        var verdict = NotificationOrder.Check(_sent, committed, _listeners.SelectMany(l => l.Stretches));
        return !verdict.Passed || deaf.All(d => d is null) ? verdict : Verdict.Violation(string.Join('\n', deaf.Where(d => d is not null)));
    }

    public override IEnumerable<string> History() =>
        _sent.Select(s => s.ToString()).Concat(_listeners.SelectMany(l => l.Stretches).Select(s => s.ToString()));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Array.ForEach(_listeners, static l => l.Dispose());
        await Task.WhenAll(_listening);
    }

    protected override async Task ClientAsync(int client, Random random)
    {
        var node = Options.Nodes[random.Next(Options.Nodes.Count)];
        using var api = new Api(node.HttpPort, TimeSpan.FromSeconds(10));
        using var session = await PgText.ConnectAsync(node.PgPort);
        for (var i = 0; i < 40 && !Stopped.IsCancellationRequested; i++)
        {
            switch (random.Next(5))
            {
                case 0:
                    await SingleAsync(session, random);
                    break;
                case 1:
                    var payload = NewPayload();
                    var invoked = HistoryLog.Now;
                    var reply = await api.ExecuteAsync(Sql(payload));
                    Note(payload, invoked, reply.Ok && !reply.Clean ? Outcome.Failed : reply.Outcome, reply.Clean ? null : reply.ToString());
                    break;
                default:
                    await BlockAsync(session, random);
                    break;
            }

            await PauseAsync(random, 30);
        }
    }

    private string Sql(string payload) => $"INSERT INTO told (run, payload) SELECT {Options.Run}, '{payload}' WHERE pg_notify('{Channel}', '{payload}') = ''";

    private string Row(string payload) => $"INSERT INTO told (run, payload) VALUES ({Options.Run}, '{payload}')";

    private string NewPayload() => $"p{Interlocked.Increment(ref _next)}";

    private void Note(string payload, long invoked, Outcome outcome, string? surprise)
    {
        _sent.Enqueue(new SentPayload(payload, invoked, outcome));
        Count(outcome, surprise);
    }

    /// <summary>A statement, or a query string, that is a transaction of its own.</summary>
    private async Task SingleAsync(PgText session, Random random)
    {
        var payload = NewPayload();
        var invoked = HistoryLog.Now;
        try
        {
            var answer = random.Next(3) switch
            {
                0 => await session.RunAsync(Sql(payload)),
                1 => await session.RunAsync(Sql(payload), extended: true),
                _ => await session.RunAsync($"NOTIFY {Channel}, '{payload}'; {Row(payload)}; NOTIFY {Channel}, '{payload}'"),
            };
            Note(payload, invoked, PgOutcome.Of(answer), answer.Ok ? null : answer.ToString());
        }
        catch (IOException e)
        {
            Note(payload, invoked, Outcome.Unknown, e.Message);
            throw;
        }
    }

    private async Task BlockAsync(PgText session, Random random)
    {
        var payloads = new List<string>();
        var commit = 0L;
        PgAnswer answer;
        try
        {
            answer = await FillAsync(session, random, payloads);
            if (answer.Ok)
            {
                var end = random.Next(8);
                if (end == 0)
                {
                    session.Vanish();
                    throw new IOException("the client vanished");
                }

                commit = HistoryLog.Now;
                answer = await session.RunAsync(end == 1 ? "ROLLBACK" : "COMMIT", extended: random.Next(3) == 0);
            }
        }
        catch (IOException e)
        {
            payloads.ForEach(p => Note(p, commit, commit == 0 ? Outcome.Failed : Outcome.Unknown, e.Message));
            throw;
        }

        payloads.ForEach(p => Note(p, commit, commit == 0 ? Outcome.Failed : PgOutcome.Of(answer), answer.Ok ? null : answer.ToString()));
        if (!answer.Ok)
        {
            await session.RunAsync("ROLLBACK");
        }
    }

    private async Task<PgAnswer> FillAsync(PgText session, Random random, List<string> payloads)
    {
        var answer = await session.RunAsync(random.Next(2) == 0 ? "BEGIN" : "BEGIN ISOLATION LEVEL SERIALIZABLE");
        for (var i = random.Next(1, 4); i > 0 && answer.Ok; i--)
        {
            var payload = NewPayload();
            payloads.Add(payload);
            var tell = random.Next(2) == 0 ? $"NOTIFY {Channel}, '{payload}'" : $"SELECT pg_notify('{Channel}', '{payload}')";
            string[] steps = random.Next(4) switch
            {
                0 => [tell, Row(payload), tell],
                1 => [tell, "SAVEPOINT s", tell, "ROLLBACK TO SAVEPOINT s", Row(payload)],
                2 => ["SAVEPOINT s", Row(payload), tell, "RELEASE SAVEPOINT s"],
                _ => ["SAVEPOINT s", $"NOTIFY {Channel}, 'undone {payload}'", "ROLLBACK TO SAVEPOINT s", Row(payload), tell],
            };
            for (var step = 0; step < steps.Length && answer.Ok; step++)
            {
                answer = await session.RunAsync(steps[step], extended: random.Next(3) == 0);
            }

            if (random.Next(10) == 0)
            {
                // Longer than a holder of the writer may be silent while others wait.
                await Task.Delay(random.Next(0, 200));
            }
        }

        return answer;
    }
}
