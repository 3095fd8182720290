using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Rqlite.Pg.Harness;
using Xunit.Abstractions;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Bytes that nobody should send; the node closes that connection and goes on for all others.</summary>
public sealed class BadBytesTests(ITestOutputHelper output) : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Huge_half_and_random_messages_leave_a_node_at_work()
    {
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("data") };
        using var node = await NodeProcess.Start(options).ReadyAsync();
        (await node.Api.ExecuteAsync("CREATE TABLE t (a INTEGER)")).Result();
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        foreach (var (name, bytes) in Messages(new Random(seed)))
        {
            foreach (var (door, port) in new[] { ("http", options.HttpPort), ("raft", options.RaftPort), ("pg", options.PgPort) })
            {
                await SendAsync(port, bytes);
                Assert.False(node.HasExited, $"{name} at the {door} port ended the node\n{node.Log}");
            }
        }

        (await node.Api.ExecuteAsync("INSERT INTO t VALUES (1)")).Result();
        Assert.Equal(1, (await node.Api.QueryAsync("strong", "SELECT count(*) FROM t")).Scalar().GetInt64());
        Assert.True(node.ResidentBytes() < 1L << 30, $"{node.ResidentBytes()} bytes resident");
    }

    [Fact]
    public async Task Half_open_connections_do_not_keep_others_out()
    {
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("data") };
        using var node = await NodeProcess.Start(options).ReadyAsync();
        var silent = new List<Socket>();
        try
        {
            foreach (var port in new[] { options.HttpPort, options.RaftPort, options.PgPort })
            {
                for (var i = 0; i < 100; i++)
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    await socket.ConnectAsync("localhost", port);
                    await socket.SendAsync(new byte[] { 0, 0 });
                    silent.Add(socket);
                }
            }

            (await node.Api.ExecuteAsync("CREATE TABLE t (a INTEGER)")).Result();
            await using var connection = new Npgsql.NpgsqlConnection($"Host=localhost;Port={options.PgPort};Username=postgres;Database=postgres;Pooling=false;Server Compatibility Mode=NoTypeLoading");
            await connection.OpenAsync();
            await using var command = new Npgsql.NpgsqlCommand("SELECT 41 + 1", connection);
            Assert.Equal("42", (await command.ExecuteScalarAsync())?.ToString());
        }
        finally
        {
            silent.ForEach(s => s.Dispose());
        }
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<(string Name, byte[] Bytes)> Messages(Random random)
    {
        yield return ("nothing", []);
        yield return ("a startup of 2 GB", Length(int.MaxValue, 196608));
        yield return ("a startup of negative length", Length(-1, 196608));
        yield return ("a startup of unknown protocol", Length(8, 0x7FFFFFFF));
        yield return ("half a startup", Length(64, 196608));
        yield return ("a query of 2 GB before a startup", [(byte)'Q', .. Length(int.MaxValue)]);
        yield return ("a started session and a message of 2 GB", [.. Startup(), (byte)'Q', .. Length(int.MaxValue), .. new byte[1000]]);
        yield return ("a started session and a bind that ends early", [.. Startup(), (byte)'B', .. Length(12), 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0]);
        yield return ("a started session and an unknown message", [.. Startup(), (byte)'!', .. Length(4)]);
        yield return ("half an HTTP request", Encoding.ASCII.GetBytes("POST /db/execute HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n[\""));
        yield return ("a request of negative length", Encoding.ASCII.GetBytes("POST /db/execute HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n[]"));
        yield return ("a header of 1 MB", Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: x\r\nX: {new string('x', 1 << 20)}\r\n\r\n"));
        yield return ("deep JSON", Encoding.ASCII.GetBytes($"POST /db/execute HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{new string('[', 100000)}"));
        for (var i = 0; i < 10; i++)
        {
            var bytes = new byte[random.Next(1, 5000)];
            random.NextBytes(bytes);
            yield return ($"random bytes {i}", bytes);
        }

        for (var i = 0; i < 6; i++)
        {
            // A first byte that may be a message kind of the node port, then a length that is far too large.
            yield return ($"node frame {i}", [(byte)i, .. Length(int.MaxValue), .. new byte[100]]);
        }
    }

    private static byte[] Length(params int[] numbers)
    {
        var bytes = new byte[4 * numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 * i), numbers[i]);
        }

        return bytes;
    }

    private static byte[] Startup()
    {
        var body = Encoding.ASCII.GetBytes("user\0postgres\0database\0postgres\0\0");
        return [.. Length(8 + body.Length, 196608), .. body];
    }

    /// <summary>Sends, reads what comes for a moment, and hangs up rudely.</summary>
    private static async Task SendAsync(int port, byte[] bytes)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
        await socket.ConnectAsync("localhost", port);
        using var moment = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        try
        {
            await socket.SendAsync(bytes, moment.Token);
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer, moment.Token) > 0)
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // Closed by the node, or it waits for the rest: both are right.
        }
    }
}
