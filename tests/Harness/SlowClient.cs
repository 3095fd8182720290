using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Rqlite.Pg.Harness;

/// <summary>The connection of a client that may leave answers unread: what lies between the two ends is small.</summary>
public static class SlowClient
{
    /// <param name="said">What the client sends first.</param>
    /// <exception cref="SocketException">The node does not take it.</exception>
    public static async Task<Socket> ConnectAsync(int port, ReadOnlyMemory<byte> said = default)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 8 << 10 };
        try
        {
            await socket.ConnectAsync("127.0.0.1", port);
            if (!said.IsEmpty)
            {
                await socket.SendAsync(said);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A request over HTTP with one statement.</summary>
    public static byte[] Post(string path, string sql)
    {
        var body = JsonSerializer.Serialize(new[] { sql });
        return Encoding.UTF8.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
    }
}
