using System.Buffers;
using System.Buffers.Binary;

namespace Rqlite.Pg.Types.Values;

/// <summary>Writes a numeric that lies there as its own text without making a number of it.</summary>
internal static class NumericDigits
{
    // Longer ones are read, so that PostgreSQL's limits are checked.
    private const int LengthMax = 1000;
    private const int HeaderBytes = 8;
    private const ushort NegativeSign = 0x4000;

    public static bool CanWrite(ReadOnlySpan<byte> text) => text.Length <= LengthMax && NumericOrder.IsCanonical(text, 0);

    /// <summary>Writes the text with zeros at its end up to the scale.</summary>
    public static void WriteText(ReadOnlySpan<byte> text, int scale, IBufferWriter<byte> output)
    {
        var point = text.IndexOf((byte)'.');
        var missing = scale - FractionOf(text, point).Length;
        output.Write(text);
        if (missing <= 0)
        {
            return;
        }

        var length = missing + (point < 0 ? 1 : 0);
        var target = output.GetSpan(length)[..length];
        target.Fill((byte)'0');
        if (point < 0)
        {
            target[0] = (byte)'.';
        }

        output.Advance(length);
    }

    public static void WriteBinary(ReadOnlySpan<byte> text, int scale, IBufferWriter<byte> output)
    {
        var point = text.IndexOf((byte)'.');
        var fraction = FractionOf(text, point);
        var start = text[0] == '-' ? 1 : 0;
        var whole = (point < 0 ? text[start..] : text[start..point]).TrimStart((byte)'0');

        // Groups of four digits are counted from the point to both sides.
        var before = (whole.Length + 3) / 4;
        var end = before + ((fraction.Length + 3) / 4);
        var first = 0;
        while (first < end && Group(whole, fraction, first, before) == 0)
        {
            first++;
        }

        while (end > first && Group(whole, fraction, end - 1, before) == 0)
        {
            end--;
        }

        var count = end - first;
        var length = HeaderBytes + (2 * count);
        var target = output.GetSpan(length);
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)count);
        BinaryPrimitives.WriteInt16BigEndian(target[2..], (short)(count == 0 ? 0 : before - 1 - first));
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], start == 1 ? NegativeSign : (ushort)0);
        BinaryPrimitives.WriteUInt16BigEndian(target[6..], (ushort)Math.Max(scale, fraction.Length));
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(target[(HeaderBytes + (2 * i))..], (ushort)Group(whole, fraction, first + i, before));
        }

        output.Advance(length);
    }

    private static ReadOnlySpan<byte> FractionOf(ReadOnlySpan<byte> text, int point) => point < 0 ? default : text[(point + 1)..];

    private static int Group(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, int index, int before)
    {
        var value = 0;
        if (index < before)
        {
            var end = whole.Length - (4 * (before - 1 - index));
            for (var i = Math.Max(0, end - 4); i < end; i++)
            {
                value = (value * 10) + (whole[i] - '0');
            }

            return value;
        }

        var start = 4 * (index - before);
        for (var i = start; i < start + 4; i++)
        {
            value = (value * 10) + (i < fraction.Length ? fraction[i] - '0' : 0);
        }

        return value;
    }
}
