using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>
/// Clients that keep what others need: prepared statements, open portals, answers that they do not read, silent connections, advisory locks. What they
/// keep is still good when they come back to it, unless they are told that it is gone; and once they have left nothing of it is kept.
/// </summary>
public sealed class HoardWorkload(WorkloadOptions options) : Workload("hoard", options)
{
    private const int Keys = 2;
    private const string Numbers = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000000) SELECT n, 'a text of ordinary length' AS t FROM c";
    private readonly ConcurrentQueue<string> _followed = new();
    private readonly ConcurrentQueue<string> _wrong = new();

    // Apart from the keys of others.
    private long FirstKey => (1L << 41) + (Options.Run * Keys);

    public override Task CreateAsync(Api api) => Task.CompletedTask;

    public override async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        await FreeLocks.CheckAsync(nodes, Enumerable.Range(0, Keys).Select(k => FirstKey + k));
        foreach (var node in nodes)
        {
            await RestingNodes.CheckAsync(node, _followed);
        }

        return _wrong.TryPeek(out var wrong) ? Verdict.Violation(wrong) : Verdict.Valid;
    }

    public override IEnumerable<string> History() => _wrong;

    protected override async Task ClientAsync(int client, Random random)
    {
        var node = Options.Nodes[random.Next(Options.Nodes.Count)];
        switch (random.Next(5))
        {
            case 0:
                await StatementsAsync(node, random);
                break;
            case 1:
                await PortalsAsync(node, random);
                break;
            case 2:
                await UnreadAsync(node, random, http: random.Next(2) == 0);
                break;
            case 3:
                await SilentAsync(node, random);
                break;
            default:
                await LockAsync(node, random);
                break;
        }

        await PauseAsync(random, 200);
    }

    private async Task StatementsAsync(NodeOptions node, Random random)
    {
        using var session = await SessionAsync(node);
        var length = random.Next(1, 200_000);
        var count = random.Next(10, 60);
        for (var i = 0; i < count; i++)
        {
            if (!Good(await session.RunAsync([.. PgFrames.Parse($"s{i}", $"SELECT length('{new string('x', length + i)}')"), .. PgFrames.Sync()])))
            {
                return;
            }
        }

        await PauseAsync(random, 1000);
        var chosen = random.Next(count);
        var answer = await session.RunAsync([.. PgFrames.Bind("", $"s{chosen}"), .. PgFrames.ExecutePortal(""), .. PgFrames.Sync()]);
        if (Good(answer))
        {
            Expect(answer, length + chosen, $"prepared statement s{chosen}");
        }
    }

    private async Task PortalsAsync(NodeOptions node, Random random)
    {
        using var session = await SessionAsync(node);
        await session.RunAsync("BEGIN");
        var count = random.Next(5, 40);
        for (var i = 0; i < count; i++)
        {
            if (!Good(await session.RunAsync([.. PgFrames.Parse("", Numbers), .. PgFrames.Bind($"p{i}", ""), .. PgFrames.ExecutePortal($"p{i}", i + 1), .. PgFrames.Sync()])))
            {
                return;
            }
        }

        await PauseAsync(random, 1000);
        var chosen = random.Next(count);
        var answer = await session.RunAsync([.. PgFrames.ExecutePortal($"p{chosen}", 1), .. PgFrames.Sync()]);
        if (Good(answer))
        {
            Expect(answer, chosen + 2, $"portal p{chosen}");
        }
    }

    /// <summary>Answers larger than what lies between the two ends, of which nothing is read.</summary>
    private Task UnreadAsync(NodeOptions node, Random random, bool http) => http
        ? KeepAsync(10, [node.HttpPort], SlowClient.Post("/db/query?level=none", Numbers), random)
        : KeepAsync(10, [node.PgPort], [.. PgFrames.Startup(), .. PgFrames.Query(Numbers)], random);

    private Task SilentAsync(NodeOptions node, Random random) => KeepAsync(20, [node.PgPort, node.HttpPort, node.RaftPort], [], random);

    /// <summary>Opens connections, says something on each or nothing, and leaves after a while.</summary>
    private async Task KeepAsync(int count, int[] ports, byte[] said, Random random)
    {
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                sockets.Add(await SlowClient.ConnectAsync(ports[i % ports.Length], said));
            }

            await PauseAsync(random, 1500);
            if (NodeSockets.Accepted(ports[0], sockets[0]) is { } name)
            {
                _followed.Enqueue(name);
            }

            Count(Outcome.Ok);
        }
        catch (SocketException e)
        {
            Count(Outcome.Failed, e.Message);
        }
        finally
        {
            sockets.ForEach(static s => s.Dispose());
        }
    }

    /// <summary>While a session has a lock, and is answered afterwards, nobody else gets it.</summary>
    private async Task LockAsync(NodeOptions node, Random random)
    {
        var key = FirstKey + random.Next(Keys);
        using var session = await SessionAsync(node);
        var mine = await session.RunAsync($"SELECT pg_try_advisory_lock({key})");
        if (!Good(mine) || mine.Rows[0][0] != "t")
        {
            return;
        }

        await PauseAsync(random, 1000);
        using var other = await SessionAsync(Options.Nodes[random.Next(Options.Nodes.Count)]);
        var theirs = await other.RunAsync($"SELECT pg_try_advisory_lock({key})");
        if ((await session.RunAsync("SELECT 1")).Ok && theirs.Ok && theirs.Rows[0][0] == "t")
        {
            _wrong.Enqueue($"lock {key} was given twice while its first session, on {node.Id}, was answered");
        }
    }

    private async Task<PgText> SessionAsync(NodeOptions node)
    {
        try
        {
            return await PgText.ConnectAsync(node.PgPort);
        }
        catch (IOException e)
        {
            Count(Outcome.Failed, e.Message);
            throw;
        }
    }

    private bool Good(PgAnswer answer)
    {
        Count(answer.Ok ? Outcome.Ok : Outcome.Failed, answer.Ok ? null : answer.ToString());
        return answer.Ok;
    }

    private void Expect(PgAnswer answer, long value, string what)
    {
        if (answer.Rows.Count != 1 || answer.Rows[0][0] != value.ToString(CultureInfo.InvariantCulture))
        {
            _wrong.Enqueue($"{what} gave {string.Join(", ", answer.Rows.Select(static r => r[0]))} instead of {value}");
        }
    }
}
