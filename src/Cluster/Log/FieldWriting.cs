using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Rqlite.Pg.Cluster;

/// <summary>Writes the little-endian fields that <see cref="FieldReader"/> reads.</summary>
internal static class FieldWriting
{
    public static void WriteByte(this IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    public static void WriteBoolean(this IBufferWriter<byte> output, bool value) => output.WriteByte(value ? (byte)1 : (byte)0);

    public static void WriteInt32(this IBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    public static void WriteInt64(this IBufferWriter<byte> output, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    public static void WriteUInt64(this IBufferWriter<byte> output, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    public static void WriteUInt128(this IBufferWriter<byte> output, UInt128 value)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(output.GetSpan(16), value);
        output.Advance(16);
    }

    public static void WriteBytes(this IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        output.WriteInt32(bytes.Length);
        output.Write(bytes);
    }

    public static void WriteString(this IBufferWriter<byte> output, string text) => output.WriteBytes(Encoding.UTF8.GetBytes(text));

    public static void WriteOptionalInt64(this IBufferWriter<byte> output, long? value)
    {
        output.WriteBoolean(value is not null);
        if (value is { } given)
        {
            output.WriteInt64(given);
        }
    }

    public static void WriteOptionalString(this IBufferWriter<byte> output, string? text)
    {
        output.WriteBoolean(text is not null);
        if (text is not null)
        {
            output.WriteString(text);
        }
    }
}
