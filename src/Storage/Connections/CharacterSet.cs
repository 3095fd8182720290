namespace Rqlite.Pg.Storage;

/// <summary>
/// The characters that trim() takes away, in the order in which they were given: of two that fit, which only happens in text that is not UTF-8,
/// SQLite takes the first. A character is a byte, or a byte from 0xC0 on with all continuation bytes after it.
/// </summary>
internal readonly ref struct CharacterSet
{
    private const int LengthMax = 4;

    // The number of Unicode's characters. Bytes that are not UTF-8 could make more.
    private const int CountMax = 0x110000;

    private readonly Span<int> _bytes;
    private readonly Dictionary<uint, int>? _longer;

    private CharacterSet(Span<int> bytes, Dictionary<uint, int>? longer)
    {
        _bytes = bytes;
        _longer = longer;
    }

    /// <summary>Removes the characters from the sides of a text, as many as there are; false if the characters are far from being UTF-8.</summary>
    public static bool TryTrim(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> characters, bool left, bool right)
    {
        Span<int> bytes = stackalloc int[256];
        bytes.Fill(int.MaxValue);
        if (!TryRead(characters, bytes, out var longer))
        {
            return false;
        }

        var set = new CharacterSet(bytes, longer);
        if (left)
        {
            text = text[set.CountAtStart(text)..];
        }

        if (right)
        {
            text = text[..^set.CountAtEnd(text)];
        }

        return true;
    }

    private static bool TryRead(ReadOnlySpan<byte> characters, Span<int> bytes, out Dictionary<uint, int>? longer)
    {
        longer = null;
        for (var order = 0; !characters.IsEmpty; order++)
        {
            var length = LengthOf(characters);
            if (length == 1)
            {
                bytes[characters[0]] = Math.Min(bytes[characters[0]], order);
            }
            else if (length > LengthMax || longer is { Count: >= CountMax })
            {
                return false;
            }
            else
            {
                _ = (longer ??= []).TryAdd(Pack(characters[..length]), order);
            }

            characters = characters[length..];
        }

        return true;
    }

    private int CountAtStart(ReadOnlySpan<byte> text)
    {
        var count = 0;
        while (count < text.Length && FirstFit(text[count..]) is var length and > 0)
        {
            count += length;
        }

        return count;
    }

    private int FirstFit(ReadOnlySpan<byte> text)
    {
        var (best, order) = (0, int.MaxValue);
        for (var length = 1; length <= Math.Min(LengthOf(text), LengthMax); length++)
        {
            if (OrderOf(text[..length]) is var found && found < order)
            {
                (best, order) = (length, found);
            }
        }

        return best;
    }

    private int CountAtEnd(ReadOnlySpan<byte> text)
    {
        var count = 0;
        while (count < text.Length && LastFit(text[..^count]) is var length and > 0)
        {
            count += length;
        }

        return count;
    }

    private int LastFit(ReadOnlySpan<byte> text)
    {
        var (best, order) = (0, int.MaxValue);
        for (var length = 1; length <= Math.Min(text.Length, LengthMax); length++)
        {
            var last = text[^length..];
            if (OrderOf(last) is var found && found < order)
            {
                (best, order) = (length, found);
            }

            if (!IsContinuation(last[0]))
            {
                break;
            }
        }

        return best;
    }

    private int OrderOf(ReadOnlySpan<byte> character) =>
        character.Length == 1 ? _bytes[character[0]] : _longer is not null && _longer.TryGetValue(Pack(character), out var order) ? order : int.MaxValue;

    // Characters of different lengths never give the same number: the first byte of a longer one is not zero.
    private static uint Pack(ReadOnlySpan<byte> character)
    {
        var packed = 0u;
        foreach (var b in character)
        {
            packed = (packed << 8) | b;
        }

        return packed;
    }

    private static int LengthOf(ReadOnlySpan<byte> text)
    {
        var length = 1;
        if (text[0] >= 0xc0)
        {
            while (length < text.Length && IsContinuation(text[length]) && length <= LengthMax)
            {
                length++;
            }
        }

        return length;
    }

    private static bool IsContinuation(byte utf8) => (utf8 & 0xc0) == 0x80;
}
