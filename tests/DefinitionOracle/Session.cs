using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Rqlite.Pg.DefinitionOracle;

/// <summary>
/// A session of the simple protocol, since drivers keep the command's tag to themselves. An answer is lines: rows, notices, and at last the tag or the error.
/// </summary>
internal sealed class Session : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private NetworkStream _stream = null!;

    private Session()
    {
    }

    public static Session Connect(string socket, string database)
    {
        var session = new Session();
        session._socket.Connect(new UnixDomainSocketEndPoint(socket));
        session._stream = new NetworkStream(session._socket);
        byte[] body = [0, 3, 0, 0, .. Encoding.UTF8.GetBytes($"user\0postgres\0database\0{database}\0client_encoding\0UTF8\0\0")];
        session._stream.Write([.. Number(body.Length + 4), .. body]);
        session.Read();
        return session;
    }

    public string Run(string sql)
    {
        byte[] body = [.. Encoding.UTF8.GetBytes(sql), 0];
        _stream.Write([(byte)'Q', .. Number(body.Length + 4), .. body]);
        return Read();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    /// <summary>Reads up to ReadyForQuery.</summary>
    private string Read()
    {
        var lines = new List<string>();
        var head = new byte[5];
        while (true)
        {
            _stream.ReadExactly(head);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4];
            _stream.ReadExactly(body);
            switch ((char)head[0])
            {
                case 'Z':
                    return string.Join('\n', lines);
                case 'C':
                    lines.Add(Encoding.UTF8.GetString(body.AsSpan(0, body.Length - 1)));
                    break;
                case 'D':
                    lines.Add(Row(body));
                    break;
                case 'E':
                    var error = Fields(body);
                    lines.Add($"!{error['C']}|{error['M']}|{error.GetValueOrDefault('D')}|{error.GetValueOrDefault('H')}|{error.GetValueOrDefault('P')}");
                    break;
                case 'N':
                    var notice = Fields(body);
                    lines.Add($"{notice['V']} {notice['C']}|{notice['M']}|{notice.GetValueOrDefault('D')}|{notice.GetValueOrDefault('H')}");
                    break;
            }
        }
    }

    private static string Row(byte[] body)
    {
        var values = new string[BinaryPrimitives.ReadInt16BigEndian(body)];
        var at = 2;
        for (var i = 0; i < values.Length; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at));
            at += 4;
            values[i] = length < 0 ? "~" : Encoding.UTF8.GetString(body, at, length);
            at += Math.Max(length, 0);
        }

        return string.Join('|', values);
    }

    private static Dictionary<char, string> Fields(byte[] body)
    {
        var fields = new Dictionary<char, string>();
        for (var at = 0; body[at] != 0;)
        {
            var end = Array.IndexOf(body, (byte)0, at + 1);
            fields[(char)body[at]] = Encoding.UTF8.GetString(body, at + 1, end - at - 1);
            at = end + 1;
        }

        return fields;
    }

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
