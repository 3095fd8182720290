using System.Buffers;
using System.Buffers.Binary;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Fields of DataRow: an Int32 length, -1 for NULL, then the bytes.</summary>
internal static class FieldBytes
{
    private const int ScratchKeptMax = 1 << 20;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_scratch;

    public static void WriteNull(IBufferWriter<byte> output) => WriteLength(output, -1);

    public static void WriteLength(IBufferWriter<byte> output, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), length);
        output.Advance(4);
    }

    /// <summary>Writes the length and returns the space after it; the caller advances by 4 + length.</summary>
    public static Span<byte> Start(IBufferWriter<byte> output, int length)
    {
        var span = output.GetSpan(4 + length);
        BinaryPrimitives.WriteInt32BigEndian(span, length);
        return span.Slice(4, length);
    }

    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Start(output, bytes.Length));
        output.Advance(4 + bytes.Length);
    }

    /// <summary>An empty buffer for a field whose length is not known before; the caller gives it back.</summary>
    public static ArrayBufferWriter<byte> TakeScratch()
    {
        var scratch = t_scratch ?? new ArrayBufferWriter<byte>(256);
        t_scratch = null;
        scratch.ResetWrittenCount();
        return scratch;
    }

    public static void GiveBack(ArrayBufferWriter<byte> scratch)
    {
        if (scratch.Capacity <= ScratchKeptMax)
        {
            t_scratch = scratch;
        }
    }
}
