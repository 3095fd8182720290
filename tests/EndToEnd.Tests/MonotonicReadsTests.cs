using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Reads alone lead from node to node without going back in time, if each asks for the index of the one before.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class MonotonicReadsTests(ThreeNodes three)
{
    private const string Read = "SELECT n FROM monotonic";

    [Fact]
    public async Task A_read_elsewhere_at_the_last_index_is_never_older()
    {
        await three.Cluster.ReadyAsync();
        var nodes = three.Cluster.Nodes;
        (await nodes[0].Api.ExecuteAsync("CREATE TABLE monotonic(n INTEGER)")).Result();
        var begun = await nodes[0].Api.PostAsync("/db/execute?raft_index", ["INSERT INTO monotonic VALUES(0)"]);
        begun.Result();
        var start = begun.RaftIndex!.Value;
        using var enough = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                (await nodes[i % 3].Api.ExecuteAsync("UPDATE monotonic SET n = n + 1")).Result();
            }
        });
        try
        {
            await Task.WhenAll(Enumerable.Range(1, 3).Select(seed => OverPostgresAsync(nodes, start, new Random(seed)))
                .Append(OverHttpAsync(nodes, start, new Random(4))));
        }
        finally
        {
            await enough.CancelAsync();
            await writing;
        }
    }

    private static async Task OverPostgresAsync(IReadOnlyList<NodeProcess> nodes, long start, Random random)
    {
        var sessions = new List<PgText>();
        try
        {
            foreach (var node in nodes)
            {
                sessions.Add(await PgText.ConnectAsync(node.Options.PgPort, $"-c rqlite.consistency=none -c rqlite.min_index={start}"));
            }

            var seen = 0L;
            for (var turn = 0; turn < 150; turn++)
            {
                var session = sessions[random.Next(3)];
                var block = random.Next(4) == 0;
                await RunAsync(session, block ? "BEGIN ISOLATION LEVEL REPEATABLE READ" : $"SET rqlite.consistency = {(random.Next(3) == 0 ? "weak" : "none")}");
                var value = await RunAsync(session, Read, extended: random.Next(2) == 0);
                await RunAsync(session, block ? "COMMIT" : "SELECT 1");
                Assert.True(value >= seen, $"turn {turn}: {value} behind {seen}");
                seen = value;
                var index = await RunAsync(session, "SHOW rqlite.last_index");
                foreach (var other in sessions)
                {
                    await RunAsync(other, $"SET rqlite.min_index = {index}");
                }
            }
        }
        finally
        {
            sessions.ForEach(static session => session.Dispose());
        }
    }

    private static async Task OverHttpAsync(IReadOnlyList<NodeProcess> nodes, long start, Random random)
    {
        var (seen, index) = (0L, start);
        for (var turn = 0; turn < 150; turn++)
        {
            var level = random.Next(3) == 0 ? "weak" : "none";
            var reply = await nodes[random.Next(3)].Api.GetAsync(
                $"/db/query?raft_index&level={level}&min_index={index}&q={Uri.EscapeDataString(Read)}");
            var value = reply.Scalar().GetInt64();
            Assert.True(value >= seen, $"turn {turn}: {value} behind {seen}");
            (seen, index) = (value, reply.RaftIndex!.Value);
        }
    }

    private static async Task<long> RunAsync(PgText session, string sql, bool extended = false)
    {
        var answer = await session.RunAsync(sql, extended);
        Assert.True(answer.Ok, $"{sql}: {answer}");
        return answer.Rows.Count == 1 && long.TryParse(answer.Rows[0][0], out var number) ? number : 0;
    }
}
