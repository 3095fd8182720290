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
    public Task A_row_on_its_way_to_the_client_allocates_nothing(string copyFormat) => ReadTwiceAsync(
        null,
        $"with recursive c(n) as (select 1 union all select n + 1 from c where n < {Rows}) select n, 'text \\ \" ' || n as t, n / 2.0 as r from c",
        copyFormat);

    [Theory]
    [InlineData("")]
    [InlineData("binary")]
    public Task Values_of_other_types_allocate_nothing_either(string copyFormat) => ReadTwiceAsync(
        "create table t (i smallint, n numeric(20,2), x numeric_text, d date, m timestamp, z timestamptz, h time, v interval, u uuid, b bytea, f float4); "
            + $"with recursive c(k) as (select 1 union all select k + 1 from c where k < {Rows}) "
            + "insert into t select k % 1000, k + 0.5, '12345678901234567890.5', '2024-02-29', '2024-02-29 12:34:56.789', '1999-12-31 23:59:59', "
            + "'23:59:59.5', '1 year 2 mons 3 days 04:05:06.7', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', x'0102ff', 0.1 from c",
        "select * from t",
        copyFormat);

    private static async Task ReadTwiceAsync(string? before, string rows, string copyFormat)
    {
        await using var server = new SocketServer();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Listener.EndPoint);
        var counter = new RowCounter();
        var received = new byte[64 << 10];
        var query = new ClientMessages().Query(copyFormat.Length == 0 ? rows : $"copy ({rows}) to stdout (format {copyFormat})").Bytes;
        var trailers = copyFormat == "binary" ? 1 : 0;
        await socket.SendAsync(new ClientMessages().Startup(196608, ("user", "u")).Bytes);
        await socket.SendAsync(new ClientMessages().Query(before ?? "select 1 where false").Bytes);
        await socket.SendAsync(query);
        await ReadAsync(3);

        var allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
        await socket.SendAsync(query);
        await ReadAsync(4);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore;
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
