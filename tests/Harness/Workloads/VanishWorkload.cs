using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>
/// Clients that vanish at any byte of what they send to whatever node: by the end of the stream, by a reset, by ending only what they send, or by
/// silence. In the end nothing of theirs may be left: no session, no lock, nobody who holds the writer, no half of what they wrote.
/// </summary>
public sealed class VanishWorkload(WorkloadOptions options) : Workload("vanish", options)
{
    private const int Keys = 2;
    private const int SilentMax = 8;

    // To find a connection in the system's list takes as long as some of them live.
    private const int FollowedOneOf = 10;
    private readonly ConcurrentQueue<Socket> _silent = new();
    private readonly ConcurrentQueue<string> _left = new();
    private readonly ConcurrentQueue<string> _followed = new();
    private long _next;

    private long FirstTag => Options.Run << 32;

    // Apart from the keys of others.
    private long FirstKey => (1L << 40) + (Options.Run * Keys);

    public override string Counts => $"{base.Counts}, {_followed.Count} followed to their end";

    public override async Task CreateAsync(Api api) => (await api.ExecuteAsync("CREATE TABLE IF NOT EXISTS gone (tag INTEGER)")).Result();

    public override async Task StopAsync()
    {
        await base.StopAsync();
        while (_silent.TryDequeue(out var socket))
        {
            socket.Dispose();
        }
    }

    public override async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        await FreeLocks.CheckAsync(nodes, Enumerable.Range(0, Keys).Select(k => FirstKey + k));
        foreach (var node in nodes)
        {
            await RestingNodes.WriterIsFreeAsync(node, "gone");
            await RestingNodes.CheckAsync(node, _followed);
        }

        var halves = (await nodes[0].Api.QueryAsync(
            "strong", "SELECT count(*) FROM (SELECT tag FROM gone GROUP BY tag HAVING count(*) <> 2 OR tag < 0)")).Scalar().GetInt64();
        return halves == 0 ? Verdict.Valid : Verdict.Violation($"{halves} of those who vanished left a half, or what they never ended");
    }

    public override IEnumerable<string> History() => _left;

    protected override async Task ClientAsync(int client, Random random)
    {
        while (!Stopped.IsCancellationRequested)
        {
            var tag = FirstTag + Interlocked.Increment(ref _next);
            var bytes = DepartureScripts.Make(random, tag, FirstKey + random.Next(Keys), $"gone{Options.Run}");
            var node = Options.Nodes[random.Next(Options.Nodes.Count)];
            var sent = random.Next(3) == 0 ? bytes.Length : random.Next(bytes.Length);
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 8 << 10 };
            try
            {
                await socket.ConnectAsync("127.0.0.1", node.PgPort);
                await SendAsync(socket, bytes.AsMemory(0, sent), random);
                if (random.Next(2) == 0)
                {
                    await HearAsync(socket, random);
                }

                if (random.Next(FollowedOneOf) == 0 && NodeSockets.Accepted(node.PgPort, socket) is { } name)
                {
                    _followed.Enqueue(name);
                }

                _left.Enqueue($"{tag} on {node.Id}: {sent} of {bytes.Length} bytes, {Leave(socket, random)}");
                Count(Outcome.Ok);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                Count(Outcome.Failed, e.Message);
                await PauseAsync(random, 60);
            }
        }
    }

    /// <summary>In one piece, or in two with a while between them, in which the first is served.</summary>
    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, Random random)
    {
        var first = random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length + 1);
        await socket.SendAsync(bytes[..first]);
        if (first < bytes.Length)
        {
            await Task.Delay(random.Next(1, 40));
            await socket.SendAsync(bytes[first..]);
        }
    }

    // Some of what the server has to say; a client that has sent little may have nothing to hear.
    private static async Task HearAsync(Socket socket, Random random)
    {
        using var enough = new CancellationTokenSource(random.Next(1, 40));
        var buffer = new byte[random.Next(1, 1 << 16)];
        try
        {
            while (await socket.ReceiveAsync(buffer, enough.Token) > 0)
            {
            }
        }
        catch (OperationCanceledException)
        {
            // It leaves now.
        }
    }

    private string Leave(Socket socket, Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                Keep(socket);
                return "silent";
            case < 3:
                socket.Shutdown(SocketShutdown.Send);
                Keep(socket);
                return "after the end of what it sends";
            case < 6:
                socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
                return "by a reset";
            default:
                socket.Dispose();
                return "by the end of the stream";
        }
    }

    private void Keep(Socket socket)
    {
        _silent.Enqueue(socket);
        while (_silent.Count > SilentMax && _silent.TryDequeue(out var oldest))
        {
            oldest.Dispose();
        }
    }
}
