using System.Net.Sockets;
using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Clients that leave, or stop reading, in the middle.</summary>
public sealed class DepartureTests
{
    private const int Rows = 1_000_000;
    private const string Endless = "with recursive c(n) as (select 1 union all select n + 1 from c where n < 100000000000) select count(*) as n from c";

    private static readonly string s_manyRows =
        $"with recursive c(n) as (select 1 union all select n + 1 from c where n < {Rows}) select n, '{new string('x', 90)}' as t from c";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_statement_ends_soon_after_its_client_has_left(bool reset)
    {
        var counting = new CountingDatabase();
        await using var server = new SocketServer(o => o with { ClientCheckInterval = TimeSpan.FromMilliseconds(50) }, counting.Over);
        using (var socket = await ConnectAsync(server))
        {
            await socket.SendAsync(Start().Query(Endless).Bytes);
            await counting.Reading(1);
            socket.LingerState = new LingerOption(reset, 0);
        }

        var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (server.Listener.Connections > 0)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    [Fact]
    public async Task A_client_that_stops_reading_holds_up_nobody_and_costs_no_memory()
    {
        var counting = new CountingDatabase();
        await using var server = new SocketServer(null, counting.Over);
        using var slow = await ConnectAsync(server);
        await slow.SendAsync(Start().Query(s_manyRows).Bytes);
        var received = new byte[64 << 10];
        var first = await slow.ReceiveAsync(received);
        Assert.NotEqual(0, first);

        // Others are served meanwhile; the slow one's rows stand still once the buffers of the two sockets are full.
        await using var other = await server.ConnectAsync();
        long before;
        do
        {
            before = counting.Rows;
            for (var i = 0; i < 100; i++)
            {
                await using var command = new Npgsql.NpgsqlCommand("select 1", other);
                Assert.NotNull(await command.ExecuteScalarAsync());
            }
        }
        while (counting.Rows - before > 100);
        Assert.InRange(counting.Rows, 1, Rows / 2);

        // It goes on where it stopped.
        var frames = new RowCounter();
        frames.Take(received.AsSpan(0, first));
        while (frames.Readies < 2)
        {
            var count = await slow.ReceiveAsync(received);
            Assert.NotEqual(0, count);
            frames.Take(received.AsSpan(0, count));
        }

        Assert.Equal(Rows, frames.Rows);
    }

    private static ClientMessages Start() => new ClientMessages().Startup(196608, ("user", "u"));

    private static async Task<Socket> ConnectAsync(SocketServer server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 64 << 10 };
        await socket.ConnectAsync(server.Listener.EndPoint);
        return socket;
    }
}
