using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace Rqlite.Pg.Wire.Tests.Scripting;

/// <summary>A client that sends bytes and collects frames, over a socket or over pipes in memory.</summary>
internal sealed class WireClient(PipeReader input, PipeWriter output, IDisposable? transport = null) : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private readonly List<byte> _received = [];

    public bool Closed { get; private set; }

    public static async Task<WireClient> ConnectAsync(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var stream = new NetworkStream(socket, ownsSocket: true);
        return new WireClient(PipeReader.Create(stream), PipeWriter.Create(stream), stream);
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await output.WriteAsync(bytes);
    }

    /// <summary>Closes the sending side.</summary>
    public Task EndAsync() => output.CompleteAsync().AsTask();

    /// <summary>Reads frames until so many ReadyForQuery have come, or the server has closed.</summary>
    public async Task<List<ServerFrame>> ReadUntilReadyAsync(int count) =>
        await ReadAsync(frames => frames.Count(f => f.Code == 'Z') >= count);

    public async Task<List<ServerFrame>> ReadUntilClosedAsync() => await ReadAsync(_ => false);

    public async Task<List<ServerFrame>> ReadAsync(Func<List<ServerFrame>, bool> enough)
    {
        using var limit = new CancellationTokenSource(s_limit);
        var frames = new List<ServerFrame>();
        while (true)
        {
            frames.AddRange(ServerFrame.Take(_received));
            if (enough(frames) || Closed)
            {
                return frames;
            }

            await ReceiveAsync(limit.Token);
        }
    }

    public async Task<byte> ReadByteAsync()
    {
        using var limit = new CancellationTokenSource(s_limit);
        while (_received.Count == 0 && !Closed)
        {
            await ReceiveAsync(limit.Token);
        }

        var first = _received[0];
        _received.RemoveAt(0);
        return first;
    }

    public async ValueTask DisposeAsync()
    {
        await input.CompleteAsync();
        await output.CompleteAsync();
        transport?.Dispose();
    }

    private async Task ReceiveAsync(CancellationToken token)
    {
        try
        {
            var read = await input.ReadAsync(token);
            foreach (var segment in read.Buffer)
            {
                _received.AddRange(segment.Span);
            }

            input.AdvanceTo(read.Buffer.End);
            Closed = read.IsCompleted;
        }
        catch (IOException)
        {
            // The server closed with bytes of ours unread.
            Closed = true;
        }
    }
}
