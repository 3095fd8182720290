using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace Rqlite.Pg.Types.Values;

public readonly partial struct Numeric
{
    private const ushort SignNegative = 0x4000;
    private const ushort SignNaN = 0xC000;
    private const ushort SignPositiveInfinity = 0xD000;
    private const ushort SignNegativeInfinity = 0xF000;
    private const int HeaderLength = 8;

    /// <summary>Reads the binary format: number of groups, weight of the first, sign, scale, then groups of four digits.</summary>
    public static Numeric ReadBinary(ReadOnlySpan<byte> data)
    {
        if (data.Length < HeaderLength)
        {
            throw TypeErrors.TooFewBytes();
        }

        var count = BinaryPrimitives.ReadUInt16BigEndian(data);
        int weight = BinaryPrimitives.ReadInt16BigEndian(data[2..]);
        var sign = BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
        int scale = BinaryPrimitives.ReadUInt16BigEndian(data[6..]);
        if (sign is not (0 or SignNegative or SignNaN or SignPositiveInfinity or SignNegativeInfinity))
        {
            throw TypeErrors.Binary("invalid sign in external \"numeric\" value");
        }

        if (scale > ScaleMax)
        {
            throw TypeErrors.Binary("invalid scale in external \"numeric\" value");
        }

        var groups = data[HeaderLength..];
        if (groups.Length < count * 2)
        {
            throw TypeErrors.TooFewBytes();
        }

        for (var i = 0; i < count; i++)
        {
            if (BinaryPrimitives.ReadInt16BigEndian(groups[(i * 2)..]) is < 0 or > 9999)
            {
                throw TypeErrors.Binary("invalid digit in external \"numeric\" value");
            }
        }

        if (groups.Length > count * 2)
        {
            throw TypeErrors.Binary();
        }

        return sign switch
        {
            SignNaN => NaN,
            SignPositiveInfinity => PositiveInfinity,
            SignNegativeInfinity => NegativeInfinity,
            _ => FromGroups(groups, weight, scale, sign == SignNegative),
        };
    }

    public void WriteBinary(IBufferWriter<byte> output)
    {
        if (_kind != Kind.Finite)
        {
            var special = output.GetSpan(HeaderLength)[..HeaderLength];
            special.Clear();
            BinaryPrimitives.WriteUInt16BigEndian(
                special[4..], _kind switch { Kind.NaN => SignNaN, Kind.PositiveInfinity => SignPositiveInfinity, _ => SignNegativeInfinity });

            // PostgreSQL sends the scale 32 with infinities, which is a bit of its own format.
            BinaryPrimitives.WriteUInt16BigEndian(special[6..], IsInfinity ? (ushort)32 : (ushort)0);
            output.Advance(HeaderLength);
            return;
        }

        // Aligned to the point, so that every group holds four digits of the same side.
        var padding = (4 - (Scale % 4)) % 4;
        var text = BigInteger.Abs(ScaleUp(_digits, padding)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var digits = text.PadLeft((text.Length + 3) / 4 * 4, '0').AsSpan();
        var weight = (digits.Length / 4) - ((Scale + padding) / 4) - 1;
        while (digits.Length > 0 && digits[..4].SequenceEqual("0000"))
        {
            digits = digits[4..];
            weight--;
        }

        while (digits.Length > 0 && digits[^4..].SequenceEqual("0000"))
        {
            digits = digits[..^4];
        }

        var count = digits.Length / 4;
        var target = output.GetSpan(HeaderLength + (count * 2));
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)count);
        BinaryPrimitives.WriteInt16BigEndian(target[2..], (short)(count == 0 ? 0 : weight));
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], _digits.Sign < 0 ? SignNegative : (ushort)0);
        BinaryPrimitives.WriteUInt16BigEndian(target[6..], (ushort)Scale);
        for (var i = 0; i < count; i++)
        {
            var group = digits.Slice(i * 4, 4);
            var value = ((group[0] - '0') * 1000) + ((group[1] - '0') * 100) + ((group[2] - '0') * 10) + group[3] - '0';
            BinaryPrimitives.WriteUInt16BigEndian(target[(HeaderLength + (i * 2))..], (ushort)value);
        }

        output.Advance(HeaderLength + (count * 2));
    }

    private static Numeric FromGroups(ReadOnlySpan<byte> groups, int weight, int scale, bool negative)
    {
        var count = groups.Length / 2;
        var text = ArrayPool<char>.Shared.Rent(Math.Max(1, count * 4));
        for (var i = 0; i < count; i++)
        {
            int group = BinaryPrimitives.ReadUInt16BigEndian(groups[(i * 2)..]);
            for (var j = 3; j >= 0; j--)
            {
                text[(i * 4) + j] = (char)('0' + (group % 10));
                group /= 10;
            }
        }

        var digits = count == 0
            ? BigInteger.Zero
            : BigInteger.Parse(text.AsSpan(0, count * 4), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture);
        ArrayPool<char>.Shared.Return(text);

        // The last group has the exponent weight - count + 1; digits beyond the scale are cut off.
        var exponent = ((weight - count + 1) * 4) + scale;
        digits = exponent >= 0 ? ScaleUp(digits, exponent) : BigInteger.Divide(digits, PowersOfTen.Get(-exponent));
        return new Numeric(negative ? -digits : digits, scale);
    }
}
