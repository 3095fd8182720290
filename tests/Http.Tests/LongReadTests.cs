using System.Net.Sockets;
using System.Text;
using Rqlite.Pg.Http.Tests.Doubles;
using Rqlite.Pg.Support;

namespace Rqlite.Pg.Http.Tests;

/// <summary>Clients that leave, or do not read what they have asked for, take nothing from others.</summary>
public sealed class LongReadTests
{
    private const string Huge = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i, 'some text of ordinary length' FROM n";
    private const string Endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n";

    [Theory]
    [InlineData(Endless)]
    [InlineData(Huge)]
    public async Task Reads_end_when_their_clients_leave(string sql)
    {
        await using var standalone = StandaloneDatabase.Open();
        await using var server = await TestServer.StartAsync(standalone.Database, new ScriptedControl());
        var clients = new List<TcpClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(await AskAsync(server, sql));
        }

        await UntilAsync(() => standalone.ReadersInUse == 20);
        Assert.Equal(200, (await server.SendAsync("GET", "/status")).Status);
        clients.ForEach(static client => client.Dispose());
        await UntilAsync(() => standalone.ReadersInUse == 0);
    }

    [Fact]
    public async Task Clients_that_do_not_read_lose_their_readers_to_others_and_are_told()
    {
        await using var standalone = StandaloneDatabase.Open(
            configure: options => options with { ReadersMax = 4, ReadersIdleMax = 4, StalledReaderTime = TimeSpan.FromMilliseconds(200) });
        await using var server = await TestServer.StartAsync(standalone.Database, new ScriptedControl());
        var clients = new List<TcpClient>();
        for (var i = 0; i < 12; i++)
        {
            clients.Add(await AskAsync(server, Huge));
        }

        var (status, body, _) = await server.SendAsync("GET", "/db/query?level=none&q=SELECT%207");
        Assert.Equal((200, true), (status, body.Contains("[[7]]", StringComparison.Ordinal)));
        await UntilAsync(() => clients.TrueForAll(static client => client.Available > 0));

        // There are fewer readers than answers that have begun, so some have lost theirs. The answer stays valid JSON and says why it ends.
        var ends = await Task.WhenAll(clients.Select(ReadToEndAsync));
        Assert.Contains(ends, static end => end.Contains("\"error\":\"the result was given up because its client has not read on", StringComparison.Ordinal));
        clients.ForEach(static client => client.Dispose());
        await UntilAsync(() => standalone.ReadersInUse == 0);
    }

    private static async Task<TcpClient> AskAsync(TestServer server, string sql)
    {
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        var request = $"GET /db/query?level=none&q={Uri.EscapeDataString(sql)} HTTP/1.1\r\nHost: {server.Address.Authority}\r\nConnection: close\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        return client;
    }

    /// <summary>What comes last, if the answer ends before it has become very long.</summary>
    private static async Task<string> ReadToEndAsync(TcpClient client)
    {
        var (buffer, last, total) = (new byte[64 << 10], "", 0L);
        while (total < 64 << 20 && await client.GetStream().ReadAsync(buffer) is > 0 and var read)
        {
            total += read;
            last = (last.Length > 4096 ? last[^4096..] : last) + Encoding.UTF8.GetString(buffer, 0, read);
        }

        return last;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            await Task.Delay(10);
        }
    }
}
