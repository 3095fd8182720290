using Rqlite.Pg.Harness;
using static Rqlite.Pg.Abuse.NodePortClient;

namespace Rqlite.Pg.Abuse;

/// <summary>
/// Bytes at the port between nodes, from somebody who knows the protocol. Whoever has no right to send them knows the cluster's id all
/// the same, since it is no secret that could protect anything.
/// </summary>
internal static class NodePortCases
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<AbuseCase> All { get; } =
    [
        Case("port-garbage", GarbageAsync, inShort: true),
        Case("port-oversized", OversizedAsync),
        Case("port-cluster-id", ClusterIdAsync),
        Case("port-batch-parameters", BatchParametersAsync, inShort: true),
        Case("port-batch-garbage", BatchGarbageAsync),
        Case("port-append-stranger", b => AppendAsync(b, member: false, 5, [0xFF]), inShort: true),
        Case("port-append-stranger-term", b => AppendAsync(b, member: false, long.MaxValue, [])),
        Case("port-append-member-term", b => AppendAsync(b, member: true, long.MaxValue, [0xFF])),
        Case("port-append-member-garbage", b => AppendAsync(b, member: true, 0, [0xFF, 1, 2, 3])),
        Case("port-vote-stranger", b => VoteAsync(b, member: false)),
        Case("port-vote-member", b => VoteAsync(b, member: true)),
        Case("port-idle", IdleAsync),
        Case("port-frames", FramesAsync),
    ];

    private static ActionCase Case(string name, Func<Bench, Task<Finding>> run, bool inShort = false) =>
        new(CaseGroup.NodePort, name, b => ThenTermAsync(b, run)) { Short = inShort };

    /// <summary>Elections raise the term by one each; a jump is somebody's who is no candidate, and a few more would leave no term for a leader.</summary>
    private static async Task<Finding> ThenTermAsync(Bench bench, Func<Bench, Task<Finding>> run)
    {
        var finding = await run(bench);
        foreach (var node in bench.Cluster.Nodes)
        {
            var term = await node.Api.GetAsync("/status?key=store.raft.term");
            if (long.TryParse(term.Body.Trim(), out var number) && number > 10_000)
            {
                return Finding.Bad($"the term of {node.Options.Id} has become {number}; {finding.Wrong ?? finding.Seen}");
            }
        }

        return finding;
    }

    private static async Task<Finding> GarbageAsync(Bench bench)
    {
        var random = new Random(bench.Options.Seed);
        var refused = 0;
        foreach (var node in bench.Cluster.Options)
        {
            var (cluster, _) = Identity(node.Data);
            for (var i = 0; i < 60; i++)
            {
                var bytes = new byte[random.Next(1, 5000)];
                random.NextBytes(bytes);
                bytes[0] = (byte)random.Next(0, 40);
                using var client = await ConnectAsync(node.RaftPort, (byte)(1 + (i % 5)), cluster, Guid.NewGuid());
                refused += client.Refusal is null ? 0 : 1;
                await client.SendAsync(bytes);
                await client.AnswerAsync(TimeSpan.FromMilliseconds(20));
            }
        }

        return Finding.Good($"{refused} of 180 greetings refused");
    }

    private static async Task<Finding> OversizedAsync(Bench bench)
    {
        foreach (var node in bench.Cluster.Options)
        {
            var (cluster, _) = Identity(node.Data);
            foreach (var (lane, bytes) in ((byte, byte[])[])
                [
                    (RequestLane, Numbers(int.MaxValue, (byte)1)), (RequestLane, Numbers(-1, (byte)1)), (RequestLane, Numbers(150 << 20, (byte)1, new byte[1000])),
                    (AppendLane, Numbers((byte)3, 1L, 0L, 0L, 0L, int.MaxValue)), (AppendLane, Numbers((byte)3, 1L, 0L, 0L, 0L, 1, 1L, (byte)0, 0, int.MaxValue)),
                    ((byte)3, Numbers((byte)4, 1L, long.MaxValue, 1L)),
                ])
            {
                using var client = await ConnectAsync(node.RaftPort, lane, cluster, Guid.NewGuid());
                await client.SendAsync(bytes);
                await client.AnswerAsync(TimeSpan.FromMilliseconds(200));
            }
        }

        return Finding.Good("sent");
    }

    /// <summary>The id of the cluster is what lets a connection in; a stranger must bring it and not be told.</summary>
    private static async Task<Finding> ClusterIdAsync(Bench bench)
    {
        var node = bench.Cluster.Options[0];
        using var client = await ConnectAsync(node.RaftPort, RequestLane, Guid.Empty, Guid.NewGuid());
        return client.ClusterId == Guid.Empty ? Finding.Good($"not told; {client.Refusal ?? "let in"}") : Finding.Bad($"a stranger is told the cluster's id {client.ClusterId}");
    }

    private static async Task<Finding> BatchParametersAsync(Bench bench)
    {
        var seen = new List<string>();
        foreach (var (sql, parameters) in ((string, byte[])[])
            [
                ("INSERT INTO p VALUES (?)", [0xFF]), ("INSERT INTO p VALUES (?)", [1]), ("INSERT INTO p VALUES (?)", [0, 0, 0, 0x7F, 1, 1]), ("INSERT INTO p VALUES (1)", new byte[3]),
                ("INSERT INTO p VALUES (?)", [.. Enumerable.Repeat((byte)0xEE, 200)]),
            ])
        {
            foreach (var node in bench.Cluster.Options)
            {
                seen.Add(await RequestAsync(bench, node, Batch(sql, parameters)));
            }
        }

        var left = (await bench.Api.QueryAsync("strong", "SELECT count(*) FROM p")).Scalar().GetInt64();
        return left == 0 ? Finding.Good(Counted(seen)) : Finding.Bad($"{left} rows are there");
    }

    private static async Task<Finding> BatchGarbageAsync(Bench bench)
    {
        var random = new Random(bench.Options.Seed);
        var seen = new List<string>();
        for (var i = 0; i < 300; i++)
        {
            var frame = Batch("INSERT INTO t VALUES (1)", []);
            for (var k = 0; k <= i % 4; k++)
            {
                frame[random.Next(5, frame.Length)] = (byte)random.Next(256);
            }

            seen.Add(await RequestAsync(bench, bench.Cluster.Options[i % 3], frame, TimeSpan.FromMilliseconds(300)));
        }

        return Finding.Good(Counted(seen));
    }

    /// <param name="term">0 for the term in which the node is.</param>
    private static async Task<Finding> AppendAsync(Bench bench, bool member, long term, byte[] entry)
    {
        var seen = new List<string>();
        var leader = await bench.Cluster.LeaderAsync();
        var node = bench.Cluster.Options[(leader + 1) % 3];
        var (cluster, _) = Identity(node.Data);
        var sender = member ? Identity(bench.Cluster.Options[leader].Data).Disk : Guid.NewGuid();
        for (var i = 0; i < 5; i++)
        {
            var now = long.Parse((await bench.Cluster.Nodes[leader].Api.GetAsync("/status?key=store.raft.term")).Body.Trim());
            var index = long.Parse((await bench.Cluster.Nodes[(leader + 1) % 3].Api.GetAsync("/status?key=store.raft.last_log_index")).Body.Trim());
            using var client = await ConnectAsync(node.RaftPort, AppendLane, cluster, sender);
            await client.SendAsync(Append(term == 0 ? now : term, index, now, entry));
            seen.Add(client.Refusal is not null ? "refused" : (await client.AnswerAsync(Moment)) is { Length: > 0 } answer ? $"answered {Convert.ToHexString(answer)}" : "no answer");
        }

        return Finding.Good(Counted(seen));
    }

    private static async Task<Finding> VoteAsync(Bench bench, bool member)
    {
        var seen = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var node = bench.Cluster.Options[i];
            var (cluster, _) = Identity(node.Data);
            var sender = member ? Identity(bench.Cluster.Options[(i + 1) % 3].Data).Disk : Guid.NewGuid();
            foreach (var pre in (bool[])[true, false])
            {
                using var client = await ConnectAsync(node.RaftPort, ControlLane, cluster, sender);
                await client.SendAsync(Vote(long.MaxValue - 1, pre));
                seen.Add(client.Refusal is not null ? "refused" : (await client.AnswerAsync(Moment)) is { Length: > 0 } answer ? $"answered {Convert.ToHexString(answer)}" : "no answer");
            }
        }

        return Finding.Good(Counted(seen));
    }

    /// <summary>Connections that say nothing, before the greeting and behind it.</summary>
    private static async Task<Finding> IdleAsync(Bench bench)
    {
        var node = bench.Cluster.Options[0];
        var (cluster, _) = Identity(node.Data);
        var silent = new List<IDisposable>();
        try
        {
            var refused = 0;
            for (var i = 0; i < 300; i++)
            {
                try
                {
                    silent.Add(await ConnectAsync(node.RaftPort, RequestLane, cluster, Guid.NewGuid()));
                }
                catch (IOException)
                {
                    refused++;
                }
            }

            return await bench.TroubleAsync() is { } trouble ? Finding.Bad(trouble) : Finding.Good($"{silent.Count} silent connections, {refused} refused");
        }
        finally
        {
            silent.ForEach(static s => s.Dispose());
        }
    }

    /// <summary>Requests of 60 MB of which the last byte never comes.</summary>
    private static async Task<Finding> FramesAsync(Bench bench)
    {
        const int Length = 60 << 20;
        var node = bench.Cluster.Options[0];
        var (cluster, _) = Identity(node.Data);
        var clients = new List<NodePortClient>();
        try
        {
            for (var i = 0; i < 24; i++)
            {
                var client = await ConnectAsync(node.RaftPort, RequestLane, cluster, Guid.NewGuid());
                clients.Add(client);
                await Task.WhenAny(client.SendAsync(Numbers(Length, (byte)1, new byte[Length - 1])), Task.Delay(bench.Options.Patience));
            }

            var trouble = await bench.TroubleAsync();
            return trouble is not null ? Finding.Bad(trouble) : Bounded(bench, 1200, $"24 requests of {Length >> 20} MB begun");
        }
        catch (IOException)
        {
            return Bounded(bench, 1200, "connections refused");
        }
        finally
        {
            clients.ForEach(static c => c.Dispose());
        }
    }

    public static Finding Bounded(Bench bench, int megabytes, string seen) => bench.Watch.Memory >> 20 <= megabytes
        ? Finding.Good($"{seen}, {bench.Watch.Memory >> 20} MB of memory")
        : Finding.Bad($"{seen}, {bench.Watch.Memory >> 20} MB of memory, more than {megabytes}");

    private static async Task<string> RequestAsync(Bench bench, NodeOptions node, byte[] frame, TimeSpan? within = null)
    {
        var (cluster, _) = Identity(node.Data);
        using var client = await ConnectAsync(node.RaftPort, RequestLane, cluster, Guid.NewGuid());
        await client.SendAsync(frame);
        var answer = await client.AnswerAsync(within ?? Moment);
        return client.Refusal is not null ? "refused" : answer.Length == 0 ? "no answer" : $"answered by kind {(answer.Length > 4 ? answer[4] : 0)}";
    }

    private static string Counted(IEnumerable<string> seen) => string.Join(", ", seen.CountBy(static s => s).Select(static s => $"{s.Value} x {s.Key}"));
}
