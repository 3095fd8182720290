using System.Net;
using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Whatever a session does when the server stops, its client is told.</summary>
public sealed class ShutdownTests
{
    private const string Endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";

    private static ClientMessages Start() => new ClientMessages().Startup(196608, ("user", "u"));

    [Theory]
    [InlineData("idle")]
    [InlineData("startup")]
    [InlineData("block")]
    [InlineData("writer")]
    [InlineData("limited")]
    [InlineData("message")]
    [InlineData("statement")]
    [InlineData("statement in a block")]
    [InlineData("pipeline")]
    public async Task Every_session_is_told_that_the_server_stops(string doing)
    {
        await using var server = new SocketServer(o => o with { DrainTimeout = TimeSpan.FromMilliseconds(50), InterruptTimeout = TimeSpan.FromMinutes(1) });
        await using var client = await WireClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Listener.EndPoint.Port));
        if (doing != "startup")
        {
            await client.SendAsync(Start().Query("create table t (a int)").Bytes);
            await client.ReadUntilReadyAsync(2);
        }

        string[] before = doing switch
        {
            "block" => ["begin", "select 1"],
            "writer" or "statement in a block" => ["begin", "insert into t values (1)"],
            "limited" => ["set idle_session_timeout = '1h'"],
            _ => [],
        };
        foreach (var query in before)
        {
            await client.SendAsync(new ClientMessages().Query(query).Bytes);
            await client.ReadUntilReadyAsync(1);
        }

        var messages = doing switch
        {
            "message" => new ClientMessages().Raw([(byte)'Q', 0, 1, 0, 0, (byte)'s']),
            "statement" or "statement in a block" => new ClientMessages().Query(Endless),
            "pipeline" => new ClientMessages().Parse("", Endless).Bind("", "").Execute().Sync(),
            _ => new ClientMessages(),
        };
        await client.SendAsync(messages.Bytes);
        await Task.Delay(200);
        await server.Listener.DisposeAsync();
        var last = (await client.ReadUntilClosedAsync())[^1];
        Assert.Equal(
            ("FATAL", "57P01", "terminating connection due to administrator command"), (last.Field('S'), last.Field('C'), last.Field('M')));
    }
}
