using System.Buffers;
using System.Text;

namespace Rqlite.Pg.Types.Values;

/// <summary>bytea's two text forms: hexadecimal with <c>\x</c>, and backslash escapes.</summary>
public static class Bytea
{
    public static void Parse(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        var target = output.GetSpan(Math.Max(1, text.Length));
        output.Advance(text.StartsWith("\\x"u8) ? ReadHex(text[2..], target) : ReadEscapes(text, target));
    }

    public static void Write(ReadOnlySpan<byte> bytes, bool escape, IBufferWriter<byte> output)
    {
        if (!escape)
        {
            var hex = output.GetSpan(2 + (2 * bytes.Length));
            "\\x"u8.CopyTo(hex);
            Convert.TryToHexStringLower(bytes, hex[2..], out _);
            output.Advance(2 + (2 * bytes.Length));
            return;
        }

        foreach (var b in bytes)
        {
            var span = output.GetSpan(4);
            if (b == '\\')
            {
                "\\\\"u8.CopyTo(span);
                output.Advance(2);
            }
            else if (b is >= 0x20 and <= 0x7e)
            {
                span[0] = b;
                output.Advance(1);
            }
            else
            {
                span[0] = (byte)'\\';
                span[1] = (byte)('0' + (b >> 6));
                span[2] = (byte)('0' + ((b >> 3) & 7));
                span[3] = (byte)('0' + (b & 7));
                output.Advance(4);
            }
        }
    }

    private static int ReadHex(ReadOnlySpan<byte> text, Span<byte> target)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is (byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\r')
            {
                continue;
            }

            var high = Digit(text[i..]);
            if (++i >= text.Length)
            {
                throw new TypeException(SqlState.InvalidParameterValue, "invalid hexadecimal data: odd number of digits");
            }

            target[length++] = (byte)((high << 4) | Digit(text[i..]));
        }

        return length;
    }

    private static int Digit(ReadOnlySpan<byte> text)
    {
        var value = AsciiText.HexValue(text[0]);
        if (value >= 0)
        {
            return value;
        }

        _ = Rune.DecodeFromUtf8(text, out var rune, out _);
        throw new TypeException(SqlState.InvalidParameterValue, $"invalid hexadecimal digit: \"{rune}\"");
    }

    private static int ReadEscapes(ReadOnlySpan<byte> text, Span<byte> target)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                target[length++] = text[i];
            }
            else if (i + 1 < text.Length && text[i + 1] == '\\')
            {
                target[length++] = (byte)'\\';
                i++;
            }
            else if (i + 3 < text.Length && text[i + 1] is >= (byte)'0' and <= (byte)'3' && text[i + 2] is >= (byte)'0' and <= (byte)'7'
                && text[i + 3] is >= (byte)'0' and <= (byte)'7')
            {
                target[length++] = (byte)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0'));
                i += 3;
            }
            else
            {
                throw new TypeException(SqlState.InvalidTextRepresentation, "invalid input syntax for type bytea");
            }
        }

        return length;
    }
}
