using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>
/// Clients that ask for huge answers or writes, over HTTP or the PostgreSQL protocol, and leave at any step. Each write is there as a whole or not at
/// all, and certainly if its answer came; nothing goes on for those who have left.
/// </summary>
public sealed class AbandonWorkload(WorkloadOptions options) : Workload("abandon", options)
{
    private const int Rows = 300;
    private const int FollowedOneOf = 5;
    private const string HugeAnswer = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5000000) SELECT n, 'a text of ordinary length, again and again' AS t FROM c";
    private readonly ConcurrentDictionary<long, Outcome> _outcomes = new();
    private readonly ConcurrentQueue<string> _followed = new();
    private long _next;

    public override string Counts => $"{base.Counts}, {_followed.Count} followed to their end";

    public override async Task CreateAsync(Api api) =>
        (await api.ExecuteAsync("CREATE TABLE IF NOT EXISTS abandoned (run INTEGER, id INTEGER, part INTEGER, filler BLOB)")).Result();

    public override async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        foreach (var node in nodes)
        {
            await RestingNodes.WriterIsFreeAsync(node, "abandoned");
            await RestingNodes.CheckAsync(node, _followed);
            await Contents.SyncAsync(node);
            var rows = (await node.Api.QueryAsync("none", $"SELECT id, count(*) FROM abandoned WHERE run = {Options.Run} GROUP BY id")).Rows();
            if (rows.FirstOrDefault(static r => r[1].GetInt64() != Rows) is { } half)
            {
                return Verdict.Violation($"node {node.Options.Id}: of the {Rows} rows of write {half[0]} there are {half[1]}");
            }

            var verdict = UniqueIds.Check(_outcomes, rows.Select(static r => r[0].GetInt64()));
            if (!verdict.Passed)
            {
                return verdict with { Explanation = $"node {node.Options.Id}: {verdict.Explanation}" };
            }
        }

        (await nodes[0].Api.ExecuteAsync($"DELETE FROM abandoned WHERE run = {Options.Run}")).Result();
        return Verdict.Valid;
    }

    public override IEnumerable<string> History() => _outcomes.OrderBy(o => o.Key).Select(o => $"{o.Key} {o.Value}");

    protected override async Task ClientAsync(int client, Random random)
    {
        var id = Interlocked.Increment(ref _next);
        var write = random.Next(2) == 0;
        var http = random.Next(2) == 0;
        var node = Options.Nodes[random.Next(Options.Nodes.Count)];
        var sql = write ? Write(id) : random.Next(3) == 0 ? "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c" : HugeAnswer;
        var bytes = http ? SlowClient.Post(write ? "/db/execute" : "/db/query?level=none", sql) : [.. PgFrames.Startup(), .. PgFrames.Query(sql)];
        if (write)
        {
            _outcomes[id] = Outcome.Unknown;
        }

        try
        {
            using var socket = await SlowClient.ConnectAsync(http ? node.HttpPort : node.PgPort);
            socket.LingerState = new LingerOption(random.Next(2) == 0, 0);
            if (!http && random.Next(FollowedOneOf) == 0 && NodeSockets.Accepted(node.PgPort, socket) is { } name)
            {
                _followed.Enqueue(name);
            }

            var sent = random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length;
            await socket.SendAsync(bytes.AsMemory(0, sent));
            var answer = await HearAsync(socket, random);
            if (write && sent == bytes.Length && Says(answer, http))
            {
                _outcomes[id] = Outcome.Ok;
            }

            Count(Outcome.Ok);
        }
        catch (SocketException e)
        {
            Count(Outcome.Failed, e.Message);
            await PauseAsync(random, 100);
        }

        await PauseAsync(random, 60);
    }

    private static bool Says(string answer, bool http) =>
        http ? answer.Contains($"\"rows_affected\":{Rows}", StringComparison.Ordinal) : answer.Contains($"INSERT 0 {Rows}\0", StringComparison.Ordinal);

    private string Write(long id) =>
        $"INSERT INTO abandoned SELECT {Options.Run}, {id}, n, zeroblob(100) FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {Rows}) SELECT n FROM c)";

    /// <summary>Some of the answer, or nothing; what was heard of it.</summary>
    private static async Task<string> HearAsync(Socket socket, Random random)
    {
        using var enough = new CancellationTokenSource(random.Next(1, 300));
        var heard = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (heard.Length < 100_000 && await socket.ReceiveAsync(buffer, enough.Token) is > 0 and var read)
            {
                heard.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (OperationCanceledException)
        {
            // It leaves now.
        }

        return heard.ToString();
    }
}
