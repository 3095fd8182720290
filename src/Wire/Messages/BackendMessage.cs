using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>The frames of fixed or simple shape that a server sends (manual, 55.7); every length is known before it is written.</summary>
internal static class BackendMessage
{
    public const int HeadBytes = 5;

    public static void WriteParseComplete(IBufferWriter<byte> output) => WriteBare(output, (byte)'1');

    public static void WriteBindComplete(IBufferWriter<byte> output) => WriteBare(output, (byte)'2');

    public static void WriteCloseComplete(IBufferWriter<byte> output) => WriteBare(output, (byte)'3');

    public static void WriteNoData(IBufferWriter<byte> output) => WriteBare(output, (byte)'n');

    public static void WritePortalSuspended(IBufferWriter<byte> output) => WriteBare(output, (byte)'s');

    public static void WriteEmptyQueryResponse(IBufferWriter<byte> output) => WriteBare(output, (byte)'I');

    public static void WriteCopyDone(IBufferWriter<byte> output) => WriteBare(output, (byte)'c');

    public static void WriteAuthenticationOk(IBufferWriter<byte> output)
    {
        var span = Start(output, (byte)'R', 4);
        BinaryPrimitives.WriteInt32BigEndian(span, 0);
        output.Advance(HeadBytes + 4);
    }

    public static void WriteReadyForQuery(IBufferWriter<byte> output, byte status)
    {
        Start(output, (byte)'Z', 1)[0] = status;
        output.Advance(HeadBytes + 1);
    }

    public static void WriteBackendKeyData(IBufferWriter<byte> output, int processId, ReadOnlySpan<byte> key)
    {
        var span = Start(output, (byte)'K', 4 + key.Length);
        BinaryPrimitives.WriteInt32BigEndian(span, processId);
        key.CopyTo(span[4..]);
        output.Advance(HeadBytes + 4 + key.Length);
    }

    public static void WriteNotification(
        IBufferWriter<byte> output, ClientEncoding encoding, int processId, string channel, string payload)
    {
        var (channelBytes, payloadBytes) = (encoding.Count(channel), encoding.Count(payload));
        var length = 4 + channelBytes + 1 + payloadBytes + 1;
        var span = Start(output, (byte)'A', length);
        BinaryPrimitives.WriteInt32BigEndian(span, processId);
        WriteText(WriteText(span[4..], channel, encoding), payload, encoding);
        output.Advance(HeadBytes + length);
    }

    public static void WriteParameterStatus(IBufferWriter<byte> output, ClientEncoding encoding, string name, string value)
    {
        var length = encoding.Count(name) + encoding.Count(value) + 2;
        var span = Start(output, (byte)'S', length);
        WriteText(WriteText(span, name, encoding), value, encoding);
        output.Advance(HeadBytes + length);
    }

    public static void WriteNegotiateProtocolVersion(IBufferWriter<byte> output, int version, IReadOnlyList<string> refused)
    {
        var length = 8;
        foreach (var option in refused)
        {
            length += Encoding.UTF8.GetByteCount(option) + 1;
        }

        var span = Start(output, (byte)'v', length);
        BinaryPrimitives.WriteInt32BigEndian(span, version);
        BinaryPrimitives.WriteInt32BigEndian(span[4..], refused.Count);
        span = span[8..];
        foreach (var option in refused)
        {
            span = WriteText(span, option, ClientEncoding.Utf8);
        }

        output.Advance(HeadBytes + length);
    }

    public static void WriteParameterDescription(IBufferWriter<byte> output, ReadOnlySpan<uint> types)
    {
        var length = 2 + (4 * types.Length);
        var span = Start(output, (byte)'t', length);
        BinaryPrimitives.WriteUInt16BigEndian(span, (ushort)types.Length);
        for (var i = 0; i < types.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(span[(2 + (4 * i))..], types[i]);
        }

        output.Advance(HeadBytes + length);
    }

    /// <summary>Writes code and length of a frame and returns the space of its body; the caller advances by head and body.</summary>
    public static Span<byte> Start(IBufferWriter<byte> output, byte code, int bodyLength)
    {
        var span = output.GetSpan(HeadBytes + bodyLength);
        span[0] = code;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], 4 + bodyLength);
        return span.Slice(HeadBytes, bodyLength);
    }

    /// <summary>Writes a text with its NUL and returns the rest of the span.</summary>
    public static Span<byte> WriteText(Span<byte> span, string text, ClientEncoding encoding)
    {
        var written = encoding.Write(text, span);
        span[written] = 0;
        return span[(written + 1)..];
    }

    private static void WriteBare(IBufferWriter<byte> output, byte code)
    {
        Start(output, code, 0);
        output.Advance(HeadBytes);
    }
}
