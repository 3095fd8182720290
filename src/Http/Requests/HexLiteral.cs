using System.Buffers;

namespace Rqlite.Pg.Http;

/// <summary>A text parameter of the form <c>x'00ff'</c>, which rqlite's clients use to send a blob.</summary>
internal static class HexLiteral
{
    private static readonly SearchValues<byte> s_digits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    public static bool Is(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> digits)
    {
        digits = default;
        text = text.Trim(" \t\r\n\v\f"u8);
        if (text.Length < 3 || (text[0] | 0x20) != 'x' || text[1] != '\'' || text[^1] != '\'')
        {
            return false;
        }

        digits = text[2..^1];
        return digits.Length % 2 == 0 && !digits.ContainsAnyExcept(s_digits);
    }

    public static void Decode(ReadOnlySpan<byte> digits, Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)((Value(digits[2 * i]) << 4) | Value(digits[(2 * i) + 1]));
        }
    }

    private static int Value(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
