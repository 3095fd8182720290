using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Rqlite.Pg.Harness;
using static Rqlite.Pg.Abuse.CaseTable;
using static Rqlite.Pg.Abuse.NodePortCases;

namespace Rqlite.Pg.Abuse;

/// <summary>Clients that take threads, readers, descriptors or memory. What counts is that the others get on, and that all is given back.</summary>
internal static class StarvationCases
{
    private static readonly string s_hugeAnswer = $"SELECT n, 'a text of ordinary length, again and again' AS t FROM {Series(20_000_000)}";

    public static IReadOnlyList<AbuseCase> All { get; } =
    [
        Case("long-reads-16", b => LongReadsAsync(b, 16), inShort: true),
        Case("long-reads-64", b => LongReadsAsync(b, 64)),
        Case("long-reads-wire", LongWireReadsAsync),
        Case("abandoned-answers", AbandonedAsync, inShort: true),
        Case("slow-readers-http", b => SlowReadersAsync(b, http: true)),
        Case("slow-readers-wire", b => SlowReadersAsync(b, http: false)),
        Case("suspended-portals", SuspendedPortalsAsync, inShort: true),
        Case("idle-sockets", IdleSocketsAsync),
        Case("prepared-bytes", b => SessionBytesAsync(b, portals: false)),
        Case("portal-bytes", b => SessionBytesAsync(b, portals: true)),
        Case("body-bytes", BodyBytesAsync),
        Case("message-bytes", MessageBytesAsync),
        Case("temp-files", TempFilesAsync),
        Case("statements-in-body", StatementsInBodyAsync),
        Case("statements-in-text", StatementsInTextAsync),
        Case("advisory-renewal", AdvisoryRenewalAsync),
        Case("advisory-no-quorum", AdvisoryNoQuorumAsync),
        Case("advisory-cancelled", AdvisoryCancelledAsync, inShort: true),
        Case("leader-stays", LeaderStaysAsync),
        Case("stop-in-write", StopInWriteAsync, inShort: true),
    ];

    private static ActionCase Case(string name, Func<Bench, Task<Finding>> run, bool inShort = false) =>
        new(CaseGroup.Starvation, name, run) { Short = inShort };

    private static Task<Finding> LongReadsAsync(Bench bench, int count) => LongReadsAsync(bench, count, async node =>
    {
        using var api = new Api(node.HttpPort, bench.Options.Patience);
        return Answer.Of(await api.QueryAsync("none", Endless("count(*)")));
    });

    private static Task<Finding> LongWireReadsAsync(Bench bench) => LongReadsAsync(bench, 64, async node =>
    {
        try
        {
            using var session = await PgText.ConnectAsync(node.PgPort, timeout: bench.Options.Patience);
            return Answer.Of(await session.RunAsync(Endless("count(*)")));
        }
        catch (IOException e)
        {
            return Answer.Of(e);
        }
    });

    /// <summary>Reads without an end on the leader: it leads on, and answers for its state.</summary>
    private static async Task<Finding> LongReadsAsync(Bench bench, int count, Func<NodeOptions, Task<Answer>> read)
    {
        var node = await bench.NodeAsync(leader: true);
        var reads = Task.WhenAll(Enumerable.Range(0, count).Select(_ => read(node)));
        var (status, asked) = await StatusWhileAsync(node, reads);
        var answers = await reads;
        var unexpected = answers.FirstOrDefault(static a => (a.Kind & (AnswerKinds.Bound | AnswerKinds.Busy)) == 0);
        var seen = $"{Kinds(answers)}; /status asked {asked} times, longest {status:0} ms";
        return unexpected is not null ? Finding.Bad($"{seen}: {unexpected}")
            : bench.Watch.TermChanges > 0 ? Finding.Bad($"{seen}: the lead has changed {bench.Watch.TermChanges} times")
            : Finding.Good(seen);
    }

    private static async Task<(double Longest, int Asked)> StatusWhileAsync(NodeOptions node, Task running)
    {
        using var api = new Api(node.HttpPort, TimeSpan.FromSeconds(30));
        var (longest, asked) = (0.0, 0);
        while (!running.IsCompleted)
        {
            var clock = Stopwatch.StartNew();
            await api.GetAsync("/status");
            longest = Math.Max(longest, clock.Elapsed.TotalMilliseconds);
            asked++;
            await Task.WhenAny(running, Task.Delay(100));
        }

        return (longest, asked);
    }

