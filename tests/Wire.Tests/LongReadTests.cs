using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Sessions that read for long, or do not read on, leave readers to others.</summary>
public sealed class LongReadTests
{
    private const string Huge = "with recursive c(n) as (select 1 union all select n + 1 from c) select n from c";
    private const string Endless = "with recursive c(n) as (select 1 union all select n + 1 from c) select count(*) from c";

    [Fact]
    public async Task A_session_has_its_share_of_open_portals()
    {
        await using var server = new SocketServer(o => o with { OpenResultsMax = 5 });
        await using var client = await WireClient.ConnectAsync(server.Listener.EndPoint);
        var messages = Departures.Start().Query("begin").Parse("huge", Huge).Parse("small", "select 1");
        for (var i = 0; i < 20; i++)
        {
            // A result whose rows have all been made holds nothing.
            messages.Bind($"s{i}", "small").Execute($"s{i}", 1);
        }

        for (var i = 0; i < 6; i++)
        {
            messages.Bind($"h{i}", "huge").Execute($"h{i}", 1);
        }

        await client.SendAsync(messages.Sync().Bytes);
        var frames = await client.ReadUntilReadyAsync(3);
        var error = Assert.Single(frames, static frame => frame.Code == 'E');
        Assert.Equal(("53400", "too many portals with rows left"), (error.Field('C'), error.Field('M')));
        Assert.Equal(25, frames.Count(static frame => frame.Code == 's'));
        await UntilAsync(() => server.Database.ReadersInUse == 0);
    }

    [Fact]
    public async Task Suspended_portals_give_their_readers_back_when_others_need_them()
    {
        await using var server = new SocketServer(
            storage: options => options with { ReadersMax = 4, ReadersIdleMax = 4, StalledReaderTime = TimeSpan.Zero });
        var sessions = new List<WireClient>();
        for (var i = 0; i < 8; i++)
        {
            var session = await WireClient.ConnectAsync(server.Listener.EndPoint);
            sessions.Add(session);
            await session.SendAsync(Departures.Start().Query("begin").Parse("", Huge).Bind("p", "").Execute("p", 1).Sync().Bytes);
            var frames = await session.ReadUntilReadyAsync(3);
            Assert.DoesNotContain(frames, static frame => frame.Code == 'E');
        }

        await using (var other = await WireClient.ConnectAsync(server.Listener.EndPoint))
        {
            await other.SendAsync(Departures.Start().Query("select 7").Bytes);
            Assert.Contains(await other.ReadUntilReadyAsync(2), static frame => frame.ToString() == "D 7");
        }

        // The rows of its block are there; behind them stands the error.
        await sessions[0].SendAsync(new ClientMessages().Execute("p").Sync().Bytes);
        var error = Assert.Single(await sessions[0].ReadUntilReadyAsync(1), static frame => frame.Code == 'E');
        Assert.Equal("53400", error.Field('C'));
        Assert.Contains("client has not read on", error.Field('M'), StringComparison.Ordinal);
        foreach (var session in sessions)
        {
            await session.DisposeAsync();
        }

        await UntilAsync(() => server.Database.ReadersInUse == 0);
    }

    [Theory]
    [InlineData(Endless)]
    [InlineData(Huge)]
    public async Task Reads_end_when_their_clients_leave(string sql)
    {
        await using var server = new SocketServer(o => o with { ClientCheckInterval = TimeSpan.FromMilliseconds(20) });
        var clients = new List<WireClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(await WireClient.ConnectAsync(server.Listener.EndPoint));
            await clients[i].SendAsync(Departures.Start().Query(sql).Bytes);
        }

        await UntilAsync(() => server.Database.ReadersInUse == 20);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        await UntilAsync(() => server.Database.ReadersInUse == 0 && server.Listener.Connections == 0);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            await Task.Delay(10);
        }
    }
}
