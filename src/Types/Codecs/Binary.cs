using System.Buffers;
using System.Buffers.Binary;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>Numbers of the binary format: most significant byte first.</summary>
internal static class Binary
{
    public static ReadOnlySpan<byte> Exact(ReadOnlySpan<byte> data, int length) =>
        data.Length == length ? data : throw TypeErrors.BinaryLength(length, data.Length);

    public static int ReadInt32(ref ReadOnlySpan<byte> data)
    {
        var value = BinaryPrimitives.ReadInt32BigEndian(Take(ref data, 4));
        return value;
    }

    public static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> data, int length)
    {
        if (length < 0 || data.Length < length)
        {
            throw TypeErrors.TooFewBytes();
        }

        var taken = data[..length];
        data = data[length..];
        return taken;
    }

    public static void WriteInt16(IBufferWriter<byte> output, short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(output.GetSpan(2), value);
        output.Advance(2);
    }

    public static void WriteInt32(IBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    public static void WriteInt64(IBufferWriter<byte> output, long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(output.GetSpan(8), value);
        output.Advance(8);
    }
}
