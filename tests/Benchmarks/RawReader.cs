using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Rqlite.Pg.Benchmarks;

/// <summary>A PostgreSQL client that only counts the bytes of an answer, so that the server is what is measured.</summary>
internal sealed class RawReader : IDisposable
{
    private static readonly byte[] Ready = [(byte)'Z', 0, 0, 0, 5, (byte)'I'];
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[1 << 18];

    public static async Task<RawReader> OpenAsync(int port)
    {
        var reader = new RawReader();
        await reader._socket.ConnectAsync("127.0.0.1", port);
        var body = Encoding.ASCII.GetBytes("user\0postgres\0database\0postgres\0\0");
        var startup = new byte[8 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(startup, startup.Length);
        BinaryPrimitives.WriteInt32BigEndian(startup.AsSpan(4), 196608);
        body.CopyTo(startup, 8);
        await reader._socket.SendAsync(startup);
        await reader.DrainAsync();
        return reader;
    }

    /// <summary>Runs a simple query and answers how many bytes came back.</summary>
    public async Task<long> QueryAsync(string sql)
    {
        var text = Encoding.UTF8.GetBytes(sql);
        var query = new byte[6 + text.Length];
        query[0] = (byte)'Q';
        BinaryPrimitives.WriteInt32BigEndian(query.AsSpan(1), 5 + text.Length);
        text.CopyTo(query, 5);
        await _socket.SendAsync(query);
        return await DrainAsync();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<long> DrainAsync()
    {
        long total = 0;
        var have = 0;
        do
        {
            // The last bytes are kept in front, since ReadyForQuery may be split between two reads.
            var keep = Math.Min(have, Ready.Length - 1);
            _buffer.AsSpan(have - keep, keep).CopyTo(_buffer);
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(keep));
            total += read > 0 ? read : throw new InvalidDataException("The server hung up.");
            have = keep + read;
        }
        while (!_buffer.AsSpan(0, have).EndsWith(Ready));

        return total;
    }
}
