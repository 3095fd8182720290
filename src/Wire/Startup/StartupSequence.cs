using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;

namespace Rqlite.Pg.Wire.Startup;

/// <summary>The messages before a session: encryption asked for, a cancel request, or the startup message.</summary>
internal sealed class StartupSequence(PipeReader first, SessionOutput output, CancelKeys cancelKeys)
{
    private PipeReader _reader = first;
    private bool _sslAsked;
    private bool _gssAsked;

    /// <summary>Encrypts the connection, and returns its input from then on; null if there is no TLS.</summary>
    public Func<CancellationToken, ValueTask<PipeReader>>? Encrypt { get; init; }

    /// <summary>True if the connection is encrypted already, so that nothing is to be asked for.</summary>
    public bool IsEncrypted
    {
        init => (_sslAsked, _gssAsked) = (value, value);
    }

    /// <summary>The startup message, or null if the connection needs no session.</summary>
    public async ValueTask<StartupMessage?> RunAsync(CancellationToken token)
    {
        while (true)
        {
            var packet = await ReadPacketAsync(token).ConfigureAwait(false);
            switch (BinaryPrimitives.ReadInt32BigEndian(packet))
            {
                case StartupMessage.SslRequest when !_sslAsked:
                    _sslAsked = true;
                    RequireNothingBehind("SSL");
                    await AnswerAsync(Encrypt is null ? "N"u8.ToArray() : "S"u8.ToArray()).ConfigureAwait(false);
                    if (Encrypt is not null)
                    {
                        _reader = await Encrypt(token).ConfigureAwait(false);
                        _gssAsked = true;
                    }

                    break;
                case StartupMessage.GssEncRequest when !_gssAsked:
                    _gssAsked = true;
                    RequireNothingBehind("GSSAPI encryption");
                    await AnswerAsync("N"u8.ToArray()).ConfigureAwait(false);
                    break;
                case StartupMessage.CancelRequest:
                    Cancel(packet.AsSpan(4));
                    return null;
                default:
                    var message = StartupMessage.Parse(packet);
                    if (message.Minor > StartupMessage.NewestMinor || message.ProtocolOptions.Count > 0)
                    {
                        BackendMessage.WriteNegotiateProtocolVersion(
                            output.Frames, message.NegotiatedVersion, message.ProtocolOptions);
                    }

                    return message;
            }
        }
    }

    private void Cancel(ReadOnlySpan<byte> body)
    {
        if (body.Length > 4)
        {
            cancelKeys.Cancel(BinaryPrimitives.ReadInt32BigEndian(body), body[4..]);
        }
    }

    // Bytes after the request were sent before client and server could have agreed on how to read them: injected bytes must not be obeyed.
    private void RequireNothingBehind(string what)
    {
        if (_reader.TryRead(out var read))
        {
            var pipelined = !read.Buffer.IsEmpty;
            _reader.AdvanceTo(read.Buffer.Start);
            if (pipelined)
            {
                throw PgException.Fatal(SqlState.ProtocolViolation, $"received unencrypted data after {what} request");
            }
        }
    }

    private async ValueTask AnswerAsync(byte[] answer)
    {
        output.Write(answer);
        await output.FlushAsync().ConfigureAwait(false);
    }

    private async ValueTask<byte[]> ReadPacketAsync(CancellationToken token)
    {
        const int LengthBytes = 4;
        while (true)
        {
            var read = await _reader.ReadAsync(token).ConfigureAwait(false);
            if (read.IsCanceled)
            {
                throw new PgException(ErrorMapping.Shutdown());
            }

            var buffer = read.Buffer;
            if (buffer.Length >= LengthBytes)
            {
                var length = ReadLength(buffer);
                if (length is < 2 * LengthBytes or > StartupMessage.BytesMax)
                {
                    _reader.AdvanceTo(buffer.Start);
                    throw PgException.Fatal(SqlState.ProtocolViolation, "invalid length of startup packet");
                }

                if (buffer.Length >= length)
                {
                    var packet = buffer.Slice(LengthBytes, length - LengthBytes).ToArray();
                    _reader.AdvanceTo(buffer.GetPosition(length));
                    return packet;
                }
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                throw new ClientGoneException("The client left before it started a session.");
            }
        }
    }

    private static int ReadLength(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> length = stackalloc byte[4];
        buffer.Slice(0, 4).CopyTo(length);
        return BinaryPrimitives.ReadInt32BigEndian(length);
    }
}
