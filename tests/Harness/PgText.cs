using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Rqlite.Pg.Harness;

/// <summary>The answer to one statement.</summary>
/// <param name="Tag">The command tag, such as COMMIT or ROLLBACK; empty after an error.</param>
/// <param name="State">The SQLSTATE of the error, or null.</param>
public sealed record PgAnswer(string Tag, IReadOnlyList<string?[]> Rows, string? State, string Message)
{
    public bool Ok => State is null;

    public override string ToString() => Ok ? $"{Tag}, {Rows.Count} rows" : $"{State} {Message}";
}

/// <summary>
/// A PostgreSQL session that retries nothing, hides nothing and shows each command's tag: what a driver adds of its own would stand
/// between a history and what the server did.
/// </summary>
public sealed class PgText : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly TimeSpan _timeout;
    private readonly byte[] _head = new byte[5];
    private Stream _output = Stream.Null;
    private Stream _input = Stream.Null;

    private PgText(TimeSpan timeout) => _timeout = timeout;

    /// <exception cref="IOException">The node does not answer, or refuses the session.</exception>
    public static async Task<PgText> ConnectAsync(int port, string options = "", TimeSpan? timeout = null)
    {
        var session = new PgText(timeout ?? TimeSpan.FromSeconds(10));
        try
        {
            await session.StartAsync(port, options);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs one statement, by the simple protocol or by the extended one.</summary>
    /// <exception cref="IOException">The connection was lost, or there was no answer in time; it is of no more use then.</exception>
    public Task<PgAnswer> RunAsync(string sql, bool extended = false) => BoundedAsync(async token =>
    {
        var text = Encoding.UTF8.GetBytes(sql);
        byte[] request = extended
            ? [.. Frame('P', [0, .. text, 0, 0, 0]), .. Frame('B', [0, 0, 0, 0, 0, 0, 0, 0]), .. Frame('D', [(byte)'P', 0]),
                .. Frame('E', [0, 0, 0, 0, 0]), .. Frame('S', [])]
            : Frame('Q', [.. text, 0]);
        await _output.WriteAsync(request, token);
        return await AnswerAsync(token);
    });

    /// <summary>Ends the connection at once, without a word.</summary>
    public void Vanish() => _socket.Close(0);

    public void Dispose() => _socket.Dispose();

    private static byte[] Frame(char code, byte[] body) => [(byte)code, .. Number(4 + body.Length), .. body];

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private Task<PgAnswer> StartAsync(int port, string options) => BoundedAsync(async token =>
    {
        await _socket.ConnectAsync("127.0.0.1", port, token);
        _output = new NetworkStream(_socket);
        _input = new BufferedStream(_output, 16 * 1024);
        var body = Encoding.UTF8.GetBytes($"user\0postgres\0database\0postgres\0{(options.Length == 0 ? "" : $"options\0{options}\0")}\0");
        await _output.WriteAsync((byte[])[.. Number(8 + body.Length), .. Number(196608), .. body], token);
        var answer = await AnswerAsync(token);
        return answer.Ok ? answer : throw new IOException(answer.ToString());
    });

    private async Task<PgAnswer> BoundedAsync(Func<CancellationToken, Task<PgAnswer>> action)
    {
        using var bound = new CancellationTokenSource(_timeout);
        try
        {
            return await action(bound.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Dispose();
            throw new IOException(e is OperationCanceledException ? "no answer in time" : e.Message, e);
        }
    }

    /// <summary>Reads up to ReadyForQuery. A session that is ended by an error has no more of those: then the error is the answer.</summary>
    private async Task<PgAnswer> AnswerAsync(CancellationToken token)
    {
        var rows = new List<string?[]>();
        var (tag, message) = ("", "");
        string? state = null;
        for (; ; )
        {
            if (await _input.ReadAtLeastAsync(_head, 5, throwOnEndOfStream: false, token) < 5)
            {
                Dispose();
                return state is null ? throw new IOException("the connection was closed") : new PgAnswer("", rows, state, message);
            }

            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(_head.AsSpan(1)) - 4];
            await _input.ReadExactlyAsync(body, token);
            switch ((char)_head[0])
            {
                case 'D':
                    rows.Add(Row(body));
                    break;
                case 'C':
                    tag = Encoding.UTF8.GetString(body.AsSpan(0, body.Length - 1));
                    break;
                case 'E':
                    var fields = Encoding.UTF8.GetString(body).Split('\0');
                    state ??= fields.First(static f => f.StartsWith('C'))[1..];
                    message += fields.First(static f => f.StartsWith('M'))[1..];
                    break;
                case 'Z':
                    return new PgAnswer(state is null ? tag : "", rows, state, message);
            }
        }
    }

    private static string?[] Row(byte[] body)
    {
        var row = new string?[BinaryPrimitives.ReadInt16BigEndian(body)];
        var at = 2;
        for (var i = 0; i < row.Length; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at));
            at += 4;
            if (length >= 0)
            {
                row[i] = Encoding.UTF8.GetString(body, at, length);
                at += length;
            }
        }

        return row;
    }
}
