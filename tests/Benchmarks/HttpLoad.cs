using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Rqlite.Pg.Benchmarks;

/// <summary>Keep-alive connections that post the same kind of insert again and again and read just enough of each answer.</summary>
internal static class HttpLoad
{
    public static async Task<Sample> InsertAsync(Server server, int connections, int seconds)
    {
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var before = ProcessTimes.CpuSeconds(server.ProcessIds);
        var clock = Stopwatch.StartNew();
        // All to the leader: a client that knows its way.
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(c => Task.Run(() => ClientAsync(server.HttpPorts[0], c, end.Token))));
        var elapsed = clock.Elapsed.TotalSeconds;
        var cpu = ProcessTimes.CpuSeconds(server.ProcessIds) - before;
        return new Sample(counts.Sum() / elapsed, 1e6 * cpu / Math.Max(1, counts.Sum()));
    }

    private static async Task<long> ClientAsync(int port, int client, CancellationToken end)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("localhost", port, CancellationToken.None);
        var body = $"[[\"INSERT INTO bench_http(v, t) VALUES(?, ?)\", {client}, \"a text of ordinary length\"]]";
        var request = Encoding.ASCII.GetBytes(
            $"POST /db/execute HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var buffer = new byte[16384];
        long count = 0;
        for (; !end.IsCancellationRequested; count++)
        {
            await socket.SendAsync(request, CancellationToken.None);
            var have = 0;
            while (!IsWhole(buffer.AsSpan(0, have)))
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(have), CancellationToken.None);
                have += read > 0 ? read : throw new InvalidDataException("The server hung up.");
            }

            var answer = buffer.AsSpan(0, have);
            if (answer.IndexOf("rows_affected"u8) < 0)
            {
                throw new InvalidDataException(Encoding.UTF8.GetString(answer));
            }
        }

        return count;
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var headEnd = answer.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
        {
            return false;
        }

        var length = answer[..headEnd].IndexOf("Content-Length: "u8);
        return length < 0
            ? answer.EndsWith("\r\n0\r\n\r\n"u8)
            : Utf8Parser.TryParse(answer[(length + 16)..], out int bytes, out _) && answer.Length == headEnd + 4 + bytes;
    }
}
