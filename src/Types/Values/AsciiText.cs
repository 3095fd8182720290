namespace Rqlite.Pg.Types.Values;

/// <summary>The character classes of C's locale, which PostgreSQL's scanners of values use.</summary>
internal static class AsciiText
{
    /// <summary>The white space that <c>isspace</c> knows.</summary>
    public static ReadOnlySpan<byte> Space => " \t\n\v\f\r"u8;

    public static bool IsSpace(byte character) => character is (byte)' ' or (>= 9 and <= 13);

    public static bool IsDigit(byte character) => character is >= (byte)'0' and <= (byte)'9';

    public static bool IsLetter(byte character) => (character | 0x20) is >= 'a' and <= 'z';

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(Space);

    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => System.Text.Ascii.EqualsIgnoreCase(text, word);

    public static bool StartsWithIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) =>
        text.Length >= word.Length && EqualsIgnoreCase(text[..word.Length], word);

    /// <summary>The value of a hexadecimal digit, -1 for any other character.</summary>
    public static int HexValue(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
        _ => -1,
    };
}