    /// <summary>Clients that ask for much and leave: nothing is worked on for them any more.</summary>
    private static async Task<Finding> AbandonedAsync(Bench bench)
    {
        var index = await bench.Cluster.LeaderAsync();
        var node = bench.Cluster.Nodes[index];
        var sockets = new List<Socket>();
        for (var i = 0; i < 100; i++)
        {
            sockets.Add(await AskAsync(node.Options, http: i % 2 == 0, i % 4 < 2 ? s_hugeAnswer : Endless("count(*)")));
        }

        await Task.Delay(300);
        foreach (var socket in sockets)
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }

        return await NoReaderAsync(bench, node) is { } wrong ? Finding.Bad(wrong) : Finding.Good("no reader is at work any more");
    }

    /// <summary>Clients that ask for much and read nothing: others are answered.</summary>
    private static async Task<Finding> SlowReadersAsync(Bench bench, bool http)
    {
        var node = bench.Cluster.Nodes[await bench.Cluster.LeaderAsync()];
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < 300; i++)
            {
                try
                {
                    sockets.Add(await AskAsync(node.Options, http, s_hugeAnswer));
                }
                catch (IOException)
                {
                    // Too many connections: said at once, which is right.
                }
            }

            await Task.Delay(1000);
            if (await bench.TroubleAsync() is { } trouble)
            {
                return Finding.Bad($"{sockets.Count} slow readers: {trouble}");
            }
        }
        finally
        {
            sockets.ForEach(static s => s.Dispose());
        }

        return await NoReaderAsync(bench, node) is { } wrong ? Finding.Bad(wrong) : Finding.Good($"{sockets.Count} slow readers, and others were answered");
    }

    private static async Task<Finding> SuspendedPortalsAsync(Bench bench)
    {
        var node = bench.Cluster.Nodes[await bench.Cluster.LeaderAsync()];
        var sessions = new List<PgText>();
        Answer? refused = null;
        try
        {
            for (var s = 0; s < 2; s++)
            {
                var session = await PgText.ConnectAsync(node.Options.PgPort, timeout: bench.Options.Patience);
                sessions.Add(session);
                await session.RunAsync("BEGIN");
                for (var i = 0; i < 300 && refused is null; i++)
                {
                    var answer = await session.RunAsync(
                        [.. PgFrames.Parse("", s_hugeAnswer), .. PgFrames.Bind($"p{i}", ""), .. PgFrames.ExecutePortal($"p{i}", 1), .. PgFrames.Sync()]);
                    refused = answer.Ok ? null : Answer.Of(answer);
                }
            }

            if (refused is { Kind: AnswerKinds.Fault or AnswerKinds.Silence })
            {
                return Finding.Bad($"{refused}");
            }

            if (await bench.TroubleAsync() is { } trouble)
            {
                return Finding.Bad(trouble);
            }
        }
        finally
        {
            sessions.ForEach(static s => s.Dispose());
        }

        return await NoReaderAsync(bench, node) is { } wrong ? Finding.Bad(wrong) : Finding.Good($"{refused?.ToString() ?? "all taken"}, and others were answered");
    }

    /// <summary>On nodes that may open 1,024 files: 1,500 connections that say nothing, at each port.</summary>
    private static async Task<Finding> IdleSocketsAsync(Bench bench)
    {
        var program = Binaries.Rqlited();
        var script = Path.Combine(Directory.CreateTempSubdirectory("rqlited-limit-").FullName, "rqlited");
        await File.WriteAllTextAsync(script, $"#!/bin/bash\nulimit -n 1024\nexec {program.FileName} {string.Join(' ', program.ArgumentList)} \"$@\"\n");
        await CommandLine.BashAsync($"chmod 700 {script}");
        var before = Environment.GetEnvironmentVariable("RQLITED");
        var sockets = new List<Socket>();
        try
        {
            Environment.SetEnvironmentVariable("RQLITED", script);
            await using var small = await Bench.StartAsync(bench.Options);
            var node = await small.NodeAsync(leader: true);
            foreach (var port in (int[])[node.PgPort, node.HttpPort, node.RaftPort])
            {
                for (var i = 0; i < 1500; i++)
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    sockets.Add(socket);
                    try
                    {
                        await socket.ConnectAsync("127.0.0.1", port).WaitAsync(TimeSpan.FromSeconds(2));
                    }
                    catch (Exception e) when (e is SocketException or TimeoutException)
                    {
                        break;
                    }
                }

                // The log has to open files meanwhile, and the others' connections were there before.
                await Task.Delay(500);
                if (small.Cluster.Nodes.Any(static n => n.HasExited))
                {
                    return Finding.Bad($"{await small.TroubleAsync()}");
                }
            }

            if (await small.TroubleAsync() is { } trouble)
            {
                return Finding.Bad(trouble);
            }

            sockets.ForEach(static s => s.Dispose());
            return await small.RestartAsync(kill: false) is { } wrong ? Finding.Bad(wrong) : Finding.Good($"{sockets.Count} connections, {small.Watch}");
        }
        finally
        {
            Environment.SetEnvironmentVariable("RQLITED", before);
            sockets.ForEach(static s => s.Dispose());
            Directory.Delete(Path.GetDirectoryName(script)!, recursive: true);
        }
    }

    /// <summary>A session that keeps a thousand statements, or portals, of a megabyte each.</summary>
    private static async Task<Finding> SessionBytesAsync(Bench bench, bool portals)
    {
        var node = await bench.NodeAsync(leader: true);
        using var session = await PgText.ConnectAsync(node.PgPort, timeout: bench.Options.Patience);
        await session.RunAsync("BEGIN");
        var text = new string('x', 1 << 20);
        Answer? refused = null;
        var kept = 0;
        try
        {
            for (; kept < 1500 && refused is null; kept++)
            {
                byte[] messages = portals
                    ? [.. PgFrames.Parse("", "SELECT length($1), 1 UNION ALL SELECT 2, 2"), .. PgFrames.Bind($"p{kept}", "", text), .. PgFrames.ExecutePortal($"p{kept}", 1), .. PgFrames.Sync()]
                    : [.. PgFrames.Parse($"s{kept}", $"SELECT length('{text}')"), .. PgFrames.Sync()];
                var answer = await session.RunAsync(messages);
                refused = answer.Ok ? null : Answer.Of(answer);
            }
        }
        catch (IOException e)
        {
            refused = Answer.Of(e);
        }

        var seen = $"{kept} of 1 MB kept, then {refused?.ToString() ?? "nothing else"}";
        return refused is { Kind: AnswerKinds.Fault or AnswerKinds.Silence } ? Finding.Bad(seen) : Bounded(bench, 1000, seen);
    }

    private static async Task<Finding> BodyBytesAsync(Bench bench)
    {
        var node = await bench.NodeAsync(leader: true);
        var body = JsonSerializer.Serialize(new[] { $"SELECT length('{new string('x', 60_000_000)}')" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            using var api = new Api(node.HttpPort, bench.Options.Patience);
            return Answer.Of(await api.SendAsync(HttpMethod.Post, i % 2 == 0 ? "/db/query" : "/db/execute", body, "application/json"));
        }));
        var seen = Kinds(answers);
        return answers.FirstOrDefault(static a => a.Kind is AnswerKinds.Fault) is { } fault ? Finding.Bad($"{seen}: {fault}") : Bounded(bench, 2600, seen);
    }

    /// <summary>Messages of the PostgreSQL protocol of 60 MB, the last byte of which is kept back.</summary>
    private static async Task<Finding> MessageBytesAsync(Bench bench)
    {
        var node = await bench.NodeAsync(leader: true);
        var sockets = new List<Socket>();
        try
        {
            var message = PgFrames.Query($"SELECT length('{new string('x', 60_000_000)}')");
            for (var i = 0; i < 24; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                await socket.ConnectAsync("127.0.0.1", node.PgPort);
                await socket.SendAsync(PgFrames.Startup());
                var sending = SendAllAsync(socket, message.AsMemory(0, message.Length - 1));
                await Task.WhenAny(sending, Task.Delay(TimeSpan.FromSeconds(3)));
            }

            return await bench.TroubleAsync() is { } trouble ? Finding.Bad(trouble) : Bounded(bench, 2600, "24 messages of 60 MB begun");
        }
        finally
        {
            sockets.ForEach(static s => s.Dispose());
        }
    }

    /// <summary>Answers that SQLite sorts or keeps in temporary files.</summary>
    private static async Task<Finding> TempFilesAsync(Bench bench)
    {
        var node = await bench.NodeAsync(leader: true);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            using var api = new Api(node.HttpPort, bench.Options.Patience);
            var rows = $"SELECT n, hex(randomblob(2000)) AS b FROM {Series(1_000_000)}";
            return Answer.Of(await api.QueryAsync("none", i % 2 == 0 ? $"SELECT b FROM ({rows}) ORDER BY b LIMIT 1" : $"WITH k AS MATERIALIZED ({rows}) SELECT count(*) FROM k a, k b"));
        }));
        var bytes = bench.Watch.TempBytes;
        var seen = $"{Kinds(answers)}, {bytes >> 20} MB in temporary files";
        return answers.FirstOrDefault(static a => (a.Kind & (AnswerKinds.Done | AnswerKinds.No)) == 0) is { } odd ? Finding.Bad($"{seen}: {odd}")
            : bytes > 1200L << 20 ? Finding.Bad(seen)
            : Bounded(bench, 1500, seen);
    }

    private static async Task<Finding> StatementsInBodyAsync(Bench bench)
    {
        const int Count = 200_000;
        var node = await bench.NodeAsync(leader: true);
        var body = $"[{string.Join(',', Enumerable.Range(0, Count).Select(static i => $"\"INSERT INTO t VALUES ({i})\""))}]";
        using var api = new Api(node.HttpPort, TimeSpan.FromMinutes(5));
        var clock = Stopwatch.StartNew();
        var reply = await api.SendAsync(HttpMethod.Post, "/db/execute", body, "application/json");
        var answer = Answer.Of(reply);
        var seen = $"{Count} statements in a body: {answer.Kind} in {clock.Elapsed.TotalSeconds:0.0} s";
        await api.ExecuteAsync("DELETE FROM t");
        return (answer.Kind & (AnswerKinds.Done | AnswerKinds.Bound)) != 0 ? Finding.Good(seen) : Finding.Bad($"{seen}: {answer}");
    }

    private static async Task<Finding> StatementsInTextAsync(Bench bench)
    {
        const int Count = 100_000;
        var node = await bench.NodeAsync(leader: true);
        using var session = await PgText.ConnectAsync(node.PgPort, timeout: TimeSpan.FromMinutes(5));
        var clock = Stopwatch.StartNew();
        var reads = Answer.Of(await session.RunAsync(Repeat("SELECT 1;", Count)));
        var read = clock.Elapsed;
        clock.Restart();
        var writes = Answer.Of(await session.RunAsync(Repeat("INSERT INTO t VALUES (1);", Count)));
        var seen = $"{Count} statements in a text: reads {reads.Kind} in {read.TotalSeconds:0.0} s, writes {writes.Kind} in {clock.Elapsed.TotalSeconds:0.0} s";
        await bench.Api.ExecuteAsync("DELETE FROM t");
        return ((reads.Kind | writes.Kind) & ~(AnswerKinds.Done | AnswerKinds.Bound)) == 0 ? Finding.Good(seen) : Finding.Bad($"{seen}: {reads}; {writes}");
    }

    /// <summary>A lock that is taken just before the node would have to renew its lease is kept.</summary>
    private static async Task<Finding> AdvisoryRenewalAsync(Bench bench)
    {
        var node = await bench.NodeAsync(leader: false);
        for (var i = 0; i < 4; i++)
        {
            using var session = await PgText.ConnectAsync(node.PgPort);
            await session.RunAsync("SELECT pg_advisory_lock(77)");
            await session.RunAsync("SELECT pg_advisory_unlock(77)");
            await Task.Delay(4800);
            foreach (var sql in (string[])["SELECT pg_advisory_lock(77)", "SELECT 1", "SELECT 2", "SELECT pg_advisory_unlock(77)"])
            {
                try
                {
                    var answer = await session.RunAsync(sql);
                    if (!answer.Ok)
                    {
                        return Finding.Bad($"{sql}: {answer}");
                    }
                }
                catch (IOException e)
                {
                    return Finding.Bad($"{sql}: {e.Message}");
                }

                await Task.Delay(130);
            }
        }

        return Finding.Good("four sessions have kept their locks");
    }

    /// <summary>Calls that are ended in the middle of their work leave the locks usable, on the leader and through a follower.</summary>
    private static async Task<Finding> AdvisoryCancelledAsync(Bench bench)
    {
        foreach (var leader in (bool[])[true, false])
        {
            var node = await bench.NodeAsync(leader);
            using var endless = await PgText.ConnectAsync(node.PgPort, "-c statement_timeout=200", bench.Options.Patience);
            using var other = await PgText.ConnectAsync(node.PgPort, timeout: bench.Options.Patience);
            for (var i = 0; i < 10; i++)
            {
                var ended = Answer.Of(await endless.RunAsync(Endless("count(pg_try_advisory_lock(n % 3))")));
                var locked = await other.RunAsync("SELECT pg_try_advisory_lock(7), pg_advisory_unlock(7)");
                if ((ended.Kind & AnswerKinds.Bound) == 0 || !locked.Ok)
                {
                    return Finding.Bad($"{ended}; then {locked}");
                }
            }
        }

        return Finding.Good("20 calls were ended, and others have taken locks after each");
    }

    /// <summary>Without a quorum a wait for a lock still ends with the client's own limit.</summary>
    private static async Task<Finding> AdvisoryNoQuorumAsync(Bench bench)
    {
        var leader = await bench.Cluster.LeaderAsync();
        var node = bench.Cluster.Options[leader];
        using var session = await PgText.ConnectAsync(node.PgPort, "-c statement_timeout=1000", TimeSpan.FromSeconds(60));
        await session.RunAsync("SELECT 1");
        int[] others = [(leader + 1) % 3, (leader + 2) % 3];
        foreach (var i in others)
        {
            bench.Cluster.Nodes[i].Pause();
        }

        try
        {
            var clock = Stopwatch.StartNew();
            var answer = Answer.Of(await session.RunAsync("SELECT pg_advisory_lock(78)"));
            var seen = $"{answer} after {clock.Elapsed.TotalSeconds:0.0} s for a limit of 1 s";
            return clock.Elapsed > TimeSpan.FromSeconds(6) || answer.Kind == AnswerKinds.Done ? Finding.Bad(seen) : Finding.Good(seen);
        }
        finally
        {
            foreach (var i in others)
            {
                bench.Cluster.Nodes[i].Resume();
            }
        }
    }

    private static async Task<Finding> LeaderStaysAsync(Bench bench)
    {
        using var one = await TestCluster.StartAsync(1);
        var api = one.Nodes[0].Api;
        var before = (await api.GetAsync("/status?key=store.raft.term")).Body.Trim();
        var reply = await api.SendAsync(HttpMethod.Post, "/leader?wait", null, null);
        var after = "";
        for (var i = 0; i < 30; i++)
        {
            after = (await api.GetAsync("/status?key=store.raft.term")).Body.Trim();
            if (!(await api.QueryAsync("weak", "SELECT 1")).Clean || after != before)
            {
                return Finding.Bad($"term {before} became {after}; {reply.Status} {reply.Body}");
            }

            await Task.Delay(100);
        }

        return Finding.Good($"term {after}; {reply.Status}");
    }

    /// <summary>SIGTERM to all nodes while each has statements at work that do not end.</summary>
    private static async Task<Finding> StopInWriteAsync(Bench bench)
    {
        var sockets = new List<Socket>();
        foreach (var node in bench.Cluster.Options)
        {
            for (var i = 0; i < 4; i++)
            {
                var sql = i < 2 ? $"INSERT INTO p {Endless("n", " WHERE n < 0")}" : Endless("count(*)");
                sockets.Add(await AskAsync(node, http: i % 2 == 0, sql));
            }
        }

        try
        {
            await Task.Delay(300);
            var wrong = await bench.RestartAsync(kill: false);
            return wrong is null ? Finding.Good("all have ended in order and come back") : Finding.Bad(wrong);
        }
        finally
        {
            sockets.ForEach(static s => s.Dispose());
        }
    }

    /// <summary>A client that sends a statement and reads nothing.</summary>
    private static async Task<Socket> AskAsync(NodeOptions node, bool http, string sql)
    {
        try
        {
            var path = sql.StartsWith("INSERT", StringComparison.Ordinal) ? "/db/execute" : "/db/query?level=none";
            return http
                ? await SlowClient.ConnectAsync(node.HttpPort, SlowClient.Post(path, sql))
                : await SlowClient.ConnectAsync(node.PgPort, (byte[])[.. PgFrames.Startup(), .. PgFrames.Query(sql)]);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await socket.SendAsync(bytes)..];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The node does not want it, or the case is over.
        }
    }

    /// <summary>Waits until nobody reads for those who have left; the others' reads are short, so a count that stays is not theirs.</summary>
    private static async Task<string?> NoReaderAsync(Bench bench, NodeProcess node)
    {
        var clock = Stopwatch.StartNew();
        var few = 0;
        var last = "";
        while (few < 3)
        {
            if (clock.Elapsed > bench.Options.Patience)
            {
                return $"{last} readers are still at work {clock.Elapsed.TotalSeconds:0} s after their clients have left";
            }

            last = (await node.Api.GetAsync("/status?key=store.sqlite3.conn_pool_stats.ro.in_use")).Body.Trim();
            few = int.TryParse(last, out var number) && number <= 3 ? few + 1 : 0;
            await Task.Delay(100);
        }

        return null;
    }

    private static string Kinds(IEnumerable<Answer> answers) => string.Join(", ", answers.CountBy(static a => a.Kind).Select(static a => $"{a.Value} x {a.Key}"));
}
