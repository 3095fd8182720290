using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Protocol;
using Rqlite.Pg.Wire.Session;
using Rqlite.Pg.Wire.Startup;

namespace Rqlite.Pg.Wire;

/// <summary>
/// The life of one connection over a pair of pipes: startup, then one read, many frames, one write. All of a session's code runs in this one
/// loop.
/// </summary>
internal sealed class PgConnection
{
    private const int ReadBytes = 8 << 10;

    // After so many frames the loop yields, so that a client that pipelines without end does not starve the other connections of its socket thread.
    private const int FramesPerTurn = 32;

    private PipeReader _reader;
    private PipeWriter _writer;
    private readonly SessionOutput _output;
    private readonly SessionContext _context;
    private readonly MessageMemory _memory;
    private readonly IDisposable? _transport;
    private readonly StatementCancellation _cancellation = new();
    private volatile bool _stopping;
    private volatile bool _serving;
    private volatile bool _closed;
    private Socket? _socket;
    private SslStream? _encrypted;
    private byte[]? _endPoint;
    private string _client = "";
    private HolderWatch? _holder;
    private int _frames;

    public PgConnection(PipeReader reader, PipeWriter writer, SessionContext context, int id, IDisposable? transport = null)
    {
        (_reader, _writer, _context, _transport, Id) = (reader, writer, context, transport, id);
        _output = new SessionOutput(writer, _cancellation);
        _memory = new MessageMemory(context.Memory);
    }

    public int Id { get; }

