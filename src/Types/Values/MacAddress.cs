namespace Rqlite.Pg.Types.Values;

/// <summary>macaddr and macaddr8: hexadecimal digits with colons, hyphens, points or nothing between.</summary>
public static class MacAddress
{
    /// <summary>Reads 6 bytes, or 8; six become eight with FF FE in the middle.</summary>
    public static byte[] Parse(ReadOnlySpan<byte> text, int length)
    {
        var type = length == 6 ? "macaddr" : "macaddr8";
        var body = AsciiText.Trim(text);
        Span<byte> bytes = stackalloc byte[8];
        var count = 0;
        byte separator = 0;
        var groups = new List<int>(8);
        var group = 0;
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] is (byte)':' or (byte)'-' or (byte)'.')
            {
                if (group == 0 || (separator != 0 && separator != body[i]))
                {
                    throw TypeErrors.Syntax(type, text);
                }

                separator = body[i];
                groups.Add(group);
                group = 0;
                continue;
            }

            // The last byte of a group may have one digit.
            var high = AsciiText.HexValue(body[i]);
            var low = i + 1 < body.Length ? AsciiText.HexValue(body[i + 1]) : -1;
            var single = length == 6 && low < 0;
            if (high < 0 || (low < 0 && !single) || count == 8)
            {
                throw TypeErrors.Syntax(type, text);
            }

            bytes[count++] = (byte)(single ? high : (high << 4) | low);
            group++;
            i += single ? 0 : 1;
        }

        groups.Add(group);
        if (!FitsGroups(groups, count, length, separator) || !(count == length || (count == 6 && length == 8)))
        {
            throw TypeErrors.Syntax(type, text);
        }

        return count == length
            ? bytes[..length].ToArray()
            : [bytes[0], bytes[1], bytes[2], 0xFF, 0xFE, bytes[3], bytes[4], bytes[5]];
    }

    public static string Write(ReadOnlySpan<byte> bytes)
    {
        var text = Convert.ToHexStringLower(bytes);
        return string.Join(':', Enumerable.Range(0, bytes.Length).Select(i => text.Substring(2 * i, 2)));
    }

    private static bool FitsGroups(List<int> groups, int count, int length, byte separator)
    {
        if (length == 8 || groups.Count == 1)
        {
            return true;
        }

        // xx:xx:xx:xx:xx:xx, xxxxxx:xxxxxx, xxxx.xxxx.xxxx, xxxx-xxxx-xxxx
        var size = groups[0];
        return count == 6 && groups.TrueForAll(g => g == size)
            && (separator == '-' || separator == (size == 2 ? '.' : ':'));
    }
}
