using System.Buffers.Text;
using System.Globalization;

namespace Rqlite.Pg.Types.Values;

/// <summary>pg_lsn: two hexadecimal numbers of 32 bits, the upper half first.</summary>
public static class Lsn
{
    public const int LengthMax = 17;

    private const int DigitsMax = 8;

    public static ulong Parse(ReadOnlySpan<byte> text)
    {
        var slash = text.IndexOf((byte)'/');
        return slash is > 0 and <= DigitsMax && text.Length - slash - 1 is > 0 and <= DigitsMax
            && uint.TryParse(text[..slash], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            && uint.TryParse(text[(slash + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low)
                ? ((ulong)high << 32) | low
                : throw TypeErrors.Syntax("pg_lsn", text);
    }

    /// <returns>The bytes written.</returns>
    public static int Write(Span<byte> output, ulong value)
    {
        _ = Utf8Formatter.TryFormat((uint)(value >> 32), output, out var high, 'X');
        output[high] = (byte)'/';
        _ = Utf8Formatter.TryFormat((uint)value, output[(high + 1)..], out var low, 'X');
        return high + 1 + low;
    }
}
