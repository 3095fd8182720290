using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;

namespace Rqlite.Pg.Wire.Startup;

/// <summary>The messages before a session: encryption asked for and refused, a cancel request, or the startup message.</summary>
internal sealed class StartupSequence(PipeReader reader, SessionOutput output, CancelKeys cancelKeys)
{
    private bool _sslAsked;
    private bool _gssAsked;

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
                    await RefuseEncryptionAsync("SSL").ConfigureAwait(false);
                    break;
                case StartupMessage.GssEncRequest when !_gssAsked:
                    _gssAsked = true;
                    await RefuseEncryptionAsync("GSSAPI encryption").ConfigureAwait(false);
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
    private async ValueTask RefuseEncryptionAsync(string what)
    {
        if (reader.TryRead(out var read))
        {
            var pipelined = !read.Buffer.IsEmpty;
            reader.AdvanceTo(read.Buffer.Start);
            if (pipelined)
            {
                throw PgException.Fatal(SqlState.ProtocolViolation, $"received unencrypted data after {what} request");
            }
        }

        output.Write("N"u8);
        await output.FlushAsync().ConfigureAwait(false);
    }

    private async ValueTask<byte[]> ReadPacketAsync(CancellationToken token)
    {
        const int LengthBytes = 4;
        while (true)
        {
            var read = await reader.ReadAsync(token).ConfigureAwait(false);
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
                    reader.AdvanceTo(buffer.Start);
                    throw PgException.Fatal(SqlState.ProtocolViolation, "invalid length of startup packet");
                }

                if (buffer.Length >= length)
                {
                    var packet = buffer.Slice(LengthBytes, length - LengthBytes).ToArray();
                    reader.AdvanceTo(buffer.GetPosition(length));
                    return packet;
                }
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
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
