using System.Net.Sockets;
using System.Text;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>What strangers send neither steers nor floods the log, and pages of theirs are refused.</summary>
public sealed class StrangersTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Bytes_of_strangers_do_not_steer_or_flood_the_log()
    {
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("n1") };
        using var node = await NodeProcess.Start(options).ReadyAsync();
        (int Port, string Text)[] all =
        [
            (options.HttpPort, "GET /\u001b[2J HTTP/9.9\r\nfatal: forged\r\n\r\n"),
            (options.HttpPort, "GET /%1b%0afatal:%20forged HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n"),
            (options.RaftPort, "\u001b[31m\nfatal: forged\r\n\r\n"),
            (options.PgPort, "\0\0\0\u0010\0\u0003\0\0user\0\u001b\0\0"),
        ];
        for (var i = 0; i < 200; i++)
        {
            foreach (var (port, text) in all)
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync("localhost", port);
                await socket.SendAsync(Encoding.Latin1.GetBytes(text));
                try
                {
                    // The last text is a session that could go on.
                    socket.Shutdown(SocketShutdown.Send);

                    // Until the node has closed the connection.
                    while (await socket.ReceiveAsync(new byte[1024]) > 0)
                    {
                    }
                }
                catch (SocketException)
                {
                    // It closed before it had read all.
                }
            }
        }

        await node.LineAsync("\"evil.example\" is not a name of this server");
        await StillServes.CheckAsync([node]);
        var log = node.Log;
        Assert.DoesNotContain(log, c => char.IsControl(c) && c != '\n');
        var lines = log.Split('\n');
        Assert.DoesNotContain(lines, line => line.StartsWith("fatal", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("   at ", StringComparison.Ordinal));
        Assert.True(lines.Length < 400, log);
        Assert.True(lines.Count(line => line.Contains("BadRequests", StringComparison.Ordinal)) < 200, log);
    }

    [ClientFact("curl")]
    public async Task Curl_is_served_as_ever_and_a_page_of_another_origin_is_not()
    {
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("n1"), Extra = ["-http-allow-origin", "https://ours.example"] };
        using var node = await NodeProcess.Start(options).ReadyAsync();
        var curl = $"curl -s -XPOST localhost:{options.HttpPort}/db/execute";
        Assert.Equal("""{"results":[{}]}""", (await CommandLine.BashAsync($"{curl} -d '[\"CREATE TABLE t (a)\"]'")).Output);
        var foreign = await CommandLine.BashAsync($"{curl} -H 'Origin: http://evil.example' -d '[\"DROP TABLE t\"]'");
        Assert.Contains("-http-allow-origin", foreign.Output, StringComparison.Ordinal);
        Assert.Equal("""{"results":[{}]}""", (await CommandLine.BashAsync($"{curl} -H 'Origin: https://ours.example' -d '[\"DROP TABLE t\"]'")).Output);
    }

    public void Dispose() => _folder.Dispose();
}
