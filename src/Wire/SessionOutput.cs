using System.Buffers;
using System.IO.Pipelines;
using Rqlite.Pg.Wire.Messages;

namespace Rqlite.Pg.Wire;

/// <summary>The client has left, so no answer can be sent.</summary>
internal sealed class ClientGoneException(string reason, Exception? inner = null) : Exception(reason, inner);

/// <summary>
/// The destination of answers. While statements wait for a Sync, the frames of later messages are held back here so that answers keep the order
/// of their requests.
/// </summary>
internal sealed class SessionOutput(PipeWriter first, StatementCancellation cancellation)
{
    /// <summary>Above this size a flush is due even in the middle of a result.</summary>
    public const int FlushBytes = 64 << 10;

    private PipeWriter _writer = first;
    private ArrayBufferWriter<byte>? _held;

    /// <summary>Sends everything from now on another way; what came before has been flushed.</summary>
    public void Redirect(PipeWriter next) => _writer = next;

    /// <summary>The buffer for the next frame.</summary>
    public IBufferWriter<byte> Frames => Holding ? _held! : _writer;

    /// <summary>The encoding of texts in frames now.</summary>
    public ClientEncoding Encoding => EncodingOf?.Invoke() ?? ClientEncoding.Utf8;

    /// <summary>Tells the encoding once there are settings.</summary>
    public Func<ClientEncoding>? EncodingOf { get; set; }

    public bool Holding { get; private set; }

    public int HeldBytes => _held?.WrittenCount ?? 0;

    public bool FlushIsDue => _writer.UnflushedBytes >= FlushBytes;

    public bool HasUnflushed => _writer.UnflushedBytes > 0;

    /// <summary>Holds frames back from now on.</summary>
    public void Hold()
    {
        _held ??= new ArrayBufferWriter<byte>();
        Holding = true;
    }

    /// <summary>Sends frames to the client again; returns the held ones, which stay valid until the next <see cref="Hold"/>.</summary>
    public ReadOnlyMemory<byte> Release()
    {
        Holding = false;
        var held = _held?.WrittenMemory ?? default;
        _held = null;
        return held;
    }

    public void Write(ReadOnlySpan<byte> frames) => _writer.Write(frames);

    /// <summary>Waits while the client is slow. Not cancellable: half a frame would garble the rest of the session.</summary>
    /// <exception cref="ClientGoneException">The connection is broken.</exception>
    public ValueTask FlushAsync()
    {
        try
        {
            var pending = _writer.FlushAsync(CancellationToken.None);
            if (!pending.IsCompletedSuccessfully)
            {
                return WaitAsync(pending);
            }

            RequireReading(pending.Result);
            return ValueTask.CompletedTask;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw new ClientGoneException(exception.Message, exception);
        }
    }

    private static async ValueTask WaitAsync(ValueTask<FlushResult> pending)
    {
        FlushResult result;
        try
        {
            result = await pending.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw new ClientGoneException(exception.Message, exception);
        }

        RequireReading(result);
    }

    private static void RequireReading(in FlushResult result)
    {
        if (result.IsCompleted)
        {
            throw new ClientGoneException("The client no longer reads.");
        }
    }

    /// <summary>Waits for the database; the answers so far are flushed first if the wait is a real one.</summary>
    public ValueTask<T> AwaitAsync<T>(ValueTask<T> pending) =>
        pending.IsCompleted || !HasUnflushed || Holding ? pending : FlushAndAwaitAsync(pending);

    private async ValueTask<T> FlushAndAwaitAsync<T>(ValueTask<T> pending)
    {
        var task = pending.AsTask();
        try
        {
            await FlushAsync().ConfigureAwait(false);
        }
        catch (ClientGoneException)
        {
            // The result (the writer, a reader) would arrive after the session's end, without an owner.
            cancellation.Cancel();
            await DropAsync(task).ConfigureAwait(false);
            throw;
        }

        return await task.ConfigureAwait(false);
    }

    private static async ValueTask DropAsync<T>(Task<T> task)
    {
        await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.IsCompletedSuccessfully && await task.ConfigureAwait(false) is IAsyncDisposable given)
        {
            await given.DisposeAsync().ConfigureAwait(false);
        }
    }
}
