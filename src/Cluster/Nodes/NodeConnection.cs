using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>One connection between nodes: buffered both ways, used by one reader and one writer at a time.</summary>
internal sealed class NodeConnection : IDisposable
{
    private const int BufferLength = 64 * 1024;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly byte[] _input = new byte[BufferLength];
    private readonly ArrayBufferWriter<byte> _output = new(4096);
    private int _start;
    private int _end;

    public NodeConnection(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
        Remote = socket.RemoteEndPoint?.ToString() ?? "";
        Peer = Remote;
    }

    public string Remote { get; }

    /// <summary>The node at the other end, for messages: its address until its name is known.</summary>
    public string Peer { get; set; }

    /// <summary>The cluster that this side has named in its hello, as whose member it is served.</summary>
    public Guid ClusterId { get; init; }

    /// <summary>On the side that dialled, the time at which the connection was last given back.</summary>
    public long IdleSince { get; set; }

    public IBufferWriter<byte> Output => _output;

    public int Unsent => _output.WrittenCount;

    public bool HasInput => _end > _start;

    /// <summary>False if the other side has closed, as far as can be told without waiting.</summary>
    public bool LooksAlive
    {
        get
        {
            try
            {
                return !HasInput && !_socket.Poll(0, SelectMode.SelectRead);
            }
            catch (SocketException)
            {
                return false;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }

    public static void Configure(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    /// <summary>
    /// Closes the connection when sent bytes are not confirmed in time, which keep-alive does not check. Only for connections on which both
    /// ends always read: an end that does not read would be taken for dead.
    /// </summary>
    public void LimitSilence(TimeSpan limit)
    {
        const int TcpLevel = 6;
        const int TcpUserTimeout = 18;
        if (OperatingSystem.IsLinux())
        {
            Span<byte> milliseconds = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(milliseconds, (int)limit.TotalMilliseconds);
            _socket.SetRawSocketOption(TcpLevel, TcpUserTimeout, milliseconds);
        }
    }

    public async ValueTask FlushAsync(CancellationToken token)
    {
        if (_output.WrittenCount > 0)
        {
            await _stream.WriteAsync(_output.WrittenMemory, token).ConfigureAwait(false);
            _output.ResetWrittenCount();
        }
    }

    public async ValueTask WriteThroughAsync(ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        await FlushAsync(token).ConfigureAwait(false);
        await _stream.WriteAsync(bytes, token).ConfigureAwait(false);
    }

    /// <summary>Reads once if nothing is buffered; false at the end of the stream.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken token)
    {
        if (HasInput)
        {
            return true;
        }

        _start = 0;
        _end = await _stream.ReadAsync(_input, token).ConfigureAwait(false);
        return _end > 0;
    }

    /// <summary>Makes at least <paramref name="count"/> bytes available to the Take methods.</summary>
    public async ValueTask EnsureAsync(int count, CancellationToken token)
    {
        if (_end - _start >= count)
        {
            return;
        }

        _input.AsSpan(_start, _end - _start).CopyTo(_input);
        _end -= _start;
        _start = 0;
        _end += await _stream.ReadAtLeastAsync(_input.AsMemory(_end), count - _end, true, token).ConfigureAwait(false);
    }

    /// <summary>Bytes that have arrived, without taking them.</summary>
    public ReadOnlySpan<byte> Peek(int count) => _input.AsSpan(_start, count);

    public byte TakeByte() => _input[_start++];

    public int TakeInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long TakeInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public ReadOnlySpan<byte> Take(int count)
    {
        var taken = _input.AsSpan(_start, count);
        _start += count;
        return taken;
    }

    public async ValueTask ReadExactlyAsync(Memory<byte> destination, IdleTimeout timeout)
    {
        while (!destination.IsEmpty)
        {
            var read = await ReadSomeAsync(destination, timeout.Token).ConfigureAwait(false);
            if (read == 0)
            {
                throw new EndOfStreamException();
            }

            timeout.Touch();
            destination = destination[read..];
        }
    }

    /// <summary>Reads into a buffer that grows with the bytes that arrive, so that an announced length costs nothing yet.</summary>
    /// <param name="buffer">The buffer to use if it is large enough.</param>
    /// <returns>A buffer that begins with the bytes.</returns>
    public async ValueTask<byte[]> ReadGrowingAsync(byte[] buffer, int length, IdleTimeout timeout)
    {
        const int firstMax = 1 << 20;
        if (buffer.Length < length)
        {
            buffer = GC.AllocateUninitializedArray<byte>(Math.Min(length, firstMax));
        }

        for (var read = 0; read < length;)
        {
            if (read == buffer.Length)
            {
                var larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(length, 4L * buffer.Length));
                buffer.CopyTo(larger, 0);
                buffer = larger;
            }

            var end = Math.Min(length, buffer.Length);
            await ReadExactlyAsync(buffer.AsMemory(read, end - read), timeout).ConfigureAwait(false);
            read = end;
        }

        return buffer;
    }

    public async ValueTask SkipAsync(int length, IdleTimeout timeout)
    {
        var rest = new byte[Math.Min(length, BufferLength)];
        for (timeout.Touch(); length > 0;)
        {
            var part = Math.Min(length, rest.Length);
            await ReadExactlyAsync(rest.AsMemory(0, part), timeout).ConfigureAwait(false);
            length -= part;
        }
    }

    public async ValueTask<int> ReadSomeAsync(Memory<byte> destination, CancellationToken token)
    {
        if (!HasInput)
        {
            return await _stream.ReadAsync(destination, token).ConfigureAwait(false);
        }

        var count = Math.Min(destination.Length, _end - _start);
        Take(count).CopyTo(destination.Span);
        return count;
    }

    /// <summary>Sends the end of the stream; the other side can still send.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The connection has ended both ways.
        }
    }

    public void Dispose()
    {
        // Disposed without lingering, so that the other side learns of it at once.
        _socket.Dispose();
        _stream.Dispose();
    }
}
