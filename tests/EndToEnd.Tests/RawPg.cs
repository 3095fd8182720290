using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>A PostgreSQL session that sends what no driver would, and reads the frames that come back.</summary>
internal sealed class RawPg : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly NetworkStream _stream;

    private RawPg(int port)
    {
        _socket.Connect("localhost", port);
        _stream = new NetworkStream(_socket);
    }

    /// <summary>The kinds of the frames that the last <see cref="UntilAsync"/> has read.</summary>
    public string Kinds { get; private set; } = "";

    public static async Task<RawPg> ConnectAsync(int port, bool startup = true)
    {
        var session = new RawPg(port);
        if (startup)
        {
            var body = Encoding.ASCII.GetBytes("user\0postgres\0database\0postgres\0\0");
            await session.SendAsync([.. Number(8 + body.Length), .. Number(196608), .. body]);
            await session.UntilAsync('Z');
        }

        return session;
    }

    public static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Frame(char code, byte[] body) => [(byte)code, .. Number(4 + body.Length), .. body];

    public static byte[] Query(string sql) => Frame('Q', [.. Encoding.UTF8.GetBytes(sql), 0]);

    public async Task SendAsync(byte[] bytes)
    {
        using var bound = new CancellationTokenSource(Until.Bound);
        await _stream.WriteAsync(bytes, bound.Token);
    }

    /// <summary>Sends until the server has had enough; that it stops listening is an answer too, and it has told why before.</summary>
    public async Task SendAsFarAsPossibleAsync(byte[] bytes)
    {
        try
        {
            await SendAsync(bytes);
        }
        catch (IOException)
        {
        }
    }

    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Everything until a frame of that kind, or the end; the SQLSTATE and message of the first error, if there was one.</summary>
    public async Task<string> UntilAsync(char last)
    {
        var error = "";
        Kinds = "";
        using var bound = new CancellationTokenSource(Until.Bound);
        var head = new byte[5];
        while (await _stream.ReadAtLeastAsync(head, 5, throwOnEndOfStream: false, bound.Token) == 5)
        {
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4];
            await _stream.ReadExactlyAsync(body, bound.Token);
            Kinds += (char)head[0];
            if (head[0] == 'E' && error.Length == 0)
            {
                var fields = Encoding.UTF8.GetString(body).Split('\0');
                error = $"{fields.First(f => f.StartsWith('C'))[1..]} {fields.First(f => f.StartsWith('M'))[1..]}";
            }

            if (head[0] == last)
            {
                break;
            }
        }

        return error;
    }

    /// <summary>Reads so many bytes of whatever comes.</summary>
    public async Task ReadAsync(int bytes)
    {
        using var bound = new CancellationTokenSource(Until.Bound);
        await _stream.ReadExactlyAsync(new byte[bytes], bound.Token);
    }

    /// <summary>Reads until the server ends the connection.</summary>
    public async Task EndAsync(string what)
    {
        using var bound = new CancellationTokenSource(Until.Bound);
        try
        {
            while (await _stream.ReadAsync(new byte[4096], bound.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{what}: the connection stays open");
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }
}
