using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>The codes of frames that clients send after startup.</summary>
[SuppressMessage("Design", "CA1008", Justification = "No frame has the code 0.")]
internal enum FrontendCode : byte
{
    Bind = (byte)'B',
    Close = (byte)'C',
    CopyData = (byte)'d',
    CopyDone = (byte)'c',
    CopyFail = (byte)'f',
    Describe = (byte)'D',
    Execute = (byte)'E',
    Flush = (byte)'H',
    FunctionCall = (byte)'F',
    Parse = (byte)'P',
    Query = (byte)'Q',
    Sync = (byte)'S',
    Terminate = (byte)'X',
}

/// <summary>One frame, its body still lying in the pipe's buffer.</summary>
internal readonly record struct FrontendMessage(FrontendCode Code, ReadOnlySequence<byte> Body)
{
    private const int HeadBytes = 5;

    /// <summary>Cuts the next whole frame off the buffer.</summary>
    /// <param name="oversized">The frame's whole length if it exceeds the limit; nothing is cut off then.</param>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int bodyMax, out FrontendMessage message, out long oversized)
    {
        message = default;
        oversized = 0;
        if (buffer.IsEmpty)
        {
            return false;
        }

        var code = (FrontendCode)buffer.FirstSpan[0];
        if (!IsKnown(code))
        {
            throw PgException.Fatal(SqlState.ProtocolViolation, $"invalid frontend message type {(byte)code}");
        }

        if (!TryReadLength(buffer, out var length))
        {
            return false;
        }

        if (length < 4)
        {
            throw PgException.Fatal(SqlState.ProtocolViolation, "invalid message length");
        }

        if (length - 4 > bodyMax)
        {
            oversized = 1 + (long)length;
            return false;
        }

        if (buffer.Length < 1 + (long)length)
        {
            return false;
        }

        message = new FrontendMessage(code, buffer.Slice(HeadBytes, length - 4));
        buffer = buffer.Slice(1 + (long)length);
        return true;
    }

    /// <summary>The code and the whole length of a frame whose head has arrived.</summary>
    public static (FrontendCode Code, long Length) Announced(in ReadOnlySequence<byte> buffer) =>
        ((FrontendCode)buffer.FirstSpan[0], TryReadLength(buffer, out var length) ? 1 + (long)length : buffer.Length);

    private static bool TryReadLength(in ReadOnlySequence<byte> buffer, out int length)
    {
        var first = buffer.FirstSpan;
        if (first.Length >= HeadBytes)
        {
            length = BinaryPrimitives.ReadInt32BigEndian(first[1..]);
            return true;
        }

        if (buffer.Length < HeadBytes)
        {
            length = 0;
            return false;
        }

        Span<byte> head = stackalloc byte[HeadBytes];
        buffer.Slice(0, HeadBytes).CopyTo(head);
        length = BinaryPrimitives.ReadInt32BigEndian(head[1..]);
        return true;
    }

    private static bool IsKnown(FrontendCode code) => code is
        FrontendCode.Bind or FrontendCode.Close or FrontendCode.CopyData or FrontendCode.CopyDone or FrontendCode.CopyFail
        or FrontendCode.Describe or FrontendCode.Execute or FrontendCode.Flush or FrontendCode.FunctionCall
        or FrontendCode.Parse or FrontendCode.Query or FrontendCode.Sync or FrontendCode.Terminate;
}
