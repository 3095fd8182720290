using System.Buffers;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Reads bytea's two text forms: hexadecimal with <c>\x</c>, and backslash escapes.</summary>
internal static class ByteaText
{
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        var rented = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            var length = text.StartsWith("\\x"u8) ? ReadHex(text[2..], rented) : ReadEscapes(text, rented);
            ParameterEncoding.WriteBlob(output, rented.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
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

            var high = Digit(text[i]);
            if (++i >= text.Length)
            {
                throw new DialectException("22023", "invalid hexadecimal data: odd number of digits");
            }

            target[length++] = (byte)((high << 4) | Digit(text[i]));
        }

        return length;
    }

    private static int Digit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
        _ => throw new DialectException("22023", $"invalid hexadecimal digit: \"{(char)character}\""),
    };

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
                throw new DialectException("22P02", "invalid input syntax for type bytea");
            }
        }

        return length;
    }
}
