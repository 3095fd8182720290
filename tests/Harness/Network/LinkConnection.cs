using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rqlite.Pg.Harness.Network;

/// <summary>One connection from a node to another, on its way through.</summary>
internal sealed class LinkConnection(NodeLinks links, Socket caller, string target) : IDisposable
{
    // Length, magic, version, feature level, lane, cluster, disk, target; then the caller's id behind its length.
    private const int NameAt = 4 + 4 + 4 + 4 + 1 + (3 * 16);
    private const int HelloMax = 4096;
    private static readonly byte[] Magic = "RQPN"u8.ToArray();
    private readonly Socket _node = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private volatile string? _from;

    public bool Joins(string one, string other) => _from is { } from && ((from == one && target == other) || (from == other && target == one));

    public void Reset()
    {
        caller.Close(0);
        _node.Close(0);
    }

    /// <summary>False if the caller is a node and did not say its name.</summary>
    public async Task<bool> RunAsync(int port, CancellationToken token)
    {
        caller.NoDelay = true;
        var hello = await HelloAsync(token);
        if (!hello.AsSpan(Math.Min(4, hello.Length)).StartsWith(Magic))
        {
            // Gone already, or somebody who looks for what had this port before.
            return true;
        }

        _from = Name(hello);
        var there = links.Gate(_from ?? "?", target);
        var back = links.Gate(target, _from ?? "?");
        await there.PassAsync(token);
        await _node.ConnectAsync(IPAddress.Loopback, port, token);
        await SendAsync(_node, hello, token);
        await Task.WhenAll(PumpAsync(caller, _node, there, back, token), PumpAsync(_node, caller, back, there, token));
        return _from is not null;
    }

    public void Dispose()
    {
        caller.Dispose();
        _node.Dispose();
    }

    private static async Task PumpAsync(Socket source, Socket sink, LinkGate gate, LinkGate opposite, CancellationToken token)
    {
        var buffer = new byte[64 * 1024];
        for (; ; )
        {
            int count;
            try
            {
                count = await source.ReceiveAsync(buffer, token);
            }
            catch (SocketException)
            {
                count = -1;
            }

            await gate.PassAsync(token);
            if (count <= 0)
            {
                End(sink, count < 0);
                return;
            }

            try
            {
                await SendAsync(sink, buffer.AsMemory(0, count), token);
            }
            catch (SocketException)
            {
                await opposite.PassAsync(token);
                source.Close(0);
                return;
            }
        }
    }

    private static void End(Socket sink, bool abruptly)
    {
        try
        {
            if (abruptly)
            {
                sink.Close(0);
            }
            else
            {
                sink.Shutdown(SocketShutdown.Send);
            }
        }
        catch (SocketException)
        {
            // It has gone already.
        }
    }

    private static async Task SendAsync(Socket sink, ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await sink.SendAsync(bytes, token)..];
        }
    }

    /// <summary>The first message, or what came of it until it made no sense.</summary>
    private async Task<byte[]> HelloAsync(CancellationToken token)
    {
        var bytes = new byte[HelloMax];
        var have = 0;
        var need = 4;
        while (have < need)
        {
            var count = await caller.ReceiveAsync(bytes.AsMemory(have, need - have), token);
            have += count;
            if (count == 0)
            {
                break;
            }

            if (have == 4 && need == 4)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
                need = length is > 0 and <= HelloMax - 4 ? 4 + length : 4;
            }
        }

        return bytes[..have];
    }

    private static string? Name(byte[] hello)
    {
        if (hello.Length < NameAt + 4)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(hello.AsSpan(NameAt));
        return length is > 0 and < 200 && NameAt + 4 + length <= hello.Length ? Encoding.UTF8.GetString(hello, NameAt + 4, length) : null;
    }
}
