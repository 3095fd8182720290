using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Dialect;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Fields of DataRow: an Int32 length, -1 for NULL, then the bytes.</summary>
internal static class FieldBytes
{
    public static void WriteNull(IBufferWriter<byte> output)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(4), -1);
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

    /// <summary>The scale of numeric(p,s); 0 without a modifier.</summary>
    public static int ScaleOf(PgType type)
    {
        var scale = type.Modifier < 4 ? 0 : (type.Modifier - 4) & 0x7FF;
        return scale >= 0x400 ? 0 : scale;
    }

    public static float ToSingle(double value)
    {
        var single = (float)value;
        return float.IsInfinity(single) && double.IsFinite(value) ? throw new DialectException("22003", "value out of range: overflow") : single;
    }
}