    public static PgConnection Over(Socket socket, SessionContext context, int id)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        return new PgConnection(ReaderOf(stream), WriterOf(stream), context, id, stream)
        {
            _socket = socket,
            _client = socket.RemoteEndPoint?.ToString() ?? "",
            _holder = HolderWatch.Over(socket),
        };
    }

    private static PipeReader ReaderOf(Stream stream) =>
        PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true, useZeroByteReads: true));

    private static PipeWriter WriterOf(Stream stream) =>
        PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: SessionOutput.FlushBytes, leaveOpen: true));

    /// <summary>Cancels the running statement of a client that has left. Called at intervals, from any thread.</summary>
    public void CancelIfClientLeft()
    {
        if (_socket is { } socket && _cancellation.Running && ClientSocket.HasLeft(socket))
        {
            _cancellation.Cancel();
        }
    }

    /// <summary>Makes an idle session look for changes to report.</summary>
    public void Wake()
    {
        if (_serving)
        {
            _reader.CancelPendingRead();
        }
    }

    /// <summary>Ends the session with 57P01 as soon as its running statement is done.</summary>
    public void Stop()
    {
        _stopping = true;
        _reader.CancelPendingRead();
    }

    /// <summary>Interrupts a statement that does not end; its client gets the reason.</summary>
    public void Interrupt() => _cancellation.Cancel();

    /// <summary>Ends the session with 57P01 at once.</summary>
    public void Terminate()
    {
        Stop();
        Interrupt();
        _ = AbortLaterAsync();
    }

    /// <summary>Closes the socket of a session that cannot send its last messages.</summary>
    public void Abort()
    {
        _cancellation.Cancel();
        _transport?.Dispose();
    }

    /// <summary>Runs until the client leaves; never throws.</summary>
    /// <param name="refusal">Called when the client has asked for a session: returns the error that refuses it, or null.</param>
    public async Task RunAsync(Func<PgError?>? refusal = null)
    {
        try
        {
            var startup = await StartAsync(refusal).ConfigureAwait(false);
            if (startup is not null)
            {
                await ServeAsync(startup).ConfigureAwait(false);
            }
        }
        catch (PgException exception)
        {
            // An error that is not fatal elsewhere, such as a text that is not UTF-8, is fatal before a session exists.
            await EndAsync(exception.Error with { Severity = Severity.Fatal }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ClientGoneException or IOException or ObjectDisposedException)
        {
            _context.Logger.ConnectionLost(Id, exception.Message);
        }
        catch (Exception exception)
        {
            // An unforeseen failure ends this session and no other.
            _context.Logger.SessionFailed(exception, Id);
            await EndAsync(PgError.Fatal(SqlState.InternalError, "internal error")).ConfigureAwait(false);
        }
        finally
        {
            await CloseAsync().ConfigureAwait(false);
        }
    }

    // A client that does not read keeps its session from ending.
    private async Task AbortLaterAsync()
    {
        await Task.Delay(_context.Options.InterruptTimeout, CancellationToken.None).ConfigureAwait(false);
        if (!_closed)
        {
            Abort();
        }
    }

    private async ValueTask<StartupMessage?> StartAsync(Func<PgError?>? refusal)
    {
        using var limit = new CancellationTokenSource(_context.Options.StartupTimeout);
        try
        {
            await EncryptIfFirstByteAsksAsync(limit.Token).ConfigureAwait(false);
            var offersTls = _context.Options.Tls is not null && _transport is Stream;
            var sequence = new StartupSequence(_reader, _output, _context.CancelKeys)
            {
                Encrypt = offersTls ? EncryptAsync : null, IsEncrypted = _encrypted is not null,
            };
            var startup = await sequence.RunAsync(limit.Token).ConfigureAwait(false);
            if (startup is null)
            {
                return null;
            }

            if (_context.Options.RequiresTls && _encrypted is null)
            {
                throw PgException.Fatal(
                    SqlState.InvalidAuthorizationSpecification, "TLS required: this server takes no unencrypted connections");
            }

            await LogInAsync(startup.User, limit.Token).ConfigureAwait(false);

            // Only now, so that strangers take no place.
            return refusal?.Invoke() is { } error ? throw new PgException(error) : startup;
        }
        catch (OperationCanceledException)
        {
            throw new ClientGoneException("It did not start a session in time.");
        }
    }

    /// <summary>Clients that begin with a handshake, without asking whether there is TLS, must say by ALPN what they want to speak in it.</summary>
    private async ValueTask EncryptIfFirstByteAsksAsync(CancellationToken token)
    {
        const byte handshake = 0x16;
        if (_context.Options.Tls is null || _socket is not { } socket)
        {
            return;
        }

        var first = new byte[1];
        int read;
        try
        {
            read = await socket.ReceiveAsync(first, SocketFlags.Peek, token).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            throw new ClientGoneException(exception.Message, exception);
        }

        if (read == 0 || first[0] != handshake)
        {
            return;
        }

        await EncryptAsync(token).ConfigureAwait(false);
        if (_encrypted!.NegotiatedApplicationProtocol != PgListener.Protocol)
        {
            Report("received direct SSL connection request without ALPN protocol negotiation extension");
            throw new ClientGoneException("It has begun with TLS for another protocol.");
        }
    }

    /// <summary>Encrypts the connection, whose pipes are empty.</summary>
    private async ValueTask<PipeReader> EncryptAsync(CancellationToken token)
    {
        try
        {
            (_encrypted, _endPoint) = await _context.Options.Tls!.WrapAsync((Stream)_transport!, token).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            Report($"could not accept SSL connection: {exception.Message}");
            throw;
        }

        await _reader.CompleteAsync().ConfigureAwait(false);
        await _writer.CompleteAsync().ConfigureAwait(false);
        _reader = ReaderOf(_encrypted);
        _writer = WriterOf(_encrypted);
        _output.Redirect(_writer);
        EndIfStopping();
        return _reader;
    }

    private void Report(string reason) => _context.BadConnections.Report(Id, _client, SqlState.ProtocolViolation, reason);

    private async ValueTask LogInAsync(string user, CancellationToken token)
    {
        if (_context.Options.Users is not { } users)
        {
            return;
        }

        if (_context.Options.Authenticates)
        {
            await new Authentication(_reader, _output, users, (Ends().Client as IPEndPoint)?.Address, _endPoint).RunAsync(user, token).ConfigureAwait(false);
        }
        else if (!users.Current.Has(user))
        {
            throw PgException.Fatal(SqlState.InvalidAuthorizationSpecification, $"role \"{user}\" does not exist");
        }
    }

    private SocketEnds Ends()
    {
        try
        {
            return new SocketEnds(_socket?.RemoteEndPoint, _socket?.LocalEndPoint) { Encrypted = _encrypted };
        }
        catch (SocketException)
        {
            // The client has gone already.
            return new SocketEnds(null, null);
        }
    }

    private async ValueTask ServeAsync(StartupMessage startup)
    {
        using var registration = _context.CancelKeys.Register(_cancellation, startup.LongCancelKey);
        var session = new PgSession(_context, _output, _cancellation, Id, Ends(), Wake, Terminate, () => _stopping);
        await using (session.ConfigureAwait(false))
        {
            // From here on a change of leadership wakes the session; Begin reports the earlier state.
            _serving = true;
            session.Begin(startup, registration);
            await _output.FlushAsync().ConfigureAwait(false);
            while (true)
            {
                if (!_reader.TryRead(out var read))
                {
                    // No statement runs now: a cancel request that comes late must find nothing to cancel.
                    _cancellation.Finish();
                    if (session.FlushWanted)
                    {
                        session.FlushWanted = false;
                        await _output.FlushAsync().ConfigureAwait(false);
                    }

                    _holder?.AwaitNext(session);
                    read = await ReadAsync(session).ConfigureAwait(false);
                }

                if (read.IsCanceled)
                {
                    EndIfStopping();
                    _reader.AdvanceTo(read.Buffer.Start);
                    await session.ReportAsync().ConfigureAwait(false);
                }
                else if (!await ServeFramesAsync(session, read.Buffer).ConfigureAwait(false))
                {
                    return;
                }
                else if (read.IsCompleted)
                {
                    throw new ClientGoneException("The client closed the connection.");
                }
            }
        }
    }

    /// <summary>Handles all whole frames; false if the client has ended the session.</summary>
    private async ValueTask<bool> ServeFramesAsync(PgSession session, ReadOnlySequence<byte> buffer)
    {
        _cancellation.Start();
        while (FrontendMessage.TryRead(ref buffer, _context.Options.MessageBytesMax, out var frame, out var oversized) || oversized > 0)
        {
            if (oversized > 0)
            {
                await RefuseOversizedAsync(buffer, oversized).ConfigureAwait(false);
            }

            if (frame.Code == FrontendCode.Terminate)
            {
                _reader.AdvanceTo(buffer.Start);
                return false;
            }

            var refusal = _memory.TryReserve(frame.Code, frame.Body.Length) ? null : SessionMemory.NodeRefusal(_context.Memory, frame.Body.Length);
            await DispatchAsync(session, frame, refusal).ConfigureAwait(false);
            _memory.Release();
            EndIfStopping();
            if (++_frames >= FramesPerTurn)
            {
                _frames = 0;
                await Task.Yield();
            }
        }

        if (!_memory.TryReserve(buffer.Length))
        {
            await SkipAsync(session, buffer).ConfigureAwait(false);
            return true;
        }

        _reader.AdvanceTo(buffer.Start, buffer.End);
        return true;
    }

    // Skips a message for which there is no memory: it is read to its end and dropped, and the session goes on.
    private async ValueTask SkipAsync(PgSession session, ReadOnlySequence<byte> buffer)
    {
        var (code, length) = FrontendMessage.Announced(buffer);
        var refusal = SessionMemory.NodeRefusal(_context.Memory, length);
        _memory.Release();
        if (!await DiscardAsync(buffer, length, NextAsync).ConfigureAwait(false))
        {
            throw new ClientGoneException("The client closed the connection.");
        }

        await session.DispatchAsync(code, default, refusal).ConfigureAwait(false);

        async ValueTask<ReadResult> NextAsync()
        {
            var read = await ReadAsync(session).ConfigureAwait(false);
            EndIfStopping();
            return read;
        }
    }

    /// <summary>Reads a message to its end and throws it away.</summary>
    /// <returns>False if the client has closed the connection before.</returns>
    private async ValueTask<bool> DiscardAsync(ReadOnlySequence<byte> buffer, long length, Func<ValueTask<ReadResult>> read)
    {
        while (true)
        {
            var discarded = Math.Min(length, buffer.Length);
            length -= discarded;
            _reader.AdvanceTo(buffer.GetPosition(discarded));
            if (length == 0)
            {
                return true;
            }

            var next = await read().ConfigureAwait(false);
            buffer = next.Buffer;
            if (next.IsCompleted && buffer.IsEmpty)
            {
                return false;
            }
        }
    }

    private ValueTask<ReadResult> ReadAsync(PgSession session)
    {
        var reading = session.IdleLimit is { } limit ? ReadWithinAsync(session, limit) : _reader.ReadAsync(CancellationToken.None);
        if (!reading.IsCompleted)
        {
            // The loop waits for its client, and so yields by itself.
            _frames = 0;
        }

        return reading;
    }

    private async ValueTask<ReadResult> ReadWithinAsync(PgSession session, TimeSpan limit)
    {
        using var idle = new CancellationTokenSource(limit);
        try
        {
            return await _reader.ReadAsync(idle.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw session.IdleTooLong();
        }
    }

    private async ValueTask DispatchAsync(PgSession session, FrontendMessage frame, PgException? refusal)
    {
        if (refusal is not null || frame.Body.IsSingleSegment)
        {
            await session.DispatchAsync(frame.Code, frame.Body.First, refusal).ConfigureAwait(false);
        }
        else
        {
            var length = checked((int)frame.Body.Length);
            var copy = ArrayPool<byte>.Shared.Rent(length);
            try
            {
                frame.Body.CopyTo(copy);
                await session.DispatchAsync(frame.Code, copy.AsMemory(0, length)).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(copy);
            }
        }

        if (_output.FlushIsDue)
        {
            await _output.FlushAsync().ConfigureAwait(false);
        }
    }

    // The frame is read to its end and dropped: a socket closed with unread bytes would lose the error.
    private async ValueTask RefuseOversizedAsync(ReadOnlySequence<byte> buffer, long length)
    {
        var error = PgError.Fatal(
            SqlState.ProgramLimitExceeded, $"message of {length} bytes exceeds the limit of {_context.Options.MessageBytesMax} bytes");
        if (_output.Holding)
        {
            _output.Release();
        }

        ErrorResponse.Write(_output.Frames, _output.Encoding, error);
        await _output.FlushAsync().ConfigureAwait(false);
        using var limit = new CancellationTokenSource(_context.Options.StartupTimeout);
        try
        {
            await DiscardAsync(buffer, length, () => _reader.ReadAsync(limit.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client has had its time.
        }

        throw new ClientGoneException(error.Message);
    }

    private void EndIfStopping()
    {
        if (_stopping)
        {
            throw new PgException(ErrorMapping.Shutdown());
        }
    }

    private async ValueTask EndAsync(PgError error)
    {
        _context.Logger.SessionRefused(Id, error.SqlState, PrintableText.Of(error.Message));
        if (error.SqlState == SqlState.ProtocolViolation || (!_serving && error.SqlState == SqlState.FeatureNotSupported))
        {
            _context.BadConnections.Report(Id, _client, error.SqlState, error.Message);
        }

        try
        {
            if (_output.Holding)
            {
                _output.Release();
            }

            ErrorResponse.Write(_output.Frames, _output.Encoding, error);
            await _output.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ClientGoneException or InvalidOperationException)
        {
            _context.Logger.ConnectionLost(Id, exception.Message);
        }
    }

    private async ValueTask CloseAsync()
    {
        _closed = true;
        _memory.Release();
        _context.Logger.SessionEnded(Id);
        try
        {
            await _reader.CompleteAsync().ConfigureAwait(false);
            await _writer.CompleteAsync().ConfigureAwait(false);
            if (_encrypted is not null)
            {
                // Tells the client that nothing was cut off; one that does not read is not waited for.
                await _encrypted.ShutdownAsync().WaitAsync(_context.Options.InterruptTimeout).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException or TimeoutException)
        {
            _context.Logger.ConnectionLost(Id, exception.Message);
        }

        _transport?.Dispose();
        _encrypted?.Dispose();
    }
}
