using System.Buffers.Binary;
using System.Net;
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
    private readonly Queue<string> _notifications = new();
    private Stream _output = Stream.Null;
    private Stream _input = Stream.Null;

    private byte[] _cancelKey = [];

    // The head of the next frame, if somebody has begun to wait for it.
    private Task<int>? _next;

    private PgText(TimeSpan timeout) => _timeout = timeout;

    /// <summary>The port at this end of the connection.</summary>
    public int LocalPort => ((IPEndPoint)_socket.LocalEndPoint!).Port;

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
    public Task<PgAnswer> RunAsync(string sql, bool extended = false) =>
        RunAsync(extended ? [.. PgFrames.Execute(sql), .. PgFrames.Sync()] : PgFrames.Query(sql));

    /// <summary>Sends messages, the last of which asks for ReadyForQuery, and reads up to that. The tag is the last one's.</summary>
    /// <exception cref="IOException">As above.</exception>
    public Task<PgAnswer> RunAsync(byte[] messages) => BoundedAsync(async token =>
    {
        // Both at once: a server that has had enough says so while the client still sends.
        var sending = _output.WriteAsync(messages, token).AsTask();
        var answer = await AnswerAsync(token);
        _ = sending.ContinueWith(static t => t.Exception, TaskScheduler.Default);
        return answer;
    });

    /// <summary>Asks, on a connection of its own, that what this session runs be cancelled.</summary>
    public async Task CancelAsync()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_socket.RemoteEndPoint!);
        await socket.SendAsync(PgFrames.Cancel(_cancelKey));
        while (await socket.ReceiveAsync(new byte[16]) > 0)
        {
        }
    }

    /// <summary>The payloads of the notifications that have come in since this was last asked, in their order.</summary>
    public IReadOnlyList<string> TakeNotifications()
    {
        string[] taken = [.. _notifications];
        _notifications.Clear();
        return taken;
    }

    /// <summary>Takes in what the server sends by itself, until something comes or the time is over.</summary>
    /// <exception cref="IOException">The session has ended.</exception>
    public async Task HearAsync(TimeSpan most)
    {
        try
        {
            var head = NextAsync();
            if (await Task.WhenAny(head, Task.Delay(most)) != head)
            {
                return;
            }

            using var bound = new CancellationTokenSource(_timeout);
            var (code, body) = await FrameAsync(bound.Token) ?? throw new IOException("the connection was closed");
            if (!Take(code, body))
            {
                throw new IOException(code == 'E' ? Encoding.UTF8.GetString(body).Replace('\0', ' ') : $"an unexpected message {code}");
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>Ends the connection at once, without a word.</summary>
    public void Vanish() => _socket.Close(0);

    public void Dispose() => _socket.Dispose();

    private Task<PgAnswer> StartAsync(int port, string options) => BoundedAsync(async token =>
    {
        await _socket.ConnectAsync("127.0.0.1", port, token);
        _output = new NetworkStream(_socket);
        _input = new BufferedStream(_output, 16 * 1024);
        await _output.WriteAsync(PgFrames.Startup(options), token);
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
            if (await FrameAsync(token) is not var (code, body))
            {
                Dispose();
                return state is null ? throw new IOException("the connection was closed") : new PgAnswer("", rows, state, message);
            }

            switch (code)
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
                case 'K':
                    _cancelKey = body;
                    break;
                case 'Z':
                    return new PgAnswer(state is null ? tag : "", rows, state, message);
                default:
                    Take(code, body);
                    break;
            }
        }
    }

    private Task<int> NextAsync() => _next ??= _input.ReadAtLeastAsync(_head, 5, throwOnEndOfStream: false).AsTask();

    /// <summary>The next message, or null at the end of the connection.</summary>
    private async Task<(char Code, byte[] Body)?> FrameAsync(CancellationToken token)
    {
        var read = await NextAsync().WaitAsync(token);
        _next = null;
        if (read < 5)
        {
            return null;
        }

        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(_head.AsSpan(1)) - 4];
        await _input.ReadExactlyAsync(body, token);
        return ((char)_head[0], body);
    }

    /// <summary>Takes a message that may come at any time; false for another one.</summary>
    private bool Take(char code, byte[] body)
    {
        if (code == 'A')
        {
            _notifications.Enqueue(Encoding.UTF8.GetString(body.AsSpan(4)).Split('\0')[1]);
        }

        return code is 'A' or 'S' or 'N';
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
