using System.Buffers;
using System.Buffers.Binary;

namespace Rqlite.Pg.Types.Values;

/// <summary>bit and bit varying: digits 0 and 1, also read from hexadecimal after X and binary after B.</summary>
public static class Bits
{
    private const int BitsMax = 83_886_080;

    /// <summary>Reads bits as characters 0 and 1, and checks the length of the type.</summary>
    public static void Parse(ReadOnlySpan<byte> text, PgType type, IBufferWriter<byte> output)
    {
        var hex = text.StartsWith("x"u8) || text.StartsWith("X"u8);
        var digits = hex || text.StartsWith("b"u8) || text.StartsWith("B"u8) ? text[1..] : text;
        var length = hex ? digits.Length * 4 : digits.Length;
        CheckLength(length, type);
        var target = output.GetSpan(Math.Max(1, length));
        for (var i = 0; i < digits.Length; i++)
        {
            var value = hex ? AsciiText.HexValue(digits[i]) : digits[i] is (byte)'0' or (byte)'1' ? digits[i] - '0' : -1;
            if (value < 0)
            {
                var shown = Strings.Decode(digits[i..Math.Min(digits.Length, i + 4)]);
                throw new TypeException(
                    SqlState.InvalidTextRepresentation,
                    $"\"{(shown.Length > 0 ? shown[..1] : "")}\" is not a valid {(hex ? "hexadecimal" : "binary")} digit");
            }

            if (!hex)
            {
                target[i] = digits[i];
                continue;
            }

            for (var bit = 0; bit < 4; bit++)
            {
                target[(i * 4) + bit] = (byte)('0' + ((value >> (3 - bit)) & 1));
            }
        }

        output.Advance(length);
    }

    public static void ReadBinary(ReadOnlySpan<byte> data, PgType type, IBufferWriter<byte> output)
    {
        var length = data.Length < 4 ? throw TypeErrors.TooFewBytes() : BinaryPrimitives.ReadInt32BigEndian(data);
        if (length is < 0 or > BitsMax)
        {
            throw TypeErrors.Binary("invalid length in external bit string");
        }

        CheckLength(length, type);
        data = data[4..];
        if (data.Length != (length + 7) / 8)
        {
            throw TypeErrors.BinaryLength((length + 7) / 8, data.Length);
        }

        var target = output.GetSpan(Math.Max(1, length));
        for (var i = 0; i < length; i++)
        {
            target[i] = (byte)('0' + ((data[i / 8] >> (7 - (i % 8))) & 1));
        }

        output.Advance(length);
    }

    public static void WriteBinary(ReadOnlySpan<byte> bits, IBufferWriter<byte> output)
    {
        var target = output.GetSpan(4 + ((bits.Length + 7) / 8));
        BinaryPrimitives.WriteInt32BigEndian(target, bits.Length);
        target = target.Slice(4, (bits.Length + 7) / 8);
        target.Clear();
        for (var i = 0; i < bits.Length; i++)
        {
            target[i / 8] |= (byte)((bits[i] - '0') << (7 - (i % 8)));
        }

        output.Advance(4 + target.Length);
    }

    /// <summary>An explicit cast: bit(n) cuts or fills with zeros at the end, bit varying(n) cuts.</summary>
    public static byte[] Cast(ReadOnlySpan<byte> bits, PgType type)
    {
        if (type.Modifier <= 0 || (type.Oid == PgTypes.VarBit && bits.Length <= type.Modifier))
        {
            return bits.ToArray();
        }

        var result = new byte[type.Modifier];
        result.AsSpan().Fill((byte)'0');
        bits[..Math.Min(bits.Length, type.Modifier)].CopyTo(result);
        return result;
    }

    /// <summary>Checks a length on assignment: bit(n) wants exactly n, bit varying at most n.</summary>
    public static void CheckLength(int length, PgType type)
    {
        if (type.Modifier <= 0)
        {
            return;
        }

        if (type.Oid == PgTypes.Bit && length != type.Modifier)
        {
            throw new TypeException(
                SqlState.StringDataLengthMismatch, $"bit string length {length} does not match type bit({type.Modifier})");
        }

        if (length > type.Modifier)
        {
            throw new TypeException(
                SqlState.StringDataRightTruncation, $"bit string too long for type bit varying({type.Modifier})");
        }
    }
}
