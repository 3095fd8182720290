using System.Net.Sockets;
using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>What rows cost in garbage.</summary>
[Collection(RunsAlone.Name)]
public sealed class AllocationTests
{
    private const int Rows = 500_000;

    [Theory]
    [InlineData("")]
    [InlineData("text")]
    [InlineData("csv, force_quote *")]
    [InlineData("binary")]
    public async Task A_row_on_its_way_to_the_client_allocates_nothing(string copyFormat)
    {
        await using var server = new SocketServer();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Listener.EndPoint);
        var counter = new RowCounter();
        var received = new byte[64 << 10];
        var rows = $"with recursive c(n) as (select 1 union all select n + 1 from c where n < {Rows}) select n, 'text \\ \" ' || n as t, n / 2.0 as r from c";
        var query = new ClientMessages().Query(copyFormat.Length == 0 ? rows : $"copy ({rows}) to stdout (format {copyFormat})").Bytes;
        var trailers = copyFormat == "binary" ? 1 : 0;
        await socket.SendAsync(new ClientMessages().Startup(196608, ("user", "u")).Bytes);
        await socket.SendAsync(query);
        await ReadAsync(2);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        await socket.SendAsync(query);
        await ReadAsync(3);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.Equal(2 * (Rows + trailers), counter.Rows);

        // Waits of the two sockets cost something each, rows do not.
        Assert.InRange(allocated, 0, Rows * 4);

        async Task ReadAsync(int readies)
        {
            while (counter.Readies < readies)
            {
                var count = await socket.ReceiveAsync(received);
                Assert.NotEqual(0, count);
                counter.Take(received.AsSpan(0, count));
            }
        }
    }
}
